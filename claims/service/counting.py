"""Counts that tie: what was ever sent is accepted by the payer, rejected, or waits; and denials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from claims import queries
from claims.models import BatchClaimRow, BatchRow, ClaimEventRow, ClaimRow, DenialRow
from claims.values import ClaimState
from config.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from config.tenancy import PracticeSession

_S = ClaimState
_ACCEPTED: Final = frozenset({_S.ACCEPTED_BY_PAYER, _S.ADJUDICATED, _S.DENIED, _S.SETTLED})
_REJECTED: Final = frozenset({_S.REJECTED_BY_CLEARINGHOUSE, _S.REJECTED_BY_PAYER})
_WAITING: Final = frozenset({_S.SENT, _S.RECEIVED, _S.ACCEPTED_BY_CLEARINGHOUSE})


@dataclass(frozen=True, slots=True)
class Fates:
    """What became of every claim that was ever sent.

    Attributes:
        sent: All of them: `accepted_by_payer` + `rejected` + `waiting` (DESIGN 7.11).
        accepted_by_payer: An adjudicated claim was accepted, whatever was decided.
        rejected: By clearinghouse or payer, and not sent again since.
    """

    sent: int
    accepted_by_payer: int
    rejected: int
    waiting: int


@dataclass(frozen=True, slots=True)
class OpenDenials:
    """The lines that payers left unpaid and that a person must work.

    Attributes:
        amount: What stays open with the payers for them.
        by_reason: Lines by group and CARC, such as `CO-50`.
    """

    count: int
    amount: Money
    by_reason: dict[str, int]


def count_fates(session: PracticeSession) -> Fates:
    """Count the claims that were ever sent, by what their newest answer says."""
    counted = {"accepted": 0, "rejected": 0, "waiting": 0}
    taken_back: list[UUID] = []
    rows = session.execute(
        select(ClaimRow.id, ClaimRow.state).where(
            select(BatchClaimRow.id)
            .join(
                BatchRow,
                (BatchRow.practice_id == BatchClaimRow.practice_id)
                & (BatchRow.id == BatchClaimRow.batch_id),
            )
            .where(
                BatchClaimRow.practice_id == ClaimRow.practice_id,
                BatchClaimRow.claim_id == ClaimRow.id,
                BatchRow.sent_at.is_not(None),
            )
            .exists()
        )
    )
    for claim_id, state in rows:
        fate = _name_fate(state)
        if fate:
            counted[fate] += 1
        else:
            taken_back.append(claim_id)
    # Back in our hands (built again, held, void): the newest answer before that counts.
    for fate in _find_last_fates(session, taken_back).values():
        counted[fate] += 1
    return Fates(
        sum(counted.values()), counted["accepted"], counted["rejected"], counted["waiting"]
    )


def _name_fate(state: str) -> str:
    if state in _ACCEPTED:
        return "accepted"
    if state in _REJECTED:
        return "rejected"
    return "waiting" if state in _WAITING else ""


def _find_last_fates(session: PracticeSession, claim_ids: Iterable[UUID]) -> dict[UUID, str]:
    found: dict[UUID, str] = {}
    for part in queries.in_chunks(claim_ids):
        events = session.execute(
            select(ClaimEventRow.claim_id, ClaimEventRow.state)
            .where(ClaimEventRow.claim_id.in_(part))
            .order_by(ClaimEventRow.occurred_at, ClaimEventRow.id)
        )
        for claim_id, state in events:
            fate = _name_fate(state)
            if fate:
                found[claim_id] = fate
    return found


def count_denials(session: PracticeSession) -> OpenDenials:
    """Count the open denials, with the cents that they keep from the practice."""
    rows = session.execute(
        select(
            DenialRow.group,
            DenialRow.carc,
            func.count(),
            func.coalesce(func.sum(DenialRow.cents), 0),
        )
        .where(DenialRow.state == "open")
        .group_by(DenialRow.group, DenialRow.carc)
        .order_by(DenialRow.group, DenialRow.carc)
    ).all()
    return OpenDenials(
        sum(count for _, _, count, _ in rows),
        Money(sum(int(cents) for _, _, _, cents in rows)),
        {f"{group}-{carc}": count for group, carc, count, _ in rows},
    )
