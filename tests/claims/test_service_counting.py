"""Counts that tie: what was sent is accepted, rejected or waits (DESIGN 7.11); open denials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.service import reading
from claims import queries
from claims.service import count_denials, count_fates
from claims.service.counting import Fates
from claims.service.moving import move_claim
from claims.values import ClaimState
from simulator.service import scenario_contract
from simulator.values import Stage
from tests.factories.remittances import AT, Billed, Check, Svc

if TYPE_CHECKING:
    from tests.factories.remittances import Desk


def _fates(desk: Desk) -> Fates:
    with reading(desk.database, desk.actor, purpose="payment") as session:
        return count_fates(session)


def test_claim_that_was_never_sent_does_not_count(desk: Desk) -> None:
    desk.bill_all([(Billed(),)], is_sent=False)
    assert _fates(desk) == Fates(0, 0, 0, 0)


def test_sent_is_accepted_rejected_and_waiting(desk: Desk) -> None:
    desk.bill_all([(Billed(),)] * 2)
    assert _fates(desk) == Fates(2, 0, 0, 2)
    desk.simulate(Stage.ACKNOWLEDGE, scenario_contract("all-paid"))
    desk.receive()
    assert _fates(desk) == Fates(2, 2, 0, 0)
    desk.bill_all([(Billed(),)] * 3)
    desk.simulate(Stage.ACKNOWLEDGE, scenario_contract("rejected-payer"))
    desk.receive()
    assert _fates(desk) == Fates(5, 2, 3, 0)


def test_adjudicated_claim_counts_as_accepted(desk: Desk) -> None:
    claim = desk.bill()
    desk.answer(Check((claim.clp(Svc("99213", 15_000, 0, "CO-50 15000")),)))
    assert _fates(desk) == Fates(1, 1, 0, 0)


def test_rejected_claim_counts_as_rejected_until_it_is_sent_again(desk: Desk) -> None:
    claim = desk.bill()
    desk.simulate(Stage.ACKNOWLEDGE, scenario_contract("rejected-payer"))
    desk.receive()
    with desk.write() as session:
        row = queries.get_claim_row(session, claim.id)
        move_claim(session, desk.actor, row, ClaimState.BUILT, kind="rebuilt", at=AT)
    assert _fates(desk) == Fates(1, 0, 1, 0)
    desk.send([claim])
    assert _fates(desk) == Fates(1, 0, 0, 1)


def test_open_denials_are_counted_with_what_they_keep(desk: Desk) -> None:
    first, second = desk.bill_all([(Billed(),)] * 2)
    desk.answer(
        Check(
            (
                first.clp(Svc("99213", 15_000, 0, "CO-50 15000")),
                second.clp(Svc("99213", 15_000, 5_000, "CO-45 5000, PR-27 5000")),
            )
        )
    )
    with reading(desk.database, desk.actor, purpose="payment") as session:
        found = count_denials(session)
    assert (found.count, found.amount.cents) == (2, 20_000)
    assert found.by_reason == {"CO-50": 1, "PR-27": 1}
