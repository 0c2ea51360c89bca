"""The FileDrop port: one folder at a partner where files are left and fetched, and a local one.

Names are ours on the way out and never trusted on the way in; a file is whole or not there.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol, Self

if TYPE_CHECKING:
    from pathlib import Path

BYTES_MAX: Final = 100_000_000
PART: Final = ".part"
_OWN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,149}\Z")
_HALF_WRITTEN: Final = (PART, ".tmp", ".filepart", ".crdownload")
_DEVICE = re.compile(r"(?:CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9])(?:\.|\Z)", re.IGNORECASE)
_SLASHES: Final = frozenset("/\\\u2044\u2215\u29f8\uff0f\uff3c")


class FileDropError(Exception):
    """A file could not be left or fetched.

    Attributes:
        code: Permanent kebab-case name.
        fix: What a person can do about it.
    """

    code = "file-drop"
    fix = "Try again later; if it stays, ask the partner."


class NameRefusedError(FileDropError):
    """The name could lead outside the folder, or is not a plain file's."""

    code = "file-name"
    fix = "Use letters, digits, dot, dash and underscore."


class NameTakenError(FileDropError):
    """A file of this name is there; nothing was overwritten."""

    code = "file-name-taken"
    fix = "Use a name that was not used before."


class FileMissingError(FileDropError):
    """There is no such file, or no such folder."""

    code = "file-missing"
    fix = "List the folder again; check its name with the partner."


class FileTooLargeError(FileDropError):
    """The file is larger than may be read."""

    code = "file-too-large"
    fix = "Ask the partner to split it."


class HostKeyChangedError(FileDropError):
    """The server's key is not the one that was pinned; nothing was sent."""

    code = "host-key-changed"
    fix = "Ask the partner by phone whether they changed it; only then pin the new key."


class SignInRefusedError(FileDropError):
    """The server knows neither our key nor our password."""

    code = "sign-in-refused"
    fix = "Check the user name, and that the partner holds our public key."


class UnreachableError(FileDropError):
    """The server did not answer or the connection broke."""

    code = "unreachable"


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A whole file that waits in a drop."""

    name: str
    size_bytes: int
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies in a drop.

    Attributes:
        files: Whole files, by name.
        refused: Entries that are not fetched: links, and names that are not safe; escaped.
    """

    files: tuple[RemoteFile, ...] = ()
    refused: tuple[str, ...] = ()


class FileDrop(Protocol):
    """One folder where files are left and fetched."""

    def upload(self, name: str, content: bytes) -> None:
        """Leave a file: it appears whole under its name, or not at all.

        Raises:
            NameRefusedError: The name is not one of ours.
            NameTakenError: It is there already.
        """

    def list_files(self) -> Listing:
        """Return what waits; half-written files, hidden ones and folders are left out."""

    def download(self, name: str, *, bytes_max: int = BYTES_MAX) -> bytes:
        """Return a file's bytes.

        Raises:
            FileMissingError: It is not there.
            FileTooLargeError: It has more than `bytes_max` bytes.
        """

    def remove(self, name: str) -> None:
        """Take a file away.

        Raises:
            FileMissingError: It is not there.
        """

    def close(self) -> None:
        """Give back what the drop holds."""

    def __enter__(self) -> Self:
        """Return the drop."""

    def __exit__(self, *_: object) -> None:
        """Close it."""


def check_own_name(name: str) -> str:
    """Return a name that we may leave a file under.

    Raises:
        NameRefusedError: It is not made of plain signs, or is a device's or a half-written file's.
    """
    if not _OWN_NAME.match(name) or _DEVICE.match(name) or is_half_written(name):
        raise NameRefusedError(f"the file name {name[:80]!a} is not allowed")
    return name


def check_foreign_name(name: str) -> str:
    """Return a name that a partner gave a file, if it can only mean a file in this folder.

    Raises:
        NameRefusedError: It holds a slash of any script, a control or text-direction character,
            begins with a dot, is a device's, or has more than 255 bytes.
    """
    odd = any(
        sign in _SLASHES or unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
        for sign in name
    )
    too_long = len(name.encode("utf-8", "replace")) > 255
    if not name or odd or too_long or name.startswith(".") or _DEVICE.match(name):
        raise NameRefusedError(f"the file name {name[:80]!a} is not allowed")
    return name


def is_half_written(name: str) -> bool:
    """Say whether the name is one that senders give a file while they write it."""
    return name.lower().endswith(_HALF_WRITTEN)


def sort_entry(name: str, mode: int) -> str:
    """Say what an entry is: `file`, `skip` (hidden, half-written, folder) or `refused`."""
    if stat.S_ISDIR(mode) or is_half_written(name) or name.startswith("."):
        return "skip"
    try:
        check_foreign_name(name)
    except NameRefusedError:
        return "refused"
    return "file" if stat.S_ISREG(mode) else "refused"


class FolderDrop:
    """A drop in a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> Self:
        """Return the drop."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is held."""

    def close(self) -> None:
        """Nothing is held."""

    def upload(self, name: str, content: bytes) -> None:
        """Leave a file; it and its name are on disk when this returns."""
        target = self._folder / check_own_name(name)
        part = self._folder / f"{name}.{os.getpid()}{PART}"
        try:
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            # A link fails where a rename would overwrite.
            os.link(part, target)
        except FileExistsError as error:
            raise NameTakenError(f"{name} is there already") from error
        except FileNotFoundError as error:
            raise FileMissingError("the folder is not there") from error
        finally:
            part.unlink(missing_ok=True)
        self._sync_folder()

    def list_files(self) -> Listing:
        """Return what waits."""
        files: list[RemoteFile] = []
        refused: list[str] = []
        try:
            entries = sorted(os.scandir(self._folder), key=lambda entry: entry.name)
        except FileNotFoundError as error:
            raise FileMissingError("the folder is not there") from error
        for entry in entries:
            told = entry.stat(follow_symlinks=False)
            kind = sort_entry(entry.name, told.st_mode)
            if kind == "file":
                modified_at = datetime.fromtimestamp(told.st_mtime, UTC)
                files.append(RemoteFile(entry.name, told.st_size, modified_at))
            elif kind == "refused":
                refused.append(ascii(entry.name))
        return Listing(tuple(files), tuple(refused))

    def download(self, name: str, *, bytes_max: int = BYTES_MAX) -> bytes:
        """Return a file's bytes; links are not followed."""
        path = self._folder / check_foreign_name(name)
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError as error:
            raise FileMissingError(f"{name!a} is not there") from error
        except OSError as error:
            raise NameRefusedError(f"{name!a} is not a plain file") from error
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise NameRefusedError(f"{name!a} is not a plain file")
            return bounded(file.read(bytes_max + 1), name, bytes_max)

    def remove(self, name: str) -> None:
        """Take a file away."""
        try:
            (self._folder / check_foreign_name(name)).unlink()
        except FileNotFoundError as error:
            raise FileMissingError(f"{name!a} is not there") from error
        self._sync_folder()

    def _sync_folder(self) -> None:
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def bounded(content: bytes, name: str, bytes_max: int) -> bytes:
    """Return the content, or raise `FileTooLargeError` where it is longer than allowed."""
    if len(content) > bytes_max:
        raise FileTooLargeError(f"{name!a} has more than {bytes_max:,} bytes")
    return content
