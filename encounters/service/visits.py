"""Applying what a message says of visits, and excusing those never billed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from config.changes import record_change
from config.counters import next_number
from config.finding import Finding, Level, MissingError
from config.ids import readable_number, uuid7
from config.sealed import keyring_of, seal, unseal
from encounters.adapters_visits import lay_over
from encounters.models import VisitRow
from encounters.queries import identifier_key
from encounters.service.appointments import find_appointment_to_keep
from encounters.service.finding import find_patient, find_staff
from encounters.values import VisitDetails, VisitState
from patients import service as patients
from patients.values import PatientId

if TYPE_CHECKING:
    from uuid import UUID

    from config.tenancy import PracticeSession
    from encounters.service.finding import Place
    from encounters.values import IntakeVisit, VisitId


def apply_visit(session: PracticeSession, incoming: IntakeVisit, place: Place) -> list[Finding]:
    """Make or update one visit; a cancelled one is voided."""
    where = incoming.paths.get("patient", "visit")
    patient_id, findings = find_patient(session, incoming.patient, where)
    provider_id, location_id, staff = find_staff(
        session, incoming.provider_npi, incoming.location_code, incoming.paths
    )
    findings += staff
    if patient_id is None or findings:
        return findings
    key = identifier_key(session, "visit", incoming.identifier)
    row = session.scalars(select(VisitRow).where(VisitRow.identifier_key == key)).one_or_none()
    if row is None:
        _add_visit(session, incoming, place, (patient_id, provider_id, location_id, key))
        return []
    if not _is_of(session, row, patient_id):
        return [_other_patient(where)]
    return _update_visit(session, row, incoming, (place, provider_id, location_id))


def _is_of(session: PracticeSession, row: VisitRow, patient_id: PatientId) -> bool:
    """Say whether a visit is this patient's, merged records included."""
    if row.patient_id == patient_id:
        return True
    known = PatientId(row.patient_id)
    return patients.resolve_survivors(session, [known])[known] == patient_id


def _update_visit(
    session: PracticeSession,
    row: VisitRow,
    incoming: IntakeVisit,
    told: tuple[Place, UUID | None, UUID | None],
) -> list[Finding]:
    """Lay a message over a visit; an older one fills gaps, and may end the visit."""
    place, provider_id, location_id = told
    before = unseal(session, row, VisitDetails)
    is_stale = place.is_older_than(before.told_at)
    details = lay_over(
        before,
        incoming,
        place.message_id,
        is_stale=is_stale,
        told_at=place.latest(before.told_at),
    )
    if is_stale:
        row.provider_id = row.provider_id or provider_id
        row.location_id = row.location_id or location_id
        incoming = replace(incoming, is_cancelled=False)
    else:
        row.provider_id = provider_id or row.provider_id
        row.location_id = location_id or row.location_id
    _settle_visit(session, row, incoming, (before, details))
    session.flush()
    return [_stale(incoming.paths.get("patient", "visit"))] if is_stale else []


def _add_visit(
    session: PracticeSession,
    incoming: IntakeVisit,
    place: Place,
    keys: tuple[PatientId, UUID | None, UUID | None, bytes],
) -> None:
    patient_id, provider_id, location_id, key = keys
    details = lay_over(
        VisitDetails(incoming.service_date),
        incoming,
        place.message_id,
        is_stale=False,
        told_at=place.occurred_at,
    )
    appointment_id = None
    if not incoming.is_cancelled:
        appointment_id = find_appointment_to_keep(
            session, incoming.appointment, patient_id, incoming.service_date
        )
    row = VisitRow(
        id=uuid7(),
        number=readable_number("V", next_number(session, "visit")),
        patient_id=patient_id,
        provider_id=provider_id,
        location_id=location_id,
        appointment_id=appointment_id,
        identifier_key=key,
        state=VisitState.OPEN,
        excuse=None,
    )
    _settle_visit(session, row, incoming, (None, details))
    session.add(row)
    session.flush()


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


def _stale(where: str) -> Finding:
    return Finding(
        "visit-message-stale",
        where,
        "a newer message about this visit was applied before; of this one only what nobody had"
        " said yet was taken",
        "Nothing to do.",
        Level.INFO,
    )


def _other_patient(where: str) -> Finding:
    return Finding(
        "visit-other-patient",
        where,
        "the visit with this number is another patient's",
        "Ask the sender whose visit it is; if both are one person, merge them, then replay.",
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
