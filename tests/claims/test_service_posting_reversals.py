"""Payers take back what they paid: with a correction, without one, in order and out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from claims.values import ClaimState
from tests.factories.remittances import Billed, Check, Svc

if TYPE_CHECKING:
    from tests.factories.remittances import BilledClaim, Clp, Desk


def _paid(claim: BilledClaim, **changes: str) -> Clp:
    return claim.clp(Svc("99213", 15_000, 7_400, "CO-45 5800, PR-3 1800"), **changes)


def _corrected(claim: BilledClaim) -> Clp:
    line = Svc("99213", 15_000, 6_000, "CO-45 7200, PR-3 1800")
    return claim.clp(line, payer_number="ICN2")


def test_reversal_alone_restores_every_balance_and_opens_the_claim(desk: Desk) -> None:
    claim = desk.bill()
    desk.answer(Check((_paid(claim),)))
    found = desk.answer(
        Check((claim.reverse(_paid(claim)),), trace="T0002", plb=(("FB", "F1", -7_400),), bpr02=0)
    )
    assert found[1].posted.cents == -7_400
    assert claim.sums == (0, 0, 0, 15_000)
    assert claim.state is ClaimState.ADJUDICATED
    assert claim.lines[0].state == "open"
    assert claim.events[-1] == "remittance-reversed"


def test_correction_in_the_same_check_posts_after_its_reversal(desk: Desk) -> None:
    claim = desk.bill()
    desk.answer(Check((_paid(claim),)))
    other = desk.bill()
    check = Check((claim.reverse(_paid(claim)), _corrected(claim), _paid(other)), trace="T0002")
    desk.answer(check)
    assert desk.list_held() == []
    assert claim.sums == (6_000, 7_200, 1_800, 0)
    assert claim.state is ClaimState.SETTLED


def test_correction_that_stands_before_its_reversal_waits_for_it(desk: Desk) -> None:
    claim = desk.bill()
    desk.answer(Check((_paid(claim),)))
    check = Check(
        (_corrected(claim), claim.reverse(_paid(claim))),
        trace="T0002",
        plb=(("FB", "F1", -1_400),),
        bpr02=0,
    )
    desk.answer(check)
    assert desk.list_held() == []
    assert claim.sums == (6_000, 7_200, 1_800, 0)


def test_correction_in_a_later_check_posts(desk: Desk) -> None:
    claim, other = desk.bill(), desk.bill()
    desk.answer(Check((_paid(claim),)))
    desk.answer(Check((claim.reverse(_paid(claim)), _paid(other)), trace="T0002"))
    desk.answer(Check((_corrected(claim),), trace="T0003"))
    assert desk.list_held() == []
    assert claim.sums == (6_000, 7_200, 1_800, 0)
    assert claim.state is ClaimState.SETTLED


def test_correction_is_taken_back_in_its_turn(desk: Desk) -> None:
    claim = desk.bill()
    first, second = _paid(claim), _corrected(claim)
    desk.answer(Check((first,)))
    carry = (("FB", "F1", -7_400),)
    desk.answer(Check((claim.reverse(first), second), trace="T2", plb=carry, bpr02=6_000))
    carry = (("FB", "F2", -6_000),)
    desk.answer(Check((claim.reverse(second),), trace="T3", plb=carry, bpr02=0))
    assert desk.list_held() == []
    assert claim.sums == (0, 0, 0, 15_000)


def test_paid_and_taken_back_in_one_check(desk: Desk) -> None:
    claim = desk.bill()
    desk.answer(Check((_paid(claim), claim.reverse(_paid(claim)), _corrected(claim))))
    assert desk.list_held() == []
    assert claim.sums == (6_000, 7_200, 1_800, 0)


def test_takeback_shorts_another_patients_check_and_not_their_claim(desk: Desk) -> None:
    claim, other = desk.bill(), desk.bill()
    desk.answer(Check((_paid(claim),)))
    found = desk.answer(Check((claim.reverse(_paid(claim)), _paid(other)), trace="T0002"))
    assert found[1].bpr02.cents == 0
    assert other.sums == (7_400, 5_800, 1_800, 0)


def test_reversal_of_a_denial_closes_it(desk: Desk) -> None:
    claim = desk.bill()
    denied = claim.clp(Svc("99213", 15_000, 0, "CO-50 15000"))
    desk.answer(Check((denied,)))
    desk.answer(Check((claim.reverse(denied), _paid(claim)), trace="T0002"))
    assert claim.denials == []
    assert claim.sums == (7_400, 5_800, 1_800, 0)


def test_reversal_of_one_half_opens_that_half_only(desk: Desk) -> None:
    claim = desk.bill(Billed("99213", 15_000), Billed("93000", 15_000))
    halves = [
        claim.clp(
            Svc(code, 15_000, 9_200, "CO-45 5800", claim.control(place)),
            payer_number=f"ICN{place}",
        )
        for place, code in enumerate(("99213", "93000"))
    ]
    desk.answer(Check(tuple(halves)))
    carry = (("FB", "F1", -9_200),)
    desk.answer(Check((claim.reverse(halves[0]),), trace="T2", plb=carry, bpr02=0))
    assert [line.state for line in claim.lines] == ["open", "paid"]
    assert claim.sums == (9_200, 5_800, 0, 15_000)


@pytest.mark.parametrize(("paid", "reason"), [(-7_000, "reversal-other-amount")])
def test_reversal_of_another_amount_waits(desk: Desk, paid: int, reason: str) -> None:
    claim = desk.bill()
    desk.answer(Check((_paid(claim),)))
    line = Svc("99213", -15_000, paid, f"CO-45 {-15_000 - paid}")
    carry = (("FB", "F1", paid),)
    desk.answer(Check((claim.clp(line, status="22"),), trace="T2", plb=carry, bpr02=0))
    assert desk.list_held() == [reason]
    assert claim.sums == (7_400, 5_800, 1_800, 0)


def test_reversal_of_nothing_waits(desk: Desk) -> None:
    claim = desk.bill()
    carry = (("FB", "F1", -7_400),)
    desk.answer(Check((claim.reverse(_paid(claim)),), plb=carry, bpr02=0))
    assert desk.list_held() == ["reversal-unmatched"]


def test_reversal_twice_takes_back_once(desk: Desk) -> None:
    claim = desk.bill()
    desk.answer(Check((_paid(claim),)))
    back = claim.reverse(_paid(claim))
    carry = (("FB", "F1", -14_800),)
    desk.answer(Check((back, back), trace="T2", plb=carry, bpr02=0))
    assert desk.list_held() == ["reversal-unmatched"]
    assert claim.sums == (0, 0, 0, 15_000)
