"""What the log is made of: the header of an entry, its class, and what a verification found."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final, NamedTuple
from uuid import UUID  # a dataclass's field names it

HASH_BYTES: Final = 32
_HEADER: Final = struct.Struct(">4sIQQ16sH8s16sI32s32s")
HEADER_BYTES: Final = _HEADER.size
_MAGIC: Final = b"CCA1"
_GENERATION: Final = 0
_NO_RATCHET: Final = bytes(32)
_LAST: Final = 0x8000
_CLASS_AT: Final = 40


class EventClass(IntEnum):
    """What an entry is about; readable without any key. Numbers are permanent."""

    READ = 1
    WRITE = 2
    REFUSED = 3
    FAILED = 4


class HeaderError(ValueError):
    """Bytes that are no header of ours."""


class LogBrokenError(Exception):
    """The stored log is not the one that was signed; nothing more is added to it."""


class ReadingChangedError(RuntimeError):
    """Rows were changed in a session that was opened for reading."""


class LeafHeader(NamedTuple):
    """The header of an entry: what the tree is built over.

    Attributes:
        seq: The entry's place in the log, from 0.
        utc_ms: When the entry was written, milliseconds since 1970.
        pseudonym: The practice, see `practice_pseudonym`.
        event_class: What it is about.
        kid: The id of the key that sealed the payload.
        entry_id: The entry's UUID.
        payload_bytes: Length of the payload's ciphertext.
        payload_hash: SHA-256 of the payload's ciphertext.
        is_last: Whether a checkpoint was signed right after it, the highest bit of the class; so
            a checkpoint that was taken away is missed.
    """

    seq: int
    utc_ms: int
    pseudonym: bytes
    event_class: int
    kid: bytes
    entry_id: bytes
    payload_bytes: int
    payload_hash: bytes
    is_last: bool = False

    def pack(self) -> bytes:
        """Return the header's 134 bytes."""
        seq, utc_ms, pseudonym, event_class, *rest, is_last = self
        marked = event_class | (_LAST if is_last else 0)
        return pack_fields((seq, utc_ms, pseudonym, marked, *rest))

    @classmethod
    def unpack(cls, header: bytes) -> LeafHeader:
        """Read a header.

        Raises:
            HeaderError: Not a header of this generation.
        """
        if len(header) != HEADER_BYTES:
            raise HeaderError(f"a header has {HEADER_BYTES} bytes, this one {len(header)}")
        magic, generation, *fields, ratchet = _HEADER.unpack(header)
        if magic != _MAGIC or generation != _GENERATION or ratchet != _NO_RATCHET:
            raise HeaderError("a header has a field that can't be")
        fields[3], is_last = fields[3] & ~_LAST, fields[3] >= _LAST
        return cls._make((*fields, is_last))


def pack_fields(fields: tuple[Any, ...]) -> bytes:
    """Return a header's bytes from its fields, as `LeafHeader` has them but for `is_last`."""
    return _HEADER.pack(_MAGIC, _GENERATION, *fields, _NO_RATCHET)


def is_last_header(header: bytes) -> bool:
    """Say, of a header that holds, whether a checkpoint was signed right after its entry."""
    return header[_CLASS_AT] >= _LAST >> 8


def practice_pseudonym(practice_id: UUID) -> bytes:
    """Return the 16 bytes that stand for a practice in headers that others may see."""
    return hashlib.sha256(b"CCA1 practice" + practice_id.bytes).digest()[:16]


class EntryRow(NamedTuple):
    """An entry as it is stored: its payload sealed, the rest readable.

    Attributes:
        id: Made by the application; by it the entry enters the log once.
        practice_id: Whose entry it is; the nil UUID for acts on no practice.
        utc_ms: When, milliseconds since 1970.
        event_class: What it is about.
        kid: The id of the key that sealed the payload.
        ciphertext: The sealed payload.
    """

    id: UUID
    practice_id: UUID
    utc_ms: int
    event_class: int
    kid: bytes
    ciphertext: bytes

    def header(self, seq: int, *, is_last: bool) -> LeafHeader:
        """Return the header that the entry gets at a place in the log.

        Args:
            seq: The place.
            is_last: Whether a checkpoint is signed right after it.
        """
        return LeafHeader(
            seq,
            self.utc_ms,
            practice_pseudonym(self.practice_id),
            self.event_class,
            self.kid,
            self.id.bytes,
            len(self.ciphertext),
            hashlib.sha256(self.ciphertext).digest(),
            is_last,
        )


class Checkpoint(NamedTuple):
    """So many entries of the log of that name have this root.

    Source:
        C2SP tlog-checkpoint.
    """

    origin: str
    size: int
    root: bytes


@dataclass(slots=True)
class Verdict:
    """What a verification of the store found.

    Attributes:
        size: Entries that a checkpoint covers.
        checkpoints: How many there are.
        unsealed: Entries that wait for their place in the log, by id.
        entries: What is wrong, by the number of the entry.
        others: What is wrong with no one entry.
        remarks: What a reader wants to know besides.
    """

    size: int = 0
    checkpoints: int = 0
    unsealed: list[UUID] = field(default_factory=list)
    entries: dict[int, str] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Say whether nothing is wrong."""
        return not self.entries and not self.others

    @property
    def first_bad(self) -> int | None:
        """Return the number of the first bad entry."""
        return min(self.entries, default=None)

    def blame(self, seq: int, what: str) -> None:
        """Note what is wrong with an entry; its first fault counts."""
        self.entries.setdefault(seq, what)
