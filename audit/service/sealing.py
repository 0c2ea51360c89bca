"""The integrator: gives each entry its place in the log and signs the log's new state."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, Self

from sqlalchemy import delete, insert, text
from sqlalchemy.exc import SQLAlchemyError

from audit import queries
from audit.models import AuditCheckpoint, AuditLeaf, AuditPending
from audit.rules.notes import read_checkpoint
from audit.rules.tree import Frontier, extend_log
from audit.values import (
    LogBrokenError,
)
from config.db import retrying
from config.log import get_logger

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from audit.rules.notes import PublicKey, SigningKey
    from config.tenancy import Database

BATCH_MAX: Final = 256
_LOCK_NUMBER: Final = 0x43434131  # "CCA1": the integrators' advisory lock on PostgreSQL
_log = get_logger(__name__)


def integrate(database: Database, key: SigningKey) -> int:
    """Give all waiting entries their place in the log and sign its new states.

    Only one integrator works at a time; an entry gets one place however often this runs.

    Args:
        database: The installation's database.
        key: The log's signing key.

    Returns:
        How many entries were sealed.

    Raises:
        LogBrokenError: The stored log is not the one that was signed; nothing is added to it.
    """
    total = 0
    with database.session(None) as session:
        is_waiting = queries.has_pending(session.connection())
    while is_waiting:
        count = retrying(lambda: _integrate_batch(database, key))
        total += count
        is_waiting = count == BATCH_MAX
    return total


def _integrate_batch(database: Database, key: SigningKey) -> int:
    with database.session(None, is_writing=True) as session, session.begin():
        connection = session.connection()
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK_NUMBER})
        frontier = _signed_frontier(connection, key.public)
        rows = queries.list_pending_entries(connection, BATCH_MAX)
        if not rows:
            return 0
        leaves = extend_log(frontier, rows)
        root = frontier.root()
        checkpoint = {
            "size": frontier.size,
            "root": root,
            "frontier": frontier.pack(),
            "note": key.sign(frontier.size, root),
        }
        connection.execute(insert(AuditLeaf), [leaf._asdict() for leaf in leaves])
        connection.execute(insert(AuditCheckpoint), [checkpoint])
        connection.execute(
            delete(AuditPending).where(AuditPending.entry_id.in_([row.id for row in rows]))
        )
        return len(rows)


def _signed_frontier(connection: Connection, key: PublicKey) -> Frontier:
    """Return the frontier from which the log grows, once it is seen to be the signed one."""
    newest = queries.find_newest_checkpoint(connection)
    if newest is None:
        return Frontier()
    try:
        checkpoint = read_checkpoint(newest.note, key)
        frontier = Frontier.unpack(newest.size, newest.frontier)
    except ValueError as error:
        raise LogBrokenError(f"the newest checkpoint of the audit log: {error}") from None
    if (checkpoint.size, checkpoint.root) != (frontier.size, frontier.root()):
        raise LogBrokenError("the newest checkpoint of the audit log is not the signed one")
    return frontier


class IntegratorThread(threading.Thread):
    """Seals the log every second for as long as a server or worker runs."""

    def __init__(self, database: Database, key: SigningKey, *, seconds: float = 1.0) -> None:
        super().__init__(name="audit-integrator", daemon=True)
        self._database = database
        self._key = key
        self._seconds = seconds
        self._stopping = threading.Event()

    def run(self) -> None:
        """Seal until stopped; what fails once is tried again a second later."""
        while not self._stopping.wait(self._seconds):
            try:
                integrate(self._database, self._key)
            except (LogBrokenError, SQLAlchemyError) as error:
                _log.error("audit-not-sealed", error=type(error).__name__)

    def stop(self) -> None:
        """Stop, and seal what is left."""
        self._stopping.set()
        if self.is_alive():
            self.join()
        integrate(self._database, self._key)

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop, and seal what is left."""
        self.stop()
