"""The envelope: one sealed value, bound to the one place where it may stand.

A ciphertext is `suite u8, kid 8 bytes, nonce 24 bytes, body, tag 16 bytes`. What it is bound to is
a tuple of fixed width, so that no two places ever give the same bytes: a ciphertext moved to
another practice, table, column, row or row version no longer opens. The cipher is XAES-256-GCM:
its nonces are long enough to be drawn at random for as long as a key lives.
"""

from __future__ import annotations

import os
import struct
from enum import IntEnum
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SUITE: Final = 1
KEY_BYTES: Final = 32
KID_BYTES: Final = 8
NONCE_BYTES: Final = 24
TAG_BYTES: Final = 16
OVERHEAD_BYTES: Final = 1 + KID_BYTES + NONCE_BYTES + TAG_BYTES

_BODY_AT: Final = 1 + KID_BYTES + NONCE_BYTES
_ASSOCIATED: Final = struct.Struct(">3sB16sHH16sIB8s")
_CHUNK: Final = struct.Struct(">IB")
_BLOCK: Final = 16


class SealBrokenError(Exception):
    """A ciphertext does not open here: altered, moved, cut, or sealed under another key."""


class Kind(IntEnum):
    """What a ciphertext is; bound, so that one kind never passes for another."""

    FIELD = 1
    BLOB = 2
    AUDIT = 3
    KEY = 4


class Place(NamedTuple):
    """The one place where a ciphertext may stand, in numbers of fixed width.

    Attributes:
        kind: What is sealed.
        practice: The practice's UUID, 16 bytes.
        table: The table's number in `config.registry`.
        column: The column's number in `config.registry`.
        row: The row's UUID, 16 bytes.
        row_version: The row's count of writings, 0 to 2**32 - 1.
    """

    kind: Kind
    practice: bytes
    table: int
    column: int
    row: bytes
    row_version: int

    def associated(self, kid: bytes) -> bytes:
        """Return the bytes that the seal is bound to, 53 of them."""
        return _ASSOCIATED.pack(
            b"CC1",
            self.kind,
            self.practice,
            self.table,
            self.column,
            self.row,
            self.row_version,
            SUITE,
            kid,
        )


Chunk = tuple[int, bool]
"""A chunk's number, from 0, and whether it is the last."""


class SealingKey:
    """One XAES-256-GCM key with what can be computed once for all its messages.

    Args:
        kid: The key's id, 8 bytes; stands at the head of every ciphertext.
        key: The key, 32 bytes.

    Source:
        C2SP XAES-256-GCM; NIST SP 800-108r1 (counter mode, CMAC); NIST SP 800-38D.
    """

    __slots__ = ("_cipher", "_first", "_second", "kid")

    def __init__(self, kid: bytes, key: bytes) -> None:
        if len(key) != KEY_BYTES or len(kid) != KID_BYTES:
            raise ValueError("a sealing key has 32 bytes and its id 8")
        self.kid = kid
        self._cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305  # one block at a time, as CMAC's inside
        subkey = _double(self._cipher.encryptor().update(bytes(_BLOCK)))
        # CMAC of one whole block is the block XOR the subkey, encrypted; the prefixes are constant.
        mask = int.from_bytes(subkey, "big")
        self._first = int.from_bytes(b"\x00\x01X\x00" + bytes(12), "big") ^ mask
        self._second = int.from_bytes(b"\x00\x02X\x00" + bytes(12), "big") ^ mask

    def _message_key(self, nonce: bytes) -> AESGCM:
        half = int.from_bytes(nonce[:12], "big")
        blocks = (self._first ^ half).to_bytes(_BLOCK, "big") + (self._second ^ half).to_bytes(
            _BLOCK, "big"
        )
        return AESGCM(self._cipher.encryptor().update(blocks))

    def encrypt(self, nonce: bytes, plaintext: bytes, associated: bytes) -> bytes:
        """Return body and tag; the nonce (24 bytes) must be random."""
        return self._message_key(nonce).encrypt(nonce[12:], plaintext, associated)

    def decrypt(self, nonce: bytes, body: bytes, associated: bytes) -> bytes:
        """Return the plaintext of body and tag.

        Raises:
            SealBrokenError: Body, nonce or associated bytes are not those that were sealed.
        """
        try:
            return self._message_key(nonce).decrypt(nonce[12:], body, associated)
        except InvalidTag:
            raise SealBrokenError("a sealed value does not open: altered or moved") from None

    def seal(self, place: Place, plaintext: bytes) -> bytes:
        """Seal a value for its place under a fresh nonce."""
        return self._seal(plaintext, place.associated(self.kid))

    def open(self, place: Place, ciphertext: bytes) -> bytes:
        """Open a value that stands in its place.

        Raises:
            SealBrokenError: It was not sealed with this key for this place.
        """
        return self._open(ciphertext, place.associated(self.kid))

    def seal_chunk(self, place: Place, chunk: Chunk, plaintext: bytes) -> bytes:
        """Seal one chunk of a file or message; its number and whether it is the last are bound."""
        return self._seal(plaintext, place.associated(self.kid) + _CHUNK.pack(*chunk))

    def open_chunk(self, place: Place, chunk: Chunk, ciphertext: bytes) -> bytes:
        """Open one chunk.

        Raises:
            SealBrokenError: It is altered, out of order, or not the last where that is expected.
        """
        return self._open(ciphertext, place.associated(self.kid) + _CHUNK.pack(*chunk))

    def _seal(self, plaintext: bytes, associated: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        body = self.encrypt(nonce, plaintext, associated)
        return b"".join((bytes((SUITE,)), self.kid, nonce, body))

    def _open(self, ciphertext: bytes, associated: bytes) -> bytes:
        if key_id(ciphertext) != self.kid:
            raise SealBrokenError("a sealed value names another key")
        return self.decrypt(ciphertext[1 + KID_BYTES : _BODY_AT], ciphertext[_BODY_AT:], associated)


def key_id(ciphertext: bytes) -> bytes:
    """Return the id of the key that sealed this.

    Raises:
        SealBrokenError: Too short to be sealed, or a suite that is not known here.
    """
    if len(ciphertext) < OVERHEAD_BYTES:
        raise SealBrokenError("a sealed value is cut short")
    if ciphertext[0] != SUITE:
        raise SealBrokenError("a sealed value is of a suite that is not known")
    return ciphertext[1 : 1 + KID_BYTES]


def _double(block: bytes) -> bytes:
    """Multiply by x in the field that CMAC uses.

    Source:
        NIST SP 800-38B section 6.1.
    """
    value = int.from_bytes(block, "big") << 1
    if value >> 128:
        value = value & ((1 << 128) - 1) ^ 0x87
    return value.to_bytes(_BLOCK, "big")
