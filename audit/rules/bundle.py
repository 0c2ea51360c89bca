"""The bundle: what a practice hands to an auditor, one file whose every byte is checked.

`audit.verifier` says how it is laid out and reads it with code of its own.
"""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from uuid import UUID

    from audit.rules.notes import PublicKey

MAGIC: Final = b"CCAUDIT\x01"


def write_front(practice_id: UUID, size: int, key: PublicKey, note: bytes) -> bytes:
    """Return what stands before the entries.

    Args:
        practice_id: The practice whose payloads are inside.
        size: Entries of the log that the checkpoint covers.
        key: The log's public key.
        note: The newest checkpoint.
    """
    vkey = key.to_text().encode()
    return b"".join(
        (
            MAGIC,
            practice_id.bytes,
            struct.pack(">QH", size, len(vkey)),
            vkey,
            struct.pack(">I", len(note)),
            note,
        )
    )


def write_bundle(
    front: bytes, leaves: Iterable[tuple[bytes, bytes]], payloads: Iterable[bytes]
) -> Iterator[bytes]:
    """Yield the bundle's bytes.

    Args:
        front: From `write_front`.
        leaves: Header and leaf hash of every entry, in order.
        payloads: The ciphertexts of the practice's entries, in order; read after the leaves.
    """
    digest = hashlib.sha256(front)
    yield front
    for header, leaf_hash in leaves:
        piece = header + leaf_hash
        digest.update(piece)
        yield piece
    for payload in payloads:
        digest.update(payload)
        yield payload
    yield digest.digest()
