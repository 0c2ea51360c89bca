"""Key files: the two secrets that everything sealed hangs on, in a folder apart from the data.

`root.key` wraps every practice's keys; `index.key` makes the look-up keys. Losing them loses the
data; whoever takes the database without them holds ciphertext only. The loader refuses a file that
others could read or that was not drawn at random, and says how to make one.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

ROOT_FILE: Final = "root.key"
INDEX_FILE: Final = "index.key"
SECRET_BYTES: Final = 32
HOW_TO_MAKE: Final = "make keys with: cleanclaim keys make"

_DISTINCT_BYTES_MIN: Final = 8  # 32 random bytes hold fewer once in about 10**21 draws


class KeyFileError(Exception):
    """A key file is missing, weak or open to others; the message says what to do."""


def check_folder(folder: Path, *, home: Path | None = None) -> None:
    """Refuse a key folder that is missing, open to others or inside the data's folder.

    Raises:
        KeyFileError: Says which and what to do.
    """
    if home is not None and folder.resolve().is_relative_to(home.resolve()):
        raise KeyFileError(
            f"the key folder {folder} lies inside CLEANCLAIM_HOME: whoever takes the data would "
            "take the keys along; set CLEANCLAIM_KEYS to a folder elsewhere"
        )
    if not folder.is_dir():
        raise KeyFileError(f"there is no key folder {folder}; {HOW_TO_MAKE}")
    _refuse_open(folder, "0700")


def read_secret_file(path: Path) -> bytes:
    """Return a secret file's bytes.

    Raises:
        KeyFileError: It is missing, or others than its owner may read or write it.
    """
    if not path.is_file():
        raise KeyFileError(f"there is no key file {path}; {HOW_TO_MAKE}")
    _refuse_open(path, "0600")
    return path.read_bytes()


def read_key_file(path: Path) -> bytes:
    """Return a key of 32 random bytes.

    Raises:
        KeyFileError: It is missing, open to others, of another length or plainly not random.
    """
    secret = read_secret_file(path)
    if len(secret) != SECRET_BYTES:
        raise KeyFileError(
            f"the key file {path} has {len(secret)} bytes instead of {SECRET_BYTES}; "
            f"restore it from its copy, or for a new installation {HOW_TO_MAKE}"
        )
    if len(set(secret)) < _DISTINCT_BYTES_MIN:
        raise KeyFileError(f"the key file {path} was not drawn at random; {HOW_TO_MAKE}")
    return secret


def write_secret_file(path: Path, content: bytes) -> None:
    """Write a new file that only its owner can read, durably.

    Raises:
        KeyFileError: There is one already; nothing is overwritten.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyFileError(f"there is a key file {path} already; it is not overwritten") from None
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def make_folder(folder: Path) -> None:
    """Make the key folder, open to its owner alone, where it is missing."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _refuse_open(folder, "0700")


def make_key_files(folder: Path) -> list[Path]:
    """Make `root.key` and `index.key`.

    Returns:
        The files that were made.

    Raises:
        KeyFileError: One of them is there already, or the folder is open to others.
    """
    make_folder(folder)
    paths = [folder / ROOT_FILE, folder / INDEX_FILE]
    for path in paths:
        if path.exists():
            raise KeyFileError(f"there is a key file {path} already; it is not overwritten")
    for path in paths:
        write_secret_file(path, os.urandom(SECRET_BYTES))
    return paths


def _refuse_open(path: Path, mode: str) -> None:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeyFileError(f"others can reach {path}; close it with: chmod {mode} {path}")
