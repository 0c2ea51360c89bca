"""Reads of claims, denials and remittances a page at a time, by plain columns with an index."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import func, or_, select

from claims.models import (
    ClaimRow,
    DenialRow,
    RemittanceAdjustmentRow,
    RemittanceClaimRow,
    RemittanceRow,
)
from claims.queries import to_claim
from claims.values import ClaimId, RemittanceClaimDetails, RemittanceId
from config.money import Money
from config.sealed import unseal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Select

    from claims.values import Claim, ClaimState
    from config.tenancy import PracticeSession
    from patients.values import PatientId

_FIRST: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a list goes on: behind a claim, by the order of next dates."""

    next_on: dt.date
    id: UUID


@dataclass(frozen=True, slots=True)
class AnsweredAdjustment:
    """Why a line was not paid in full, and what was made of it.

    Attributes:
        treatment: A `ledger.values.remittance.Treatment`.
    """

    claim_line_id: UUID | None
    group: str
    carc: str
    amount: Money
    remarks: tuple[str, ...]
    treatment: str
    rule: str


@dataclass(frozen=True, slots=True)
class AnsweredClaim:
    """One claim of a remittance, what became of it, and why it was not paid in full.

    Attributes:
        state: `posted`, `quarantined` or `informational`; `reason` says why it waits.
        status: CLP02.
    """

    remittance_id: RemittanceId
    place: int
    claim_id: ClaimId | None
    posting_id: UUID | None
    state: str
    reason: str
    status: str
    charge: Money
    paid: Money
    details: RemittanceClaimDetails
    adjustments: tuple[AnsweredAdjustment, ...]


@dataclass(frozen=True, slots=True)
class Denial:
    """A line that a payer left unpaid and that a person must work."""

    id: UUID
    claim_id: ClaimId
    payer_id: UUID
    group: str
    carc: str
    remarks: tuple[str, ...]
    amount: Money
    next_on: dt.date | None


def list_waiting_claims(
    session: PracticeSession,
    states: Sequence[ClaimState],
    *,
    after: Spot | None = None,
    limit: int = 50,
) -> list[Claim]:
    """Return claims in states that have a next date, the most urgent first.

    Each state is read by its own index range, then they are merged: a long queue costs no more
    than a short one.
    """
    rows: list[ClaimRow] = []
    for state in states:
        query = select(ClaimRow).where(ClaimRow.state == state, ClaimRow.next_on.is_not(None))
        if after is not None:
            query = query.where(
                or_(
                    ClaimRow.next_on > after.next_on,
                    (ClaimRow.next_on == after.next_on) & (ClaimRow.id > after.id),
                )
            )
        rows += session.scalars(query.order_by(ClaimRow.next_on, ClaimRow.id).limit(limit))
    rows.sort(key=lambda row: (row.next_on or dt.date.max, row.id))
    return [to_claim(session, row) for row in rows[:limit]]


def list_newest_claims(
    session: PracticeSession,
    *,
    states: Sequence[ClaimState] = (),
    patient_ids: Sequence[PatientId] = (),
    after: UUID | None = None,
    limit: int = 50,
) -> list[Claim]:
    """Return claims, newest first, of these states and patients, or of any."""
    query = select(ClaimRow).order_by(ClaimRow.id.desc()).limit(limit)
    if states:
        query = query.where(ClaimRow.state.in_(states))
    if patient_ids:
        query = query.where(ClaimRow.patient_id.in_(patient_ids))
    if after is not None:
        query = query.where(ClaimRow.id < after)
    return [to_claim(session, row) for row in session.scalars(query)]


def list_denials(
    session: PracticeSession, *, after: Spot | None = None, limit: int = 50
) -> list[Denial]:
    """Return open denials, the most urgent first."""
    query = select(DenialRow).where(DenialRow.state == "open", DenialRow.next_on.is_not(None))
    if after is not None:
        query = query.where(
            or_(
                DenialRow.next_on > after.next_on,
                (DenialRow.next_on == after.next_on) & (DenialRow.id > after.id),
            )
        )
    query = query.order_by(DenialRow.next_on, DenialRow.id).limit(limit)
    return [
        Denial(
            id=row.id,
            claim_id=ClaimId(row.claim_id),
            payer_id=row.payer_id,
            group=row.group,
            carc=row.carc,
            remarks=tuple(row.remarks.split()),
            amount=Money(row.cents),
            next_on=row.next_on,
        )
        for row in session.scalars(query)
    ]


def list_remittance_ids(
    session: PracticeSession, *, state: str = "", after: UUID | None = None, limit: int = 50
) -> list[RemittanceId]:
    """Return the keys of remittances, newest first."""
    query = select(RemittanceRow.id).order_by(RemittanceRow.id.desc()).limit(limit)
    if state == "quarantined":
        query = query.where(
            RemittanceRow.id.in_(
                select(RemittanceClaimRow.remittance_id).where(
                    RemittanceClaimRow.practice_id == session.own_practice_id,
                    RemittanceClaimRow.state == "quarantined",
                )
            )
        )
    elif state:
        query = query.where(RemittanceRow.state == state)
    if after is not None:
        query = query.where(RemittanceRow.id < after)
    return [RemittanceId(key) for key in session.scalars(query)]


def count_remittances(session: PracticeSession) -> dict[str, int]:
    """Count remittances by state, and claims that wait under `quarantined`."""
    counted = session.execute(
        select(RemittanceRow.state, func.count()).group_by(RemittanceRow.state)
    )
    counts: dict[str, int] = {state: count for state, count in counted}  # noqa: C416  # rows are no pairs to mypy
    counts["quarantined"] = (
        session.scalar(
            select(func.count())
            .select_from(RemittanceClaimRow)
            .where(RemittanceClaimRow.state == "quarantined")
        )
        or 0
    )
    return counts


def list_answers_of_claim(session: PracticeSession, claim_id: ClaimId) -> list[AnsweredClaim]:
    """Return what payers answered to a claim, oldest first."""
    return _answered(
        session,
        select(RemittanceClaimRow)
        .where(RemittanceClaimRow.claim_id == claim_id)
        .order_by(RemittanceClaimRow.id),
    )


def list_answered_claims(
    session: PracticeSession, remittance_id: RemittanceId, *, after: int = -1, limit: int = 50
) -> list[AnsweredClaim]:
    """Return a remittance's claims in the order of its file, from behind a place on."""
    return _answered(
        session,
        select(RemittanceClaimRow)
        .where(RemittanceClaimRow.remittance_id == remittance_id, RemittanceClaimRow.place > after)
        .order_by(RemittanceClaimRow.place)
        .limit(limit),
    )


def _answered(session: PracticeSession, query: Select[RemittanceClaimRow]) -> list[AnsweredClaim]:
    rows = session.scalars(query).all()
    adjustments = _adjustments(session, [row.id for row in rows])
    return [
        AnsweredClaim(
            remittance_id=RemittanceId(row.remittance_id),
            place=row.place,
            claim_id=ClaimId(row.claim_id) if row.claim_id else None,
            posting_id=row.posting_id,
            state=row.state,
            reason=row.reason,
            status=row.status,
            charge=Money(row.charge_cents),
            paid=Money(row.paid_cents),
            details=unseal(session, row, RemittanceClaimDetails),
            adjustments=tuple(adjustments.get(row.id, ())),
        )
        for row in rows
    ]


def _adjustments(
    session: PracticeSession, keys: Iterable[UUID]
) -> dict[UUID, list[AnsweredAdjustment]]:
    found: dict[UUID, list[AnsweredAdjustment]] = {}
    query = (
        select(RemittanceAdjustmentRow)
        .where(RemittanceAdjustmentRow.remittance_claim_id.in_(list(keys) or [_FIRST]))
        .order_by(RemittanceAdjustmentRow.id)
    )
    for row in session.scalars(query):
        found.setdefault(row.remittance_claim_id, []).append(
            AnsweredAdjustment(
                claim_line_id=row.claim_line_id,
                group=row.group,
                carc=row.carc,
                amount=Money(row.cents),
                remarks=tuple(row.remarks.split()),
                treatment=row.treatment,
                rule=row.rule,
            )
        )
    return found
