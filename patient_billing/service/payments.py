"""Taking patients' money, and putting what is unapplied to what they owe."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from audit.service import note
from config.counters import next_number
from config.finding import Finding, RefusedError
from config.ids import readable_number, uuid7
from config.money import Money
from ledger import service as ledger
from ledger.values.accounts import Account
from ledger.values.postings import About, EntryFilter, EntryKind
from patient_billing.models import PatientPaymentRow
from patient_billing.queries import find_payment, list_payments, to_payment
from patient_billing.rules.applications import Owed, allocate
from patient_billing.rules.bills import compute_shares
from patient_billing.values.payments import Unapplied

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence
    from uuid import UUID

    from config.actor import Actor
    from config.tenancy import PracticeSession
    from ledger.values.postings import Entry
    from patient_billing.values.bills import LineForBill, VisitForBill
    from patient_billing.values.payments import PatientPayment, PatientPaymentRecord
    from patients.values import GuarantorId

_PAGE: Final = 500


def take_payment(
    session: PracticeSession, actor: Actor, payment: PatientPayment
) -> PatientPaymentRecord:
    """Take a payment once for its key: unapplied money, a liability, until a bill takes it.

    Raises:
        RefusedError: `payment-amount`, or `payment-key-reused` for another payment's key.

    Source:
        House: DESIGN 7.7, P5.
    """
    if type(payment.amount.cents) is not int or payment.amount.cents <= 0:
        raise RefusedError(
            [Finding("payment-amount", "amount", "a payment is above nil", "enter the amount")]
        )
    if (known := find_payment(session, payment.key)) is not None:
        return _same_payment(known, payment)
    row = PatientPaymentRow(
        practice_id=session.own_practice_id,
        id=uuid7(),
        key=payment.key,
        number=readable_number("R", next_number(session, "receipt")),
        guarantor_id=payment.guarantor_id,
        visit_id=payment.visit_id,
        cents=payment.amount.cents,
        currency=payment.amount.currency,
        tender=payment.tender.value,
        purpose=payment.purpose.value,
        received_on=payment.received_on,
        actor_id=actor.id,
    )
    session.add(row)
    session.flush()
    about = About(guarantor_id=payment.guarantor_id, visit_id=payment.visit_id, payment_id=row.id)
    ledger.post_all(
        session,
        actor,
        [
            ledger.build_patient_payment(
                f"payment:{row.id}", payment.received_on, about=about, amount=payment.amount
            )
        ],
    )
    note(session, "payment.taken", payment=row.id, guarantor=payment.guarantor_id)
    return to_payment(row)


def apply_unapplied(
    session: PracticeSession,
    actor: Actor,
    guarantor_id: GuarantorId,
    visits: Sequence[VisitForBill],
    *,
    on: dt.date,
) -> bool:
    """Put a guarantor's unapplied money to what they owe, and say whether any was.

    Args:
        session: A writing session.
        actor: Who does it.
        guarantor_id: Whose money it is.
        visits: The visits that may be billed now, oldest first.
        on: The day it counts for.
    """
    unapplied = list_unapplied(session, guarantor_id)
    owed = [
        Owed(visit.visit_id, line.charge_line_id, share.open)
        for visit in visits
        for line, share in compute_shares(visit)
        if share.open > 0
    ]
    abouts = {
        line.charge_line_id: _about(line)
        for visit in visits
        for line, share in compute_shares(visit)
        if share.open > 0
    }
    given = allocate(unapplied, owed)
    for payment, parts in given:
        lines = [
            (replace(abouts[line_id], payment_id=payment.payment_id), amount)
            for line_id, amount in parts
        ]
        # The count in the key makes two runs at once apply the same money once.
        key = f"apply:{payment.payment_id}:{payment.applications}"
        ledger.post_all(session, actor, [ledger.build_application(key, on, lines)])
    return bool(given)


def list_unapplied(session: PracticeSession, guarantor_id: GuarantorId) -> list[Unapplied]:
    """Return a guarantor's payments that aren't used up, oldest first."""
    left: dict[UUID, int] = {}
    applications: dict[UUID, set[UUID]] = {}
    for entry in _entries(session, guarantor_id):
        payment_id = entry.about.payment_id
        if payment_id is None:
            continue
        cents = entry.amount.cents
        signed = cents if entry.credit is Account.UNAPPLIED else -cents
        left[payment_id] = left.get(payment_id, 0) + signed
        if entry.kind is EntryKind.APPLICATION:
            applications.setdefault(payment_id, set()).add(entry.posting_id)
    return [
        Unapplied(
            payment.id,
            payment.visit_id,
            Money(left[payment.id], payment.amount.currency),
            len(applications.get(payment.id, ())),
        )
        for payment in list_payments(session, guarantor_id)
        if left.get(payment.id, 0) > 0
    ]


def _entries(session: PracticeSession, guarantor_id: GuarantorId) -> Iterator[Entry]:
    chosen, after = EntryFilter(account=Account.UNAPPLIED, guarantor_id=guarantor_id), None
    while True:
        page = ledger.list_entries(session, chosen, after=after, limit=_PAGE)
        yield from page.entries
        if (after := page.next_after) is None:
            return


def _about(line: LineForBill) -> About:
    """Return the keys of the entry that made the line the patient's."""
    made = _last(entry.about for entry in line.entries if entry.debit is Account.PATIENT_AR)
    return replace(made, payer_id=None, remittance_id=None, claim_id=None)


def _last(abouts: Iterable[About]) -> About:
    *_, last = abouts
    return last


def _same_payment(known: PatientPaymentRecord, payment: PatientPayment) -> PatientPaymentRecord:
    if (known.guarantor_id, known.amount, known.visit_id) != (
        payment.guarantor_id,
        payment.amount,
        payment.visit_id,
    ):
        raise RefusedError(
            [
                Finding(
                    "payment-key-reused",
                    "key",
                    "another payment was taken under this key",
                    "give each payment a key of its own",
                )
            ]
        )
    return known
