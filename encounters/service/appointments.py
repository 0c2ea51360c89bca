"""Applying what a message says of appointments, and pairing them with the visits that keep them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from config.finding import Finding, Level, MissingError
from config.ids import uuid7
from config.sealed import keyring_of, seal, unseal
from encounters.adapters import to_sources
from encounters.models import AppointmentRow, VisitRow
from encounters.queries import identifier_key
from encounters.service.finding import find_patient, find_staff
from encounters.values import AppointmentDetails, AppointmentState, VisitState

if TYPE_CHECKING:
    import datetime as dt
    from uuid import UUID

    from config.people import Identifier
    from config.tenancy import PracticeSession
    from encounters.service.finding import Place
    from encounters.values import AppointmentId, IntakeAppointment
    from patients.values import PatientId

_STILL_OPEN: Final = (AppointmentState.BOOKED, AppointmentState.ARRIVED, AppointmentState.KEPT)


def apply_appointment(
    session: PracticeSession, incoming: IntakeAppointment, place: Place
) -> list[Finding]:
    """Make or update one appointment; one that a visit keeps stays kept."""
    where = incoming.paths.get("patient", "appointment")
    patient_id, findings = find_patient(session, incoming.patient, where)
    provider_id, location_id, staff = find_staff(
        session, incoming.provider_npi, incoming.location_code, incoming.paths
    )
    findings += staff
    if patient_id is None or findings:
        return findings
    row = _find(session, incoming.identifier)
    if row is not None and place.is_older_than(unseal(session, row, AppointmentDetails).told_at):
        return [_stale(where)]
    if row is None:
        key = identifier_key(session, "appointment", incoming.identifier)
        row = AppointmentRow(id=uuid7(), identifier_key=key, excuse=None)
        session.add(row)
    row.patient_id = patient_id
    row.provider_id = provider_id or row.provider_id
    row.location_id = location_id or row.location_id
    row.state = incoming.state
    row.day_key = _day_key(session, incoming.starts_at.date())
    with session.no_autoflush:
        seal(session, row, _to_details(incoming, place))
    session.flush()
    _pair(session, row, incoming.starts_at.date())
    return []


def _to_details(incoming: IntakeAppointment, place: Place) -> AppointmentDetails:
    return AppointmentDetails(
        starts_at=incoming.starts_at,
        minutes=incoming.minutes,
        reason=incoming.reason,
        sources=to_sources(incoming.paths, place.message_id),
        told_at=place.occurred_at,
    )


def _find(session: PracticeSession, identifier: Identifier) -> AppointmentRow | None:
    key = identifier_key(session, "appointment", identifier)
    return session.scalars(
        select(AppointmentRow).where(AppointmentRow.identifier_key == key)
    ).one_or_none()


def _day_key(session: PracticeSession, day: dt.date) -> bytes:
    return keyring_of(session).day_key(session.own_practice_id, "appointment", day)


def _pair(session: PracticeSession, row: AppointmentRow, day: dt.date) -> None:
    """Let a visit that was told of before keep the appointment, whichever message came first."""
    keeping = session.scalars(select(VisitRow.id).where(VisitRow.appointment_id == row.id)).first()
    if keeping is not None:
        row.state = AppointmentState.KEPT
    elif row.state in _STILL_OPEN:
        free = _find_unpaired(session, row, day)
        if free is not None:
            free.appointment_id = row.id
            row.state = AppointmentState.KEPT


def _find_unpaired(session: PracticeSession, row: AppointmentRow, day: dt.date) -> VisitRow | None:
    day_key = keyring_of(session).day_key(session.own_practice_id, "visit", day)
    return session.scalars(
        select(VisitRow)
        .where(
            VisitRow.day_key == day_key,
            VisitRow.patient_id == row.patient_id,
            VisitRow.appointment_id.is_(None),
            VisitRow.state != VisitState.VOIDED,
        )
        .order_by(VisitRow.id)
    ).first()


def find_appointment_to_keep(
    session: PracticeSession, named: Identifier | None, patient_id: PatientId, day: dt.date
) -> UUID | None:
    """Find the appointment that a visit keeps: the named one, or the patient's of that day."""
    if named is not None:
        row = _find(session, named)
        return _keep(row) if row is not None else None
    rows = session.scalars(
        select(AppointmentRow)
        .where(
            AppointmentRow.day_key == _day_key(session, day),
            AppointmentRow.patient_id == patient_id,
        )
        .order_by(AppointmentRow.id)
    ).all()
    if not rows:
        return None
    taken = set(
        session.scalars(
            select(VisitRow.appointment_id).where(
                VisitRow.appointment_id.in_([row.id for row in rows])
            )
        )
    )
    free = [row for row in rows if row.id not in taken and row.state in _STILL_OPEN]
    return _keep(free[0]) if free else None


def _keep(row: AppointmentRow) -> UUID:
    row.state = AppointmentState.KEPT
    return row.id


def _stale(where: str) -> Finding:
    return Finding(
        "appointment-message-stale",
        where,
        "a newer message about this appointment was applied before; this one is kept raw",
        "Nothing to do.",
        Level.INFO,
    )


def excuse_appointment(
    session: PracticeSession, appointment_id: AppointmentId, *, reason: str
) -> None:
    """Say why a kept appointment has no visit to bill.

    Raises:
        MissingError: There is no such appointment in this practice.
    """
    row = session.get(AppointmentRow, (session.own_practice_id, appointment_id))
    if row is None:
        raise MissingError("no such appointment")
    row.excuse = reason
