"""Posting one claim of a remittance: matched, decided by the dated rules, booked, and told.

A claim that can't be found, doesn't balance, or holds a line that can't be matched is
quarantined: its money stays in clearing, and nothing about it is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from claims import queries
from claims.models import (
    ClaimLineRow,
    ClaimRow,
    DenialRow,
    RemittanceAdjustmentRow,
    RemittanceClaimRow,
    RemittanceRow,
)
from claims.rules.matching import match_lines
from claims.rules.states import LEGAL_MOVES, compute_next_on
from claims.service.moving import move_claim, note_event
from claims.service.remittances import claim_key
from claims.values import (
    ClaimDetails,
    ClaimId,
    ClaimState,
    EventDetails,
    OwnerRole,
    RemittanceClaimDetails,
)
from config.finding import Finding
from config.ids import uuid7
from config.money import Money
from config.sealed import seal, unseal
from ledger import service as ledger
from ledger.values.postings import About
from ledger.values.remittance import Cas, PayerTerms, RemitClaim, RemitLine, Treatment
from patients import service as patients
from patients.values import PatientId
from practice import service as practice
from practice.values import PayerId

if TYPE_CHECKING:
    import datetime as dt
    from uuid import UUID

    import edi
    from claims.values import ClaimContent
    from config.actor import Actor
    from config.tenancy import PracticeSession
    from ledger.values.postings import PostingId
    from ledger.values.remittance import ClaimDecisions, Decision

REVERSAL = "22"
PREDETERMINATION = "25"
QMB_REMARKS = frozenset({"N781", "N782", "N783"})


@dataclass(frozen=True, slots=True)
class _Case:
    """One CLP with what it is about on our side."""

    remittance: RemittanceRow
    answered: edi.RemittanceClaim
    at: dt.datetime
    claim: ClaimRow
    content: ClaimContent
    lines: list[ClaimLineRow]


def post_claim(
    session: PracticeSession,
    actor: Actor,
    remittance: RemittanceRow,
    answered: edi.RemittanceClaim,
    *,
    at: dt.datetime,
) -> str:
    """Post one claim of a remittance, at most once, or quarantine it.

    Returns:
        `posted`, `quarantined`, `informational`, or `known` where it was settled before.
    """
    known = session.scalar(
        select(RemittanceClaimRow.id).where(
            RemittanceClaimRow.remittance_id == remittance.id,
            RemittanceClaimRow.place == answered.index,
        )
    )
    if known is not None:
        return "known"
    if answered.is_predetermination:
        _settle(session, remittance, answered, ("informational", "predetermination"))
        return "informational"
    claim = session.scalars(
        select(ClaimRow).where(ClaimRow.number == answered.claim_number).with_for_update()
    ).one_or_none()
    if claim is None:
        _settle(session, remittance, answered, ("quarantined", "claim-unmatched"))
        return "quarantined"
    content = queries.get_contents(session, [ClaimId(claim.id)])[ClaimId(claim.id)]
    lines = list(
        session.scalars(
            select(ClaimLineRow)
            .where(ClaimLineRow.claim_id == claim.id)
            .order_by(ClaimLineRow.number)
        )
    )
    case = _Case(remittance, answered, at, claim, content, lines)
    if answered.is_reversal:
        return _post_reversal(session, actor, case)
    return _post_answer(session, actor, case)


def _settle(
    session: PracticeSession,
    remittance: RemittanceRow,
    answered: edi.RemittanceClaim,
    state: tuple[str, str],
    *,
    claim_id: UUID | None = None,
    posting_id: PostingId | None = None,
) -> RemittanceClaimRow:
    row = RemittanceClaimRow(
        id=uuid7(),
        remittance_id=remittance.id,
        place=answered.index,
        claim_id=claim_id,
        state=state[0],
        reason=state[1],
        status=answered.status,
        charge_cents=answered.charge_cents,
        paid_cents=answered.paid_cents,
        posting_id=posting_id,
    )
    details = RemittanceClaimDetails(
        claim_number=answered.claim_number,
        payer_claim_number=answered.payer_claim_number,
        service_from=answered.service_from,
    )
    seal(session, row, details)
    session.add(row)
    session.flush()
    return row


def _quarantine(session: PracticeSession, actor: Actor, case: _Case, reason: str) -> str:
    _settle(
        session, case.remittance, case.answered, ("quarantined", reason), claim_id=case.claim.id
    )
    words = f"the answer waits for a person: {reason}"
    note_event(
        session, actor, case.claim, "remittance-quarantined", at=case.at,
        details=EventDetails(words),
    )  # fmt: skip
    return "quarantined"


def _post_answer(session: PracticeSession, actor: Actor, case: _Case) -> str:
    answered = case.answered
    if answered.gap_cents or any(line.gap_cents for line in answered.lines):
        return _quarantine(session, actor, case, "claim-unbalanced")
    places = match_lines(answered.lines, case.content.lines)
    if None in places:
        return _quarantine(session, actor, case, "line-unmatched")
    if _is_answered(session, case):
        return _quarantine(session, actor, case, "claim-answered-before")
    remit = _to_remit_claim(session, case, [p for p in places if p is not None])
    decided = ledger.decide_claim(remit)
    if any(f.level == "error" for f in decided.findings):
        return _quarantine(session, actor, case, decided.findings[0].code)
    posting = ledger.build_claim_posting(
        claim_key(case.remittance, answered.index), case.at.date(), remit, decided
    )
    posting_id = ledger.post(session, actor, posting) if posting is not None else None
    row = _settle(
        session, case.remittance, answered, ("posted", ""), claim_id=case.claim.id,
        posting_id=posting_id,
    )  # fmt: skip
    _tell(session, actor, case, row, decided)
    return "posted"


def _is_answered(session: PracticeSession, case: _Case) -> bool:
    """Say whether a posting of this payer for this claim stands: a second one needs a person."""
    standing = session.scalars(
        select(RemittanceClaimRow.id)
        .join(
            RemittanceRow,
            (RemittanceRow.practice_id == RemittanceClaimRow.practice_id)
            & (RemittanceRow.id == RemittanceClaimRow.remittance_id),
        )
        .where(
            RemittanceClaimRow.claim_id == case.claim.id,
            RemittanceClaimRow.state == "posted",
            RemittanceClaimRow.reason == "",
            RemittanceRow.payer_id == case.remittance.payer_id,
        )
    ).first()
    return standing is not None


def _to_remit_claim(session: PracticeSession, case: _Case, places: list[int]) -> RemitClaim:
    answered, content = case.answered, case.content
    assert case.remittance.payer_id is not None  # noqa: S101  # one without a payer is held
    payer_id = PayerId(case.remittance.payer_id)
    payer = practice.get_payers(session, [payer_id])[payer_id]
    served_on = min(line.service_date for line in content.lines)
    allowed = practice.find_allowed(
        session, payer_id, {line.code for line in content.lines}, served_on
    )
    abouts = [_about(session, case, line) for line in case.lines]
    lines = []
    for line, place in zip(answered.lines, places, strict=True):
        ours = content.lines[place]
        fee = allowed.get(ours.code)
        lines.append(
            RemitLine(
                about=abouts[place],
                charge=Money(line.charge_cents),
                paid=Money(line.paid_cents),
                adjustments=tuple(_cas(a) for a in line.adjustments),
                remarks=line.remarks,
                expected_allowed=fee.unit_allowed * ours.units if fee is not None else None,
            )
        )
    if not lines:
        lines = _spread(case, abouts)
    return RemitClaim(
        status=answered.status,
        charge=Money(answered.charge_cents),
        paid=Money(answered.paid_cents),
        lines=tuple(lines),
        payer=PayerTerms(
            payer_id=payer.id,
            kind=payer.kind,
            may_bill_patient=payer.may_bill_patient,
            programs=_programs(session, case),
        ),
        served_on=served_on,
        adjustments=tuple(_cas(a) for a in answered.adjustments),
        remarks=answered.remarks,
        next_payer_id=_next_payer(session, case, served_on),
        sequence=case.claim.payer_sequence,
    )


def _spread(case: _Case, abouts: list[About]) -> list[RemitLine]:
    """A claim answered without lines: its payment is spread over ours by charge, to the cent."""
    total = sum(line.charge_cents for line in case.lines) or 1
    left = case.answered.paid_cents
    lines = []
    for place, (line, about) in enumerate(zip(case.lines, abouts, strict=True)):
        is_last = place == len(case.lines) - 1
        share = left if is_last else case.answered.paid_cents * line.charge_cents // total
        left -= share
        lines.append(RemitLine(about, Money(line.charge_cents), Money(share)))
    return lines


def _cas(adjustment: edi.Adjustment) -> Cas:
    return Cas(adjustment.group, adjustment.reason, Money(adjustment.cents))


def _about(session: PracticeSession, case: _Case, line: ClaimLineRow) -> About:
    patient_id = PatientId(case.claim.patient_id)
    patient = patients.get_patients(session, [patient_id], is_resolved=True)[patient_id]
    return About(
        visit_id=line.visit_id,
        claim_id=case.claim.id,
        charge_line_id=line.charge_line_id,
        payer_id=case.remittance.payer_id,
        guarantor_id=patient.guarantor_id,
        patient_id=patient.id,
        remittance_id=case.remittance.id,
        provider_id=line.provider_id,
        location_id=line.location_id,
        service_month=case.claim.service_month,
    )


def _programs(session: PracticeSession, case: _Case) -> frozenset[str]:
    """Name what holds for this patient: a QMB by our own record or by the payer's remark (P3)."""
    patient_id = PatientId(case.claim.patient_id)
    patient = patients.get_patients(session, [patient_id], is_resolved=True)[patient_id]
    remarks = {*case.answered.remarks, *(r for line in case.answered.lines for r in line.remarks)}
    is_qmb = patient.details.is_qmb or bool(remarks & QMB_REMARKS)
    return frozenset({"qmb"}) if is_qmb else frozenset()


def _next_payer(session: PracticeSession, case: _Case, on: dt.date) -> UUID | None:
    patient_id = PatientId(case.claim.patient_id)
    coverages = patients.get_coverages(session, [patient_id], on=on).get(patient_id, [])
    later = [c for c in coverages if c.payer_id != case.claim.payer_id]
    place = next((n for n, c in enumerate(coverages) if c.id == case.claim.coverage_id), 0)
    after = [c for n, c in enumerate(coverages) if n > place and c in later]
    return after[0].payer_id if after else None


def _tell(
    session: PracticeSession,
    actor: Actor,
    case: _Case,
    row: RemittanceClaimRow,
    decided: ClaimDecisions,
) -> None:
    """Store why each amount was adjusted, list the denials, and move the claim and its lines."""
    by_charge = {line.charge_line_id: line for line in case.lines}
    ours = [by_charge.get(line.about.charge_line_id) for line in decided.lines]
    for decision in decided.decisions:
        session.add(_adjustment_row(row, decided, decision, ours[decision.line_index]))
    is_denied = False
    waits = False
    for outcome in decided.outcomes:
        line = ours[outcome.index]
        if line is not None:
            line.state = "denied" if outcome.is_denied else "paid"
        is_denied = is_denied or outcome.is_denied
        waits = waits or bool(outcome.left_open or outcome.asked or outcome.next_payer)
        if outcome.is_denied or outcome.left_open or outcome.asked:
            _list_denial(session, case, row, (decided, outcome.index), line)
    details = unseal(session, case.claim, ClaimDetails)
    number = case.answered.payer_claim_number or details.payer_claim_number
    seal(session, case.claim, replace(details, payer_claim_number=number, findings=()))
    state = ClaimState.ADJUDICATED if waits else ClaimState.SETTLED
    if is_denied:
        state = ClaimState.DENIED
    _move(session, actor, case, state)


def _move(session: PracticeSession, actor: Actor, case: _Case, state: ClaimState) -> None:
    words = EventDetails(f"{case.content.payer.name} answered")
    kind = f"remittance-{state}"
    if state in LEGAL_MOVES[ClaimState(case.claim.state)]:
        move_claim(session, actor, case.claim, state, kind=kind, at=case.at, details=words)
    else:
        note_event(session, actor, case.claim, kind, at=case.at, details=words)


def _adjustment_row(
    row: RemittanceClaimRow,
    decided: ClaimDecisions,
    decision: Decision,
    line: ClaimLineRow | None,
) -> RemittanceAdjustmentRow:
    remarks = decided.lines[decision.line_index].remarks
    return RemittanceAdjustmentRow(
        id=uuid7(),
        remittance_claim_id=row.id,
        claim_line_id=line.id if line is not None else None,
        group=decision.cas.group,
        carc=decision.cas.carc,
        cents=decision.amount.cents,
        remarks=" ".join(remarks),
        treatment=decision.treatment,
        rule=decision.rule,
    )


def _list_denial(
    session: PracticeSession,
    case: _Case,
    row: RemittanceClaimRow,
    place: tuple[ClaimDecisions, int],
    line: ClaimLineRow | None,
) -> None:
    decided, index = place
    open_kinds = (Treatment.OPEN, Treatment.ASK)
    for decision in decided.decisions:
        if decision.line_index != index or decision.treatment not in open_kinds:
            continue
        session.add(
            DenialRow(
                id=uuid7(),
                claim_id=case.claim.id,
                claim_line_id=line.id if line is not None else None,
                remittance_claim_id=row.id,
                payer_id=case.remittance.payer_id,
                group=decision.cas.group,
                carc=decision.cas.carc,
                remarks=" ".join(decided.lines[index].remarks),
                cents=decision.amount.cents,
                state="open",
                owner_role=OwnerRole.BILLER,
                next_on=compute_next_on(ClaimState.DENIED, today=case.at.date()),
            )
        )


def _post_reversal(session: PracticeSession, actor: Actor, case: _Case) -> str:
    """Take back this payer's standing posting for the claim, exactly."""
    standing = _find_standing(session, case)
    if standing is None:
        return _quarantine(session, actor, case, "reversal-unmatched")
    if standing.paid_cents != -case.answered.paid_cents:
        return _quarantine(session, actor, case, "reversal-other-amount")
    posting_id = None
    if standing.posting_id is not None:
        posting_id = ledger.reverse_posting(
            session,
            actor,
            standing.posting_id,
            key=claim_key(case.remittance, case.answered.index),
            on=case.at.date(),
            remittance_id=case.remittance.id,
        )
    standing.reason = "reversed"
    _settle(
        session, case.remittance, case.answered, ("posted", "reversal"), claim_id=case.claim.id,
        posting_id=posting_id,
    )  # fmt: skip
    for line in case.lines:
        line.state = "open"
    for denial in session.scalars(
        select(DenialRow).where(
            DenialRow.remittance_claim_id == standing.id, DenialRow.state == "open"
        )
    ):
        denial.state = "closed"
    _move(session, actor, case, ClaimState.ADJUDICATED)
    return "posted"


def _find_standing(session: PracticeSession, case: _Case) -> RemittanceClaimRow | None:
    rows = session.scalars(
        select(RemittanceClaimRow)
        .join(
            RemittanceRow,
            (RemittanceRow.practice_id == RemittanceClaimRow.practice_id)
            & (RemittanceRow.id == RemittanceClaimRow.remittance_id),
        )
        .where(
            RemittanceClaimRow.claim_id == case.claim.id,
            RemittanceClaimRow.state == "posted",
            RemittanceClaimRow.reason == "",
            RemittanceRow.payer_id == case.remittance.payer_id,
        )
        .order_by(RemittanceClaimRow.id.desc())
    )
    return rows.first()


def explain_hold(reason: str) -> Finding:
    """Say what a quarantined claim waits for."""
    words = {
        "claim-unmatched": ("no claim of ours has this number", "Match it by hand."),
        "claim-unbalanced": ("its amounts don't add up", "Ask the payer for a corrected answer."),
        "line-unmatched": ("a line is none of ours", "Match the line by hand."),
        "claim-answered-before": ("an answer to it stands already", "Decide which one counts."),
        "reversal-unmatched": ("nothing stands that it could take back", "Match it by hand."),
        "reversal-other-amount": ("it takes back another amount than was paid", "Ask the payer."),
    }
    message, fix = words.get(reason, ("it can't be posted by itself", "Post it by hand."))
    return Finding(reason, "CLP", message, fix)
