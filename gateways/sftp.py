"""SFTP drops by paramiko: the host key is pinned, a changed one stops everything.

Source:
    45 CFR 164.312(e)(1): transmission security.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import posixpath
import stat
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Self

import paramiko

from gateways.files import (
    BYTES_MAX,
    PART,
    FileDropError,
    FileMissingError,
    FileTooLargeError,
    HostKeyChangedError,
    Listing,
    NameRefusedError,
    NameTakenError,
    RemoteFile,
    SignInRefusedError,
    UnreachableError,
    bounded,
    check_foreign_name,
    check_own_name,
    sort_entry,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class SftpAddress:
    """Where a partner's server is, who it must be, and who we are there.

    Attributes:
        host_key: Its public key as one line: `ssh-ed25519 AAAA…`.
        private_key_file: Ours, without a passphrase, in the keys folder.
        password: Where the partner allows no keys.
    """

    host: str
    port: int
    username: str
    host_key: str
    private_key_file: Path | None = None
    password: str | None = field(default=None, repr=False)
    timeout_seconds: float = 30.0


class SftpDrop:
    """A drop in a folder of a partner's server; connects when first used."""

    def __init__(self, address: SftpAddress, folder: str) -> None:
        """Take note of where the drop is.

        Args:
            address: The server.
            folder: Absolute, or relative to the user's home; never from a partner's file.
        """
        self._address = address
        self._folder = folder
        self._ssh: paramiko.SSHClient | None = None
        self._sftp: paramiko.SFTPClient | None = None

    def __enter__(self) -> Self:
        """Return the drop."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection; the next use opens another."""
        if self._ssh is not None:
            self._ssh.close()
        self._ssh = self._sftp = None

    def upload(self, name: str, content: bytes) -> None:
        """Leave a file: written as `.part`, checked for its size, then renamed."""
        target = self._path(check_own_name(name))
        with self._session() as sftp:
            if _is_there(sftp, target):
                raise NameTakenError(f"{name} is there already")
            part = target + PART
            with sftp.open(part, "wb") as file:
                file.set_pipelined(pipelined=True)
                file.write(content)
            if sftp.stat(part).st_size != len(content):
                raise UnreachableError(f"{name} did not arrive whole")
            self._rename(sftp, part, target)

    def list_files(self) -> Listing:
        """Return what waits."""
        files: list[RemoteFile] = []
        refused: list[str] = []
        with self._session() as sftp:
            entries = sftp.listdir_attr(self._folder)
        for entry in sorted(entries, key=lambda one: one.filename):
            kind = sort_entry(entry.filename, entry.st_mode or 0)
            if kind == "file":
                modified_at = datetime.fromtimestamp(entry.st_mtime or 0, UTC)
                files.append(RemoteFile(entry.filename, entry.st_size or 0, modified_at))
            elif kind == "refused":
                refused.append(ascii(entry.filename))
        return Listing(tuple(files), tuple(refused))

    def download(self, name: str, *, bytes_max: int = BYTES_MAX) -> bytes:
        """Return a file's bytes; links are not followed."""
        path = self._path(check_foreign_name(name))
        with self._session() as sftp:
            told = sftp.lstat(path)
            if not stat.S_ISREG(told.st_mode or 0):
                raise NameRefusedError(f"{name!a} is not a plain file")
            size = told.st_size or 0
            if size > bytes_max:
                raise FileTooLargeError(f"{name!a} has more than {bytes_max:,} bytes")
            with sftp.open(path, "rb") as file:
                # Without prefetch each 32 KiB waits for its own round trip.
                file.prefetch(size)
                return bounded(file.read(bytes_max + 1), name, bytes_max)

    def remove(self, name: str) -> None:
        """Take a file away."""
        path = self._path(check_foreign_name(name))
        with self._session() as sftp:
            sftp.remove(path)

    def _path(self, name: str) -> str:
        return posixpath.join(self._folder, name)

    def _rename(self, sftp: paramiko.SFTPClient, part: str, target: str) -> None:
        """Rename without overwriting; a failed one leaves no half-written file."""
        try:
            sftp.rename(part, target)
        except OSError as error:
            sftp.remove(part)
            if _is_there(sftp, target):
                raise NameTakenError(f"{posixpath.basename(target)} is there already") from error
            raise

    @contextmanager
    def _session(self) -> Iterator[paramiko.SFTPClient]:
        """Give the open session; turn the library's errors into ours."""
        try:
            yield self._connected()
        except FileDropError:
            raise
        except FileNotFoundError as error:
            raise FileMissingError("the file or folder is not there") from error
        except PermissionError as error:
            raise SignInRefusedError("the server does not let us do this") from error
        except (OSError, EOFError, paramiko.SSHException) as error:
            self.close()
            raise UnreachableError(f"{self._address.host}: {error}") from error

    def _connected(self) -> paramiko.SFTPClient:
        if self._sftp is None:
            self._ssh = _connect(self._address)
            self._sftp = self._ssh.open_sftp()
            channel = self._sftp.get_channel()
            if channel is not None:
                channel.settimeout(self._address.timeout_seconds)
        return self._sftp


def read_host_key(line: str) -> tuple[str, bytes]:
    """Return the type and blob of a public key line, with or without a host before them.

    Raises:
        ValueError: It is not one.
    """
    words = line.split()
    for kind, text in pairwise(words):
        if not kind.startswith(("ssh-", "ecdsa-")):
            continue
        try:
            return kind, base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise ValueError("the host key's text is not base64") from error
    raise ValueError("a host key looks like: ssh-ed25519 AAAA…")


def fingerprint(blob: bytes) -> str:
    """Return a key's SHA-256 fingerprint as ssh-keygen prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def _is_there(sftp: paramiko.SFTPClient, path: str) -> bool:
    try:
        sftp.lstat(path)
    except FileNotFoundError:
        return False
    return True


class _PinnedPolicy(paramiko.MissingHostKeyPolicy):
    """Refuses a key of another type than the pinned one, and remembers it to name it."""

    def __init__(self, pinned: bytes) -> None:
        self._pinned = pinned

    def missing_host_key(
        self,
        client: paramiko.SSHClient,  # noqa: ARG002  # paramiko's signature
        hostname: str,
        key: paramiko.PKey,
    ) -> None:
        """Refuse."""
        raise _changed(hostname, key.asbytes(), self._pinned)


def _changed(host: str, shown: bytes, pinned: bytes) -> HostKeyChangedError:
    return HostKeyChangedError(
        f"{host} showed the host key {fingerprint(shown)}; {fingerprint(pinned)} is pinned"
    )


def _connect(address: SftpAddress) -> paramiko.SSHClient:
    kind, blob = read_host_key(address.host_key)
    pinned = paramiko.PKey.from_type_string(kind, blob)
    ssh = paramiko.SSHClient()
    ssh.set_missing_host_key_policy(_PinnedPolicy(blob))
    known = address.host if address.port == 22 else f"[{address.host}]:{address.port}"
    ssh.get_host_keys().add(known, kind, pinned)
    try:
        ssh.connect(
            address.host,
            address.port,
            address.username,
            address.password,
            key_filename=str(address.private_key_file) if address.private_key_file else None,
            timeout=address.timeout_seconds,
            banner_timeout=address.timeout_seconds,
            auth_timeout=address.timeout_seconds,
            allow_agent=False,
            look_for_keys=False,
        )
    except paramiko.BadHostKeyException as error:
        ssh.close()
        raise _changed(address.host, error.key.asbytes(), blob) from error
    except paramiko.AuthenticationException as error:
        ssh.close()
        raise SignInRefusedError(f"{address.host} refused {address.username}") from error
    except BaseException:
        ssh.close()
        raise
    return ssh
