"""The checks of the stored log, over plain rows: is it still what was signed?

Rows come as the database gives them, so that a value of a wrong kind is a fault like any other.
"""

from __future__ import annotations

import hashlib
import struct
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

from audit.rules.notes import NoteError, read_checkpoint
from audit.rules.tree import Frontier, hash_leaf
from audit.values import (
    HeaderError,
    LeafHeader,
    Verdict,
    is_last_header,
    pack_fields,
    practice_pseudonym,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from audit.rules.notes import PublicKey
    from audit.values import Checkpoint

_MARK: Final = 0x8000  # the bit of the class that says that a checkpoint follows


class LeafRow(NamedTuple):
    """A leaf beside its entry; the entry's values are None where it is missing.

    Ids are a UUID's 16 bytes, or None where what is stored is none.
    """

    seq: int
    entry_id: bytes | None
    header: bytes
    leaf_hash: bytes
    id: bytes | None
    practice_id: bytes | None
    utc_ms: int
    event_class: int
    kid: bytes
    ciphertext: bytes


class CheckpointRow(NamedTuple):
    """A checkpoint as stored."""

    size: int
    root: bytes
    frontier: bytes
    note: bytes


def verify_log(
    leaves: Iterable[LeafRow],
    checkpoints: Iterable[CheckpointRow],
    key: PublicKey,
    *,
    older: Checkpoint | None = None,
) -> Verdict:
    """Verify leaves against their entries and the tree against its checkpoints.

    Args:
        leaves: All leaves in order, each with its entry.
        checkpoints: All checkpoints in order.
        key: The log's public key.
        older: A checkpoint kept elsewhere, already verified; must be a prefix of this log.
    """
    check = _Check(iter(checkpoints), key, older)
    for row in leaves:
        check.take(row)
    return check.finish()


class _Check:
    """One pass over the log."""

    def __init__(
        self, checkpoints: Iterator[CheckpointRow], key: PublicKey, older: Checkpoint | None
    ) -> None:
        self.verdict = Verdict()
        self._checkpoints = checkpoints
        self._key = key
        self._older = older
        self._tree = Frontier()
        self._next = next(checkpoints, None)
        self._note_older()

    def take(self, row: LeafRow) -> None:
        """Check one leaf and add it to the tree."""
        place = self._tree.size
        fault = None if _is_whole(row, place) else find_fault(row, place)
        if fault is None:
            self._tree.append(row.leaf_hash)
        else:
            self.verdict.blame(place, fault)
            self._tree.append(_as_bytes(row.leaf_hash))
        is_there = self._take_checkpoints()
        if fault is None and is_there != is_last_header(row.header):
            self.verdict.others.append(
                f"checkpoint {place + 1} {'does not belong there' if is_there else 'is missing'}"
            )
        self._note_older()

    def _take_checkpoints(self) -> bool:
        """Check the checkpoints up to here; say whether one names this very size."""
        is_there = False
        while self._next is not None and self._next.size <= self._tree.size:
            is_there = is_there or self._next.size == self._tree.size
            self._take_checkpoint(self._next)
            self._next = next(self._checkpoints, None)
        return is_there

    def finish(self) -> Verdict:
        """Compare the ends of the log and of its checkpoints."""
        verdict, size = self.verdict, self._tree.size
        while self._next is not None:
            verdict.others.append(
                f"a checkpoint names {self._next.size} entries, the log holds {size}: "
                "entries were taken away"
            )
            self._next = next(self._checkpoints, None)
        if verdict.size < size:
            verdict.blame(verdict.size, "no checkpoint covers it")
        if self._older is not None and self._older.size > size:
            verdict.others.append(
                f"the log was rolled back: the older checkpoint names {self._older.size} entries, "
                f"the log holds {size}"
            )
        return verdict

    def _take_checkpoint(self, row: CheckpointRow) -> None:
        verdict, tree = self.verdict, self._tree
        verdict.checkpoints += 1
        fault = _check_note(row, self._key)
        if row.size != tree.size:
            fault = "its size is that of no state of the log"
        if fault is not None:
            verdict.others.append(f"checkpoint {row.size}: {fault}")
            return
        if not verdict.entries:  # else what is wrong is known, and all later roots differ
            if tree.root() != row.root:
                verdict.others.append(
                    f"one of the entries {verdict.size} to {row.size - 1} is not what was signed"
                )
            elif tree.pack() != row.frontier:
                verdict.others.append(f"checkpoint {row.size}: its frontier was altered")
        verdict.size = row.size

    def _note_older(self) -> None:
        older = self._older
        if older is None or older.size != self._tree.size:
            return
        if older.root == self._tree.root():
            self.verdict.remarks.append(f"the older checkpoint ({older.size} entries) is a prefix")
        else:
            self.verdict.others.append(
                f"the older checkpoint ({older.size} entries) is not a prefix: history changed"
            )


def _is_whole(row: LeafRow, place: int) -> bool:
    """Say whether a leaf's header is, byte for byte, what its entry makes it."""
    header, ciphertext = row.header, row.ciphertext
    try:
        mark = _MARK if is_last_header(header) else 0
        expected = pack_fields(
            (
                place,
                row.utc_ms,
                _pseudonym(row.practice_id),
                row.event_class | mark,
                row.kid,
                row.id,
                len(ciphertext),
                hashlib.sha256(ciphertext).digest(),
            )
        )
    except (TypeError, IndexError, struct.error):
        return False
    return (
        header == expected
        and row.seq == place
        and row.entry_id == row.id
        and row.event_class < _MARK
        and ciphertext[1:9] == row.kid
        and hash_leaf(header) == row.leaf_hash
    )


def find_fault(row: LeafRow, place: int) -> str:
    """Return what is wrong with a leaf and its entry, in words.

    Args:
        row: The leaf with its entry.
        place: Where it stands in the order of leaves.
    """
    if row.seq != place:
        return f"number {row.seq} stands here: entries were deleted, inserted or moved"
    try:
        header = LeafHeader.unpack(row.header)
        if hash_leaf(row.header) != row.leaf_hash:
            return "its header is not the one that was hashed"
    except (HeaderError, TypeError):
        return "its header can't be"
    if header.seq != place:
        return "its header numbers another entry"
    if row.entry_id != header.entry_id:
        return "its row names another entry than its header"
    return _find_fault_of_entry(row, header)


def _find_fault_of_entry(row: LeafRow, header: LeafHeader) -> str:
    """Return what is wrong with an entry whose leaf holds."""
    if row.id is None:
        return "the entry itself is missing"
    if row.practice_id is None or _pseudonym(row.practice_id) != header.pseudonym:
        return "the entry's practice was altered"
    if row.utc_ms != header.utc_ms:
        return "the entry's time was altered"
    if row.event_class != header.event_class:
        return "the entry's class was altered"
    if row.kid != header.kid:
        return "the entry's key id was altered"
    return "the entry's payload was altered"


@lru_cache(maxsize=4096)
def _pseudonym(practice: bytes | None) -> bytes:
    return practice_pseudonym(UUID(bytes=practice)) if practice else b""


def _as_bytes(stored: object) -> bytes:
    return stored if isinstance(stored, bytes) else b""


def _check_note(row: CheckpointRow, key: PublicKey) -> str | None:
    try:
        checkpoint = read_checkpoint(row.note, key)
    except NoteError as error:
        return str(error)
    except (AttributeError, TypeError):
        return "its note can't be read"
    if checkpoint.size != row.size or checkpoint.root != row.root:
        return "its size or root is not the signed one"
    return None
