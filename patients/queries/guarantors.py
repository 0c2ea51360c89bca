"""Reads of guarantors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from config.finding import MissingError
from config.sealed import unseal
from patients import rules
from patients.models import (
    GuarantorIdentifierRecord,
    GuarantorRecord,
    PatientRecord,
)
from patients.queries.keys import identifier_key, match_key
from patients.values import (
    Guarantor,
    GuarantorDetails,
    GuarantorId,
    PatientId,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from config.people import Identifier
    from config.tenancy import PracticeSession


def read_guarantor(session: PracticeSession, record: GuarantorRecord) -> Guarantor:
    """Open a guarantor's row."""
    return Guarantor(
        id=GuarantorId(record.id),
        account_number=record.account_number,
        details=unseal(session, record, GuarantorDetails),
    )


def get_guarantors(
    session: PracticeSession, ids: Iterable[GuarantorId]
) -> dict[GuarantorId, Guarantor]:
    """Return guarantors by key.

    Raises:
        MissingError: One isn't there.
    """
    wanted = list(dict.fromkeys(ids))
    statement = select(GuarantorRecord).where(GuarantorRecord.id.in_(wanted))
    found = {record.id: record for record in session.scalars(statement)}
    if missing := len(wanted) - len(found):
        raise MissingError(f"{missing} of {len(wanted)} guarantors are not there")
    return {key: read_guarantor(session, found[key]) for key in wanted}


def find_guarantor_by_number(session: PracticeSession, account_number: str) -> Guarantor | None:
    """Return the guarantor with an account number, if any."""
    statement = select(GuarantorRecord).where(
        GuarantorRecord.account_number == account_number.strip().upper()
    )
    record = session.scalars(statement).one_or_none()
    return read_guarantor(session, record) if record else None


def find_guarantor_id(session: PracticeSession, identifier: Identifier) -> GuarantorId | None:
    """Return the guarantor whom another system's number leads to, unopened."""
    key = identifier_key(session, "guarantor_identifier", identifier)
    statement = select(GuarantorIdentifierRecord.guarantor_id).where(
        GuarantorIdentifierRecord.key == key
    )
    found = session.scalars(statement).one_or_none()
    return GuarantorId(found) if found else None


def find_same_guarantor(session: PracticeSession, details: GuarantorDetails) -> Guarantor | None:
    """Return a known guarantor of the same name and birth date, or else address."""
    statement = (
        select(GuarantorRecord)
        .where(GuarantorRecord.match_key == match_key(session, details))
        .order_by(GuarantorRecord.id)
    )
    for record in session.scalars(statement):
        guarantor = read_guarantor(session, record)
        if rules.is_same_guarantor(guarantor.details, details):
            return guarantor
    return None


def list_patients_of_guarantors(
    session: PracticeSession, ids: Iterable[GuarantorId]
) -> dict[GuarantorId, tuple[PatientId, ...]]:
    """Return for each guarantor the patients, merged ones too, for whom they answer."""
    wanted = list(dict.fromkeys(ids))
    rows = session.execute(
        select(PatientRecord.guarantor_id, PatientRecord.id)
        .where(PatientRecord.guarantor_id.in_(wanted))
        .order_by(PatientRecord.id)
    ).all()
    return {
        key: tuple(PatientId(row.id) for row in rows if row.guarantor_id == key) for key in wanted
    }
