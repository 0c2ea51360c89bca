"""Signed checkpoints and the keys that sign them, written the one way that is allowed.

Every reader here writes what it read once more and compares the bytes: another spelling of the
same thing (a leading zero, other base64, a blank too many) is refused.

Source:
    C2SP signed-note and tlog-checkpoint; RFC 8032 (Ed25519).
"""

from __future__ import annotations

import base64
import hashlib
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit.values import HASH_BYTES, Checkpoint

_ALGORITHM: Final = b"\x01"
_PRIVATE: Final = "PRIVATE+KEY+"
_SIGNATURE_BYTES: Final = 64


class NoteError(ValueError):
    """A key or checkpoint that does not hold or isn't written the one right way."""


class PublicKey(NamedTuple):
    """The log's name and the key by which its checkpoints are verified."""

    name: str
    raw: bytes

    @property
    def id(self) -> bytes:
        """Return the four bytes that name the key in a signature line."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ALGORITHM + self.raw).digest()[:4]

    def to_text(self) -> str:
        """Return the C2SP verifier key."""
        return f"{self.name}+{self.id.hex()}+{_base64(_ALGORITHM + self.raw)}"

    @classmethod
    def from_text(cls, text: str) -> PublicKey:
        """Read a C2SP verifier key.

        Raises:
            NoteError: Not one, or not written the one right way.
        """
        try:
            name, _key_id, encoded = text.split("+", 2)
            key = cls(name, base64.b64decode(encoded, validate=True)[1:])
        except ValueError:
            raise NoteError("not a verifier key") from None
        if key.to_text() != text or len(key.raw) != HASH_BYTES or not name:
            raise NoteError("not a verifier key in its one right form")
        return key


class SigningKey:
    """The log's name and the key that signs its checkpoints.

    Args:
        name: The log's origin, the same as in its checkpoints.
        seed: The Ed25519 private key, 32 bytes.
    """

    def __init__(self, name: str, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self._seed = seed
        self.public = PublicKey(name, self._private.public_key().public_bytes_raw())

    def to_text(self) -> str:
        """Return the signer key as Go's `note` package writes it; secret."""
        encoded = _base64(_ALGORITHM + self._seed)
        return f"{_PRIVATE}{self.public.name}+{self.public.id.hex()}+{encoded}"

    @classmethod
    def from_text(cls, text: str) -> SigningKey:
        """Read a signer key.

        Raises:
            NoteError: Not one, or not written the one right way.
        """
        try:
            name, _key_id, encoded = text.removeprefix(_PRIVATE).split("+", 2)
            key = cls(name, base64.b64decode(encoded, validate=True)[1:])
        except ValueError:
            raise NoteError("not a signing key") from None
        if key.to_text() != text:
            raise NoteError("not a signing key in its one right form")
        return key

    def sign(self, size: int, root: bytes) -> bytes:
        """Return the signed checkpoint of a log of that size and root."""
        text = _text(Checkpoint(self.public.name, size, root))
        return _note(text, self.public, self._private.sign(text))


def read_checkpoint(note: bytes, key: PublicKey) -> Checkpoint:
    """Read and verify a checkpoint.

    Raises:
        NoteError: Of another log, signed with another key, altered, or not in its one right form.
    """
    checkpoint, signed = _parse(note)
    text = _text(checkpoint)
    if checkpoint.origin != key.name:
        raise NoteError("the checkpoint is of another log")
    if signed[:4] != key.id:
        raise NoteError("the checkpoint is signed with another key")
    if _note(text, key, signed[4:]) != note:
        raise NoteError("the checkpoint isn't written in its one right form")
    try:
        Ed25519PublicKey.from_public_bytes(key.raw).verify(signed[4:], text)
    except InvalidSignature:
        raise NoteError("the checkpoint's signature is not the key's") from None
    return checkpoint


def _parse(note: bytes) -> tuple[Checkpoint, bytes]:
    try:
        body, signature_line = note.decode().split("\n\n")
        origin, size, root = body.split("\n")
        _dash, _name, encoded = signature_line.split(" ")
        signed = base64.b64decode(encoded.removesuffix("\n"), validate=True)
        checkpoint = Checkpoint(origin, int(size), base64.b64decode(root, validate=True))
    except ValueError:
        raise NoteError("not a checkpoint with one signature") from None
    if checkpoint.size < 0 or len(checkpoint.root) != HASH_BYTES:
        raise NoteError("the checkpoint's size or root can't be")
    if len(signed) != 4 + _SIGNATURE_BYTES:
        raise NoteError("the checkpoint's signature has a wrong length")
    return checkpoint, signed


def _text(checkpoint: Checkpoint) -> bytes:
    return f"{checkpoint.origin}\n{checkpoint.size}\n{_base64(checkpoint.root)}\n".encode()


def _note(text: bytes, key: PublicKey, signature: bytes) -> bytes:
    return text + f"\n— {key.name} {_base64(key.id + signature)}\n".encode()


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
