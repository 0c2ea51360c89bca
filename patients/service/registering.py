"""Registering patients and keeping what is known of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert, select

from audit.service import note
from config.changes import record_change
from config.counters import next_number
from config.finding import Finding, RefusedError, has_errors
from config.ids import readable_number, uuid7
from config.outcome import Outcome
from config.sealed import seal, unseal
from patients import rules
from patients.models import PatientIdentifierRecord, PatientRecord, PatientSearchRecord
from patients.queries import (
    find_patient_ids,
    get_patient_records,
    identifier_key,
    patient_terms,
    read_patient,
)
from patients.values import GuarantorId, Patient, PatientDetails, PatientId

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from config.tenancy import PracticeSession

CHANGED: Final = "patient-changed"


def refuse_errors(findings: list[Finding]) -> None:
    """Raise if a finding stops the step.

    Raises:
        RefusedError: With all of the findings.
    """
    if has_errors(findings):
        raise RefusedError(findings)


def register_patient(
    session: PracticeSession,
    details: PatientDetails,
    *,
    today: dt.date,
    guarantor_id: GuarantorId | None = None,
) -> Patient:
    """Register one patient; see `register_patients`."""
    return register_patients(session, [(details, guarantor_id)], today=today)[0]


def register_patients(
    session: PracticeSession,
    patients: Sequence[tuple[PatientDetails, GuarantorId | None]],
    *,
    today: dt.date,
) -> list[Patient]:
    """Register patients, each with a new number.

    Args:
        session: A writing session.
        patients: What is known of each, and who answers for their bills.
        today: The day on which they are checked.

    Raises:
        RefusedError: Findings, or `identifier-known`: one of them is registered already.
    """
    everyone = [replace(details, language=details.language or "en") for details, _ in patients]
    refuse_errors([f for details in everyone for f in rules.check_patient(details, today=today)])
    _refuse_known(session, everyone)
    first = next_number(session, "patient", count=len(everyone))
    records = []
    for place, (details, (_, guarantor_id)) in enumerate(zip(everyone, patients, strict=True)):
        record = PatientRecord(
            practice_id=session.own_practice_id,
            id=uuid7(),
            number=readable_number("P", first + place),
            guarantor_id=guarantor_id,
            survivor_id=None,
        )
        seal(session, record, details)
        note(session, "patient.registered", patient=record.id)
        records.append(record)
    session.add_all(records)
    session.flush()
    _index(session, [(record, d) for record, d in zip(records, everyone, strict=True)])
    return [_to_patient(record, d) for record, d in zip(records, everyone, strict=True)]


def _keys(session: PracticeSession, details: PatientDetails) -> set[bytes]:
    """Return the keys of a patient's identifiers; a message may give one twice, or two kinds."""
    return {identifier_key(session, "patient_identifier", i) for i in details.identifiers}


def _refuse_known(session: PracticeSession, everyone: Sequence[PatientDetails]) -> None:
    keys = [key for details in everyone for key in _keys(session, details)]
    identifiers = [i for details in everyone for i in details.identifiers]
    if len(set(keys)) < len(keys) or find_patient_ids(session, identifiers, is_resolved=False):
        raise RefusedError([_identifier_known()])


def _to_patient(record: PatientRecord, details: PatientDetails) -> Patient:
    return Patient(
        id=PatientId(record.id),
        number=record.number,
        guarantor_id=GuarantorId(record.guarantor_id) if record.guarantor_id else None,
        survivor_id=PatientId(record.survivor_id) if record.survivor_id else None,
        details=details,
    )


def _identifier_known() -> Finding:
    return Finding(
        "identifier-known",
        "identifiers",
        "a patient with this identifier is registered already",
        "update that patient, or merge the two",
    )


def _index(
    session: PracticeSession, patients: Sequence[tuple[PatientRecord, PatientDetails]]
) -> None:
    """Store by what new patients are found."""
    practice_id = session.own_practice_id
    keys = [
        {
            "practice_id": practice_id,
            "id": uuid7(),
            "patient_id": record.id,
            "key": key,
        }
        for record, details in patients
        for key in sorted(_keys(session, details))
    ]
    terms = [
        {"practice_id": practice_id, "id": uuid7(), "patient_id": record.id, "term": term}
        for record, details in patients
        for term in sorted(patient_terms(session, details))
    ]
    if keys:
        session.execute(insert(PatientIdentifierRecord), keys)
    if terms:
        session.execute(insert(PatientSearchRecord), terms)


def update_patient(
    session: PracticeSession,
    patient_id: PatientId,
    details: PatientDetails,
    *,
    today: dt.date,
    is_complete: bool = False,
) -> Patient:
    """Join what is newly said of a patient with what is known.

    Args:
        session: A writing session.
        patient_id: The patient.
        details: What is said; its sources say by whom.
        today: The day on which they are checked.
        is_complete: Whether empty fields are meant, as in a form; else they say nothing.

    Returns:
        The patient as known now. Where nothing is new, nothing is written.

    Raises:
        RefusedError: Findings, or `identifier-known`: an identifier is another patient's.
        MissingError: The patient isn't there.
    """
    return store_update(session, patient_id, details, today=today, is_complete=is_complete)[0]


def store_update(
    session: PracticeSession,
    patient_id: PatientId,
    details: PatientDetails,
    *,
    today: dt.date,
    is_complete: bool = False,
) -> tuple[Patient, Outcome]:
    """Do what `update_patient` does, and say whether anything was new."""
    record = get_patient_records(session, [patient_id], is_locked=True)[patient_id]
    known = unseal(session, record, PatientDetails)
    joined = rules.join_details(known, details, is_complete=is_complete)
    if joined == known:
        return _to_patient(record, known), Outcome.UNCHANGED
    refuse_errors(rules.check_patient(joined, today=today))
    _move_identifiers(session, record, known, joined)
    _move_terms(session, record, known, joined)
    seal(session, record, joined)
    record_change(session, CHANGED, record.id)
    note(session, "patient.changed", patient=record.id)
    session.flush()
    return _to_patient(record, joined), Outcome.CHANGED


def _move_identifiers(
    session: PracticeSession, record: PatientRecord, old: PatientDetails, new: PatientDetails
) -> None:
    added = [i for i in new.identifiers if i not in old.identifiers]
    found = find_patient_ids(session, added, is_resolved=False)
    if any(patient_id != record.id for patient_id in found.values()):
        raise RefusedError([_identifier_known()])
    before, after = _keys(session, old), _keys(session, new)
    if gone := before - after:
        session.execute(
            delete(PatientIdentifierRecord).where(
                PatientIdentifierRecord.patient_id == record.id,
                PatientIdentifierRecord.key.in_(gone),
            )
        )
    session.add_all(
        PatientIdentifierRecord(practice_id=session.own_practice_id, patient_id=record.id, key=key)
        for key in sorted(after - before)
    )


def _move_terms(
    session: PracticeSession, record: PatientRecord, old: PatientDetails, new: PatientDetails
) -> None:
    before, after = patient_terms(session, old), patient_terms(session, new)
    if gone := before - after:
        session.execute(
            delete(PatientSearchRecord).where(
                PatientSearchRecord.patient_id == record.id, PatientSearchRecord.term.in_(gone)
            )
        )
    session.add_all(
        PatientSearchRecord(practice_id=session.own_practice_id, patient_id=record.id, term=term)
        for term in sorted(after - before)
    )


def set_guarantor(
    session: PracticeSession, patient_id: PatientId, guarantor_id: GuarantorId
) -> bool:
    """Say who answers for a patient's bills from now on.

    Returns:
        Whether it was somebody else, or nobody, before.

    Raises:
        MissingError: The patient isn't there.
    """
    record = get_patient_records(session, [patient_id], is_locked=True)[patient_id]
    if record.guarantor_id == guarantor_id:
        return False
    record.guarantor_id = guarantor_id
    record_change(session, CHANGED, record.id)
    note(session, "patient.guarantor-set", patient=record.id, guarantor=guarantor_id)
    session.flush()
    return True


def find_or_register(
    session: PracticeSession, details: PatientDetails, *, today: dt.date
) -> Patient:
    """Update the patient whom one of the identifiers leads to, or register a new one.

    Raises:
        RefusedError: Findings, or `identifiers-apart`: they lead to different patients.
    """
    found = set(find_patient_ids(session, details.identifiers).values())
    if len(found) > 1:
        raise RefusedError(
            [
                Finding(
                    "identifiers-apart",
                    "identifiers",
                    "the identifiers belong to different patients",
                    "merge the patients if they are one, or correct the identifiers",
                )
            ]
        )
    if not found:
        return register_patient(session, details, today=today)
    return update_patient(session, found.pop(), details, today=today)


def list_all_patients(
    session: PracticeSession, *, after: PatientId | None = None, limit: int = 200
) -> list[Patient]:
    """Return patients by key, a page at a time; merged ones too."""
    statement = select(PatientRecord).order_by(PatientRecord.id).limit(limit)
    if after is not None:
        statement = statement.where(PatientRecord.id > after)
    return [read_patient(session, record) for record in session.scalars(statement)]
