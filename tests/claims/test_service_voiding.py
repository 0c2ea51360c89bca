"""Voiding a claim takes exactly its charges back, and its visit is built again from its coding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from audit.service import reading, writing
from claims import queries
from claims.models import DenialRow
from claims.service import (
    batch_claims,
    count_fates,
    list_visits_to_build,
    rebuild_claims,
    void_claim,
)
from claims.service.batching import mark_sent
from claims.service.moving import move_claim
from claims.values import ClaimState
from coding import service as coding
from coding.values import LineChoice
from config.finding import RefusedError
from config.money import Money
from ledger import service as ledger
from tests.factories.claims import AT
from tests.factories.remittances import Check, Svc

if TYPE_CHECKING:
    import datetime as dt

    from claims.values import BatchId, Claim, ClaimId
    from encounters.values import VisitId
    from ledger.values.balances import LineBalance, Totals
    from tests.factories.claims import Office
    from tests.factories.remittances import Desk

S = ClaimState


def void(office: Office | Desk, claim_id: ClaimId, note: str = "built by mistake") -> None:
    with writing(office.database, office.actor, purpose="payment") as session:
        void_claim(session, office.actor, claim_id, note, at=AT)


def refusal(office: Office | Desk, claim_id: ClaimId, note: str = "built by mistake") -> str:
    with pytest.raises(RefusedError) as refused:
        void(office, claim_id, note)
    return refused.value.findings[0].code


def totals(office: Office) -> Totals:
    with reading(office.database, office.actor, purpose="payment") as session:
        found = ledger.get_totals(session)
        balance = ledger.get_trial_balance(session)
    assert balance.debit == balance.credit
    assert found.billed == found.paid + found.adjusted + found.patient + found.open
    return found


def get(office: Office, claim_id: ClaimId) -> Claim:
    with reading(office.database, office.actor, purpose="payment") as session:
        return queries.get_claims(session, [claim_id])[claim_id]


def codes(office: Office, claim_id: ClaimId) -> list[str]:
    with reading(office.database, office.actor, purpose="payment") as session:
        content = queries.get_contents(session, [claim_id])[claim_id]
    return [line.code for line in content.lines]


def line_balances(office: Office, visit_id: VisitId) -> list[LineBalance]:
    with reading(office.database, office.actor, purpose="payment") as session:
        lines = coding.get_coded_visits(session, [visit_id])[visit_id].lines
        found = ledger.get_line_balances(session, [line.id for line in lines])
    return [found[line.id] for line in lines]


def recode(
    office: Office, visit_id: VisitId, *, add: str = "", remove: int | None = None,
    now: dt.datetime = AT,
) -> None:  # fmt: skip
    """Open a visit again, add or remove a line, and sign it off."""
    with office.writing() as session:
        coding.reopen_coding(session, office.actor, visit_id, reason="correction", now=now)
        if add:
            coding.add_line(
                session, office.actor, visit_id, LineChoice(add, (1,)), folder=office.codes
            )
        if remove is not None:
            line = coding.get_coded_visits(session, [visit_id])[visit_id].lines[remove]
            coding.remove_line(session, office.actor, visit_id, line.id, now=now)
        coding.sign_off(session, office.actor, visit_id, folder=office.codes, now=now)


def to_build(office: Office, *visit_ids: VisitId) -> list[VisitId]:
    with reading(office.database, office.actor, purpose="payment") as session:
        return list_visits_to_build(session, visit_ids)


def send(office: Office, claim_id: ClaimId) -> BatchId:
    office.scrub(claim_id)
    with office.writing() as session:
        batch_id = batch_claims(session, office.actor, office.partner_id, at=AT)
        assert batch_id is not None
        mark_sent(session, office.actor, batch_id, at=AT)
    return batch_id


def test_void_takes_the_charges_back_and_the_visit_is_built_again(office: Office) -> None:
    visit_id = office.take_in(codes=("99213", "93000"))
    (first,) = office.build(visit_id)
    assert to_build(office, visit_id) == []
    void(office, first)
    assert get(office, first).state is S.VOIDED
    assert get(office, first).next_on is None
    assert totals(office).billed == Money(0)
    assert to_build(office, visit_id) == [visit_id]
    (second,) = office.build(visit_id)
    assert get(office, second).number != get(office, first).number
    assert codes(office, second) == ["99213", "93000"]
    assert (totals(office).billed, totals(office).open) == (Money(19_500), Money(19_500))
    assert to_build(office, visit_id) == []
    assert office.scrub(second)[0].stops == ()


def test_void_stands_on_the_timeline_with_its_note(office: Office) -> None:
    claim_id = office.bill()
    assert refusal(office, claim_id, "  ") == "void-note-missing"
    void(office, claim_id, "billed to the wrong plan")
    with reading(office.database, office.actor, purpose="payment") as session:
        events = queries.list_events(session, claim_id)
    assert [event.kind for event in events] == ["built", "voided"]
    assert refusal(office, claim_id) == "claim-void"


def test_line_taken_off_and_another_added_are_claimed_after_a_void(office: Office) -> None:
    visit_id = office.take_in(codes=("99213", "93000"))
    (first,) = office.build(visit_id)
    recode(office, visit_id, add="80053", remove=1)
    with office.writing() as session:
        findings = rebuild_claims(session, office.actor, [first], at=AT).findings
    assert [f.code for f in findings] == ["claim-lines-changed"]
    void(office, first)
    (second,) = office.build(visit_id)
    assert codes(office, second) == ["99213", "80053"]
    assert totals(office).billed == Money(19_800)


def test_line_added_after_sending_is_charged_and_goes_on_a_claim_of_its_own(
    office: Office,
) -> None:
    visit_id = office.take_in(codes=("99213",))
    (first,) = office.build(visit_id)
    send(office, first)
    recode(office, visit_id, add="93000")
    assert to_build(office, visit_id) == [visit_id]
    (second,) = office.build(visit_id)
    assert codes(office, first) == ["99213"]
    assert codes(office, second) == ["93000"]
    assert totals(office).billed == Money(19_500)
    assert office.scrub(second)[0].stops == ()
    assert office.build(visit_id) == []


def test_line_charged_to_the_guarantor_stays_there_when_the_claim_is_voided(
    office: Office,
) -> None:
    visit_id = office.take_in(codes=("99213", "93000"))
    (first,) = office.build(visit_id)
    with office.writing() as session:
        held = coding.get_coded_visits(session, [visit_id])[visit_id].lines[1]
        coding.hold_line(
            session, office.actor, visit_id, held.id, "paid-in-full-restriction", now=AT
        )
        rebuild_claims(session, office.actor, [first], at=AT)
    assert [b.patient for b in line_balances(office, visit_id)] == [Money(0), Money(4_500)]
    void(office, first)
    balances = line_balances(office, visit_id)
    assert [b.charged for b in balances] == [Money(0), Money(4_500)]
    assert [b.patient for b in balances] == [Money(0), Money(4_500)]
    assert not any(any(b.insurance.values()) for b in balances)
    (second,) = office.build(visit_id)
    assert codes(office, second) == ["99213"]
    assert totals(office).billed == Money(19_500)


def test_claim_under_way_is_refused_until_its_answer_came(office: Office) -> None:
    claim_id = office.bill()
    office.scrub(claim_id)
    with office.writing() as session:
        batch_id = batch_claims(session, office.actor, office.partner_id, at=AT)
        assert batch_id is not None
    assert refusal(office, claim_id) == "claim-batched"
    with office.writing() as session:
        mark_sent(session, office.actor, batch_id, at=AT)
    assert refusal(office, claim_id) == "claim-with-payer"
    assert totals(office).billed == Money(15_000)
    with office.writing() as session:
        row = queries.get_claim_row(session, claim_id)
        move_claim(session, office.actor, row, S.REJECTED_BY_PAYER, kind="rejected", at=AT)
    void(office, claim_id)
    assert totals(office).billed == Money(0)
    with reading(office.database, office.actor, purpose="payment") as session:
        fates = count_fates(session)
    assert (fates.sent, fates.rejected) == (1, 1)


def test_denied_claim_is_voided_with_its_denials_unless_money_stands(desk: Desk) -> None:
    denied, mixed = desk.bill(), desk.bill()
    desk.answer(
        Check(
            (
                denied.clp(Svc("99213", 15_000, 0, "CO-50 15000")),
                mixed.clp(Svc("99213", 15_000, 5_000, "CO-45 2000, CO-50 8000")),
            )
        )
    )
    assert (denied.state, denied.denials) == (S.DENIED, [("CO-50", 15_000)])
    assert refusal(desk, mixed.id) in {"claim-money-stands", "claim-decided"}
    void(desk, denied.id)
    assert denied.state is S.VOIDED
    assert denied.denials == []
    assert denied.sums == (0, 0, 0, 0)
    with reading(desk.database, desk.actor, purpose="payment") as session:
        assert set(session.scalars(select(DenialRow.state).where(
            DenialRow.claim_id == denied.id))) == {"closed"}  # fmt: skip
    desk.prove()


def test_answer_to_a_void_claim_waits_for_a_person(desk: Desk) -> None:
    claim = desk.bill()
    with desk.write() as session:
        row = queries.get_claim_row(session, claim.id)
        move_claim(session, desk.actor, row, S.REJECTED_BY_PAYER, kind="rejected", at=AT)
    void(desk, claim.id)
    desk.answer(Check((claim.clp(Svc("99213", 15_000, 9_200, "CO-45 5800")),)))
    assert desk.list_held() == ["claim-void"]
    assert claim.sums == (0, 0, 0, 0)


def test_settled_claim_is_not_voided_here(desk: Desk) -> None:
    claim = desk.bill()
    desk.answer(Check((claim.clp(Svc("99213", 15_000, 9_200, "CO-45 5800")),)))
    assert claim.state is S.SETTLED
    assert refusal(desk, claim.id) == "claim-decided"
    assert claim.sums == (9_200, 5_800, 0, 0)


def test_every_line_is_charged_once_however_often_it_is_voided_and_built(office: Office) -> None:
    visits = [office.take_in(codes=("99213", "93000")) for _ in range(2)]
    built = office.build(*visits)
    for _ in range(3):
        assert totals(office).billed == Money(39_000)
        void(office, built[0])
        assert totals(office).billed == Money(19_500)
        built = office.build(*visits)
        assert len(built) == 1
    assert (totals(office).billed, totals(office).open) == (Money(39_000), Money(39_000))
