"""The log's key files: what lies in the key folder, and the keys that are read from it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from audit.rules.notes import PublicKey, SigningKey
from config.key_files import HOW_TO_MAKE, KeyFileError, read_secret_file, write_secret_file

if TYPE_CHECKING:
    from pathlib import Path

SIGNING_FILE: Final = "audit-signing.key"
PUBLIC_FILE: Final = "audit-public.key"


def make_signing_key(folder: Path) -> list[Path]:
    """Make the log's name and signing key, and write its public key beside it.

    Returns:
        The files that were made.

    Raises:
        KeyFileError: There is one already.
    """
    key = SigningKey(f"cleanclaim/audit/{os.urandom(8).hex()}", os.urandom(32))
    paths = [folder / SIGNING_FILE, folder / PUBLIC_FILE]
    write_secret_file(paths[0], f"{key.to_text()}\n".encode())
    write_secret_file(paths[1], f"{key.public.to_text()}\n".encode())
    return paths


def load_signing_key(folder: Path) -> SigningKey:
    """Read the log's signing key.

    Raises:
        KeyFileError: Missing, open to others, or not one.
    """
    path = folder / SIGNING_FILE
    try:
        return SigningKey.from_text(read_secret_file(path).decode().removesuffix("\n"))
    except ValueError as error:
        raise KeyFileError(f"{path}: {error}; {HOW_TO_MAKE}") from None


def load_public_key(path: Path) -> PublicKey:
    """Read a log's public key.

    Raises:
        KeyFileError: Missing or not one.
    """
    try:
        return PublicKey.from_text(path.read_text("utf-8").removesuffix("\n"))
    except (OSError, ValueError):
        raise KeyFileError(f"{path} is no public key of an audit log") from None
