"""Applying a message: all that it says in one transaction, or nothing and a reason.

Messages may come twice, late and out of order. What is known by an identifier is updated; a
message older than what is known changes nothing; a patient that an update names and nobody
announced is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from config.changes import record_change
from config.finding import Finding, Level, RefusedError, has_errors
from config.ids import uuid7
from config.sealed import seal, unseal
from encounters.adapters import to_patient_details
from encounters.models import PatientEvent
from encounters.service.coverages import apply_coverages, apply_guarantor
from encounters.service.messages import get_row, settle_message
from encounters.service.visits import Place, apply_appointment, apply_visit
from encounters.values import MessageState, PatientNews
from patients import service as patients

if TYPE_CHECKING:
    import datetime as dt

    from config.tenancy import PracticeSession
    from encounters.values import Intake, IntakeMerge, IntakePatient, MessageId
    from patients.values import PatientId


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
    state = MessageState.HELD if has_errors(findings) else MessageState.APPLIED
    settle_message(session, message_id, state, findings)
    if state is MessageState.HELD:
        record_change(session, "message-held", message_id)
    return findings


def _apply(
    session: PracticeSession, message_id: MessageId, intake: Intake, today: dt.date
) -> list[Finding]:
    findings: list[Finding] = []
    for patient in intake.patients:
        findings += _apply_patient(session, patient, Place(message_id, intake.occurred_at, today))
    for merge in intake.merges:
        findings += _apply_merge(session, merge)
    for appointment in intake.appointments:
        findings += apply_appointment(
            session, appointment, Place(message_id, intake.occurred_at, today)
        )
    for visit in intake.visits:
        findings += apply_visit(session, visit, Place(message_id, intake.occurred_at, today))
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
            return [_with_path(finding, merge.paths) for finding in refused.findings]
    return []


def _apply_patient(
    session: PracticeSession, incoming: IntakePatient, place: Place
) -> list[Finding]:
    try:
        known = next(
            filter(
                None,
                (patients.find_patient_by_identifier(session, i) for i in incoming.identifiers),
            ),
            None,
        )
        details = to_patient_details(incoming, place.message_id)
        if known is None:
            patient = patients.register_patient(session, details, today=place.today)
        elif not _is_news(session, known.id, place):
            return [_stale(incoming)]
        else:
            patient = patients.update_patient(session, known.id, details, today=place.today)
        _note_event(session, patient.id, place)
        apply_guarantor(session, patient, incoming, place)
        return apply_coverages(session, patient.id, incoming, place)
    except RefusedError as refused:
        paths = incoming.paths | incoming.person.paths
        return [_with_path(finding, paths) for finding in refused.findings]


def _with_path(finding: Finding, paths: dict[str, str]) -> Finding:
    """Say where in the message, instead of which field of ours."""
    return Finding(
        finding.code,
        paths.get(finding.where, finding.where),
        finding.message,
        finding.fix,
        finding.level,
    )


def _is_news(session: PracticeSession, patient_id: PatientId, place: Place) -> bool:
    if place.occurred_at is None:
        return True
    row = _find_event(session, patient_id)
    return row is None or unseal(session, row, PatientNews).told_at <= place.occurred_at


def _note_event(session: PracticeSession, patient_id: PatientId, place: Place) -> None:
    if place.occurred_at is None:
        return
    row = _find_event(session, patient_id)
    if row is None:
        row = PatientEvent(id=uuid7(), patient_id=patient_id)
        session.add(row)
    with session.no_autoflush:
        seal(session, row, PatientNews(place.occurred_at))
    session.flush()


def _find_event(session: PracticeSession, patient_id: PatientId) -> PatientEvent | None:
    return session.scalars(
        select(PatientEvent).where(PatientEvent.patient_id == patient_id)
    ).one_or_none()


def _stale(incoming: IntakePatient) -> Finding:
    return Finding(
        "patient-message-stale",
        incoming.paths.get("identifiers", "patient"),
        "a newer message about this patient was applied before; this one's details are kept raw",
        "Nothing to do.",
        Level.INFO,
    )
