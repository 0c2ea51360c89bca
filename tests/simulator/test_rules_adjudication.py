from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.rules.adjudication import (
    Chance,
    count_tenths,
    decide_claim,
    deny_duplicate,
    reverse_decision,
)
from simulator.rules.draws import draw_number, is_drawn, take_share
from simulator.rules.payment import make_check
from simulator.values import (
    BillingProvider,
    Cut,
    Party,
    PayerContract,
    ProviderLevel,
    Rule,
    RuleAt,
    SubmittedClaim,
    SubmittedLine,
    When,
)

if TYPE_CHECKING:
    from simulator.values import (
        ClaimDecision,
    )

PAYER = PayerContract(
    payer_id="99001",
    name="PRAIRIE MUTUAL",
    kind="commercial",
    filing="12",
    tax_id="990010001",
    street="1 PRAIRIE WAY",
    city="OMAHA",
    state="NE",
    postal="68102",
    default_permille=600,
    fees_cents={"99213": 9200},
)
BILLING = BillingProvider(Party("2", "PRACTICE", "", "", "XX", "1234567893"), "99", "", "", "", "")
MEMBER = Party("1", "EXAMPLE", "PATIENT", "", "MI", "MBR1")


def line(procedure: str = "99213", cents: int = 15000, units: str = "1") -> SubmittedLine:
    return SubmittedLine("HC", procedure, (), cents, units, "L1", "20260914", "20260914")


def claim(*lines: SubmittedLine, **changes: object) -> SubmittedClaim:
    made = SubmittedClaim(
        claim_number="A1",
        charge_cents=sum(each.charge_cents for each in lines),
        place="11",
        frequency="1",
        responsibility="P",
        filing_code="CI",
        payer_id="99001",
        payer_name="PAYER",
        payer_claim_number="",
        billing=BILLING,
        subscriber=MEMBER,
        patient=MEMBER,
        rendering=Party(),
        diagnoses=("E119",),
        lines=lines,
        segment_index=10,
        transaction_control="0001",
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # a test names fields freely


def decide(
    submitted: SubmittedClaim, payer: PayerContract = PAYER, *, deductible: int = 0, seed: int = 1
) -> ClaimDecision:
    return decide_claim(submitted, payer, deductible_left_cents=deductible, chance=Chance(seed))


def cuts(decision: ClaimDecision) -> list[tuple[str, str, int]]:
    return [(c.group, c.carc, c.cents) for each in decision.lines for c in each.cuts]


def test_fee_is_by_code_and_unit_and_other_codes_by_share_of_charge() -> None:
    decision = decide(claim(line(units="2", cents=30000), line("A1234", 1001)))
    assert [each.allowed_cents for each in decision.lines] == [18400, 601]
    assert decision.paid_cents == 19001


def test_allowed_is_never_more_than_the_charge() -> None:
    decision = decide(claim(line(cents=5000)))
    assert (decision.paid_cents, cuts(decision)) == (5000, [])


def test_copay_deductible_and_coinsurance_come_in_this_order() -> None:
    payer = replace(PAYER, copay_cents=2000, coinsurance_permille=200)
    decision = decide(claim(line(), line("A1234", 10000)), payer, deductible=5000)
    assert cuts(decision) == [
        ("CO", "45", 5800),
        ("PR", "1", 5000),
        ("PR", "2", 440),
        ("PR", "3", 2000),
        ("CO", "45", 4000),
        ("PR", "2", 1200),
    ]
    assert (decision.patient_cents, decision.deductible_used_cents) == (8640, 5000)


def test_whole_deductible_is_zero_paid_and_no_denial() -> None:
    decision = decide(claim(line()), deductible=100_000)
    assert (decision.status, decision.paid_cents) == ("1", 0)
    assert cuts(decision) == [("CO", "45", 5800), ("PR", "1", 9200)]


def test_denials_keep_the_status_of_a_processed_claim() -> None:
    rule = Rule("bundled", RuleAt.LINE, When(procedures=frozenset({"A1234"})), carc="97")
    decision = decide(claim(line(), line("A1234", 1000)), replace(PAYER, rules=(rule,)))
    assert decision.status == "1"
    assert cuts(decision) == [("CO", "45", 5800), ("CO", "97", 1000)]
    assert decision.lines[1].paid_cents == 0


def test_unknown_member_is_status_4_at_claim_level_alone() -> None:
    decision = decide(claim(line()), replace(PAYER, unknown_members=("MBR",)))
    assert (decision.status, decision.lines) == ("4", ())
    assert decision.cuts == (Cut("PR", "31", 15000),)


def test_qmb_lines_say_that_nothing_may_be_collected() -> None:
    payer = replace(PAYER, coinsurance_permille=200, qmb_members=("MBR",))
    decision = decide(claim(line()), payer, deductible=1000)
    assert decision.lines[0].remarks == ("N781", "N782")


def test_claim_rule_denies_every_line_and_puts_its_remark_on_the_claim() -> None:
    rule = Rule("unprocessable", RuleAt.CLAIM, carc="16", remarks=("MA130",))
    decision = decide(claim(line(), line("A1234", 1000)), replace(PAYER, rules=(rule,)))
    assert [each.remarks for each in decision.lines] == [(), ()]
    assert (decision.remarks, decision.paid_cents) == (("MA130",), 0)


def test_secondary_payer_pays_at_most_what_the_first_left() -> None:
    submitted = claim(replace(line(), prior_patient_cents=3000), responsibility="S")
    decision = decide(submitted)
    assert (decision.status, decision.paid_cents) == ("2", 3000)
    assert cuts(decision) == [("OA", "23", 12000)]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 5_000_00), min_size=1, max_size=5),
    st.integers(0, 1000),
    st.integers(0, 1000),
    st.integers(0, 10_000),
    st.integers(0, 200_00),
    st.integers(0, 10_000),
)
def test_every_decision_and_its_reversal_balance(
    charges: list[int], share: int, coinsurance: int, copay: int, deductible: int, seed: int
) -> None:
    payer = replace(
        PAYER,
        default_permille=share,
        coinsurance_permille=coinsurance,
        copay_cents=copay,
        sequestration_permille=20,
        qmb_permille=200,
        unknown_permille=100,
        rules=(Rule("some", RuleAt.LINE, permille=200, carc="50"),),
    )
    submitted = claim(*(line("A1234", cents) for cents in charges))
    decision = decide(submitted, payer, deductible=deductible, seed=seed)
    for each in (decision, reverse_decision(decision), deny_duplicate(submitted, payer, seed=1)):
        own = sum(cut.cents for cut in each.cuts)
        below = sum(cut.cents for part in each.lines for cut in part.cuts)
        assert each.claim.charge_cents == own + below + each.paid_cents
        for part in each.lines:
            taken = sum(cut.cents for cut in part.cuts)
            assert part.line.charge_cents == taken + part.paid_cents
            assert 0 not in [cut.cents for cut in part.cuts]
    assert decision.paid_cents >= 0


def test_check_is_never_below_zero_and_what_is_owed_is_taken_from_the_next() -> None:
    paid = decide(claim(line()))
    taken = make_check(
        PAYER, BILLING, [reverse_decision(paid)], seed=1, run_name="a", carried_cents=0
    )
    assert (taken.bpr02_cents, taken.carried_cents, taken.plb[0].cents) == (0, 9200, -9200)
    small = decide(claim(line(cents=5000)))
    part = make_check(PAYER, BILLING, [small], seed=1, run_name="b", carried_cents=9200)
    assert (part.bpr02_cents, part.carried_cents, part.plb[0].cents) == (0, 4200, 5000)
    rest = make_check(PAYER, BILLING, [paid], seed=1, run_name="c", carried_cents=4200)
    assert (rest.bpr02_cents, rest.carried_cents) == (5000, 0)


def test_interest_adds_and_takeback_takes_from_the_check() -> None:
    payer = replace(PAYER, provider_level=(ProviderLevel("L6", -137), ProviderLevel("WO", 1200)))
    check = make_check(
        payer, BILLING, [decide(claim(line()))], seed=1, run_name="a", carried_cents=0
    )
    assert check.bpr02_cents == 9200 + 137 - 1200


@pytest.mark.parametrize(
    ("units", "tenths"), [("1", 10), ("2.5", 25), ("", 10), ("x", 10), ("0", 0), ("15", 150)]
)
def test_units_are_read_in_tenths(units: str, tenths: int) -> None:
    assert count_tenths(units) == tenths


def test_shares_round_half_a_cent_away_from_zero() -> None:
    assert (take_share(1001, 500), take_share(-1001, 500)) == (501, -501)


def test_draws_follow_from_their_names_alone() -> None:
    assert draw_number(1, "a", "b", below=1000) == draw_number(1, "a", "b", below=1000)
    assert draw_number(1, "ab", below=10**9) != draw_number(1, "a", "b", below=10**9)
    hits = sum(is_drawn(1, "x", str(n), permille=200) for n in range(2000))
    assert 320 < hits < 480
