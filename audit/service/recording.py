"""Sessions in which patients' data may be touched, and the entries that go with them.

What services touch is collected in the session, and one encrypted entry goes with it: in the same
transaction as the change, or, for what was only read, in a second one before anything is handed
out.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.exc import SQLAlchemyError

from audit.models import AuditEntry, AuditPending
from audit.rules.payload import Touches, build_payload
from audit.values import (
    EntryRow,
    EventClass,
    ReadingChangedError,
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

    from sqlalchemy.orm import Session

    from config.tenancy import PracticeSession

NO_PRACTICE: Final = PracticeId(UUID(int=0))
_EVENTS: Final = "audit.events"
_log = get_logger(__name__)


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
