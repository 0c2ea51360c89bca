"""The tree over the log: hashes of leaves and nodes, and the frontier that lets it grow.

A frontier is the roots of the whole subtrees that a log of some size falls into, largest first;
it is all that is needed to add entries and to compute the root.

Source:
    RFC 6962 section 2.1.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID  # noqa: TC003  # a named tuple's field names it

from audit.values import HASH_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from audit.values import EntryRow


def hash_leaf(leaf: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over its two children's hashes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """A log's size and the roots of its whole subtrees, largest first."""

    __slots__ = ("peaks", "size")

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self.peaks = list(peaks)
        if len(self.peaks) != size.bit_count():
            raise ValueError(f"a log of {size} entries has {size.bit_count()} whole subtrees")

    @classmethod
    def unpack(cls, size: int, packed: bytes) -> Frontier:
        """Read a frontier from its hashes, one behind the other.

        Raises:
            ValueError: Not as many hashes as a log of that size has whole subtrees.
        """
        if len(packed) % HASH_BYTES:
            raise ValueError("a frontier is made of whole hashes")
        starts = range(0, len(packed), HASH_BYTES)
        return cls(size, (packed[start : start + HASH_BYTES] for start in starts))

    def pack(self) -> bytes:
        """Return the hashes, one behind the other."""
        return b"".join(self.peaks)

    def append(self, leaf_hash: bytes) -> None:
        """Add a leaf's hash at the end."""
        whole, right = self.size, leaf_hash
        while whole & 1:
            right = hash_node(self.peaks.pop(), right)
            whole >>= 1
        self.peaks.append(right)
        self.size += 1

    def root(self) -> bytes:
        """Return the root of the tree over all entries."""
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = hash_node(peak, root)
        return root


class Leaf(NamedTuple):
    """An entry's place in the log, as it is stored."""

    seq: int
    entry_id: UUID
    header: bytes
    leaf_hash: bytes


def extend_log(frontier: Frontier, entries: Sequence[EntryRow]) -> list[Leaf]:
    """Give entries the next places in the log; a checkpoint must be signed after them.

    The frontier moves on past them.
    """
    leaves = []
    end = frontier.size + len(entries)
    for entry in entries:
        header = entry.header(frontier.size, is_last=frontier.size + 1 == end).pack()
        leaf = Leaf(frontier.size, entry.id, header, hash_leaf(header))
        frontier.append(leaf.leaf_hash)
        leaves.append(leaf)
    return leaves
