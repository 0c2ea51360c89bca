"""When the filing clock of a claim starts that isn't a payer's first: with a payer's answer.

Source:
    R12, P7; House: DESIGN 7.1, 7.10.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from claims import queries
from claims.models import ClaimRow, RemittanceClaimRow, RemittanceRow
from claims.rules.filing import CORRECTING
from claims.values import ClaimId

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from claims.values import ClaimContent
    from config.tenancy import PracticeSession

_REVERSAL = "22"


def find_clock_starts(
    session: PracticeSession, rows: Iterable[ClaimRow], contents: Mapping[ClaimId, ClaimContent]
) -> dict[ClaimId, dt.date]:
    """Return the day of the answer that starts a claim's clock, where one does and has come.

    For a replacement or void it is the payer's newest answer to the claim itself; for a later
    payer's claim the newest answer of a payer before it. First claims are left out: their clock
    starts with the service.

    Args:
        session: An open session.
        rows: The claims.
        contents: What they say.
    """
    correcting, later = [], []
    for row in rows:
        if contents[ClaimId(row.id)].frequency in CORRECTING:
            correcting.append(row)
        elif row.payer_sequence > 1:
            later.append(row)
    if not correcting and not later:
        return {}
    answered = _list_answers(session, {row.visit_id for row in (*correcting, *later)})
    starts: dict[ClaimId, dt.date] = {}
    for row in correcting:
        _keep(starts, row, [day for key, _, _, day in answered if key == row.id])
    for row in later:
        days = [
            day
            for _, visit_id, sequence, day in answered
            if visit_id == row.visit_id and sequence < row.payer_sequence
        ]
        _keep(starts, row, days)
    return starts


def _keep(starts: dict[ClaimId, dt.date], row: ClaimRow, days: list[dt.date]) -> None:
    if days:
        starts[ClaimId(row.id)] = max(days)


def _list_answers(
    session: PracticeSession, visit_ids: Iterable[UUID]
) -> list[tuple[UUID, UUID, int, dt.date]]:
    """Return (claim, visit, payer's place, day) of every posted answer to claims of visits."""
    found: list[tuple[UUID, UUID, int, dt.date]] = []
    for part in queries.in_chunks(visit_ids):
        rows = session.execute(
            select(ClaimRow.id, ClaimRow.visit_id, ClaimRow.payer_sequence, RemittanceRow.paid_on)
            .join(
                RemittanceClaimRow,
                (RemittanceClaimRow.practice_id == ClaimRow.practice_id)
                & (RemittanceClaimRow.claim_id == ClaimRow.id),
            )
            .join(
                RemittanceRow,
                (RemittanceRow.practice_id == RemittanceClaimRow.practice_id)
                & (RemittanceRow.id == RemittanceClaimRow.remittance_id),
            )
            .where(
                ClaimRow.visit_id.in_(part),
                RemittanceClaimRow.state == "posted",
                RemittanceClaimRow.status != _REVERSAL,
            )
        )
        found += [(key, visit_id, sequence, day) for key, visit_id, sequence, day in rows]
    return found
