"""Applying a message: all that it says in one transaction, or nothing and a reason.

Messages may come twice, late and out of order. What is known by an identifier is updated; a
message older than what is known only fills gaps; a patient that an update names and nobody
announced is made.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from config.changes import record_change
from config.finding import Finding, Level, RefusedError, has_errors
from config.ids import uuid7
from config.sealed import seal, unseal
from encounters.adapters import to_gaps, to_patient_details
from encounters.models import PatientEvent
from encounters.service.appointments import apply_appointment
from encounters.service.coverages import apply_coverages, apply_guarantor
from encounters.service.finding import Place, with_path
from encounters.service.messages import get_row, settle_message
from encounters.service.visits import apply_visit
from encounters.values import MessageState, PatientNews
from patients import service as patients

if TYPE_CHECKING:
    import datetime as dt

    from config.people import Identifier
    from config.tenancy import PracticeSession
    from encounters.values import Intake, IntakeMerge, IntakePatient, MessageId
    from patients.values import Patient, PatientId


def apply_message(
    session: PracticeSession, message_id: MessageId, intake: Intake, *, today: dt.date
) -> list[Finding]:
    """Apply what a message says and write how it stands then.

    Args:
        session: A writing session; what is refused is rolled back to before this call.
        message_id: The kept message.
        intake: What its adapter made of it.
        today: The practice's day.

    Returns:
        The findings that were written: with an error among them nothing was applied and the
        message is held.
    """
    findings = list(intake.findings)
    row = get_row(session, message_id, is_locked=True)
    if row.state == MessageState.APPLIED:
        return findings
    if not has_errors(findings):
        savepoint = session.begin_nested()
        findings += _apply(session, message_id, intake, today)
        if has_errors(findings):
            savepoint.rollback()
        else:
            savepoint.commit()
    findings = list(dict.fromkeys(findings))
    state = MessageState.HELD if has_errors(findings) else MessageState.APPLIED
    settle_message(session, message_id, state, findings)
    if state is MessageState.HELD:
        record_change(session, "message-held", message_id)
    return findings


def _apply(
    session: PracticeSession, message_id: MessageId, intake: Intake, today: dt.date
) -> list[Finding]:
    place = Place(message_id, intake.occurred_at, today)
    findings: list[Finding] = []
    for patient in intake.patients:
        findings += _apply_patient(session, patient, place)
    for merge in intake.merges:
        findings += _apply_merge(session, merge)
    for appointment in intake.appointments:
        findings += apply_appointment(session, appointment, place)
    for visit in intake.visits:
        findings += apply_visit(session, visit, place)
    return findings


def _apply_merge(session: PracticeSession, merge: IntakeMerge) -> list[Finding]:
    survivor = patients.find_patient_by_identifier(session, merge.survivor)
    merged = patients.find_patient_by_identifier(session, merge.merged, is_resolved=False)
    missing = "survivor" if survivor is None else "merged"
    if survivor is None or merged is None:
        return [
            Finding(
                "merge-patient-missing",
                merge.paths.get(missing, missing),
                f"the {missing} patient of the merge is not known here",
                "Send the patient first, then replay this message.",
            )
        ]
    if survivor.id not in (merged.id, merged.survivor_id):
        try:
            patients.merge_patient(session, survivor.id, merged.id)
        except RefusedError as refused:
            return [with_path(finding, merge.paths) for finding in refused.findings]
    return []


def _apply_patient(
    session: PracticeSession, incoming: IntakePatient, place: Place
) -> list[Finding]:
    try:
        known, identifiers = _find_known(session, incoming)
        incoming = replace(incoming, identifiers=identifiers)
        event = _find_event(session, known.id) if known is not None else None
        news = unseal(session, event, PatientNews) if event is not None else PatientNews()
        is_stale = place.is_older_than(news.told_at)
        details = to_patient_details(incoming, place.message_id)
        if known is None:
            patient = patients.register_patient(session, details, today=place.today)
        else:
            details = to_gaps(known.details, details) if is_stale else details
            patient = patients.update_patient(session, known.id, details, today=place.today)
        if not place.is_older_than(news.guarantor_told_at):
            apply_guarantor(session, patient, incoming, place)
        findings = [_stale(incoming)] if is_stale else []
        if not place.is_older_than(news.insured_told_at):
            findings += apply_coverages(session, patient.id, incoming, place)
        _note_event(session, patient.id, (event, news), incoming, place)
    except RefusedError as refused:
        paths = incoming.paths | incoming.person.paths
        return [with_path(finding, paths) for finding in refused.findings]
    return findings


def _find_known(
    session: PracticeSession, incoming: IntakePatient
) -> tuple[Patient | None, tuple[Identifier, ...]]:
    """Find the patient whom the first known identifier leads to, a merge resolved.

    Returns:
        The patient, and the identifiers to store: those of a merged record stay with that record,
        so that the merge can be undone.
    """
    found = patients.find_patient_ids(session, incoming.identifiers, is_resolved=False)
    if not found:
        return None, incoming.identifiers
    survivors = patients.resolve_survivors(session, found.values())
    key = survivors[next(found[i] for i in incoming.identifiers if i in found)]
    merged = {i for i, owner in found.items() if owner != key and survivors[owner] == key}
    own = tuple(i for i in incoming.identifiers if i not in merged)
    return patients.get_patients(session, [key])[key], own


def _note_event(
    session: PracticeSession,
    patient_id: PatientId,
    known: tuple[PatientEvent | None, PatientNews],
    incoming: IntakePatient,
    place: Place,
) -> None:
    """Note when the sender told of the patient, and of which parts."""
    row, before = known
    after = PatientNews(
        told_at=place.latest(before.told_at),
        guarantor_told_at=place.latest(before.guarantor_told_at)
        if incoming.guarantor is not None
        else before.guarantor_told_at,
        insured_told_at=place.latest(before.insured_told_at)
        if incoming.coverages is not None
        else before.insured_told_at,
    )
    if after == before:
        return
    if row is None:
        row = PatientEvent(id=uuid7(), patient_id=patient_id)
        session.add(row)
    with session.no_autoflush:
        seal(session, row, after)
    session.flush()


def _find_event(session: PracticeSession, patient_id: PatientId) -> PatientEvent | None:
    return session.scalars(
        select(PatientEvent).where(PatientEvent.patient_id == patient_id)
    ).one_or_none()


def _stale(incoming: IntakePatient) -> Finding:
    return Finding(
        "patient-message-stale",
        incoming.paths.get("identifiers", "patient"),
        "a newer message about this patient was applied before; of this one only what nobody had"
        " said yet was taken",
        "Nothing to do.",
        Level.INFO,
    )
