"""The door to the log: opens sessions that may touch patients' data, and seals what they record.

An entry room opens `reading` or `writing` and hands the session to services. What they touch is
collected there, and one encrypted entry goes with it: in the same transaction as the change, or,
for what was only read, in a second one before anything is handed out. `integrate` then gives each
entry its place in the log and signs the log's new state.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self
from uuid import UUID

from sqlalchemy import delete, insert, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from audit import queries
from audit.adapters import (
    PUBLIC_FILE,
    SIGNING_FILE,
    load_public_key,
    load_signing_key,
    make_signing_key,
)
from audit.models import AuditCheckpoint, AuditEntry, AuditLeaf, AuditPending
from audit.rules.bundle import write_bundle, write_front
from audit.rules.notes import PublicKey, SigningKey, read_checkpoint
from audit.rules.payload import Touches, build_payload
from audit.rules.store import verify_log
from audit.rules.tree import Frontier, extend_log
from audit.values import (
    EntryRow,
    EventClass,
    LogBrokenError,
    ReadingChangedError,
    Verdict,
)
from config import clock
from config.actor import Actor  # a dataclass's field names it
from config.db import retrying
from config.envelope import key_id
from config.finding import MissingError, RefusedError
from config.ids import PracticeId, uuid7
from config.keyring import Cell
from config.keyring_table import Purpose
from config.log import get_logger
from config.sealed import TOUCHES, keyring_of
from config.tenancy import Database  # a dataclass's field names it

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

    from audit.values import (
        Checkpoint,
    )
    from config.tenancy import PracticeSession

BATCH_MAX: Final = 256
NO_PRACTICE: Final = PracticeId(UUID(int=0))

__all__ = [
    "BATCH_MAX",
    "PUBLIC_FILE",
    "SIGNING_FILE",
    "IntegratorThread",
    "PublicKey",
    "SigningKey",
    "export",
    "integrate",
    "load_public_key",
    "load_signing_key",
    "make_signing_key",
    "note",
    "open_entry",
    "reading",
    "record_entries",
    "seal_entry",
    "verify_store",
    "writing",
]

_EVENTS: Final = "audit.events"
_LOCK_NUMBER: Final = 0x43434131  # "CCA1": the integrators' advisory lock on PostgreSQL
_log = get_logger(__name__)


# Recording


@dataclass(slots=True)
class _Recorder:
    """What one unit of work touches and does, until it is written down."""

    database: Database
    actor: Actor
    purpose: str
    touches: Touches = field(default_factory=set)
    events: list[dict[str, str]] = field(default_factory=list)

    @property
    def practice_id(self) -> PracticeId:
        return self.actor.practice_id or NO_PRACTICE

    @property
    def has_something(self) -> bool:
        return bool(self.touches or self.events)

    def open(self, *, is_writing: bool) -> PracticeSession:
        """Open the session in which the work is done."""
        info = {TOUCHES: self.touches, _EVENTS: self.events}
        return self.database.session(self.actor.practice_id, is_writing=is_writing, **info)

    def write(self, session: Session, outcome: str, event_class: EventClass) -> None:
        """Write the entry in a session's transaction."""
        payload = build_payload(
            self.actor,
            purpose=self.purpose,
            outcome=outcome,
            touches=self.touches,
            events=self.events,
        )
        record_entries(session, [seal_entry(session, self.practice_id, event_class, payload)])

    def write_apart(self, outcome: str, event_class: EventClass) -> None:
        """Write the entry in a transaction of its own."""

        def work() -> None:
            with (
                self.database.session(self.actor.practice_id, is_writing=True) as session,
                session.begin(),
            ):
                self.write(session, outcome, event_class)

        retrying(work)

    def write_failure(self, error: BaseException) -> None:
        """Write that the work ended in an error; that this fails too must not hide the error."""
        outcome, event_class = _outcome_of(error)
        try:
            self.write_apart(outcome, event_class)
        except SQLAlchemyError as second:
            _log.error("audit-not-written", error=type(second).__name__)


@contextmanager
def reading(database: Database, actor: Actor, *, purpose: str) -> Iterator[PracticeSession]:
    """Open a session for reading; the entry is durable when the block has ended.

    Build inside the block all that goes out, and let it go out only after the block.

    Args:
        database: The installation's database, with its keyring.
        actor: Who reads, and in which practice.
        purpose: The purpose of use, as `web/policy.py` names it.

    Raises:
        ReadingChangedError: Something was changed in the session.
    """
    recorder = _Recorder(database, actor, purpose)
    session = recorder.open(is_writing=False)
    try:
        yield session
        _refuse_changes(session)
    except BaseException as error:
        session.close()
        recorder.write_failure(error)
        raise
    session.close()
    if recorder.has_something:
        recorder.write_apart("done", EventClass.READ)


@contextmanager
def writing(database: Database, actor: Actor, *, purpose: str) -> Iterator[PracticeSession]:
    """Open a session for writing; the entry commits with the change or neither does.

    An error rolls the change back and is recorded by itself.

    Args:
        database: The installation's database, with its keyring.
        actor: Who writes, and in which practice.
        purpose: The purpose of use, as `web/policy.py` names it.
    """
    recorder = _Recorder(database, actor, purpose)
    session = recorder.open(is_writing=True)
    try:
        yield session
        session.flush()
        if recorder.has_something:
            recorder.write(session, "done", EventClass.WRITE)
        session.commit()
    except BaseException as error:
        session.close()
        recorder.write_failure(error)
        raise
    session.close()


def note(session: Session, event: str, **ids: UUID | str | int) -> None:
    """Say in the session's entry what happened: `claim.submitted`, with the ids it happened to."""
    session.info[_EVENTS].append({"event": event, **{k: str(v) for k, v in ids.items()}})


def record_entries(session: Session, rows: Sequence[EntryRow]) -> None:
    """Store sealed entries and queue them for the log, in the session's transaction."""
    connection = session.connection()
    connection.execute(insert(AuditEntry), [_columns(row) for row in rows])
    connection.execute(insert(AuditPending), [{"entry_id": row.id} for row in rows])


def seal_entry(
    session: Session, practice_id: UUID, event_class: EventClass, payload: bytes
) -> EntryRow:
    """Seal a payload under the practice's audit key, as an entry of now."""
    entry_id = uuid7()
    cell = Cell(practice_id, "audit_entry", "ciphertext", entry_id, 0)
    ciphertext = keyring_of(session).encrypt(session, cell, payload, purpose=Purpose.AUDIT)
    utc_ms = int(clock.now().timestamp() * 1000)
    return EntryRow(entry_id, practice_id, utc_ms, event_class, key_id(ciphertext), ciphertext)


def open_entry(session: Session, row: EntryRow) -> dict[str, Any]:
    """Return what an entry says; for those who may read the log of that practice."""
    cell = Cell(row.practice_id, "audit_entry", "ciphertext", row.id, 0)
    payload: dict[str, Any] = json.loads(keyring_of(session).decrypt(session, cell, row.ciphertext))
    return payload


def _refuse_changes(session: Session) -> None:
    if session.new or session.deleted or any(map(session.is_modified, session.dirty)):
        raise ReadingChangedError("rows were changed in a session opened for reading")


def _outcome_of(error: BaseException) -> tuple[str, EventClass]:
    """Name how work ended without a word of the error's own text."""
    if isinstance(error, RefusedError):
        codes = sorted({finding.code for finding in error.findings})
        return f"refused {' '.join(codes)}", EventClass.REFUSED
    if isinstance(error, MissingError | PermissionError):
        return f"refused {type(error).__name__}", EventClass.REFUSED
    return f"failed {type(error).__name__}", EventClass.FAILED


def _columns(row: EntryRow) -> dict[str, object]:
    values: dict[str, object] = row._asdict()
    values["class"] = values.pop("event_class")
    return values


# Sealing


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


# Verifying and exporting


def verify_store(database: Database, key: PublicKey, *, checkpoint: bytes | None = None) -> Verdict:
    """Verify the stored log; needs the database and the public key only.

    Args:
        database: The installation's database; its keyring is not used.
        key: The log's public key.
        checkpoint: A checkpoint kept elsewhere, which must be a prefix.

    Raises:
        NoteError: The checkpoint given is not one of this log.
    """
    older = read_checkpoint(checkpoint, key) if checkpoint is not None else None
    with database.session(None) as session:
        return _verify(queries.hold_still(session), key, older)


def _verify(connection: Connection, key: PublicKey, older: Checkpoint | None) -> Verdict:
    verdict = Verdict()
    try:
        verdict = verify_log(
            queries.iterate_leaves(connection),
            queries.iterate_checkpoints(connection),
            key,
            older=older,
        )
        _check_tail(connection, verdict)
    except (DBAPIError, TypeError, ValueError) as error:
        verdict.others.append(f"rows can't be read ({type(error).__name__}): altered")
    return verdict


def _check_tail(connection: Connection, verdict: Verdict) -> None:
    for entry_id, is_waiting in queries.list_unsealed(connection):
        if entry_id is None:
            verdict.others.append("an entry without a place in the log has no id that can be read")
        elif is_waiting:
            verdict.unsealed.append(entry_id)
        else:
            verdict.others.append(f"entry {entry_id} is neither in the log nor waiting for it")
    if strays := queries.count_stray_pending(connection):
        verdict.others.append(f"{strays} in the queue that are in the log already, or no entries")


def export(database: Database, practice_id: PracticeId, out: Path, key: PublicKey) -> int:
    """Write a practice's bundle: all headers of the log, and its own payloads, still sealed.

    Args:
        database: The installation's database.
        practice_id: The practice.
        out: The file; written beside and renamed, so that it is there whole or not at all.
        key: The log's public key.

    Returns:
        How many entries of the log the bundle covers.

    Raises:
        MissingError: The log is still empty.
    """
    with database.session(None) as session:
        connection = queries.hold_still(session)
        newest = queries.find_newest_checkpoint(connection)
        if newest is None:
            raise MissingError("the audit log is empty: there is nothing to export yet")
        front = write_front(practice_id, newest.size, key, newest.note)
        leaves = queries.iterate_headers(connection, newest.size)
        payloads = queries.iterate_payloads(connection, practice_id, newest.size)
        beside = out.with_name(out.name + ".part")
        with contextlib.ExitStack() as undo:
            undo.callback(beside.unlink, missing_ok=True)
            with beside.open("wb") as file:
                file.writelines(write_bundle(front, leaves, payloads))
                file.flush()
                os.fsync(file.fileno())
            beside.replace(out)
        return newest.size
