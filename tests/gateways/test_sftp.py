"""Who the server is and who we are: a real SSH server on loopback decides."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gateways.files import HostKeyChangedError, SignInRefusedError, UnreachableError
from gateways.sftp import SftpDrop, read_host_key
from tests.factories.sftp import PASSWORD, running_sftp

if TYPE_CHECKING:
    from pathlib import Path


def test_password_serves_where_no_key_is_allowed(tmp_path: Path) -> None:
    with running_sftp(tmp_path) as server:
        address = replace(server.address, private_key_file=None, password=PASSWORD)
        with SftpDrop(address, "/") as drop:
            drop.upload("a.txt", b"x")
        assert (server.root / "a.txt").read_bytes() == b"x"


def test_wrong_password_is_refused_and_not_shown(tmp_path: Path) -> None:
    with running_sftp(tmp_path) as server:
        wrong = replace(server.address, private_key_file=None, password="wrong-one")  # noqa: S106  # a made-up one
        assert "wrong-one" not in repr(wrong)
        with SftpDrop(wrong, "/") as drop, pytest.raises(SignInRefusedError) as caught:
            drop.upload("a.txt", b"x")
        assert "wrong-one" not in str(caught.value)
        assert list(server.root.iterdir()) == []


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256"])
def test_changed_host_key_stops_before_anything_is_sent(tmp_path: Path, kind: str) -> None:
    (tmp_path / "before").mkdir()
    with running_sftp(tmp_path / "before") as old:
        pinned = old.address.host_key
    with running_sftp(tmp_path, host_key_type=kind) as server:
        address = replace(server.address, host_key=pinned, password=PASSWORD)
        with SftpDrop(address, "/") as drop, pytest.raises(HostKeyChangedError) as caught:
            drop.upload("a.txt", b"x")
        assert str(caught.value).count("SHA256:") == 2
        assert "phone" in caught.value.fix
        assert list(server.root.iterdir()) == []


def test_right_host_key_of_another_type_is_accepted(tmp_path: Path) -> None:
    with running_sftp(tmp_path, host_key_type="ecdsa-sha2-nistp256") as server:
        with SftpDrop(server.address, "/") as drop:
            drop.upload("a.txt", b"x")
        assert (server.root / "a.txt").exists()


def test_server_that_is_away_is_said_so_and_found_again(tmp_path: Path) -> None:
    with running_sftp(tmp_path) as server:
        drop = SftpDrop(server.address, "/")
        drop.upload("a.txt", b"x")
    with pytest.raises(UnreachableError):
        drop.list_files()
    with pytest.raises(UnreachableError):
        drop.list_files()
    drop.close()


@pytest.mark.parametrize("line", ["", "ssh-ed25519", "ssh-ed25519 ???", "AAAA"])
def test_host_key_that_is_none_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="host key"):
        read_host_key(line)


def test_host_key_line_may_name_its_host_first() -> None:
    line = "[127.0.0.1]:22 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA== comment"
    assert read_host_key(line)[0] == "ssh-ed25519"
