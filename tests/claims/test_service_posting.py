"""What posting makes of payers' answers (DESIGN 7.2 to 7.8, R42 to R52, P1 to P6)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from claims.values import ClaimState
from config.money import Money
from practice import service as practice
from simulator.service import SCENARIOS, scenario_contract
from simulator.values import Stage
from tests.factories.practice import make_allowed
from tests.factories.remittances import Billed, Check, Clp, Svc

if TYPE_CHECKING:
    from tests.factories.remittances import Desk

VISITS = [(Billed(),), (Billed("99214", 21_000), Billed("93000", 4_500, ("59",)))]


@pytest.mark.parametrize("scenario", sorted(SCENARIOS))
def test_every_scenario_of_the_simulator_ties(desk: Desk, scenario: str) -> None:
    claims = [c for payer in ("99002", "99004") for c in desk.bill_all(VISITS, payer=payer)]
    contract = scenario_contract(scenario)
    desk.simulate(Stage.ACKNOWLEDGE, contract)
    assert not desk.receive().findings
    for stage in (Stage.ADJUDICATE, Stage.REVERSE):
        desk.simulate(stage, contract)
        report = desk.receive()
        assert not [f for f in report.findings if f.level == "error"]
        desk.post()
        desk.prove()
    expected = {
        "all-paid": {ClaimState.SETTLED},
        "all-denied": {ClaimState.DENIED},
        "corrected": {ClaimState.SETTLED},
        "reversed": {ClaimState.ADJUDICATED},
        "rejected-999": {ClaimState.REJECTED_BY_CLEARINGHOUSE},
        "rejected-clearinghouse": {ClaimState.REJECTED_BY_CLEARINGHOUSE},
        "rejected-payer": {ClaimState.REJECTED_BY_PAYER},
        "unbalanced-check": {ClaimState.ACCEPTED_BY_PAYER},
    }
    if scenario in expected:
        assert {c.state for c in claims} == expected[scenario]
    if scenario == "reversed":
        assert {c.sums[0] for c in claims} == {0}
    if scenario == "unbalanced-claim":
        assert desk.list_held() == ["claim-unbalanced"] * 2


def test_payment_posts_with_its_write_off_and_the_patients_share(desk: Desk) -> None:
    claim = desk.bill()
    line = Svc("99213", 15_000, 7_400, "CO-45 5800, PR-3 1800", claim.control())
    desk.answer(Check((claim.clp(line),)))
    assert claim.sums == (7_400, 5_800, 1_800, 0)
    assert claim.state is ClaimState.SETTLED
    assert claim.lines[0].state == "paid"


def test_line_is_found_by_its_number_when_the_payer_drops_the_modifier(desk: Desk) -> None:
    claim = desk.bill(Billed("20610", 20_000, ("50",)), Billed("20610", 20_000, ("59",)))
    second = Svc("20610", 20_000, 9_000, "CO-45 11000", claim.control(1))
    first = Svc("20610", 20_000, 0, "CO-50 20000", claim.control(0))
    desk.answer(Check((claim.clp(second, first),)))
    assert [line.state for line in claim.lines] == ["denied", "paid"]
    assert [balance.paid.cents for balance in claim.balances] == [0, 9_000]


def test_line_is_found_without_number_or_modifier(desk: Desk) -> None:
    claim = desk.bill(Billed("20610", 20_000, ("50",)), Billed("93000", 4_500))
    lines = (
        Svc("93000", 4_500, 2_000, "CO-45 2500"),
        Svc("20610", 20_000, 9_000, "CO-45 11000"),
    )
    desk.answer(Check((claim.clp(*lines),)))
    assert [balance.paid.cents for balance in claim.balances] == [9_000, 2_000]


def test_changed_code_posts_to_the_line_that_was_billed(desk: Desk) -> None:
    claim = desk.bill(Billed("99214", 21_000), Billed("93000", 4_500))
    lines = (
        Svc("99213", 21_000, 8_000, "CO-45 13000", original="99214"),
        Svc("93000", 4_500, 0, "CO-97 4500", claim.control(1)),
    )
    desk.answer(Check((claim.clp(*lines),)))
    assert claim.balances[0].paid.cents == 8_000
    assert claim.denials == [("CO-97", 4_500)]
    assert claim.state is ClaimState.DENIED


def test_line_answered_in_parts_takes_all_of_them(desk: Desk) -> None:
    claim = desk.bill(Billed("80061", 10_000))
    parts = (
        Svc("82465", 6_000, 3_000, "CO-45 3000", claim.control(), original="80061"),
        Svc("83718", 4_000, 1_000, "CO-45 2000, PR-2 1000", claim.control(), original="80061"),
    )
    desk.answer(Check((claim.clp(*parts),)))
    assert claim.sums == (4_000, 5_000, 1_000, 0)
    assert claim.state is ClaimState.SETTLED


def test_claim_answered_without_lines_is_spread_over_ours_to_the_cent(desk: Desk) -> None:
    claim = desk.bill(Billed("99213", 15_000), Billed("93000", 4_501))
    desk.answer(Check((claim.clp(charge=19_501, paid=9_500, cas="CO-45 10001"),)))
    assert claim.sums == (9_500, 10_001, 0, 0)
    assert all(balance.paid.cents > 0 for balance in claim.balances)


def test_payment_of_nil_posts_denials_and_deductible(desk: Desk) -> None:
    deductible, denied = desk.bill(), desk.bill()
    found = desk.answer(
        Check(
            (
                deductible.clp(Svc("99213", 15_000, 0, "PR-1 9200, CO-45 5800")),
                denied.clp(Svc("99213", 15_000, 0, "CO-50 15000")),
            )
        )
    )
    assert found[0].bpr02.cents == 0
    assert deductible.sums == (0, 5_800, 9_200, 0)
    assert deductible.state is ClaimState.SETTLED
    assert deductible.denials == []
    assert denied.sums == (0, 0, 0, 15_000)
    assert denied.state is ClaimState.DENIED


def test_denial_under_status_1_is_listed_and_writes_nothing_off(desk: Desk) -> None:
    claim = desk.bill()
    line = Svc("99213", 15_000, 0, "CO-16 15000", remarks=("N290",))
    desk.answer(Check((claim.clp(line, status="1"),)))
    assert claim.denials == [("CO-16", 15_000)]
    assert claim.sums == (0, 0, 0, 15_000)


def test_unknown_member_under_status_4_is_listed_and_writes_nothing_off(desk: Desk) -> None:
    claim = desk.bill()
    desk.answer(Check((claim.clp(status="4", charge=15_000, paid=0, cas="PR-31 15000"),)))
    assert claim.denials == [("PR-31", 15_000)]
    assert claim.sums == (0, 0, 0, 15_000)
    assert claim.state is ClaimState.DENIED


def test_partly_denied_claim_posts_what_was_paid(desk: Desk) -> None:
    claim = desk.bill(Billed("99213", 15_000), Billed("93000", 4_500))
    lines = (
        Svc("99213", 15_000, 9_200, "CO-45 5800", claim.control(0)),
        Svc("93000", 4_500, 0, "CO-97 4500", claim.control(1)),
    )
    desk.answer(Check((claim.clp(*lines),)))
    assert claim.sums == (9_200, 5_800, 0, 4_500)
    assert claim.state is ClaimState.DENIED


@pytest.mark.parametrize("remark", ["N781", "N782"])
def test_qmb_patient_owes_nothing_when_the_payer_says_so(desk: Desk, remark: str) -> None:
    claim = desk.bill(payer="99003")
    line = Svc("99213", 15_000, 7_000, "CO-45 5800, PR-2 2200", remarks=(remark,))
    desk.answer(Check((claim.clp(line),), payer="99003"))
    assert claim.sums == (7_000, 8_000, 0, 0)
    assert desk.net("patient-ar") == 0


def test_qmb_patient_of_our_own_record_owes_nothing(desk: Desk) -> None:
    claim = desk.bill(payer="99003", is_qmb=True)
    desk.answer(
        Check((claim.clp(Svc("99213", 15_000, 7_000, "CO-45 5800, PR-2 2200")),), payer="99003")
    )
    assert claim.sums == (7_000, 8_000, 0, 0)


def test_medicaid_patient_owes_the_copay_and_no_more(desk: Desk) -> None:
    claim = desk.bill(payer="99004")
    line = Svc("99213", 15_000, 4_000, "CO-45 10000, PR-3 300, PR-2 700")
    desk.answer(Check((claim.clp(line),), payer="99004"))
    assert claim.sums == (4_000, 10_700, 300, 0)


def test_share_goes_to_the_next_payer_before_the_patient(desk: Desk) -> None:
    claim = desk.bill(payer="99003", then="99001")
    line = Svc("99213", 15_000, 7_000, "CO-45 5800, PR-2 2200")
    desk.answer(Check((claim.clp(line),), payer="99003"))
    assert claim.sums == (7_000, 5_800, 0, 2_200)
    assert list(claim.balances[0].insurance) == [desk.payers["99001"]]
    assert claim.state is ClaimState.ADJUDICATED


def test_second_payer_answers_the_forwarded_claim_and_repeats_no_write_off(desk: Desk) -> None:
    claim = desk.bill(payer="99003", then="99001")
    first = claim.clp(Svc("99213", 15_000, 7_000, "CO-45 5800, PR-2 2200"))
    second = claim.clp(Svc("99213", 15_000, 1_500, "OA-23 7000, CO-45 5800, PR-3 700"), status="2")
    desk.answer(Check((first,), payer="99003"))
    desk.answer(Check((second,), payer="99001", trace="T0002"))
    assert claim.sums == (8_500, 5_800, 700, 0)
    assert claim.state is ClaimState.SETTLED


def test_payer_that_was_not_asked_posts_nothing(desk: Desk) -> None:
    claim = desk.bill(payer="99001")
    found = desk.answer(
        Check((claim.clp(Svc("99213", 15_000, 9_200, "CO-45 5800")),), payer="99005")
    )
    assert desk.list_held() == ["claim-other-payer"]
    assert found[0].quarantined.cents == 9_200
    assert claim.sums == (0, 0, 0, 15_000)


def test_claim_that_does_not_balance_waits_and_the_rest_posts(desk: Desk) -> None:
    good, bad = desk.bill(), desk.bill()
    found = desk.answer(
        Check(
            (
                bad.clp(Svc("99213", 15_000, 9_200, "CO-45 5700")),
                good.clp(Svc("99213", 15_000, 9_000, "CO-45 6000")),
            )
        )
    )
    assert (found[0].posted.cents, found[0].quarantined.cents) == (9_000, 9_200)
    assert desk.list_held() == ["claim-unbalanced"]
    assert good.sums == (9_000, 6_000, 0, 0)
    assert bad.sums == (0, 0, 0, 15_000)
    assert bad.events[-1] == "remittance-quarantined"


def test_claim_of_another_office_waits(desk: Desk) -> None:
    claim = desk.bill()
    found = desk.answer(
        Check(
            (
                claim.clp(Svc("99213", 15_000, 9_200, "CO-45 5800")),
                Clp("NOTOURS1", (Svc("99213", 1_000, 600, "CO-45 400"),)),
            )
        )
    )
    assert desk.list_held() == ["claim-unmatched"]
    assert (found[0].posted.cents, found[0].quarantined.cents) == (9_200, 600)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (Svc("97110", 15_000, 9_200, "CO-45 5800"), "line-unmatched"),
        (Svc("99213", 14_000, 9_200, "CO-45 4800"), "line-unmatched"),
    ],
)
def test_line_that_is_none_of_ours_waits(desk: Desk, line: Svc, reason: str) -> None:
    claim = desk.bill()
    desk.answer(Check((claim.clp(line),)))
    assert desk.list_held() == [reason]
    assert claim.sums == (0, 0, 0, 15_000)


def test_line_under_our_number_with_another_charge_waits(desk: Desk) -> None:
    claim = desk.bill()
    desk.answer(Check((claim.clp(Svc("99213", 14_000, 9_200, "CO-45 4800", claim.control())),)))
    assert desk.list_held() == ["line-charge"]


def test_patient_without_guarantor_keeps_the_claim_waiting_not_the_run(desk: Desk) -> None:
    claim = desk.bill(has_guarantor=False)
    other = desk.bill()
    desk.answer(
        Check(
            (
                claim.clp(Svc("99213", 15_000, 7_000, "CO-45 5800, PR-1 2200")),
                other.clp(Svc("99213", 15_000, 9_200, "CO-45 5800")),
            )
        )
    )
    assert desk.list_held() == ["entry-keys"]
    assert other.state is ClaimState.SETTLED


def test_estimate_posts_nothing(desk: Desk) -> None:
    claim = desk.bill()
    desk.answer(
        Check(
            (claim.clp(Svc("99213", 15_000, 9_200, "CO-45 5800"), status="25"),),
            bpr02=0,
        )
    )
    assert claim.sums == (0, 0, 0, 15_000)
    assert desk.list_held() == []


def test_two_answers_to_halves_of_one_claim_both_post(desk: Desk) -> None:
    claim = desk.bill(Billed("99213", 15_000), Billed("93000", 4_500))
    halves = (
        claim.clp(Svc("99213", 15_000, 9_200, "CO-45 5800", claim.control(0))),
        claim.clp(Svc("93000", 4_500, 2_000, "CO-45 2500", claim.control(1)), payer_number="ICN2"),
    )
    desk.answer(Check(halves))
    assert claim.sums == (11_200, 8_300, 0, 0)
    assert claim.state is ClaimState.SETTLED


def test_claim_is_not_settled_while_a_line_has_no_answer(desk: Desk) -> None:
    claim = desk.bill(Billed("99213", 15_000), Billed("93000", 4_500))
    half = claim.clp(Svc("99213", 15_000, 9_200, "CO-45 5800", claim.control(0)))
    desk.answer(Check((half,)))
    assert claim.state is ClaimState.ADJUDICATED
    assert [line.state for line in claim.lines] == ["paid", "open"]


def test_second_answer_to_a_paid_line_waits_for_a_person(desk: Desk) -> None:
    claim = desk.bill()
    paid = claim.clp(Svc("99213", 15_000, 9_200, "CO-45 5800"))
    desk.answer(Check((paid, paid)))
    assert desk.list_held() == ["claim-answered-before"]
    assert claim.sums == (9_200, 5_800, 0, 0)


def test_denied_line_is_paid_later_without_a_reversal(desk: Desk) -> None:
    claim = desk.bill()
    desk.answer(Check((claim.clp(Svc("99213", 15_000, 0, "CO-16 15000")),)))
    assert claim.denials == [("CO-16", 15_000)]
    paid = claim.clp(Svc("99213", 15_000, 9_200, "CO-45 5800"), payer_number="ICN2")
    desk.answer(Check((paid,), trace="T0002"))
    assert claim.sums == (9_200, 5_800, 0, 0)
    assert claim.denials == []
    assert claim.state is ClaimState.SETTLED


def test_payers_number_and_the_remarks_are_kept(desk: Desk) -> None:
    claim = desk.bill()
    desk.answer(Check((claim.clp(Svc("99213", 15_000, 0, "CO-16 15000"), remarks=("MA130",)),)))
    assert claim.details.payer_claim_number == "ICN0001"


@pytest.mark.parametrize(
    ("plb", "account", "net"),
    [
        (("WO", "FCN771", 1_200), "payer-clearing", 1_200),
        (("WO", "FCN771", -1_200), "payer-clearing", -1_200),
        (("FB", "FCN771", -9_200), "payer-clearing", -9_200),
        (("L6", "INTEREST", -137), "interest-income", -137),
    ],
)
def test_provider_adjustment_stays_out_of_the_claims(
    desk: Desk, plb: tuple[str, str, int], account: str, net: int
) -> None:
    claim = desk.bill()
    line = Svc("99213", 15_000, 9_200, "CO-45 5800")
    found = desk.answer(Check((claim.clp(line),), plb=(plb,)))
    assert found[0].bpr02.cents == 9_200 - plb[2]
    assert claim.sums == (9_200, 5_800, 0, 0)
    assert desk.net(account) == net


def test_payment_that_a_takeback_eats_up_has_no_receipt_and_still_posts(desk: Desk) -> None:
    claim = desk.bill()
    line = Svc("99213", 15_000, 9_200, "CO-45 5800")
    found = desk.answer(Check((claim.clp(line),), plb=(("WO", "FCN1", 9_200),)))
    assert found[0].bpr02.cents == 0
    assert desk.net("eft-in-transit") == 0
    assert desk.net("payer-clearing") == 9_200
    assert claim.state is ClaimState.SETTLED


def test_payment_below_the_contract_is_flagged(desk: Desk) -> None:
    expected = Money(9_240)
    with desk.write() as session:
        practice.add_allowed(session, make_allowed(desk.payers["99001"], unit_allowed=expected))
    low, right = desk.bill(), desk.bill()
    desk.answer(
        Check(
            (
                low.clp(Svc("99213", 15_000, 8_000, "CO-45 7000")),
                right.clp(Svc("99213", 15_000, 9_240, "CO-45 5760")),
            )
        )
    )
    assert [finding.code for finding in low.details.findings] == ["underpaid"]
    assert right.details.findings == ()
    assert low.state is ClaimState.SETTLED


def test_an_altered_contract_of_the_payer_is_seen_against_ours(desk: Desk) -> None:
    contract = scenario_contract("all-paid")
    lower = replace(
        contract,
        payers=tuple(
            replace(p, fees_cents={**p.fees_cents, "99213": 6_000}) for p in contract.payers
        ),
    )
    allowed = next(p.fees_cents["99213"] for p in contract.payers if p.payer_id == "99002")
    with desk.write() as session:
        fee = make_allowed(desk.payers["99002"], unit_allowed=Money(allowed))
        practice.add_allowed(session, fee)
    for seed, played in enumerate((contract, lower)):
        claim = desk.bill(payer="99002")
        desk.simulate(Stage.ACKNOWLEDGE, played, seed=seed)
        desk.simulate(Stage.ADJUDICATE, played, seed=seed)
        desk.receive()
        desk.post()
        desk.prove()
        codes = [finding.code for finding in claim.details.findings]
        assert codes == (["underpaid"] if played is lower else [])
        assert claim.sums[0] + claim.sums[2] == (6_000 if played is lower else allowed)
