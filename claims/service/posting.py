"""Posting one claim of a remittance: matched, decided by the dated rules, booked, and told.

A claim that can't be found, doesn't balance, or holds a line that can't be matched is
quarantined: its money stays in clearing, and nothing about it is guessed. A denial may be
answered anew; what was paid only after it was taken back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from claims.models import ClaimRow, RemittanceClaimRow
from claims.service.cases import find_places, get_open, open_case, to_remit_claim
from claims.service.moving import note_event
from claims.service.remittances import claim_key
from claims.service.reversing import post_reversal
from claims.service.standing import list_standing
from claims.service.telling import settle_row, tell_answer
from claims.values import ClaimState, EventDetails
from config.finding import Finding, Level, RefusedError
from ledger import service as ledger

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable
    from uuid import UUID

    import edi
    from claims.models import RemittanceRow
    from claims.service.cases import Case
    from config.actor import Actor
    from config.money import Money
    from config.tenancy import PracticeSession

DEFERRED: Final = "deferred"
_ANSWERED_BEFORE: Final = "claim-answered-before"


def post_claim(  # noqa: PLR0913  # a claim, its check, and what the file says further on
    session: PracticeSession,
    actor: Actor,
    remittance: RemittanceRow,
    answered: edi.RemittanceClaim,
    *,
    at: dt.datetime,
    is_reversed_later: bool = False,
    is_retry: bool = False,
) -> str:
    """Post one claim of a remittance, at most once, or quarantine it.

    Args:
        session: A writing session.
        actor: Who posts.
        remittance: The check, locked.
        answered: The claim as it stands in the file.
        at: The present instant.
        is_reversed_later: The same check takes an answer to this claim back further on; one that
            can't post now is then to be tried again after that.
        is_retry: Try one that was quarantined once more: what it waited for may have come.

    Returns:
        `posted`, `quarantined`, `informational`; `known` where it was settled before; `deferred`
        where it is to be tried again.
    """
    known = session.scalars(
        select(RemittanceClaimRow).where(
            RemittanceClaimRow.remittance_id == remittance.id,
            RemittanceClaimRow.place == answered.index,
        )
    ).one_or_none()
    if known is not None and not (is_retry and known.state == "quarantined"):
        return "known"
    if answered.is_predetermination:
        settle_row(session, remittance, answered, ("informational", "predetermination"))
        return "informational"
    claim = session.scalars(
        select(ClaimRow).where(ClaimRow.number == answered.claim_number).with_for_update()
    ).one_or_none()
    if claim is None:
        unmatched = ("quarantined", "claim-unmatched")
        settle_row(session, remittance, answered, unmatched, known=known)
        return "quarantined"
    case = open_case(session, remittance, answered, claim, at=at, known=known)
    reason = _post_case(session, actor, case)
    if reason == _ANSWERED_BEFORE and is_reversed_later:
        return DEFERRED
    if reason and (known is None or known.reason != reason):
        _quarantine(session, actor, case, reason)
    return "quarantined" if reason else "posted"


def _post_case(session: PracticeSession, actor: Actor, case: Case) -> str:
    """Post an answer or a reversal; return why it can't be posted, or an empty text."""
    if case.claim.state == ClaimState.VOIDED:
        return "claim-void"
    try:
        if case.answered.is_reversal:
            return post_reversal(session, actor, case)
        return _post_answer(session, actor, case)
    except RefusedError as refused:
        # The ledger refuses before it writes: a patient without guarantor, a line without provider.
        return refused.findings[0].code


def _quarantine(session: PracticeSession, actor: Actor, case: Case, reason: str) -> None:
    settle_row(
        session,
        case.remittance,
        case.answered,
        ("quarantined", reason),
        claim_id=case.claim.id,
        known=case.known,
    )
    finding = explain_hold(reason)
    note_event(
        session,
        actor,
        case.claim,
        "remittance-quarantined",
        at=case.at,
        details=EventDetails(f"the answer waits for a person: {finding.message}", (finding,)),
    )


def _post_answer(session: PracticeSession, actor: Actor, case: Case) -> str:
    """Post an answer; return why it can't be posted, or an empty text."""
    places, unmatched = find_places(case)
    open_now = get_open(session, case)
    if reason := _find_obstacle(session, case, places, (unmatched, open_now)):
        return reason
    remit = to_remit_claim(session, case, places, open_now)
    decided = ledger.decide_claim(remit)
    if reason := _first_error((*ledger.check_claim_balance(remit), *decided.findings)):
        return reason
    posting = ledger.build_claim_posting(
        claim_key(case.remittance, case.answered.index), case.at.date(), remit, decided
    )
    posting_id = ledger.post(session, actor, posting) if posting is not None else None
    row = settle_row(
        session,
        case.remittance,
        case.answered,
        ("posted", ""),
        claim_id=case.claim.id,
        posting_id=posting_id,
        known=case.known,
    )
    tell_answer(session, actor, case, row, decided)
    return ""


def _find_obstacle(
    session: PracticeSession,
    case: Case,
    places: list[int],
    facts: tuple[list[Finding], dict[UUID, Money]],
) -> str:
    """Say what keeps the answer from being read at all."""
    unmatched, open_now = facts
    if not case.answered.is_balanced:
        return "claim-unbalanced"
    if unmatched:
        return unmatched[0].code
    if case.payer_id != case.claim.payer_id and not open_now:
        return "claim-other-payer"
    return _ANSWERED_BEFORE if _is_answered(session, case, places) else ""


def _first_error(findings: Iterable[Finding]) -> str:
    return next((f.code for f in findings if f.level is Level.ERROR), "")


def _is_answered(session: PracticeSession, case: Case, places: list[int]) -> bool:
    """Say whether money already moved on a line that is answered again, and stands."""
    lines = case.content.lines
    ours = {case.lines[line.control_number].charge_line_id for line in lines}
    if case.answered.lines:
        ours = {case.lines[lines[place].control_number].charge_line_id for place in places}
    settled = {
        key
        for standing in list_standing(session, case.claim, case.payer_id)
        for key in standing.charge_line_ids - standing.renewable
    }
    return bool(ours & settled)


def explain_hold(reason: str) -> Finding:
    """Say what a quarantined claim waits for."""
    words = {
        "claim-void": (
            "the claim was voided here, and the payer answers it",
            "Give it back, or match it by hand to the claim that took its place.",
        ),
        "claim-unmatched": ("no claim of ours has this number", "Match it by hand."),
        "claim-unbalanced": ("its amounts don't add up", "Ask the payer for a corrected answer."),
        "claim-balance": ("its amounts don't add up", "Ask the payer for a corrected answer."),
        "claim-lines": ("its lines don't make the claim's charge", "Match its lines by hand."),
        "claim-other-payer": (
            "another payer was asked, and this one owes nothing",
            "Find out why.",
        ),
        "line-unmatched": ("a line is none of ours", "Match the line by hand."),
        "line-charge": ("a line answers another charge than ours", "Ask which line is meant."),
        _ANSWERED_BEFORE: ("an answer to it stands already", "Decide which one counts."),
        "reversal-unmatched": ("nothing stands that it could take back", "Match it by hand."),
        "reversal-other-amount": ("it takes back another amount than was paid", "Ask the payer."),
        "entry-keys": (
            "the patient has no guarantor, or a line no provider",
            "Add it, post again.",
        ),
    }
    message, fix = words.get(reason, ("it can't be posted by itself", "Post it by hand."))
    return Finding(reason, "CLP", message, fix)
