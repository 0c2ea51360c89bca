"""A payer takes back an answer: its posting is negated exactly, and the claim opens again.

A correction may follow, in the same check or a later one, or not at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from claims.models import DenialRow
from claims.service.remittances import claim_key
from claims.service.standing import list_standing
from claims.service.telling import move_answered, settle_row
from claims.values import ClaimState, RemittanceClaimDetails
from config.sealed import unseal
from ledger import service as ledger
from ledger.values.postings import PostingId

if TYPE_CHECKING:
    from claims.service.cases import Case
    from claims.service.standing import Standing
    from config.actor import Actor
    from config.tenancy import PracticeSession


def post_reversal(session: PracticeSession, actor: Actor, case: Case) -> str:
    """Take back this payer's standing answer to the claim.

    Returns:
        Why it can't be posted, or an empty text.

    Source:
        House: DESIGN 7.8; R45.
    """
    standing = list_standing(session, case.claim, case.payer_id)
    if not standing:
        return "reversal-unmatched"
    found = _find_reversed(session, case, standing)
    if found is None:
        return "reversal-other-amount"
    posting_id = None
    if found.row.posting_id is not None:
        posting_id = ledger.reverse_posting(
            session,
            actor,
            PostingId(found.row.posting_id),
            key=claim_key(case.remittance, case.answered.index),
            on=case.at.date(),
            remittance_id=case.remittance.id,
        )
    found.row.reason = "reversed"
    settle_row(
        session,
        case.remittance,
        case.answered,
        ("posted", "reversal"),
        claim_id=case.claim.id,
        posting_id=posting_id,
        known=case.known,
    )
    for line in case.lines.values():
        if line.charge_line_id in found.charge_line_ids:
            line.state = "open"
    for denial in session.scalars(
        select(DenialRow).where(
            DenialRow.remittance_claim_id == found.row.id, DenialRow.state == "open"
        )
    ):
        denial.state, denial.next_on = "closed", None
    move_answered(session, actor, case, ClaimState.ADJUDICATED, kind="remittance-reversed")
    return ""


def _find_reversed(
    session: PracticeSession, case: Case, standing: list[Standing]
) -> Standing | None:
    """Find the answer that is taken back: of the same amount, and the payer's number if told."""
    same = [s for s in standing if s.row.paid_cents == -case.answered.paid_cents]
    if len(same) > 1:
        number = case.answered.payer_claim_number
        for each in same:
            if unseal(session, each.row, RemittanceClaimDetails).payer_claim_number == number:
                return each
    return next(iter(same), None)
