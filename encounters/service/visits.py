"""Applying what a message says of appointments and visits, and excusing those never billed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from config.changes import record_change
from config.counters import next_number
from config.finding import Finding, Level, MissingError
from config.ids import readable_number, uuid7
from config.sealed import keyring_of, seal, unseal
from encounters.adapters import to_condition, to_sources, to_visit_charge
from encounters.models import AppointmentRow, VisitRow
from encounters.values import (
    AppointmentDetails,
    AppointmentState,
    MessageId,
    VisitDetails,
    VisitState,
)
from patients import service as patients
from practice import service as practice

if TYPE_CHECKING:
    from uuid import UUID

    from config.people import Identifier
    from config.tenancy import PracticeSession
    from encounters.values import (
        AppointmentId,
        IntakeAppointment,
        IntakeCharge,
        IntakeVisit,
        VisitCharge,
        VisitId,
    )
    from patients.values import PatientId


_STILL_OPEN = (AppointmentState.BOOKED, AppointmentState.ARRIVED, AppointmentState.KEPT)


@dataclass(frozen=True, slots=True)
class Place:
    """Where news comes from and when: the message, the sender's time, the practice's day."""

    message_id: MessageId
    occurred_at: dt.datetime | None
    today: dt.date


def _identifier_key(session: PracticeSession, table: str, identifier: Identifier) -> bytes:
    return keyring_of(session).unique_key(
        session.own_practice_id, table, "identifier_key", f"{identifier.system}|{identifier.value}"
    )


def _missing(where: str, what: str, fix: str) -> Finding:
    return Finding(f"{what}-unknown", where, f"the {what} named here is not known", fix)


def _find_patient(
    session: PracticeSession, identifier: Identifier, where: str
) -> tuple[PatientId | None, list[Finding]]:
    found = patients.find_patient_by_identifier(session, identifier)
    if found is None:
        return None, [_missing(where, "patient", "Send the patient first, then replay.")]
    return found.id, []


def _find_staff(
    session: PracticeSession, npi: str, location_code: str, paths: dict[str, str]
) -> tuple[UUID | None, UUID | None, list[Finding]]:
    findings = []
    provider = practice.find_provider_by_npi(session, npi) if npi else None
    if npi and provider is None:
        where = paths.get("provider_npi", "provider")
        findings.append(_missing(where, "provider", "Import the provider, then replay."))
    location = practice.find_location(session, location_code) if location_code else None
    if location_code and location is None:
        where = paths.get("location_code", "location")
        findings.append(_missing(where, "location", "Import the location, then replay."))
    return (
        provider.id if provider else None,
        location.id if location else None,
        findings,
    )


def apply_appointment(
    session: PracticeSession, incoming: IntakeAppointment, place: Place
) -> list[Finding]:
    """Make or update one appointment."""
    patient_id, findings = _find_patient(
        session, incoming.patient, incoming.paths.get("patient", "appointment")
    )
    provider_id, location_id, staff = _find_staff(
        session, incoming.provider_npi, incoming.location_code, incoming.paths
    )
    findings += staff
    if patient_id is None or findings:
        return findings
    key = _identifier_key(session, "appointment", incoming.identifier)
    row = session.scalars(
        select(AppointmentRow).where(AppointmentRow.identifier_key == key)
    ).one_or_none()
    if row is None:
        row = AppointmentRow(id=uuid7(), identifier_key=key, excuse=None)
        session.add(row)
    row.patient_id = patient_id
    row.provider_id = provider_id or row.provider_id
    row.location_id = location_id or row.location_id
    row.state = incoming.state
    row.day_key = keyring_of(session).day_key(
        session.own_practice_id, "appointment", incoming.starts_at.date()
    )
    details = AppointmentDetails(
        starts_at=incoming.starts_at,
        minutes=incoming.minutes,
        reason=incoming.reason,
        sources=to_sources(incoming.paths, place.message_id),
    )
    with session.no_autoflush:
        seal(session, row, details)
    session.flush()
    return []


def apply_visit(session: PracticeSession, incoming: IntakeVisit, place: Place) -> list[Finding]:
    """Make or update one visit; a cancelled one is voided."""
    where = incoming.paths.get("patient", "visit")
    patient_id, findings = _find_patient(session, incoming.patient, where)
    provider_id, location_id, staff = _find_staff(
        session, incoming.provider_npi, incoming.location_code, incoming.paths
    )
    findings += staff
    if patient_id is None or findings:
        return findings
    key = _identifier_key(session, "visit", incoming.identifier)
    row = session.scalars(select(VisitRow).where(VisitRow.identifier_key == key)).one_or_none()
    if row is None:
        return _add_visit(session, incoming, place, (patient_id, provider_id, location_id, key))
    before = unseal(session, row, VisitDetails)
    if _is_stale(before, place):
        return [_stale(where)]
    details = _merge_details(before, incoming, place)
    row.provider_id = provider_id or row.provider_id
    row.location_id = location_id or row.location_id
    _settle_visit(session, row, incoming, (before, details))
    return []


def _is_stale(known: VisitDetails, place: Place) -> bool:
    return (
        known.told_at is not None
        and place.occurred_at is not None
        and place.occurred_at < known.told_at
    )


def _add_visit(
    session: PracticeSession,
    incoming: IntakeVisit,
    place: Place,
    keys: tuple[PatientId, UUID | None, UUID | None, bytes],
) -> list[Finding]:
    patient_id, provider_id, location_id, key = keys
    details = _merge_details(VisitDetails(incoming.service_date), incoming, place)
    row = VisitRow(
        id=uuid7(),
        number=readable_number("V", next_number(session, "visit")),
        patient_id=patient_id,
        provider_id=provider_id,
        location_id=location_id,
        appointment_id=_find_appointment(session, incoming, patient_id),
        identifier_key=key,
        state=VisitState.OPEN,
        excuse=None,
    )
    _settle_visit(session, row, incoming, (None, details))
    session.add(row)
    session.flush()
    return []


def _settle_visit(
    session: PracticeSession,
    row: VisitRow,
    incoming: IntakeVisit,
    details: tuple[VisitDetails | None, VisitDetails],
) -> None:
    """Write a visit's payload and state, and tell what changed."""
    before, after = details
    state = VisitState(row.state)
    if incoming.is_cancelled:
        state = VisitState.VOIDED
    elif incoming.is_finished and state is VisitState.OPEN:
        state = VisitState.READY
    keyring = keyring_of(session)
    row.day_key = keyring.day_key(session.own_practice_id, "visit", after.service_date)
    row.service_month = after.service_date.replace(day=1)
    is_changed = before is None or replace(before, told_at=after.told_at) != after
    if before != after:
        seal(session, row, after)
    if row.state != state:
        row.state = state
        record_change(session, f"visit-{state}", row.id)
    elif is_changed:
        record_change(session, "visit-changed", row.id)


def _find_appointment(
    session: PracticeSession, incoming: IntakeVisit, patient_id: PatientId
) -> UUID | None:
    """Find the appointment that the visit keeps: the named one, or the patient's of that day."""
    if incoming.appointment is not None:
        key = _identifier_key(session, "appointment", incoming.appointment)
        named = session.scalars(
            select(AppointmentRow).where(AppointmentRow.identifier_key == key)
        ).one_or_none()
        return _keep_appointment(named) if named is not None else None
    day_key = keyring_of(session).day_key(
        session.own_practice_id, "appointment", incoming.service_date
    )
    rows = session.scalars(
        select(AppointmentRow)
        .where(AppointmentRow.day_key == day_key, AppointmentRow.patient_id == patient_id)
        .order_by(AppointmentRow.id)
    ).all()
    taken = set(
        session.scalars(
            select(VisitRow.appointment_id).where(
                VisitRow.appointment_id.in_([row.id for row in rows])
            )
        )
    )
    free = [row for row in rows if row.id not in taken and row.state in _STILL_OPEN]
    if not free:
        return None
    return _keep_appointment(free[0])


def _keep_appointment(row: AppointmentRow) -> UUID:
    row.state = AppointmentState.KEPT
    return row.id


def _merge_details(before: VisitDetails, incoming: IntakeVisit, place: Place) -> VisitDetails:
    """Lay what the message says over what is known; what it leaves out stays."""
    said = {
        name: value
        for name in (
            "service_date",
            "end_date",
            "place_of_service",
            "referring_npi",
            "accident",
            "authorization_number",
            "referral_number",
            "note",
        )
        if (value := getattr(incoming, name))
    }
    conditions = tuple(to_condition(c, place.message_id) for c in incoming.conditions)
    return replace(
        before,
        **said,
        told_at=place.occurred_at or before.told_at,
        conditions=conditions or before.conditions,
        charges=_merge_charges(before.charges, incoming.charges, place.message_id),
        sources=before.sources | to_sources(incoming.paths, place.message_id),
    )


def _merge_charges(
    before: tuple[VisitCharge, ...], incoming: tuple[IntakeCharge, ...], message_id: MessageId
) -> tuple[VisitCharge, ...]:
    """Add, replace or take back charges by the sender's own key of each."""
    merged: dict[str, VisitCharge] = {
        charge.identifier or f"#{place}": charge for place, charge in enumerate(before)
    }
    for charge in incoming:
        key = charge.identifier or f"#{len(merged)}"
        if charge.is_reversal:
            merged.pop(key, None)
        else:
            merged[key] = to_visit_charge(charge, message_id)
    return tuple(merged.values())


def _stale(where: str) -> Finding:
    return Finding(
        "visit-message-stale",
        where,
        "a newer message about this visit was applied before; this one is kept raw",
        "Nothing to do.",
        Level.INFO,
    )


def excuse_visit(session: PracticeSession, visit_id: VisitId, *, reason: str) -> None:
    """Say that a visit will never be billed, and why.

    Args:
        session: A writing session.
        visit_id: The visit.
        reason: A kebab-case word without PHI, such as `courtesy` or `no-charge-visit`.

    Raises:
        MissingError: There is no such visit in this practice.
    """
    row = session.get(VisitRow, (session.own_practice_id, visit_id))
    if row is None:
        raise MissingError("no such visit")
    row.state, row.excuse = VisitState.EXCUSED, reason
    record_change(session, "visit-excused", row.id)


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
