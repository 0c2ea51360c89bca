"""Reads of statements and payments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from config.blobs import read_blob
from config.finding import MissingError
from config.money import Money
from config.sealed import unseal
from encounters.values import VisitId
from patient_billing.models import PatientPaymentRow, StatementRow, StatementVisitRow
from patient_billing.values.bills import StatementId, StatementRecord
from patient_billing.values.payments import (
    PatientPaymentId,
    PatientPaymentRecord,
    Purpose,
    Tender,
)
from patient_billing.values.statement import Statement
from patients.values import GuarantorId

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable
    from uuid import UUID

    from config.tenancy import PracticeSession


_CHUNK: Final = 500


def list_statements(
    session: PracticeSession,
    *,
    guarantor_id: GuarantorId | None = None,
    on: dt.date | None = None,
    after: StatementId | None = None,
    limit: int = 500,
) -> list[StatementRecord]:
    """Return statements in the order in which they were made, from behind a key on."""
    query = select(StatementRow).order_by(StatementRow.id).limit(limit)
    if guarantor_id is not None:
        query = query.where(StatementRow.guarantor_id == guarantor_id)
    if on is not None:
        query = query.where(StatementRow.statement_on == on)
    if after is not None:
        query = query.where(StatementRow.id > after)
    return [to_record(row) for row in session.scalars(query)]


def find_last_statement(
    session: PracticeSession, guarantor_id: GuarantorId
) -> StatementRecord | None:
    """Return a guarantor's newest statement, or None."""
    row = session.scalars(
        select(StatementRow)
        .where(StatementRow.guarantor_id == guarantor_id)
        .order_by(StatementRow.statement_on.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else to_record(row)


def get_statement(session: PracticeSession, statement_id: StatementId) -> Statement:
    """Return what a statement says, without the logo.

    Raises:
        MissingError: There is none in this practice.
    """
    return unseal(session, _row(session, statement_id), Statement)


def read_statement_pdf(session: PracticeSession, statement_id: StatementId) -> bytes:
    """Return a statement's PDF.

    Raises:
        MissingError: There is none in this practice.
    """
    return read_blob(session, _row(session, statement_id).blob_id)


def count_statements_of_visits(
    session: PracticeSession, visit_ids: Iterable[VisitId]
) -> dict[UUID, int]:
    """Return on how many statements each visit stood; visits on none are left out."""
    wanted = sorted(set(visit_ids))
    found: dict[UUID, int] = {}
    for start in range(0, len(wanted), _CHUNK):
        query = (
            select(StatementVisitRow.visit_id, func.count())
            .where(StatementVisitRow.visit_id.in_(wanted[start : start + _CHUNK]))
            .group_by(StatementVisitRow.visit_id)
        )
        found.update({row[0]: row[1] for row in session.execute(query)})
    return found


def find_payment(session: PracticeSession, key: str) -> PatientPaymentRecord | None:
    """Return the payment that was taken under a key, or None."""
    row = session.scalars(
        select(PatientPaymentRow).where(PatientPaymentRow.key == key)
    ).one_or_none()
    return None if row is None else to_payment(row)


def list_payments(
    session: PracticeSession, guarantor_id: GuarantorId
) -> list[PatientPaymentRecord]:
    """Return a guarantor's payments, oldest first."""
    query = (
        select(PatientPaymentRow)
        .where(PatientPaymentRow.guarantor_id == guarantor_id)
        .order_by(PatientPaymentRow.received_on, PatientPaymentRow.id)
    )
    return [to_payment(row) for row in session.scalars(query)]


def to_record(row: StatementRow) -> StatementRecord:
    """Return a row's plain facts."""
    return StatementRecord(
        StatementId(row.id),
        row.number,
        GuarantorId(row.guarantor_id),
        Money(row.cents),
        row.state,
        row.notice,
        row.statement_on,
        row.due_on,
        row.blob_id,
    )


def to_payment(row: PatientPaymentRow) -> PatientPaymentRecord:
    """Return a row as the payment that it is."""
    return PatientPaymentRecord(
        PatientPaymentId(row.id),
        row.number,
        GuarantorId(row.guarantor_id),
        Money(row.cents, row.currency),
        Tender(row.tender),
        Purpose(row.purpose),
        row.received_on,
        None if row.visit_id is None else VisitId(row.visit_id),
    )


def _row(session: PracticeSession, statement_id: StatementId) -> StatementRow:
    row = session.scalars(select(StatementRow).where(StatementRow.id == statement_id)).one_or_none()
    if row is None:
        raise MissingError("no such statement")
    return row
