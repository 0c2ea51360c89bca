"""What posting makes of payers' answers: R6, R42–R52, P1–P6, DESIGN 7.2–7.8."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from claims.values import ClaimState
from simulator.service import scenario_contract
from simulator.values import Stage
from tests.factories.remittances import Billed, Check, Desk, Svc

if TYPE_CHECKING:
    from pathlib import Path

    from config.actor import Actor
    from config.tenancy import Database


@pytest.fixture
def desk(database: Database, actor: Actor, tmp_path: Path) -> Desk:
    return Desk(database, actor, tmp_path / "partner")


def test_a_day_with_the_simulator_ties(desk: Desk) -> None:
    claims = [
        claim
        for payer in ("99001", "99003")
        for claim in desk.bill_all([(Billed(),), (Billed(), Billed("93000", 4_500))], payer=payer)
    ]
    desk.simulate(Stage.ACKNOWLEDGE, scenario_contract("all-paid"))
    report = desk.receive()
    assert not report.findings
    assert {c.state for c in claims} == {ClaimState.ACCEPTED_BY_PAYER}
    result = desk.simulate(Stage.ADJUDICATE, scenario_contract("all-paid"))
    desk.receive()
    desk.post()
    found = desk.prove()
    assert sorted((s.bpr02.cents, s.plb.cents) for s in found) == sorted(
        (r.bpr02_cents, r.plb_cents) for r in result.remittances
    )
    assert all(not s.quarantined for s in found)
    assert {c.state for c in claims} == {ClaimState.SETTLED}


def test_payment_posts_with_its_write_off_and_the_patients_share(desk: Desk) -> None:
    claim = desk.bill()
    line = Svc("99213", 15_000, 7_400, "CO-45 5800, PR-3 1800", claim.control())
    desk.answer(Check((claim.clp(line),)))
    assert claim.sums == (7_400, 5_800, 1_800, 0)
    assert claim.state is ClaimState.SETTLED
