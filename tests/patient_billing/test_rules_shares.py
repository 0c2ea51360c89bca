"""A line's share ties to its entries whatever was posted, and allocation gives no cent twice."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from config.ids import uuid7
from config.money import Money
from ledger.values.accounts import Account
from ledger.values.postings import About, Entry, EntryId, EntryKind, PostingId
from patient_billing.rules.applications import Owed, allocate
from patient_billing.rules.bills import choose_notice
from patient_billing.rules.shares import compute_share, name_reason
from patient_billing.rules.wording import write_phone, write_scan_line
from patient_billing.values.payments import PatientPaymentId, Unapplied
from patient_billing.values.statement import ReasonKind

DAY = dt.date(2026, 9, 15)
PAYER, SECOND = UUID(int=1), UUID(int=2)

# Every way in which money meets a receivable, with the kind that it is posted as.
MOVES = [
    (Account.INSURANCE_AR, Account.CHARGES, EntryKind.CHARGE),
    (Account.PATIENT_AR, Account.CHARGES, EntryKind.CHARGE),
    (Account.REMITTANCE_CLEARING, Account.INSURANCE_AR, EntryKind.PAYMENT),
    (Account.INSURANCE_AR, Account.REMITTANCE_CLEARING, EntryKind.PAYMENT),
    (Account.CONTRACTUAL, Account.INSURANCE_AR, EntryKind.ADJUSTMENT),
    (Account.INSURANCE_AR, Account.INCENTIVE, EntryKind.ADJUSTMENT),
    (Account.PATIENT_AR, Account.INSURANCE_AR, EntryKind.TO_PATIENT),
    (Account.INSURANCE_AR, Account.PATIENT_AR, EntryKind.TO_PATIENT),
    (Account.TRANSFER, Account.INSURANCE_AR, EntryKind.TO_NEXT_PAYER),
    (Account.INSURANCE_AR, Account.TRANSFER, EntryKind.TO_NEXT_PAYER),
    (Account.UNAPPLIED, Account.PATIENT_AR, EntryKind.APPLICATION),
    (Account.PATIENT_AR, Account.UNAPPLIED, EntryKind.APPLICATION),
    (Account.COURTESY, Account.PATIENT_AR, EntryKind.ADJUSTMENT),
]


def entry(move: tuple[Account, Account, EntryKind], cents: int, reason: str = "PR-1") -> Entry:
    debit, credit, kind = move
    return Entry(
        EntryId(uuid7()),
        PostingId(uuid7()),
        debit,
        credit,
        Money(cents),
        kind,
        DAY,
        About(payer_id=PAYER),
        reason,
        "",
        UUID(int=9),
        None,
    )


entries = st.lists(
    st.builds(
        entry,
        st.sampled_from(MOVES),
        st.integers(1, 100_000),
        st.sampled_from(["PR-1", "PR-2", "PR-3", "PR-96", "PR-100", "no-answer", "x"]),
    ),
    max_size=12,
)


def is_transfer(each: Entry) -> bool:
    return Account.TRANSFER in (each.debit, each.credit)


@given(entries)
def test_charge_is_discount_and_payments_and_what_is_open(given_: list[Entry]) -> None:
    posted = [each for each in given_ if not is_transfer(each)]  # alone, half a transfer is none
    share = compute_share(posted)
    assert share.charge == (
        share.discount + share.insurance_paid + share.insurance_open + share.share
    )
    assert sum(cents for *_, cents in share.reasons) == max(share.share, 0)
    assert all(cents > 0 for *_, cents in share.reasons)
    assert share.discount >= 0


def test_a_payers_bonus_counts_as_paid_and_not_as_a_discount_below_nil() -> None:
    share = compute_share([entry(MOVES[0], 8_000), entry(MOVES[2], 8_100), entry(MOVES[5], 100)])
    assert (share.discount, share.insurance_paid, share.share) == (0, 8_000, 0)


def test_our_own_discount_takes_from_the_last_reason() -> None:
    share = compute_share(
        [
            entry(MOVES[0], 10_000),
            entry(MOVES[6], 6_000, "PR-1"),
            entry(MOVES[6], 4_000, "PR-2"),
            entry(MOVES[12], 5_000, "courtesy"),
        ]
    )
    assert [(kind, cents) for kind, _, cents in share.reasons] == [("deductible", 5_000)]
    assert share.open == 5_000


def test_every_reason_has_its_name() -> None:
    names = {code: name_reason(code) for code in ("PR-1", "PR-2", "PR-3", "PR-27", "PR-100")}
    assert names == {
        "PR-1": ReasonKind.DEDUCTIBLE,
        "PR-2": ReasonKind.COINSURANCE,
        "PR-3": ReasonKind.COPAY,
        "PR-27": ReasonKind.NOT_COVERED,
        "PR-100": ReasonKind.PAID_TO_YOU,
    }
    assert name_reason("no-answer") is ReasonKind.NO_ANSWER
    assert name_reason("CO-45") is ReasonKind.OTHER


VISITS = [UUID(int=number) for number in range(3)]


@given(
    st.lists(st.tuples(st.sampled_from([None, *VISITS]), st.integers(1, 500)), max_size=5),
    st.lists(st.tuples(st.sampled_from(VISITS), st.integers(1, 500)), max_size=5),
)
def test_no_cent_is_applied_twice_or_to_another_visit(
    money: list[tuple[UUID | None, int]], debts: list[tuple[UUID, int]]
) -> None:
    payments = [
        Unapplied(PatientPaymentId(uuid7()), visit, Money(cents), 0)  # type: ignore[arg-type]  # plain keys will do
        for visit, cents in money
    ]
    owed = [Owed(visit, uuid7(), cents) for visit, cents in debts]
    given_ = allocate(payments, owed)
    visit_of = {line.charge_line_id: line.visit_id for line in owed}
    taken = dict.fromkeys(visit_of, 0)
    for payment, parts in given_:
        assert sum(amount.cents for _, amount in parts) <= payment.left.cents
        for line_id, amount in parts:
            assert payment.visit_id in (None, visit_of[line_id])
            taken[line_id] += amount.cents
    assert all(taken[line.charge_line_id] <= line.cents for line in owed)
    # What stays both unapplied and owed could not have met.
    free = sum(p.left.cents for p in payments if p.visit_id is None)
    used = sum(a.cents for p, parts in given_ if p.visit_id is None for _, a in parts)
    assert used == free or all(taken[line.charge_line_id] == line.cents for line in owed)


def test_a_new_visit_makes_a_first_notice_again() -> None:
    old, new = VISITS[:2]
    assert choose_notice([old], {}) == "first"
    assert choose_notice([old], {old: 1}) == "reminder"
    assert choose_notice([old], {old: 7}) == "final"
    assert choose_notice([old, new], {old: 2}) == "first"


def test_the_coupon_has_digits_only_and_a_check_digit() -> None:
    line = write_scan_line("A000012K", "S000345X", 13_770)
    assert line[:-1] == "00001200034500013770"
    digits = [int(digit) for digit in reversed(line)]
    doubled = [d * 2 - 9 * (d > 4) if place % 2 else d for place, d in enumerate(digits)]
    assert sum(doubled) % 10 == 0


def test_phones_are_printed_as_people_write_them() -> None:
    assert write_phone("6175550100") == "(617) 555-0100"
    assert write_phone("1-617-555-0100") == "(617) 555-0100"
    assert write_phone("+44 20 7946 0000") == "+44 20 7946 0000"
