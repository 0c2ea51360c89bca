"""Guarantors: the persons who answer for bills, one account each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from audit.service import note
from config.changes import record_change
from config.counters import next_number
from config.finding import MissingError
from config.ids import readable_number, uuid7
from config.outcome import Outcome
from config.sealed import seal, unseal
from patients import rules
from patients.models import GuarantorIdentifierRecord, GuarantorRecord
from patients.queries import (
    find_guarantor_id,
    find_same_guarantor,
    get_patients,
    identifier_key,
    match_key,
)
from patients.service.registering import refuse_errors, set_guarantor
from patients.values import Guarantor, GuarantorDetails, GuarantorId

if TYPE_CHECKING:
    import datetime as dt

    from config.people import Identifier
    from config.tenancy import PracticeSession
    from patients.values import PatientId

CHANGED: Final = "guarantor-changed"


def add_guarantor(
    session: PracticeSession,
    details: GuarantorDetails,
    *,
    today: dt.date,
    identifier: Identifier | None = None,
) -> Guarantor:
    """Add a guarantor with a new account, or update the one who is known already.

    Args:
        session: A writing session.
        details: The guarantor.
        today: The day on which they are checked.
        identifier: The number by which another system knows them; leads to one guarantor.

    Raises:
        RefusedError: Findings about the guarantor.
    """
    return store_guarantor(session, details, today=today, identifier=identifier)[0]


def store_guarantor(
    session: PracticeSession,
    details: GuarantorDetails,
    *,
    today: dt.date,
    identifier: Identifier | None = None,
) -> tuple[Guarantor, Outcome]:
    """Do what `add_guarantor` does, and say whether anything was new."""
    refuse_errors(rules.check_guarantor(details, today=today))
    known = find_guarantor_id(session, identifier) if identifier else None
    if known is None and (same := find_same_guarantor(session, details)):
        known = same.id
    if known is None:
        guarantor, outcome = _insert(session, details), Outcome.ADDED
    else:
        guarantor, outcome = _update(session, known, details, today=today)
    if identifier and find_guarantor_id(session, identifier) is None:
        key = identifier_key(session, "guarantor_identifier", identifier)
        session.add(
            GuarantorIdentifierRecord(
                practice_id=session.own_practice_id, guarantor_id=guarantor.id, key=key
            )
        )
        session.flush()
    return guarantor, outcome


def _insert(session: PracticeSession, details: GuarantorDetails) -> Guarantor:
    stored = replace(details, language=details.language or "en")
    record = GuarantorRecord(
        practice_id=session.own_practice_id,
        id=uuid7(),
        account_number=readable_number("A", next_number(session, "guarantor")),
        match_key=match_key(session, stored),
    )
    seal(session, record, stored)
    session.add(record)
    session.flush()
    note(session, "guarantor.added", guarantor=record.id)
    return Guarantor(GuarantorId(record.id), record.account_number, stored)


def update_guarantor(
    session: PracticeSession,
    guarantor_id: GuarantorId,
    details: GuarantorDetails,
    *,
    today: dt.date,
    is_complete: bool = False,
) -> Guarantor:
    """Join what is newly said of a guarantor with what is known.

    Args:
        session: A writing session.
        guarantor_id: The guarantor.
        details: What is said.
        today: The day on which they are checked.
        is_complete: Whether empty fields are meant; else they say nothing.

    Raises:
        RefusedError: Findings about the guarantor.
        MissingError: The guarantor isn't there.
    """
    return _update(session, guarantor_id, details, today=today, is_complete=is_complete)[0]


def _update(
    session: PracticeSession,
    guarantor_id: GuarantorId,
    details: GuarantorDetails,
    *,
    today: dt.date,
    is_complete: bool = False,
) -> tuple[Guarantor, Outcome]:
    record = session.scalars(
        select(GuarantorRecord)
        .where(GuarantorRecord.id == guarantor_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if record is None:
        raise MissingError("no such guarantor")
    known = unseal(session, record, GuarantorDetails)
    joined = rules.join_details(known, details, is_complete=is_complete)
    if joined != known:
        refuse_errors(rules.check_guarantor(joined, today=today))
        record.match_key = match_key(session, joined)
        seal(session, record, joined)
        record_change(session, CHANGED, record.id)
        note(session, "guarantor.changed", guarantor=record.id)
        session.flush()
    outcome = Outcome.UNCHANGED if joined == known else Outcome.CHANGED
    return Guarantor(GuarantorId(record.id), record.account_number, joined), outcome


def make_own_guarantor(
    session: PracticeSession, patient_id: PatientId, *, today: dt.date
) -> Guarantor | None:
    """Let a patient of age answer for their own bills, if nobody does yet.

    Returns:
        The guarantor; None for a minor, whose guarantor a person must name.

    Raises:
        MissingError: The patient isn't there.
    """
    patient = get_patients(session, [patient_id])[patient_id]
    details = patient.details
    if not rules.is_of_age(details.birth_date, today):
        return None
    own = GuarantorDetails(
        name=details.name,
        address=details.address,
        phone=details.phone,
        email=details.email,
        language=details.language,
        birth_date=details.birth_date,
        sources=details.sources,
    )
    guarantor = add_guarantor(session, own, today=today)
    set_guarantor(session, patient_id, guarantor.id)
    return guarantor
