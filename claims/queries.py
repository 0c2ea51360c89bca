"""Reads of claims, their versions, lines, timeline and batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from claims.models import (
    BatchClaimRow,
    BatchRow,
    ClaimEventRow,
    ClaimLineRow,
    ClaimRow,
    ClaimVersionRow,
)
from claims.values import (
    Batch,
    BatchId,
    Claim,
    ClaimContent,
    ClaimDetails,
    ClaimId,
    ClaimLine,
    ClaimLineId,
    ClaimState,
    OwnerRole,
)
from config.finding import MissingError
from config.money import Money
from config.sealed import unseal
from encounters.values import VisitId
from patients.values import CoverageId, PatientId
from practice.values import LocationId, PartnerId, PayerId, ProviderId

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from uuid import UUID

    from config.tenancy import PracticeSession

IN_LIST_MAX = 500


def in_chunks(keys: Iterable[object]) -> Iterator[list[object]]:
    """Yield distinct keys in lists small enough for one IN clause."""
    distinct = list(dict.fromkeys(keys))
    for start in range(0, len(distinct), IN_LIST_MAX):
        yield distinct[start : start + IN_LIST_MAX]


def to_claim(session: PracticeSession, row: ClaimRow) -> Claim:
    """Open a claim's row."""
    return Claim(
        id=ClaimId(row.id),
        number=row.number,
        visit_id=VisitId(row.visit_id),
        patient_id=PatientId(row.patient_id),
        coverage_id=CoverageId(row.coverage_id),
        payer_id=PayerId(row.payer_id),
        payer_sequence=row.payer_sequence,
        state=ClaimState(row.state),
        owner_role=OwnerRole(row.owner_role),
        next_on=row.next_on,
        file_by=row.file_by,
        total=Money(row.total_cents),
        version=row.version,
        details=unseal(session, row, ClaimDetails),
    )


def to_line(row: ClaimLineRow) -> ClaimLine:
    """Return a claim line's row as a value."""
    return ClaimLine(
        id=ClaimLineId(row.id),
        claim_id=ClaimId(row.claim_id),
        visit_id=VisitId(row.visit_id),
        number=row.number,
        control_number=row.control_number,
        charge_line_id=row.charge_line_id,
        provider_id=ProviderId(row.provider_id) if row.provider_id else None,
        location_id=LocationId(row.location_id) if row.location_id else None,
        charge=Money(row.charge_cents),
        state=row.state,
    )


def get_claim_row(
    session: PracticeSession, claim_id: ClaimId, *, is_locked: bool = False
) -> ClaimRow:
    """Return a claim's row, locked against other writers where asked for.

    Raises:
        MissingError: There is no such claim in this practice.
    """
    row = session.get(
        ClaimRow, (session.own_practice_id, claim_id), with_for_update=is_locked or None
    )
    if row is None:
        raise MissingError("no such claim")
    return row


def lock_claim_rows(session: PracticeSession, claim_ids: Iterable[UUID]) -> dict[UUID, ClaimRow]:
    """Return the rows of these claims, locked against other writers."""
    found: dict[UUID, ClaimRow] = {}
    for part in in_chunks(claim_ids):
        query = select(ClaimRow).where(ClaimRow.id.in_(part)).order_by(ClaimRow.id)
        found |= {row.id: row for row in session.scalars(query.with_for_update())}
    return found


def find_claim_by_number(session: PracticeSession, number: str) -> Claim | None:
    """Return the claim of a number (CLM01), or None."""
    row = session.scalars(select(ClaimRow).where(ClaimRow.number == number)).one_or_none()
    return to_claim(session, row) if row is not None else None


def get_claims(session: PracticeSession, claim_ids: Iterable[ClaimId]) -> dict[ClaimId, Claim]:
    """Return the claims of these keys; keys that aren't there are left out."""
    found: dict[ClaimId, Claim] = {}
    for part in in_chunks(claim_ids):
        for row in session.scalars(select(ClaimRow).where(ClaimRow.id.in_(part))):
            found[ClaimId(row.id)] = to_claim(session, row)
    return found


def list_claim_ids(
    session: PracticeSession,
    states: Sequence[ClaimState],
    *,
    after: UUID | None = None,
    limit: int = 500,
) -> list[ClaimId]:
    """Return the keys of claims in these states, oldest first, from behind a key on."""
    query = select(ClaimRow.id).where(ClaimRow.state.in_(states)).order_by(ClaimRow.id)
    if after is not None:
        query = query.where(ClaimRow.id > after)
    return [ClaimId(key) for key in session.scalars(query.limit(limit))]


def list_claims_of_visits(
    session: PracticeSession, visit_ids: Iterable[VisitId]
) -> dict[VisitId, list[Claim]]:
    """Return the claims of these visits, oldest first."""
    found: dict[VisitId, list[Claim]] = {}
    for part in in_chunks(visit_ids):
        rows = session.scalars(
            select(ClaimRow).where(ClaimRow.visit_id.in_(part)).order_by(ClaimRow.id)
        )
        for row in rows:
            found.setdefault(VisitId(row.visit_id), []).append(to_claim(session, row))
    return found


def get_lines(
    session: PracticeSession, claim_ids: Iterable[ClaimId]
) -> dict[ClaimId, list[ClaimLine]]:
    """Return the lines of these claims, in order."""
    found: dict[ClaimId, list[ClaimLine]] = {}
    for part in in_chunks(claim_ids):
        rows = session.scalars(
            select(ClaimLineRow)
            .where(ClaimLineRow.claim_id.in_(part))
            .order_by(ClaimLineRow.claim_id, ClaimLineRow.number)
        )
        for row in rows:
            found.setdefault(ClaimId(row.claim_id), []).append(to_line(row))
    return found


def get_contents(
    session: PracticeSession, claim_ids: Iterable[ClaimId]
) -> dict[ClaimId, ClaimContent]:
    """Return the newest version's content of these claims."""
    found: dict[ClaimId, ClaimContent] = {}
    for part in in_chunks(claim_ids):
        rows = session.execute(
            select(ClaimVersionRow)
            .join(
                ClaimRow,
                (ClaimRow.practice_id == ClaimVersionRow.practice_id)
                & (ClaimRow.id == ClaimVersionRow.claim_id)
                & (ClaimRow.version == ClaimVersionRow.number),
            )
            .where(ClaimVersionRow.claim_id.in_(part))
        ).scalars()
        for row in rows:
            found[ClaimId(row.claim_id)] = unseal(session, row, ClaimContent)
    return found


def find_content(session: PracticeSession, claim_id: ClaimId, version: int) -> ClaimContent | None:
    """Return what a version of a claim says, or None."""
    row = session.scalars(
        select(ClaimVersionRow).where(
            ClaimVersionRow.claim_id == claim_id, ClaimVersionRow.number == version
        )
    ).one_or_none()
    return unseal(session, row, ClaimContent) if row is not None else None


def find_newest_batch(
    session: PracticeSession, claim_id: ClaimId
) -> tuple[BatchRow, BatchClaimRow] | None:
    """Return the batch that a claim went into last, with its place there, or None."""
    found = session.execute(
        select(BatchRow, BatchClaimRow)
        .join(
            BatchClaimRow,
            (BatchClaimRow.practice_id == BatchRow.practice_id)
            & (BatchClaimRow.batch_id == BatchRow.id),
        )
        .where(BatchClaimRow.claim_id == claim_id)
        .order_by(BatchClaimRow.id.desc())
        .limit(1)
    ).first()
    return (found[0], found[1]) if found is not None else None


def list_open_batch_rows(session: PracticeSession, claim_id: ClaimId) -> list[BatchClaimRow]:
    """Return the places of a claim in batches that still wait for an answer: at most one."""
    return list(
        session.scalars(select(BatchClaimRow).where(BatchClaimRow.open_claim_id == claim_id))
    )


def list_events(session: PracticeSession, claim_id: ClaimId) -> list[ClaimEventRow]:
    """Return a claim's timeline, oldest first."""
    return list(
        session.scalars(
            select(ClaimEventRow)
            .where(ClaimEventRow.claim_id == claim_id)
            .order_by(ClaimEventRow.occurred_at, ClaimEventRow.id)
        )
    )


def count_claims(session: PracticeSession) -> dict[str, int]:
    """Count claims by state."""
    counted = session.execute(select(ClaimRow.state, func.count()).group_by(ClaimRow.state))
    return {state: count for state, count in counted}  # noqa: C416  # rows are no pairs to mypy


def list_batches(session: PracticeSession, state: str) -> list[BatchRow]:
    """Return the batches in a state, oldest first."""
    return list(
        session.scalars(select(BatchRow).where(BatchRow.state == state).order_by(BatchRow.id))
    )


def get_batch(session: PracticeSession, batch_id: BatchId) -> Batch:
    """Return a batch.

    Raises:
        MissingError: There is no such batch in this practice.
    """
    row = session.get(BatchRow, (session.own_practice_id, batch_id))
    if row is None:
        raise MissingError("no such batch")
    return Batch(
        id=BatchId(row.id),
        partner_id=PartnerId(row.partner_id),
        file_name=row.file_name,
        state=row.state,
        claims=row.claims,
        total=Money(row.total_cents),
        sent_at=row.sent_at,
    )


def list_batch_claim_rows(session: PracticeSession, batch_id: UUID) -> list[BatchClaimRow]:
    """Return what lies in a batch, in its order."""
    return list(
        session.scalars(
            select(BatchClaimRow)
            .where(BatchClaimRow.batch_id == batch_id)
            .order_by(BatchClaimRow.id)
        )
    )
