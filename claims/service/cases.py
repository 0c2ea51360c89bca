"""One claim of a remittance with all that is known of it on our side, and what it says in cents."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

import edi
from claims import queries
from claims.models import ClaimLineRow, ClaimRow, RemittanceClaimRow, RemittanceRow
from claims.rules.matching import check_matches, match_lines
from claims.values import ClaimContent, ClaimId
from config.money import Money
from ledger import service as ledger
from ledger.values.postings import About
from ledger.values.remittance import Cas, PayerTerms, RemitClaim, RemitLine
from patients import service as patients
from patients.values import PatientId
from practice import service as practice
from practice.values import PayerId, PayerKind

if TYPE_CHECKING:
    from uuid import UUID

    from config.finding import Finding
    from config.tenancy import PracticeSession
    from patients.values import Patient
    from practice.values import Allowed

_QMB_REMARKS: Final = frozenset({"N781", "N782", "N783"})
_MEDICARE: Final = frozenset({PayerKind.MEDICARE, PayerKind.MEDICARE_ADVANTAGE})


@dataclass(frozen=True, slots=True)
class Case:
    """One CLP with what it is about on our side.

    Attributes:
        payer_id: Who answers: the payer of the remittance.
        lines: Our lines by the control number that they were sent under.
        known: The row of an earlier try, which was quarantined.
    """

    remittance: RemittanceRow
    payer_id: PayerId
    answered: edi.RemittanceClaim
    at: dt.datetime
    claim: ClaimRow
    content: ClaimContent
    lines: dict[str, ClaimLineRow]
    known: RemittanceClaimRow | None = None

    @property
    def served_on(self) -> dt.date:
        """Return the first service date, which picks the rows of dated tables."""
        return min(line.service_date for line in self.content.lines)

    @property
    def charge_line_ids(self) -> list[UUID]:
        """Return the keys of our charge lines, in the claim's order."""
        return [line.charge_line_id for line in self.lines.values()]


def open_case(  # a case is its parts
    session: PracticeSession,
    remittance: RemittanceRow,
    answered: edi.RemittanceClaim,
    claim: ClaimRow,
    *,
    at: dt.datetime,
    known: RemittanceClaimRow | None = None,
) -> Case:
    """Read what a remittance's claim is about; `claim` is locked."""
    assert remittance.payer_id is not None  # noqa: S101  # one without a payer is held
    content = queries.get_contents(session, [ClaimId(claim.id)])[ClaimId(claim.id)]
    rows = session.scalars(
        select(ClaimLineRow).where(ClaimLineRow.claim_id == claim.id).order_by(ClaimLineRow.number)
    )
    lines = {row.control_number: row for row in rows}
    payer_id = PayerId(remittance.payer_id)
    return Case(remittance, payer_id, answered, at, claim, content, lines, known)


def find_places(case: Case) -> tuple[list[int], list[Finding]]:
    """Return for each answered line the place of ours, and what keeps them from being matched."""
    places = match_lines(case.answered.lines, case.content.lines)
    findings = check_matches(case.answered.lines, case.content.lines, places)
    return [place for place in places if place is not None], findings


def to_remit_claim(
    session: PracticeSession, case: Case, places: list[int], open_now: dict[UUID, Money]
) -> RemitClaim:
    """Return the answer as the ledger's rules take it.

    Args:
        session: The session.
        case: The claim and its answer.
        places: For each answered line, the place of ours.
        open_now: What the payer owes on each charge line before this answer.
    """
    answered = case.answered
    patient_id = PatientId(case.claim.patient_id)
    patient = patients.get_patients(session, [patient_id], is_resolved=True)[patient_id]
    payer = practice.get_payers(session, [case.payer_id])[case.payer_id]
    allowed = practice.find_allowed(
        session, case.payer_id, {line.code for line in case.content.lines}, case.served_on
    )
    is_own = case.payer_id == case.claim.payer_id
    return RemitClaim(
        status=answered.status,
        charge=Money(answered.charge_cents),
        paid=Money(answered.paid_cents),
        lines=_to_lines(case, places, (_abouts(case, patient), open_now, allowed)),
        payer=PayerTerms(
            payer_id=payer.id,
            kind=payer.kind,
            may_bill_patient=payer.may_bill_patient,
            programs=_programs(answered, patient, payer.kind),
        ),
        served_on=case.served_on,
        adjustments=tuple(_cas(a) for a in answered.adjustments),
        remarks=answered.remarks,
        next_payer_id=_find_next_payer(session, case),
        sequence=case.claim.payer_sequence + (0 if is_own else 1),
    )


def _to_lines(
    case: Case,
    places: list[int],
    facts: tuple[list[About], dict[UUID, Money], dict[str, Allowed]],
) -> tuple[RemitLine, ...]:
    abouts, open_now, allowed = facts
    ours = case.content.lines
    left = {
        place: open_now.get(case.lines[line.control_number].charge_line_id, Money(0))
        for place, line in enumerate(ours)
    }
    if not case.answered.lines:
        # Answered without lines: the claim's adjustments are spread over ours by the ledger.
        return tuple(
            RemitLine(abouts[place], line.charge, line.charge, open_balance=left[place])
            for place, line in enumerate(ours)
        )
    lines = []
    for line, place in zip(case.answered.lines, places, strict=True):
        fee = allowed.get(ours[place].code)
        is_whole = line.charge_cents == ours[place].charge.cents
        # A line answered in parts: each part takes its share of what is still open.
        share = left[place] if is_whole else min(left[place], Money(line.charge_cents))
        left[place] = left[place] - share
        lines.append(
            RemitLine(
                about=abouts[place],
                charge=Money(line.charge_cents),
                paid=Money(line.paid_cents),
                adjustments=tuple(_cas(a) for a in line.adjustments),
                remarks=line.remarks,
                expected_allowed=fee.unit_allowed * ours[place].units if fee and is_whole else None,
                open_balance=share,
            )
        )
    return tuple(lines)


def _cas(adjustment: edi.Adjustment) -> Cas:
    return Cas(adjustment.group, adjustment.reason, Money(adjustment.cents))


def _abouts(case: Case, patient: Patient) -> list[About]:
    rows = [case.lines[line.control_number] for line in case.content.lines]
    return [
        About(
            visit_id=row.visit_id,
            claim_id=case.claim.id,
            charge_line_id=row.charge_line_id,
            payer_id=case.payer_id,
            guarantor_id=patient.guarantor_id,
            patient_id=patient.id,
            remittance_id=case.remittance.id,
            provider_id=row.provider_id,
            location_id=row.location_id,
            service_month=case.claim.service_month,
        )
        for row in rows
    ]


def _programs(answered: edi.RemittanceClaim, patient: Patient, kind: PayerKind) -> frozenset[str]:
    """Name what holds for this patient: a QMB by our own record or by Medicare's remark (P3)."""
    remarks = {*answered.remarks, *(r for line in answered.lines for r in line.remarks)}
    is_qmb = patient.details.is_qmb or (kind in _MEDICARE and bool(remarks & _QMB_REMARKS))
    return frozenset({"qmb"}) if is_qmb else frozenset()


def _find_next_payer(session: PracticeSession, case: Case) -> PayerId | None:
    """Return who is asked after this payer, by the coverages in force on the service date.

    Where the answering payer isn't among them any more, the first other one: better to ask once
    too often than to bill a patient for what a plan would have paid.
    """
    patient_id = PatientId(case.claim.patient_id)
    found = patients.get_coverages(session, [patient_id], on=case.served_on).get(patient_id, [])
    payers = list(dict.fromkeys(coverage.payer_id for coverage in found))
    after = payers[payers.index(case.payer_id) + 1 :] if case.payer_id in payers else payers
    return next(iter(after), None)


def get_open(session: PracticeSession, case: Case) -> dict[UUID, Money]:
    """Return what the answering payer owes on each of the claim's charge lines now."""
    balances = ledger.get_line_balances(session, case.charge_line_ids)
    return {
        key: balance.insurance[case.payer_id]
        for key, balance in balances.items()
        if case.payer_id in balance.insurance
    }
