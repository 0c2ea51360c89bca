"""The tables of the log: entries, those that wait, their places in the tree, its checkpoints.

Every byte of every column is bound by what a checkpoint signs, or names an entry that waits; there
are no other columns. All but the queue refuse UPDATE and DELETE.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from config.db import Base, GlobalRow

_APPEND_ONLY = {"info": {"append_only": True}}


class AuditEntry(GlobalRow, Base):
    """One entry; its payload says who did what, for whom to read only with the practice's key.

    Attributes:
        id: Made by the application; also the outbox id by which an entry enters the log once.
        practice_id: Whose entry it is; the nil UUID for acts on no practice.
        utc_ms: When, milliseconds since 1970.
        event_class: See `audit.values.EventClass`.
        kid: The id of the key that sealed the payload.
        ciphertext: The sealed payload.
    """

    __tablename__ = "audit_entry"
    __table_args__ = _APPEND_ONLY

    id: Mapped[UUID] = mapped_column(primary_key=True)
    practice_id: Mapped[UUID]
    utc_ms: Mapped[int]
    event_class: Mapped[int] = mapped_column("class")
    kid: Mapped[bytes]
    ciphertext: Mapped[bytes]


class AuditPending(GlobalRow, Base):
    """The queue: entries that have no place in the log yet; the integrator takes them out."""

    __tablename__ = "audit_pending"

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("audit_entry.id"), primary_key=True)


class AuditLeaf(GlobalRow, Base):
    """An entry's place in the log.

    Attributes:
        seq: The place, from 0, without gaps.
        entry_id: The entry.
        header: The 134 bytes that the tree is built over.
        leaf_hash: Their hash.
    """

    __tablename__ = "audit_leaf"
    __table_args__ = _APPEND_ONLY

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("audit_entry.id"), unique=True)
    header: Mapped[bytes]
    leaf_hash: Mapped[bytes]


class AuditCheckpoint(GlobalRow, Base):
    """A signed state of the log.

    Attributes:
        size: Entries that it covers.
        root: The root over them.
        frontier: The roots of their whole subtrees, from which the log grows on.
        note: The C2SP signed note over size and root.
    """

    __tablename__ = "audit_checkpoint"
    __table_args__ = _APPEND_ONLY

    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    root: Mapped[bytes]
    frontier: Mapped[bytes]
    note: Mapped[bytes]
