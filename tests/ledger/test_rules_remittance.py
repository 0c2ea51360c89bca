"""What becomes of each adjusted amount: one short answer a test, as the payer would send it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from config.finding import Level
from config.money import Money
from ledger import service
from ledger.values.accounts import Account
from ledger.values.postings import About
from ledger.values.remittance import (
    Cas,
    PayerTerms,
    Plb,
    RemitClaim,
    RemitLine,
    Treatment,
)
from practice.values import PayerKind

if TYPE_CHECKING:
    from ledger.values.remittance import (
        ClaimDecisions,
        Decision,
    )

PAYER, SECOND = UUID(int=1), UUID(int=2)
ABOUT = About(
    visit_id=UUID(int=10),
    charge_line_id=UUID(int=11),
    guarantor_id=UUID(int=12),
    provider_id=UUID(int=13),
    remittance_id=UUID(int=14),
)
DAY = dt.date(2026, 9, 15)
COMMERCIAL = PayerTerms(PAYER, PayerKind.COMMERCIAL)
MEDICARE = PayerTerms(PAYER, PayerKind.MEDICARE)


def line(charge: int, paid: int, cas: str, *remarks: str, allowed: int | None = None) -> RemitLine:
    """Make a line; `cas` as `CO-45 2000, PR-1 500`."""
    adjustments = []
    for part in filter(None, cas.split(", ")):
        code, cents = part.split(" ")
        group, carc = code.split("-")
        adjustments.append(Cas(group, carc, Money(int(cents))))
    return RemitLine(
        ABOUT,
        Money(charge),
        Money(paid),
        tuple(adjustments),
        tuple(remarks),
        None if allowed is None else Money(allowed),
    )


def claim(*lines: RemitLine, terms: PayerTerms = COMMERCIAL, status: str = "1") -> RemitClaim:
    return RemitClaim(
        status,
        Money.total(each.charge for each in lines),
        Money.total(each.paid for each in lines),
        lines,
        terms,
        DAY,
    )


def decide(answer: RemitClaim) -> ClaimDecisions:
    assert service.check_line_balances(answer) == []
    assert service.check_claim_balance(answer) == []
    return service.decide_claim(answer)


def only(decided: ClaimDecisions, code: str) -> Decision:
    [found] = [d for d in decided.decisions if d.cas.code == code]
    return found


def test_contractual_amount_is_written_off_and_cost_share_becomes_the_patients() -> None:
    decided = decide(claim(line(12_000, 7_000, "CO-45 3000, PR-1 1500, PR-2 500")))
    assert only(decided, "CO-45").account is Account.CONTRACTUAL
    assert only(decided, "PR-1").treatment is Treatment.PATIENT
    [outcome] = decided.outcomes
    assert (outcome.written_off, outcome.patient) == (Money(3_000), Money(2_000))
    assert not outcome.is_denied


def test_nothing_paid_for_the_deductible_is_no_denial() -> None:
    [outcome] = decide(claim(line(12_000, 0, "CO-45 3000, PR-1 9000"))).outcomes
    assert not outcome.is_denied
    assert outcome.patient == Money(9_000)


@pytest.mark.parametrize("carc", ["16", "18", "22", "24", "29", "50", "97", "109", "151", "197"])
def test_other_contractual_obligations_stay_open_and_are_denials(carc: str) -> None:
    decided = decide(claim(line(12_000, 0, f"CO-{carc} 12000")))
    [outcome] = decided.outcomes
    assert outcome.is_denied
    assert outcome.left_open == Money(12_000)
    assert service.build_claim_posting("k", DAY, claim(), decided) is None


@pytest.mark.parametrize("group", ["OA", "PI"])
def test_the_allow_list_names_the_group_too(group: str) -> None:
    decided = decide(claim(line(12_000, 9_000, f"{group}-45 3000")))
    assert only(decided, f"{group}-45").treatment is Treatment.OPEN


@pytest.mark.parametrize("status", ["1", "2", "3", "4", "19", "20", "21"])
def test_claim_status_never_decides(status: str) -> None:
    paid = claim(line(10_000, 8_000, "CO-45 2000"), status=status)
    denied = claim(line(10_000, 0, "CO-50 10000"), status=status)
    assert not decide(paid).outcomes[0].is_denied
    assert decide(denied).outcomes[0].is_denied


@pytest.mark.parametrize("carc", ["26", "27", "31", "33", "49", "96", "119", "204", "242", "45"])
def test_every_other_patient_amount_waits_for_a_person(carc: str) -> None:
    decided = decide(claim(line(12_000, 0, f"PR-{carc} 12000")))
    assert only(decided, f"PR-{carc}").treatment is Treatment.ASK
    assert decided.outcomes[0].is_denied
    assert decided.outcomes[0].patient == Money(0)


def test_money_that_the_payer_gave_the_patient_waits_for_a_person() -> None:
    decided = decide(claim(line(12_000, 0, "PR-100 12000")))
    assert only(decided, "PR-100").rule == "ask/paid-to-patient"


def test_the_share_goes_to_the_next_payer_first() -> None:
    answer = replace(claim(line(10_000, 8_000, "PR-2 2000"), terms=MEDICARE), next_payer_id=SECOND)
    decided = decide(answer)
    assert only(decided, "PR-2").treatment is Treatment.NEXT_PAYER
    posting = service.build_claim_posting("k", DAY, answer, decided)
    assert posting is not None
    moves = {(d.debit, d.credit, d.about.payer_id): d.amount.cents for d in posting.drafts}
    assert moves == {
        (Account.REMITTANCE_CLEARING, Account.INSURANCE_AR, PAYER): 8_000,
        (Account.TRANSFER, Account.INSURANCE_AR, PAYER): 2_000,
        (Account.INSURANCE_AR, Account.TRANSFER, SECOND): 2_000,
    }


@pytest.mark.parametrize(
    ("terms", "remark", "carc", "account"),
    [
        (replace(MEDICARE, programs=frozenset({"qmb"})), "", "1", Account.QMB),
        (MEDICARE, "N781", "2", Account.QMB),
        (PayerTerms(PAYER, PayerKind.MEDICARE_ADVANTAGE), "N783", "3", Account.QMB),
        # a supplement after Medicare leaves Medicare's share, which a QMB never owes
        (replace(COMMERCIAL, programs=frozenset({"qmb"})), "", "2", Account.QMB),
        (PayerTerms(PAYER, PayerKind.MEDICAID), "", "1", Account.MEDICAID),
        (PayerTerms(PAYER, PayerKind.WORKERS_COMP), "", "2", Account.WORKERS_COMP),
        (replace(COMMERCIAL, programs=frozenset({"va"})), "", "3", Account.VETERANS),
        (replace(COMMERCIAL, programs=frozenset({"capitated"})), "", "1", Account.CAPITATION),
        (replace(COMMERCIAL, may_bill_patient="none"), "", "3", Account.PAYER_RULE),
        (replace(COMMERCIAL, may_bill_patient="copay"), "", "2", Account.PAYER_RULE),
    ],
)
def test_who_may_not_be_billed_is_written_off_to_the_rule_that_says_so(
    terms: PayerTerms, remark: str, carc: str, account: Account
) -> None:
    decided = decide(
        claim(line(10_000, 8_000, f"PR-{carc} 2000", *filter(None, [remark])), terms=terms)
    )
    decision = only(decided, f"PR-{carc}")
    assert (decision.treatment, decision.account) == (Treatment.LOWERED, account)
    assert decision.source
    assert decided.outcomes[0].patient == Money(0)


@pytest.mark.parametrize(
    ("terms", "remark", "carc"),
    [
        (PayerTerms(PAYER, PayerKind.MEDICAID), "", "3"),
        (PayerTerms(PAYER, PayerKind.MEDICAID, programs=frozenset({"qmb"})), "", "3"),
        (replace(COMMERCIAL, programs=frozenset({"capitated"})), "", "3"),
        (replace(COMMERCIAL, may_bill_patient="copay"), "", "3"),
        (COMMERCIAL, "N830", "2"),
        (COMMERCIAL, "N781", "1"),  # the remark means QMB from Medicare only
    ],
)
def test_what_may_be_billed_is(terms: PayerTerms, remark: str, carc: str) -> None:
    decided = decide(
        claim(line(10_000, 8_000, f"PR-{carc} 2000", *filter(None, [remark])), terms=terms)
    )
    assert decided.outcomes[0].patient == Money(2_000)


def test_medicares_barred_share_ends_with_a_qmb_and_stays_open_without() -> None:
    qmb = decide(claim(line(10_000, 8_000, "OA-209 2000", "N782"), terms=MEDICARE))
    assert only(qmb, "OA-209").account is Account.QMB
    other = decide(claim(line(10_000, 8_000, "OA-209 2000"), terms=MEDICARE))
    assert only(other, "OA-209").treatment is Treatment.OPEN


@pytest.mark.parametrize(
    ("served_on", "cents", "treatment"),
    [
        (dt.date(2026, 9, 15), 160, Treatment.WRITE_OFF),
        (dt.date(2026, 9, 15), 170, Treatment.OPEN),  # more than 2 % of what was paid before it
        (dt.date(2022, 5, 1), 80, Treatment.WRITE_OFF),
        (dt.date(2022, 5, 1), 160, Treatment.OPEN),  # 1 % in that quarter
        (dt.date(2021, 5, 1), 160, Treatment.OPEN),  # suspended
        (dt.date(2013, 3, 31), 160, Treatment.OPEN),  # not yet in force
    ],
)
def test_sequestration_follows_the_rate_of_its_date(
    served_on: dt.date, cents: int, treatment: Treatment
) -> None:
    answer = claim(line(8_000, 8_000 - cents, f"CO-253 {cents}"), terms=MEDICARE)
    decided = decide(replace(answer, served_on=served_on))
    assert only(decided, "CO-253").treatment is treatment


def test_sequestration_is_medicares_alone() -> None:
    decided = decide(claim(line(8_000, 7_840, "CO-253 160")))
    assert only(decided, "CO-253").treatment is Treatment.OPEN


def test_quality_adjustment_needs_its_remark_and_may_be_a_bonus() -> None:
    with_remark = decide(claim(line(8_000, 8_100, "CO-237 -100", "N807"), terms=MEDICARE))
    assert only(with_remark, "CO-237").account is Account.INCENTIVE
    posting = service.build_claim_posting("k", DAY, claim(terms=MEDICARE), with_remark)
    assert posting is not None
    assert [(d.debit, d.amount.cents) for d in posting.drafts] == [
        (Account.REMITTANCE_CLEARING, 8_100),
        (Account.INSURANCE_AR, 100),
    ]
    without = decide(claim(line(8_000, 7_900, "CO-237 100"), terms=MEDICARE))
    assert only(without, "CO-237").treatment is Treatment.OPEN


def test_the_capitated_visit_is_written_off_only_under_a_capitation_contract() -> None:
    capitated = replace(COMMERCIAL, programs=frozenset({"capitated"}))
    decided = decide(claim(line(10_000, 0, "CO-24 10000"), terms=capitated))
    assert only(decided, "CO-24").account is Account.CAPITATION
    assert not decided.outcomes[0].is_denied
    medicare = decide(claim(line(10_000, 0, "CO-24 10000"), terms=MEDICARE))
    assert medicare.outcomes[0].is_denied


def test_unprocessable_claim_writes_nothing_off() -> None:
    answer = replace(claim(line(10_000, 0, "CO-45 4000, CO-16 6000")), remarks=("MA130",))
    decided = decide(answer)
    assert {d.treatment for d in decided.decisions} == {Treatment.OPEN}
    assert [f.code for f in decided.findings] == ["unprocessed"]


def test_contractual_amount_above_the_contract_posts_and_opens_an_underpayment() -> None:
    decided = decide(claim(line(10_000, 5_000, "CO-45 5000", allowed=6_000)))
    assert decided.outcomes[0].underpaid == Money(1_000)
    assert [f.code for f in decided.findings] == ["underpaid"]
    assert only(decided, "CO-45").treatment is Treatment.WRITE_OFF
    exact = decide(claim(line(10_000, 5_000, "CO-45 5000", allowed=5_000)))
    assert exact.findings == ()


def test_second_payer_posts_only_what_the_first_left() -> None:
    """Charge 100, first paid 60 and wrote off 20, share 20 came here: paid 15, patient 5."""
    answer = claim(line(10_000, 1_500, "OA-23 6000, CO-45 2000, PR-2 500"))
    [first] = answer.lines
    answer = replace(
        answer, sequence=2, status="2", lines=(replace(first, open_balance=Money(2_000)),)
    )
    decided = decide(answer)
    assert only(decided, "OA-23").treatment is Treatment.PRIOR_PAYER
    assert only(decided, "CO-45").treatment is Treatment.REPEATED
    assert decided.outcomes[0].patient == Money(500)
    assert decided.outcomes[0].left_open == Money(0)


def test_prior_payers_part_on_a_first_answer_stays_open() -> None:
    decided = decide(claim(line(10_000, 0, "OA-23 10000")))
    assert only(decided, "OA-23").treatment is Treatment.OPEN


def test_adjustments_of_the_whole_claim_are_spread_to_the_cent() -> None:
    lines = (line(10_000, 10_000, ""), line(5_000, 5_000, ""), line(1, 1, ""))
    answer = RemitClaim(
        "1",
        Money(15_001),
        Money(5_000),
        lines,
        COMMERCIAL,
        DAY,
        adjustments=(Cas("CO", "45", Money(10_001)),),
    )
    decided = decide(answer)
    assert Money.total(each.paid for each in decided.lines) == Money(5_000)
    assert Money.total(d.amount for d in decided.decisions) == Money(10_001)
    assert service.check_line_balances(replace(answer, lines=decided.lines)) == []


@pytest.mark.parametrize(
    ("status", "code"), [("22", "claim-is-reversal"), ("25", "claim-is-estimate")]
)
def test_reversal_and_estimate_are_not_decided(status: str, code: str) -> None:
    decided = service.decide_claim(claim(line(100, 100, ""), status=status))
    assert [f.code for f in decided.findings] == [code]
    assert decided.decisions == ()


def test_an_answer_without_lines_is_not_decided() -> None:
    assert [f.code for f in service.decide_claim(claim()).findings] == ["claim-without-lines"]


def test_an_answer_without_service_lines_is_spread_over_our_own() -> None:
    """CLP*…*150*50 with CAS*CO*45*60 and CAS*PR*1*40, no SVC; our lines charge 100 and 50."""
    lines = (line(10_000, 10_000, ""), line(5_000, 5_000, ""))
    answer = RemitClaim(
        "1",
        Money(15_000),
        Money(5_000),
        lines,
        COMMERCIAL,
        DAY,
        adjustments=(Cas("CO", "45", Money(6_000)), Cas("PR", "1", Money(4_000))),
    )
    decided = decide(answer)
    assert [each.paid.cents for each in decided.lines] == [3_333, 1_667]
    assert sum(each.patient.cents for each in decided.outcomes) == 4_000


@pytest.mark.parametrize(
    "answer",
    [
        claim(line(10_000, 8_000, "CO-45 1999")),
        replace(claim(line(10_000, 8_000, "CO-45 2000")), paid=Money(7_999)),
        replace(
            claim(line(10_000, 8_000, "CO-45 2000")), adjustments=(Cas("CO", "45", Money(100)),)
        ),
    ],
)
def test_what_does_not_tie_is_not_decided(answer: RemitClaim) -> None:
    decided = service.decide_claim(answer)
    assert decided.decisions == ()
    assert {finding.level for finding in decided.findings} == {Level.ERROR}


def test_only_group_pr_can_be_a_patients() -> None:
    for group in ("CO", "OA", "PI"):
        ceiling = service.compute_patient_ceiling(
            Cas(group, "1", Money(500)), COMMERCIAL, (), on=DAY
        )
        assert ceiling.amount == Money(0)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (claim(line(10_000, 8_000, "CO-45 1999")), "line-balance"),
        (replace(claim(line(10_000, 8_000, "CO-45 2000")), paid=Money(7_999)), "claim-balance"),
        (
            replace(
                claim(line(9_000, 7_000, "CO-45 2000")), charge=Money(10_000), paid=Money(8_000)
            ),
            "claim-lines",
        ),
    ],
)
def test_what_does_not_tie_is_found(answer: RemitClaim, code: str) -> None:
    found = [*service.check_line_balances(answer), *service.check_claim_balance(answer)]
    assert code in {finding.code for finding in found}


def test_check_balance_takes_plb_in_its_own_sign() -> None:
    """Claims 100, recoup 30 (positive takes), interest 1 (negative gives): the check is 71."""
    paid, plb = [Money(10_000)], [Money(3_000), Money(-100)]
    assert service.check_remittance_balance(Money(7_100), paid, plb) == []
    wrong_sign = service.check_remittance_balance(Money(12_900), paid, plb)
    assert [finding.code for finding in wrong_sign] == ["remittance-balance"]
    below = service.check_remittance_balance(Money(-1), [Money(-1)], [])
    assert [finding.code for finding in below] == ["remittance-negative"]


def plb(*parts: tuple[str, int]) -> dict[Account, int]:
    """Return what PLB amounts in their X12 sign leave on each account, debits above nil."""
    posting = service.build_plb(
        "k",
        DAY,
        remittance_id=UUID(int=14),
        payer_id=PAYER,
        adjustments=[Plb(code, UUID(int=5), Money(cents)) for code, cents in parts],
    )
    sums: dict[Account, int] = {}
    for draft in posting.drafts if posting else ():
        sums[draft.debit] = sums.get(draft.debit, 0) + draft.amount.cents
        sums[draft.credit] = sums.get(draft.credit, 0) - draft.amount.cents
    return {account: cents for account, cents in sums.items() if cents}


def test_a_takeback_waits_in_payer_clearing() -> None:
    taken = plb(("WO", 5_000))
    assert taken == {Account.PAYER_CLEARING: 5_000, Account.REMITTANCE_CLEARING: -5_000}


def test_a_takeback_that_our_own_check_already_paid_nets_to_nothing() -> None:
    assert plb(("WO", 5_000), ("72", -5_000)) == {}


def test_a_balance_carried_forward_comes_back_on_the_next_remittance() -> None:
    assert plb(("FB", -700))[Account.PAYER_CLEARING] == -700
    assert plb(("FB", -700), ("FB", 700)) == {}


@pytest.mark.parametrize(
    ("code", "cents", "account"),
    [
        ("L6", -100, Account.INTEREST_INCOME),
        ("E3", 100, Account.PAYER_WITHHOLD),
        ("IR", 100, Account.TAX_WITHHELD),
        ("LE", 100, Account.LEVY),
        ("CT", -100, Account.CAPITATION_INCOME),
        ("J1", 100, Account.PAYER_CLEARING),
        ("CS", 100, Account.PAYER_CLEARING),
        ("ZZ", 100, Account.PAYER_CLEARING),  # in no table: waits for a person
    ],
)
def test_each_provider_adjustment_goes_to_its_account(
    code: str, cents: int, account: Account
) -> None:
    assert plb((code, cents))[account] == cents
