"""Reads of the log's tables; none of them needs a practice, a key or an ORM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import literal_column, select

from audit.models import AuditCheckpoint, AuditEntry, AuditLeaf, AuditPending
from audit.rules.store import CheckpointRow, LeafRow
from audit.values import EntryRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Connection, Select
    from sqlalchemy.orm import Session

_ROWS_AT_ONCE: Final = 2000
_HEX_DIGITS: Final = b"0123456789abcdef"


def hold_still(session: Session) -> Connection:
    """Return a connection that sees one state of the database until the session ends."""
    if session.get_bind().dialect.name == "postgresql":
        return session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    return session.connection()


def iterate_leaves(connection: Connection) -> Iterator[LeafRow]:
    """Yield all leaves in order, each with its entry, as the database holds them."""
    statement = (
        select(
            literal_column("audit_leaf.seq"),
            *_bare(connection, "audit_leaf.entry_id", "audit_leaf.header", "audit_leaf.leaf_hash"),
            *_bare(connection, "audit_entry.id", "audit_entry.practice_id"),
            literal_column("audit_entry.utc_ms"),
            literal_column("audit_entry.class"),
            *_bare(connection, "audit_entry.kid", "audit_entry.ciphertext"),
        )
        .select_from(AuditLeaf)
        .outerjoin(AuditEntry, AuditEntry.id == AuditLeaf.entry_id)
        .order_by(AuditLeaf.seq)
    )
    for row in _stream(connection, statement):
        seq, entry_id, header, leaf_hash, own_id, practice_id, *rest = row
        yield LeafRow(seq, _id(entry_id), header, leaf_hash, _id(own_id), _id(practice_id), *rest)


def iterate_checkpoints(connection: Connection) -> Iterator[CheckpointRow]:
    """Yield all checkpoints in order, as the database holds them."""
    columns = ("audit_checkpoint.root", "audit_checkpoint.frontier", "audit_checkpoint.note")
    statement = (
        select(literal_column("audit_checkpoint.size"), *_bare(connection, *columns))
        .select_from(AuditCheckpoint)
        .order_by(AuditCheckpoint.size)
    )
    for row in _stream(connection, statement):
        yield CheckpointRow(*row)


def iterate_headers(connection: Connection, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield header and leaf hash of the first `size` leaves."""
    statement = (
        select(AuditLeaf.header, AuditLeaf.leaf_hash)
        .where(AuditLeaf.seq < size)
        .order_by(AuditLeaf.seq)
    )
    yield from _stream(connection, statement)


def iterate_payloads(connection: Connection, practice_id: UUID, size: int) -> Iterator[bytes]:
    """Yield the ciphertexts of a practice's entries among the first `size` leaves."""
    statement = (
        select(AuditEntry.ciphertext)
        .join(AuditLeaf, AuditLeaf.entry_id == AuditEntry.id)
        .where(AuditEntry.practice_id == practice_id, AuditLeaf.seq < size)
        .order_by(AuditLeaf.seq)
    )
    for (ciphertext,) in _stream(connection, statement):
        yield ciphertext


def find_newest_checkpoint(connection: Connection) -> CheckpointRow | None:
    """Return the newest checkpoint, or None while the log is empty."""
    found = connection.execute(
        select(
            AuditCheckpoint.size,
            AuditCheckpoint.root,
            AuditCheckpoint.frontier,
            AuditCheckpoint.note,
        )
        .order_by(AuditCheckpoint.size.desc())
        .limit(1)
    ).one_or_none()
    return CheckpointRow(*found) if found else None


def has_pending(connection: Connection) -> bool:
    """Say whether an entry waits for its place in the log."""
    return connection.execute(select(AuditPending.entry_id).limit(1)).first() is not None


def list_pending_entries(connection: Connection, limit: int) -> list[EntryRow]:
    """Return the entries that wait, oldest first."""
    entry = AuditEntry
    rows = connection.execute(
        select(
            entry.id,
            entry.practice_id,
            entry.utc_ms,
            entry.event_class,
            entry.kid,
            entry.ciphertext,
        )
        .join(AuditPending, AuditPending.entry_id == entry.id)
        .order_by(entry.id)
        .limit(limit)
    )
    return [EntryRow(*row) for row in rows]


def list_unsealed(connection: Connection) -> list[tuple[UUID | None, bool]]:
    """Return the entries without a place in the log: id, and whether they wait in the queue."""
    statement = (
        select(*_bare(connection, "audit_entry.id", "audit_pending.entry_id"))
        .select_from(AuditEntry)
        .outerjoin(AuditPending, AuditPending.entry_id == AuditEntry.id)
        .outerjoin(AuditLeaf, AuditLeaf.entry_id == AuditEntry.id)
        .where(AuditLeaf.seq.is_(None))
        .order_by(AuditEntry.id)
    )
    return [
        (UUID(bytes=found) if (found := _id(own)) else None, queued is not None)
        for own, queued in connection.execute(statement)
    ]


def count_stray_pending(connection: Connection) -> int:
    """Count what waits in the queue without an entry, or with a place in the log already."""
    statement = (
        select(*_bare(connection, "audit_pending.entry_id"))
        .select_from(AuditPending)
        .outerjoin(AuditEntry, AuditEntry.id == AuditPending.entry_id)
        .outerjoin(AuditLeaf, AuditLeaf.entry_id == AuditPending.entry_id)
        .where(AuditEntry.id.is_(None) | AuditLeaf.seq.is_not(None))
    )
    return len(connection.execute(statement).all())


def _bare(connection: Connection, *columns: str) -> list[ColumnElement[Any]]:
    """Name columns so that the bytes come as they are, whatever was put into them."""
    form = "CAST({} AS BLOB)" if connection.dialect.name == "sqlite" else "{}"
    return [literal_column(form.format(column)) for column in columns]


def _stream(connection: Connection, statement: Select[*tuple[Any, ...]]) -> Iterator[Any]:
    yield from connection.execute(statement.execution_options(yield_per=_ROWS_AT_ONCE))


def _id(stored: object) -> bytes | None:
    """Return a stored id's 16 bytes, or None where what is stored is not exactly one."""
    if isinstance(stored, UUID):
        return stored.bytes
    if isinstance(stored, bytes) and len(stored) == 32 and not stored.translate(None, _HEX_DIGITS):
        return bytes.fromhex(stored.decode())
    return None
