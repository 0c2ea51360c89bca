"""Reads of messages, appointments and visits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from config.finding import MissingError
from config.sealed import keyring_of, unseal
from encounters.models import AppointmentRow, MessageRow, VisitRow
from encounters.values import (
    Message,
    MessageDetails,
    MessageId,
    MessageState,
    Visit,
    VisitDetails,
    VisitId,
    VisitState,
)
from patients.values import PatientId
from practice.values import LocationId, ProviderId

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from config.people import Identifier
    from config.tenancy import PracticeSession

_BATCH = 500


def to_visit(session: PracticeSession, row: VisitRow) -> Visit:
    """Open a visit's row."""
    return Visit(
        id=VisitId(row.id),
        number=row.number,
        patient_id=PatientId(row.patient_id),
        state=VisitState(row.state),
        provider_id=ProviderId(row.provider_id) if row.provider_id else None,
        location_id=LocationId(row.location_id) if row.location_id else None,
        details=unseal(session, row, VisitDetails),
    )


def to_message(session: PracticeSession, row: MessageRow) -> Message:
    """Open a message's row."""
    return Message(
        id=MessageId(row.id),
        kind=row.kind,
        state=MessageState(row.state),
        received_at=row.received_at,
        details=unseal(session, row, MessageDetails),
    )


def get_visits(session: PracticeSession, visit_ids: Iterable[VisitId]) -> dict[VisitId, Visit]:
    """Return the visits of these keys; keys that aren't there are left out."""
    wanted = list(dict.fromkeys(visit_ids))
    found: dict[VisitId, Visit] = {}
    for start in range(0, len(wanted), _BATCH):
        part = wanted[start : start + _BATCH]
        for row in session.scalars(select(VisitRow).where(VisitRow.id.in_(part))):
            found[VisitId(row.id)] = to_visit(session, row)
    return found


def find_visit_ids(
    session: PracticeSession, identifiers: Iterable[Identifier]
) -> dict[Identifier, VisitId]:
    """Return the visits that senders' numbers lead to, unopened; no key where there is none."""
    keys = {identifier_key(session, "visit", each): each for each in identifiers}
    wanted = list(keys)
    found: dict[Identifier, VisitId] = {}
    for start in range(0, len(wanted), _BATCH):
        rows = session.execute(
            select(VisitRow.identifier_key, VisitRow.id).where(
                VisitRow.identifier_key.in_(wanted[start : start + _BATCH])
            )
        )
        found |= {keys[row.identifier_key]: VisitId(row.id) for row in rows}
    return found


def identifier_key(session: PracticeSession, table: str, identifier: Identifier) -> bytes:
    """Return the keyed hash that finds a row of a table by the sender's identifier."""
    return keyring_of(session).unique_key(
        session.own_practice_id, table, "identifier_key", f"{identifier.system}|{identifier.value}"
    )


def list_visit_ids(
    session: PracticeSession,
    state: VisitState,
    *,
    after: UUID | None = None,
    limit: int = 500,
) -> list[VisitId]:
    """Return the keys of visits in a state, oldest first, from behind a key on."""
    query = select(VisitRow.id).where(VisitRow.state == state).order_by(VisitRow.id).limit(limit)
    if after is not None:
        query = query.where(VisitRow.id > after)
    return [VisitId(key) for key in session.scalars(query)]


def list_visits_of_patients(
    session: PracticeSession, patient_ids: Sequence[PatientId]
) -> list[Visit]:
    """Return all visits of these patients, oldest row first."""
    rows = session.scalars(
        select(VisitRow).where(VisitRow.patient_id.in_(patient_ids)).order_by(VisitRow.id)
    )
    return [to_visit(session, row) for row in rows]


def count_visits(session: PracticeSession) -> dict[str, int]:
    """Count visits by state, and appointments by state under `appointment:<state>`."""
    visits = session.execute(select(VisitRow.state, func.count()).group_by(VisitRow.state))
    counts: dict[str, int] = {row[0]: row[1] for row in visits}
    for state, count in session.execute(
        select(AppointmentRow.state, func.count()).group_by(AppointmentRow.state)
    ):
        counts[f"appointment:{state}"] = count
    return counts


def get_message(session: PracticeSession, message_id: MessageId) -> Message:
    """Return a message.

    Raises:
        MissingError: There is no such message in this practice.
    """
    row = session.get(MessageRow, (session.own_practice_id, message_id))
    if row is None:
        raise MissingError("no such message")
    return to_message(session, row)


def find_held_messages(session: PracticeSession, control_id: str) -> list[MessageId]:
    """Return the keys of held and failed messages of a control id, oldest first."""
    states = (MessageState.HELD, MessageState.FAILED)
    found: list[MessageId] = []
    page = list_messages(session, states=states)
    while page:
        found += [m.id for m in page if m.details.control_id == control_id]
        page = list_messages(session, states=states, after=page[-1].id)
    return found


def list_messages(
    session: PracticeSession,
    *,
    states: Sequence[MessageState] = tuple(MessageState),
    after: UUID | None = None,
    limit: int = 500,
) -> list[Message]:
    """Return messages in the given states, oldest first, from behind a key on."""
    query = (
        select(MessageRow).where(MessageRow.state.in_(states)).order_by(MessageRow.id).limit(limit)
    )
    if after is not None:
        query = query.where(MessageRow.id > after)
    return [to_message(session, row) for row in session.scalars(query)]


def list_newest_messages(
    session: PracticeSession,
    *,
    states: Sequence[MessageState],
    after: UUID | None = None,
    limit: int = 50,
) -> list[Message]:
    """Return messages in the given states, newest first, from before a key on."""
    query = (
        select(MessageRow)
        .where(MessageRow.state.in_(states))
        .order_by(MessageRow.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(MessageRow.id < after)
    return [to_message(session, row) for row in session.scalars(query)]


def count_messages(session: PracticeSession) -> dict[str, int]:
    """Count messages by state."""
    counted = session.execute(select(MessageRow.state, func.count()).group_by(MessageRow.state))
    return {state: count for state, count in counted}  # noqa: C416  # rows are no pairs to mypy
