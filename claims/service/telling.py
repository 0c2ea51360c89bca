"""What a posted answer leaves behind: why amounts were adjusted, denials, and states."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from claims.models import (
    ClaimLineRow,
    ClaimRow,
    DenialRow,
    RemittanceAdjustmentRow,
    RemittanceClaimRow,
)
from claims.rules.states import LEGAL_MOVES, compute_next_on
from claims.service.moving import move_claim, note_event
from claims.values import (
    ClaimDetails,
    ClaimState,
    EventDetails,
    OwnerRole,
    RemittanceClaimDetails,
)
from config.ids import uuid7
from config.sealed import seal, unseal
from ledger import service as ledger
from ledger.values.remittance import Treatment

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable
    from uuid import UUID

    import edi
    from claims.models import RemittanceRow
    from claims.service.cases import Case
    from config.actor import Actor
    from config.finding import Finding
    from config.tenancy import PracticeSession
    from ledger.values.postings import PostingId
    from ledger.values.remittance import ClaimDecisions, Decision

UNPROCESSED: Final = "MA130"  # the payer didn't take it: the filing clock runs on (P6)
_WAITING: Final = (Treatment.OPEN, Treatment.ASK)


def settle_row(  # noqa: PLR0913  # one row, each part of it named
    session: PracticeSession,
    remittance: RemittanceRow,
    answered: edi.RemittanceClaim,
    state: tuple[str, str],
    *,
    claim_id: UUID | None = None,
    posting_id: PostingId | None = None,
    known: RemittanceClaimRow | None = None,
) -> RemittanceClaimRow:
    """Store what became of a remittance's claim: its state and, where it waits, the reason."""
    row = known or RemittanceClaimRow(
        id=uuid7(),
        remittance_id=remittance.id,
        place=answered.index,
        status=answered.status,
        charge_cents=answered.charge_cents,
        paid_cents=answered.paid_cents,
    )
    row.claim_id, row.posting_id = claim_id, posting_id
    row.state, row.reason = state
    details = RemittanceClaimDetails(
        claim_number=answered.claim_number,
        payer_claim_number=answered.payer_claim_number,
        service_from=answered.service_from,
    )
    seal(session, row, details)
    session.add(row)
    session.flush()
    return row


def tell_answer(
    session: PracticeSession,
    actor: Actor,
    case: Case,
    row: RemittanceClaimRow,
    decided: ClaimDecisions,
) -> None:
    """Store why each amount was adjusted, list the denials, and move the claim and its lines."""
    by_charge = {line.charge_line_id: line for line in case.lines.values()}
    ours = [
        by_charge[line.about.charge_line_id]
        for line in decided.lines
        if line.about.charge_line_id is not None
    ]
    _close_denials(session, case, {line.id for line in ours})
    for decision in decided.decisions:
        line = ours[decision.line_index]
        told = (*decided.lines[decision.line_index].remarks, *case.answered.remarks)
        remarks = " ".join(dict.fromkeys(told))
        session.add(_adjustment_row(row, decision, line, remarks))
        if decision.treatment in _WAITING:
            session.add(_denial_row(case, row, (decision, line, remarks)))
    for line in ours:
        line.state = "paid"
    for place in _list_denied(decided, ours):
        ours[place].state = "denied"
    details = unseal(session, case.claim, ClaimDetails)
    number = case.answered.payer_claim_number or details.payer_claim_number
    newest = replace(
        details,
        payer_claim_number=number,
        findings=decided.findings,
        first_accepted_at=_note_acceptance(case, details.first_accepted_at, ours, decided),
    )
    if newest != details:
        seal(session, case.claim, newest)
    session.flush()
    state = _find_state(session, case.lines.values())
    move_answered(session, actor, case, state, findings=decided.findings)
    if case.claim.payer_sequence > 1:
        _settle_earlier(session, actor, case)


def _note_acceptance(
    case: Case,
    known: dt.datetime | None,
    ours: list[ClaimLineRow],
    decided: ClaimDecisions,
) -> dt.datetime | None:
    """Return when the payer first took the claim: deciding it proves that, MA130 the contrary."""
    remarks = {*case.answered.remarks, *(r for line in decided.lines for r in line.remarks)}
    if known is not None or not ours or UNPROCESSED in remarks:
        return known
    case.claim.accepted_by_payer_on = case.at.date()
    return case.at


def _list_denied(decided: ClaimDecisions, ours: list[ClaimLineRow]) -> list[int]:
    """Return the places of lines that were denied; one answered in parts only if all parts were."""
    paid = {ours[o.index].id for o in decided.outcomes if not o.is_denied}
    return [o.index for o in decided.outcomes if ours[o.index].id not in paid]


def _find_state(session: PracticeSession, lines: Iterable[ClaimLineRow]) -> ClaimState:
    """Settled where no payer owes anything on the lines any more; denied where a line is."""
    rows = list(lines)
    if any(line.state == "denied" for line in rows):
        return ClaimState.DENIED
    balances = ledger.get_line_balances(session, [line.charge_line_id for line in rows])
    is_open = any(amount for balance in balances.values() for amount in balance.insurance.values())
    return ClaimState.ADJUDICATED if is_open else ClaimState.SETTLED


def move_answered(  # a move is a row and its event, each part of it named
    session: PracticeSession,
    actor: Actor,
    case: Case,
    state: ClaimState,
    *,
    kind: str = "",
    findings: tuple[Finding, ...] = (),
) -> None:
    """Move the claim where the payer's answer puts it, or only note it where that can't be."""
    words = EventDetails("the payer answered by remittance", findings)
    kind = kind or f"remittance-{state}"
    if state in LEGAL_MOVES[ClaimState(case.claim.state)]:
        move_claim(session, actor, case.claim, state, kind=kind, at=case.at, details=words)
    else:
        note_event(session, actor, case.claim, kind, at=case.at, details=words)


def _settle_earlier(session: PracticeSession, actor: Actor, case: Case) -> None:
    """Settle the claims of the payers before this one, if that was all they waited for."""
    rows = session.scalars(
        select(ClaimRow)
        .where(
            ClaimRow.visit_id == case.claim.visit_id,
            ClaimRow.payer_sequence < case.claim.payer_sequence,
            ClaimRow.state == ClaimState.ADJUDICATED,
        )
        .with_for_update()
    ).all()
    for claim in rows:
        lines = session.scalars(select(ClaimLineRow).where(ClaimLineRow.claim_id == claim.id)).all()
        if _find_state(session, lines) is ClaimState.SETTLED:
            move_claim(session, actor, claim, ClaimState.SETTLED, kind="settled", at=case.at)


def _close_denials(session: PracticeSession, case: Case, line_ids: set[UUID]) -> None:
    """A new answer to a denied line takes the old one's place on the list."""
    for denial in session.scalars(
        select(DenialRow).where(
            DenialRow.claim_line_id.in_(line_ids),
            DenialRow.payer_id == case.payer_id,
            DenialRow.state == "open",
        )
    ):
        denial.state, denial.next_on = "closed", None


def _adjustment_row(
    row: RemittanceClaimRow, decision: Decision, line: ClaimLineRow, remarks: str
) -> RemittanceAdjustmentRow:
    return RemittanceAdjustmentRow(
        id=uuid7(),
        remittance_claim_id=row.id,
        claim_line_id=line.id,
        group=decision.cas.group,
        carc=decision.cas.carc,
        cents=decision.amount.cents,
        remarks=remarks,
        treatment=decision.treatment,
        rule=decision.rule,
    )


def _denial_row(
    case: Case, row: RemittanceClaimRow, told: tuple[Decision, ClaimLineRow, str]
) -> DenialRow:
    decision, line, remarks = told
    return DenialRow(
        id=uuid7(),
        claim_id=case.claim.id,
        claim_line_id=line.id,
        remittance_claim_id=row.id,
        payer_id=case.payer_id,
        group=decision.cas.group,
        carc=decision.cas.carc,
        remarks=remarks,
        cents=decision.amount.cents,
        state="open",
        owner_role=OwnerRole.BILLER,
        next_on=compute_next_on(ClaimState.DENIED, today=case.at.date()),
    )
