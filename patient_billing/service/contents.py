"""From a bill's parts to what its statement says."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from ledger.values.accounts import Account
from ledger.values.postings import EntryKind
from patient_billing.rules.bills import compute_aging, compute_shares
from patient_billing.rules.wording import write_address, write_phone, write_scan_line
from patient_billing.values.bills import VisitForBill
from patient_billing.values.payments import PatientPaymentRecord, Purpose
from patient_billing.values.statement import (
    ReasonKind,
    Statement,
    StatementAging,
    StatementInsurancePayment,
    StatementLine,
    StatementLogo,
    StatementPayment,
    StatementPending,
    StatementPractice,
    StatementReason,
    StatementVisit,
)
from patients.values import Guarantor
from practice.values import Payer, PayerId, Practice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ledger.values.postings import Entry
    from patient_billing.values.bills import LineForBill, LineShare

_UNKNOWN_PAYER = "—"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """All that a statement is written from.

    Attributes:
        billed: Visits that may be billed now and owe something, oldest first.
        pending: Visits that a payer isn't done with.
        payments: The guarantor's payments by key.
        last_on: Day of the statement before, if any.
    """

    number: str
    on: dt.date
    due_on: dt.date
    notice: str
    guarantor: Guarantor
    practice: Practice
    billed: tuple[VisitForBill, ...]
    pending: tuple[VisitForBill, ...]
    payers: dict[PayerId, Payer]
    payments: dict[UUID, PatientPaymentRecord]
    last_on: dt.date | None

    def payer_name(self, payer_id: UUID | None) -> str:
        """Return a payer's name."""
        payer = None if payer_id is None else self.payers.get(PayerId(payer_id))
        return payer.name if payer else _UNKNOWN_PAYER


def compose_statement(contents: Contents) -> Statement:
    """Write a statement; its sums are the ledger's."""
    guarantor, address = contents.guarantor, contents.guarantor.details.address
    visits = tuple(_compose_visit(contents, visit) for visit in contents.billed)
    payments = tuple(_list_payments(contents))
    lines = [line for visit in visits for line in visit.lines]
    due = sum(line.you_owe_cents for line in lines) - sum(paid.cents for paid in payments)
    return Statement(
        statement_number=contents.number,
        account_number=guarantor.account_number,
        statement_date=contents.on.isoformat(),
        due_date=contents.due_on.isoformat(),
        notice=contents.notice,
        guarantor_name=guarantor.details.name.full,
        guarantor_address_lines=write_address(address) if address else (),
        practice=_compose_practice(contents.practice),
        visits=visits,
        payments=payments,
        pending=tuple(_list_pending(contents)),
        aging=tuple(
            StatementAging(kind, cents)
            for kind, cents in compute_aging(contents.billed, on=contents.on)
        ),
        amount_due_cents=due,
        has_self_pay=any(
            reason.kind == ReasonKind.SELF_PAY for line in lines for reason in line.reasons
        ),
        offers_assistance=True,
        scan_line=write_scan_line(guarantor.account_number, contents.number, due),
    )


def _compose_practice(practice: Practice) -> StatementPractice:
    logo = None
    if practice.logo_svg:
        logo = StatementLogo("svg", practice.logo_svg.encode(), practice.name)
    return StatementPractice(
        practice.name,
        write_address(practice.pay_to or practice.address),
        write_phone(practice.phone),
        None,
        None,
        practice.colour,
        logo,
    )


def _compose_visit(contents: Contents, visit: VisitForBill) -> StatementVisit:
    shares = compute_shares(visit)
    return StatementVisit(
        visit.number,
        visit.served_on.isoformat(),
        visit.patient_name,
        visit.provider_name,
        visit.location_name,
        tuple(_compose_line(contents, line, share) for line, share in shares),
        tuple(_list_insurance_payments(contents, [line for line, _ in shares])),
    )


def _compose_line(contents: Contents, line: LineForBill, share: LineShare) -> StatementLine:
    return StatementLine(
        line.description,
        line.code or None,
        share.charge,
        share.discount,
        share.insurance_paid,
        share.share,
        tuple(
            StatementReason(kind, cents, contents.payer_name(payer_id) if payer_id else None)
            for kind, payer_id, cents in share.reasons
        ),
    )


def _list_insurance_payments(
    contents: Contents, lines: Iterable[LineForBill]
) -> list[StatementInsurancePayment]:
    """Say what each payer that answered paid, nil too, and when it last answered."""
    paid: dict[UUID, int] = {}
    answered: dict[UUID, dt.date] = {}
    for line in lines:
        for entry in line.entries:
            payer_id = _answering_payer(entry)
            if payer_id is None:
                continue
            paid.setdefault(payer_id, 0)
            if entry.kind is EntryKind.PAYMENT:
                is_payment = entry.credit is Account.INSURANCE_AR
                paid[payer_id] += entry.amount.cents if is_payment else -entry.amount.cents
            answered[payer_id] = max(answered.get(payer_id, entry.posted_on), entry.posted_on)
    order = sorted(paid, key=answered.__getitem__)  # of one day: in the order of their answers
    return [
        StatementInsurancePayment(
            contents.payer_name(payer_id), answered[payer_id].isoformat(), paid[payer_id]
        )
        for payer_id in order
    ]


def _answering_payer(entry: Entry) -> UUID | None:
    """Return the payer whose answer an entry is; what moves on to the next payer is not its."""
    is_answer = entry.about.remittance_id is not None and (
        entry.credit is Account.INSURANCE_AR or entry.kind is EntryKind.PAYMENT
    )
    return entry.about.payer_id if is_answer else None


def _list_payments(contents: Contents) -> list[StatementPayment]:
    """List what was paid on the billed visits, one row for a payment and visit."""
    sums: dict[tuple[UUID | None, str], int] = {}
    seen: dict[tuple[UUID | None, str], dt.date] = {}
    for visit in contents.billed:
        for line, _ in compute_shares(visit):
            for entry in line.entries:
                if entry.kind is not EntryKind.APPLICATION:
                    continue
                key = (entry.about.payment_id, visit.number)
                is_paid = entry.credit is Account.PATIENT_AR
                cents = entry.amount.cents if is_paid else -entry.amount.cents
                sums[key] = sums.get(key, 0) + cents
                seen[key] = max(seen.get(key, entry.posted_on), entry.posted_on)
    rows = [
        _to_payment(contents, payment_id, visit_number, cents, seen[payment_id, visit_number])
        for (payment_id, visit_number), cents in sums.items()
        if cents
    ]
    return sorted(rows, key=lambda row: (row.date, row.visit_number or "", row.cents))


def _to_payment(
    contents: Contents, payment_id: UUID | None, visit_number: str, cents: int, on: dt.date
) -> StatementPayment:
    payment = contents.payments.get(payment_id) if payment_id else None
    received_on = payment.received_on if payment else on
    kind = "other"
    if payment is not None:
        is_held = payment.purpose is Purpose.DEPOSIT
        kind = "credit" if is_held else payment.tender.value
    is_since_last = contents.last_on is not None and received_on > contents.last_on
    return StatementPayment(received_on.isoformat(), kind, visit_number, cents, is_since_last)


def _list_pending(contents: Contents) -> list[StatementPending]:
    rows = []
    for visit in contents.pending:
        shares = compute_shares(visit)
        if not any(share.insurance_open for _, share in shares):
            continue
        rows.append(
            StatementPending(
                visit.served_on.isoformat(),
                visit.patient_name,
                visit.provider_name,
                contents.payer_name(find_pending_payer(visit)),
                sum(share.charge for _, share in shares),
            )
        )
    return rows


def find_pending_payer(visit: VisitForBill) -> UUID | None:
    """Return the payer that a visit waits for: of an unsettled claim, or of the open balance."""
    if visit.waiting_payer_ids:
        return visit.waiting_payer_ids[0]
    open_cents: dict[UUID, int] = {}
    for line in visit.lines:
        for entry in line.entries:
            _add_open(open_cents, entry)
    return next((payer_id for payer_id, cents in open_cents.items() if cents), None)


def _add_open(open_cents: dict[UUID, int], entry: Entry) -> None:
    payer_id = entry.about.payer_id
    if payer_id is None:
        return
    for account, signed in ((entry.debit, entry.amount.cents), (entry.credit, -entry.amount.cents)):
        if account is Account.INSURANCE_AR:
            open_cents[payer_id] = open_cents.get(payer_id, 0) + signed


def list_payer_ids(visits: Sequence[VisitForBill]) -> set[PayerId]:
    """Return every payer that the visits' money or claims name."""
    named = {
        PayerId(entry.about.payer_id)
        for visit in visits
        for line in visit.lines
        for entry in line.entries
        if entry.about.payer_id is not None
    }
    return named.union(*(visit.waiting_payer_ids for visit in visits)) if visits else named


def by_key(payments: Iterable[PatientPaymentRecord]) -> Mapping[UUID, PatientPaymentRecord]:
    """Return payments by their keys."""
    return {payment.id: payment for payment in payments}
