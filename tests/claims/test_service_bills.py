"""What bills ask of claims: which payers a visit still waits for (DESIGN 7.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import event, select

from audit.service import reading
from claims.models import ClaimRow
from claims.service import list_waiting_payers
from config import ids
from encounters.values import VisitId
from simulator.service import scenario_contract
from simulator.values import Stage
from tests.factories.remittances import Billed, Check, Svc

if TYPE_CHECKING:
    from tests.factories.remittances import BilledClaim, Desk


def _waiting(desk: Desk, *claims: BilledClaim) -> list[bool]:
    with reading(desk.database, desk.actor, purpose="payment") as session:
        visits = [
            VisitId(session.scalars(select(ClaimRow.visit_id).where(ClaimRow.id == c.id)).one())
            for c in claims
        ]
        found = list_waiting_payers(session, visits)
    assert all(payers == (desk.payers["99001"],) for payers in found.values())
    return [visit in found for visit in visits]


def test_visit_waits_until_its_payer_answers(desk: Desk) -> None:
    claim = desk.bill()
    assert _waiting(desk, claim) == [True]
    desk.answer(Check((claim.clp(Svc("99213", 15_000, 7_400, "CO-45 5800, PR-3 1800")),)))
    assert _waiting(desk, claim) == [False]


def test_rejected_claim_waits_for_being_sent_again(desk: Desk) -> None:
    claim = desk.bill()
    desk.simulate(Stage.ACKNOWLEDGE, scenario_contract("rejected-payer"))
    desk.receive()
    assert _waiting(desk, claim) == [True]


def test_quarantined_answer_keeps_the_visit_waiting(desk: Desk) -> None:
    claim = desk.bill()
    desk.answer(Check((claim.clp(Svc("99213", 15_000, 7_400, "CO-45 5700")),)))
    assert _waiting(desk, claim) == [True]


def test_visit_without_a_claim_waits_for_nobody(desk: Desk) -> None:
    with reading(desk.database, desk.actor, purpose="payment") as session:
        assert list_waiting_payers(session, [VisitId(ids.uuid7())]) == {}


def test_many_visits_are_asked_for_at_once(desk: Desk) -> None:
    claims = desk.bill_all([(Billed(),)] * 5)
    statements: list[str] = []
    with reading(desk.database, desk.actor, purpose="payment") as session:
        visits = [VisitId(v) for v in session.scalars(select(ClaimRow.visit_id))]
        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        assert len(list_waiting_payers(session, visits)) == len(claims)
    assert len([s for s in statements if "claim" in s]) == 1
