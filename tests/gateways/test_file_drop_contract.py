"""What every file drop does, on a folder here and on a real SFTP server alike."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateways.files import (
    FileDrop,
    FileMissingError,
    FileTooLargeError,
    FolderDrop,
    NameRefusedError,
    NameTakenError,
)
from gateways.sftp import SftpDrop
from tests.factories.sftp import running_sftp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.factories.sftp import SftpServer


@dataclass(frozen=True)
class Place:
    """A drop, and the folder that it really is."""

    drop: FileDrop
    folder: Path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpServer]:
    with running_sftp(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(params=["folder", "sftp"])
def place(request: pytest.FixtureRequest, tmp_path: Path, server: SftpServer) -> Iterator[Place]:
    if request.param == "folder":
        folder = tmp_path / "outbox"
        folder.mkdir()
        yield Place(FolderDrop(folder), folder)
        return
    name = tmp_path.name
    folder = server.root / name
    folder.mkdir()
    with SftpDrop(server.address, f"/{name}") as drop:
        yield Place(drop, folder)


def test_file_comes_back_to_the_byte(place: Place) -> None:
    content = bytes(range(256)) * 2_000
    place.drop.upload("claims-0001.837", content)
    assert place.drop.download("claims-0001.837") == content
    assert (place.folder / "claims-0001.837").read_bytes() == content
    listing = place.drop.list_files()
    assert [(file.name, file.size_bytes) for file in listing.files] == [
        ("claims-0001.837", len(content))
    ]
    assert listing.files[0].modified_at.tzinfo is not None


def test_empty_file_is_a_file(place: Place) -> None:
    place.drop.upload("empty.txt", b"")
    assert place.drop.download("empty.txt") == b""


def test_nothing_half_written_stays_or_is_listed(place: Place) -> None:
    place.drop.upload("a.txt", b"x")
    assert sorted(entry.name for entry in place.folder.iterdir()) == ["a.txt"]
    for name in ("b.txt.part", "c.TMP", "d.filepart", ".hidden"):
        (place.folder / name).write_bytes(b"half")
    (place.folder / "archive").mkdir()
    assert [file.name for file in place.drop.list_files().files] == ["a.txt"]


def test_file_is_whole_whenever_it_is_seen(place: Place) -> None:
    """Another process lists while a file is written: it sees nothing or all of it."""
    content = b"y" * 3_000_000
    sizes: set[int] = set()
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            path = place.folder / "big.837"
            if path.exists():
                sizes.add(path.stat().st_size)

    watcher = threading.Thread(target=watch)
    watcher.start()
    place.drop.upload("big.837", content)
    done.set()
    watcher.join()
    assert sizes <= {len(content)}


def test_existing_file_is_never_overwritten(place: Place) -> None:
    place.drop.upload("once.837", b"first")
    with pytest.raises(NameTakenError):
        place.drop.upload("once.837", b"second")
    assert place.drop.download("once.837") == b"first"
    assert [entry.name for entry in place.folder.iterdir()] == ["once.837"]


def test_removed_file_is_gone(place: Place) -> None:
    place.drop.upload("a.txt", b"x")
    place.drop.remove("a.txt")
    assert place.drop.list_files().files == ()
    with pytest.raises(FileMissingError):
        place.drop.remove("a.txt")
    with pytest.raises(FileMissingError):
        place.drop.download("a.txt")


def test_file_larger_than_allowed_is_not_read(place: Place) -> None:
    (place.folder / "big.txt").write_bytes(b"x" * 1_001)
    with pytest.raises(FileTooLargeError):
        place.drop.download("big.txt", bytes_max=1_000)
    assert len(place.drop.download("big.txt", bytes_max=1_001)) == 1_001


UNSAFE = [
    "",
    ".",
    "..",
    "../up.txt",
    "/etc/passwd",
    "a/b.txt",
    "a\\b.txt",
    "nul\x00.txt",
    "line\nend.txt",
    "a\u2215b.txt",
    "a\uff0fb.txt",
    "abc\u202etxt.exe",
    ".hidden",
    "CON",
    "nul.txt",
    "x" * 256,
]


@pytest.mark.parametrize("name", UNSAFE)
def test_names_that_could_lead_elsewhere_are_refused(place: Place, name: str) -> None:
    outside = place.folder.parent / "up.txt"
    outside.write_text("untouched")
    for attempt in (
        lambda: place.drop.upload(name, b"x"),
        lambda: place.drop.download(name),
        lambda: place.drop.remove(name),
    ):
        with pytest.raises(NameRefusedError):
            attempt()
    assert outside.read_text() == "untouched"
    assert list(place.folder.iterdir()) == []


@pytest.mark.parametrize("name", ["file 1 (2).txt", "ERA_99999.835", "año.txt", "a..b"])
def test_partners_may_name_their_files_as_they_like(place: Place, name: str) -> None:
    (place.folder / name).write_bytes(b"theirs")
    assert [file.name for file in place.drop.list_files().files] == [name]
    assert place.drop.download(name) == b"theirs"
    place.drop.remove(name)
    assert list(place.folder.iterdir()) == []


@pytest.mark.parametrize("name", ["a b.txt", "año.txt", "-rf", "x" * 151, "a.part"])
def test_our_own_names_are_plainer_still(place: Place, name: str) -> None:
    with pytest.raises(NameRefusedError):
        place.drop.upload(name, b"x")


def test_links_and_odd_names_are_told_and_not_fetched(place: Place) -> None:
    secret = place.folder.parent / f"secret-{place.folder.name}"
    secret.write_text("secret")
    (place.folder / "link.txt").symlink_to(secret)
    (place.folder / "odd\u202ename").write_bytes(b"x")
    os.mkfifo(place.folder / "pipe.txt")
    listing = place.drop.list_files()
    assert listing.files == ()
    assert listing.refused == ("'link.txt'", "'odd\\u202ename'", "'pipe.txt'")
    with pytest.raises(NameRefusedError):
        place.drop.download("link.txt")


def test_missing_folder_says_so(tmp_path: Path, server: SftpServer) -> None:
    for drop in (FolderDrop(tmp_path / "no"), SftpDrop(server.address, "/no-such")):
        with pytest.raises(FileMissingError):
            drop.list_files()
        with pytest.raises(FileMissingError):
            drop.upload("a.txt", b"x")
        drop.close()
