"""The simulator plays its rounds over real files; pyx12 and our own checker judge its answers."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

import edi
from simulator.service import SCENARIOS, demo_contract, run, scenario_contract
from simulator.values import Stage
from tests.factories.oracles import find_pyx12_errors
from tests.factories.submissions import Batch, Claim, Line, make_837p

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from simulator.values import Contract, RunResult

DAY = dt.date(2026, 9, 15)
PAYERS = ("99001", "99002", "99003", "99004", "99005")


class Play:
    """One practice and its simulated partners in a folder."""

    def __init__(self, folder: Path, contract: Contract, *, seed: int = 7) -> None:
        self.sent, self.answers, self.memory = folder / "out", folder / "in", folder / "sim"
        self.sent.mkdir(parents=True)
        self.contract = contract
        self.seed = seed

    def send(self, data: bytes, name: str = "a.837") -> None:
        (self.sent / name).write_bytes(data)

    def run(self, stage: Stage, *, days: int = 0) -> RunResult:
        return run(
            self.sent,
            self.answers,
            self.contract,
            seed=self.seed,
            today=DAY + dt.timedelta(days=days),
            stage=stage,
            memory=self.memory,
        )

    def run_all(self) -> list[RunResult]:
        return [
            self.run(Stage.ACKNOWLEDGE),
            self.run(Stage.ADJUDICATE, days=5),
            self.run(Stage.REVERSE, days=10),
        ]

    def read_835(self) -> list[tuple[edi.Remittance835, list[edi.RemittanceClaim]]]:
        found: list[tuple[edi.Remittance835, list[edi.RemittanceClaim]]] = []
        for path in sorted(self.answers.glob("*.835"), key=lambda p: p.name[6:]):
            with path.open("rb") as stream:
                found.extend((r, list(r.claims)) for r in edi.read_835(stream))
        return found


def many_claims(count: int = 60) -> list[Claim]:
    procedures = (("99213", "150"), ("99214", "210"), ("36415", "12"), ("93000", "40"))
    return [
        Claim(
            f"C{n:04d}",
            payer=PAYERS[n % 5],
            member=f"MBR{n:04d}",
            lines=tuple(
                Line(*procedures[(n + k) % 4], modifiers=("25",) if k else ())
                for k in range(1 + n % 3)
            ),
            dependent="KID" if n % 7 == 0 else "",
        )
        for n in range(count)
    ]


def submit(claims: Sequence[Claim], *, control: int = 1) -> bytes:
    return make_837p(Batch(claims), control=control, is_ta1_requested=True)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Play:
    play = Play(tmp_path_factory.mktemp("demo"), demo_contract())
    play.send(submit(many_claims()))
    play.run_all()
    return play


def test_every_answer_is_accepted_by_our_checker_and_by_pyx12(demo: Play) -> None:
    answers = sorted(demo.answers.iterdir())
    assert {path.suffix for path in answers} == {".ta1", ".999", ".277", ".835"}
    for path in answers:
        data = path.read_bytes()
        report = edi.check(BytesIO(data))
        assert report.accepted, (path.name, report.to_json())
        assert find_pyx12_errors(data) == [], path.name


def test_oracle_does_see_a_planted_fault(demo: Play) -> None:
    path = next(demo.answers.glob("*.835"))
    assert find_pyx12_errors(path.read_bytes().replace(b"*CO*45*", b"*XX*45*", 1))


def test_every_835_balances_at_line_claim_and_check(demo: Play) -> None:
    for remittance, claims in demo.read_835():
        assert remittance.gap_cents == 0
        assert remittance.bpr02_cents >= 0
        assert remittance.claim_count == len(claims)
        assert all(claim.is_balanced for claim in claims)


def test_one_835_a_payer_a_run_with_the_payer_ids_of_the_claims(demo: Play) -> None:
    first = [path.name for path in demo.answers.glob("*-20260920.835")]
    assert sorted(first) == [f"{payer}-20260920.835" for payer in PAYERS]
    assert {r.payer.id for r, _ in demo.read_835()} == set(PAYERS)


def test_demo_shows_the_usual_variety(demo: Play) -> None:
    claims = [claim for _, decided in demo.read_835() for claim in decided]
    lines = [line for claim in claims for line in claim.lines]
    reasons = {(a.group, a.reason) for c in claims for a in c.adjustments} | {
        (a.group, a.reason) for line in lines for a in line.adjustments
    }
    assert {("CO", "45"), ("PR", "1"), ("PR", "2"), ("PR", "3"), ("CO", "253")} <= reasons
    denied = {("CO", "16"), ("CO", "50"), ("CO", "97"), ("CO", "197"), ("PR", "27")} & reasons
    assert denied
    assert {"1", "22"} <= {claim.status for claim in claims}
    assert all(c.status != "4" or not c.lines for c in claims)


def test_no_accepted_claim_is_lost_and_none_is_paid_twice(demo: Play) -> None:
    accepted = [
        claim.claim_number
        for path in demo.answers.glob("*-9*.277")
        for answer in edi.read_277ca(BytesIO(path.read_bytes()))
        for claim in answer.claims
        if claim.is_accepted
    ]
    first = [c.claim_number for r, cs in demo.read_835() for c in cs if r.paid_on == DAY_PAID]
    assert sorted(first) == sorted(accepted)


DAY_PAID = DAY + dt.timedelta(days=5)


def test_same_seed_and_input_give_the_same_bytes(tmp_path: Path) -> None:
    plays = [Play(tmp_path / name, demo_contract()) for name in ("one", "two")]
    other = Play(tmp_path / "three", demo_contract(), seed=8)
    for play in (*plays, other):
        play.send(submit(many_claims(20)))
        play.run_all()
    one, two, three = (
        {path.name: path.read_bytes() for path in play.answers.iterdir()}
        for play in (*plays, other)
    )
    assert one == two
    assert one != three


def test_file_that_still_lies_in_the_inbox_is_not_answered_again(tmp_path: Path) -> None:
    play = Play(tmp_path, scenario_contract("all-paid"))
    play.send(submit([Claim("A1")]))
    assert play.run(Stage.ACKNOWLEDGE).claims_accepted == ("A1",)
    again = play.run(Stage.ACKNOWLEDGE, days=1)
    assert (again.files_read, again.files_written) == ((), ())


def test_interchange_number_used_before_is_refused_by_ta1(tmp_path: Path) -> None:
    play = Play(tmp_path, scenario_contract("all-paid"))
    play.send(submit([Claim("A1")]))
    play.run(Stage.ACKNOWLEDGE)
    play.send(submit([Claim("A2")]), "b.837")
    result = play.run(Stage.ACKNOWLEDGE, days=1)
    assert [path.suffix for path in result.files_written] == [".ta1"]
    (ta1,) = edi.read_ta1(BytesIO(result.files_written[0].read_bytes()))
    assert (ta1.interchange_control, ta1.code, ta1.note) == ("000000001", "R", "025")


@pytest.mark.parametrize(
    ("scenario", "suffixes", "accepted"),
    [
        ("rejected-999", {".ta1", ".999"}, ()),
        ("rejected-clearinghouse", {".ta1", ".999", ".277"}, ()),
        ("rejected-payer", {".ta1", ".999", ".277"}, ()),
        ("all-paid", {".ta1", ".999", ".277"}, ("A1",)),
    ],
)
def test_claims_are_turned_down_at_the_door_that_the_scenario_names(
    tmp_path: Path, scenario: str, suffixes: set[str], accepted: tuple[str, ...]
) -> None:
    play = Play(tmp_path, scenario_contract(scenario))
    play.send(submit([Claim("A1")]))
    result = play.run(Stage.ACKNOWLEDGE)
    assert {path.suffix for path in result.files_written} == suffixes
    assert result.claims_accepted == accepted
    for path in result.files_written:
        assert edi.check(BytesIO(path.read_bytes())).accepted, path.name


def test_999_that_turns_a_batch_down_names_the_claim(tmp_path: Path) -> None:
    play = Play(tmp_path, scenario_contract("rejected-999"))
    play.send(submit([Claim("A1"), Claim("A2")]))
    play.run(Stage.ACKNOWLEDGE)
    (answer,) = edi.read_999(BytesIO((play.answers / "000000001.999").read_bytes()))
    assert (answer.code, answer.transactions[0].code) == ("R", "R")
    assert [e.claim_number for e in answer.transactions[0].errors] == ["A1", "A2"]


def test_rejected_claim_passes_when_it_is_sent_again_where_the_rule_strikes_once(
    tmp_path: Path,
) -> None:
    contract = scenario_contract("rejected-payer")
    once = tuple(
        replace(p, rules=tuple(replace(r, is_once=True) for r in p.rules)) for p in contract.payers
    )
    play = Play(tmp_path, replace(contract, payers=once))
    play.send(submit([Claim("A1")]))
    assert play.run(Stage.ACKNOWLEDGE).claims_rejected == ("A1",)
    play.send(submit([Claim("A1")], control=2), "b.837")
    assert play.run(Stage.ACKNOWLEDGE, days=1).claims_accepted == ("A1",)


def test_claim_can_be_rejected_days_after_its_payer_accepted_it(tmp_path: Path) -> None:
    play = Play(tmp_path, scenario_contract("rejected-late"))
    play.send(submit([Claim("A1", payer="99002"), Claim("A2", payer="99001")]))
    assert play.run(Stage.ACKNOWLEDGE).claims_accepted == ("A2", "A1")
    late = play.run(Stage.ADJUDICATE, days=5)
    assert (late.claims_rejected, late.remittances) == (("A2", "A1"), ())
    assert [path.name for path in late.files_written] == [
        "99001-20260920-late.277",
        "99002-20260920-late.277",
    ]
    data = late.files_written[1].read_bytes()
    (status,) = edi.read_277ca(BytesIO(data))
    assert (status.batch_reference, [c.claim_number for c in status.claims]) == ("BATCH1", ["A1"])
    assert not status.claims[0].is_accepted
    assert edi.check(BytesIO(data)).accepted
    assert find_pyx12_errors(data) == []


def test_unbalanced_check_is_off_and_its_claims_are_not(tmp_path: Path) -> None:
    play = Play(tmp_path, scenario_contract("unbalanced-check"))
    play.send(submit([Claim("A1", payer="99002")]))
    play.run_all()
    ((remittance, claims),) = play.read_835()
    assert remittance.gap_cents == 100
    assert claims[0].is_balanced


def test_unbalanced_claim_stands_in_a_balanced_check(tmp_path: Path) -> None:
    play = Play(tmp_path, scenario_contract("unbalanced-claim"))
    play.send(submit([Claim("A1", payer="99002"), Claim("A2", payer="99002")]))
    play.run_all()
    ((remittance, claims),) = play.read_835()
    assert remittance.gap_cents == 0
    assert [claim.is_balanced for claim in claims] == [False, True]


def test_reversal_without_correction_is_carried_forward_below_zero(tmp_path: Path) -> None:
    play = Play(tmp_path, scenario_contract("reversed"))
    play.send(submit([Claim("A1", payer="99002")]))
    play.run_all()
    (paid, first), (taken, second) = play.read_835()
    assert (paid.bpr02_cents, first[0].paid_cents) == (5900, 5900)
    assert [(c.status, c.paid_cents, c.charge_cents) for c in second] == [("22", -5900, -15000)]
    assert second[0].lines[0].line_control == first[0].lines[0].line_control
    assert (taken.bpr02_cents, taken.method) == (0, "NON")
    assert [(p.reason, p.cents) for p in taken.plb] == [("FB", -5900)]
    play.send(submit([Claim("A2", payer="99002"), Claim("A3", payer="99002")], control=2), "b.837")
    play.run(Stage.ACKNOWLEDGE, days=11)
    (next_paid,) = play.run(Stage.ADJUDICATE, days=12).remittances
    assert (next_paid.clp04_cents, next_paid.plb_cents, next_paid.bpr02_cents) == (
        11800,
        5900,
        5900,
    )


def test_correction_follows_its_reversal_in_the_same_835(tmp_path: Path) -> None:
    play = Play(tmp_path, scenario_contract("corrected"))
    play.send(submit([Claim("A1", payer="99002")]))
    play.run_all()
    (_, _), (remittance, claims) = play.read_835()
    assert [(c.status, c.paid_cents) for c in claims] == [("22", -5900), ("1", 5060)]
    assert remittance.gap_cents == 0
    assert play.run(Stage.REVERSE, days=20).remittances == ()


def test_replacement_takes_back_what_was_paid_and_void_leaves_nothing(tmp_path: Path) -> None:
    play = Play(tmp_path, scenario_contract("all-paid"))
    play.send(submit([Claim("A1", payer="99002"), Claim("A2", payer="99002")]))
    play.run_all()
    ((_, paid),) = play.read_835()
    again = [
        Claim("A1", payer="99002", frequency="7", payer_claim_number=paid[0].payer_claim_number),
        Claim("A2", payer="99002", frequency="8", payer_claim_number=paid[1].payer_claim_number),
    ]
    play.send(submit(again, control=2), "b.837")
    play.run(Stage.ACKNOWLEDGE, days=11)
    play.run(Stage.ADJUDICATE, days=12)
    claims = play.read_835()[-1][1]
    assert [(c.claim_number, c.status, c.paid_cents) for c in claims] == [
        ("A1", "22", -5900),
        ("A1", "1", 5900),
        ("A2", "22", -5900),
    ]


def test_replacement_that_names_no_claim_of_the_payer_is_rejected(tmp_path: Path) -> None:
    play = Play(tmp_path, scenario_contract("all-paid"))
    play.send(submit([Claim("A1", payer="99002", frequency="7", payer_claim_number="X")]))
    assert play.run(Stage.ACKNOWLEDGE).claims_rejected == ("A1",)
    told = (play.answers / "000000001-99002.277").read_bytes()
    (status,) = edi.read_277ca(BytesIO(told))
    assert status.claims[0].statuses[0].codes == (edi.StatusCode("A4", "35", ""),)


def test_two_rounds_of_one_day_overwrite_nothing_and_share_no_trace(tmp_path: Path) -> None:
    play = Play(tmp_path, scenario_contract("all-paid"))
    traces: list[str] = []
    for number in (1, 2):
        play.send(submit([Claim(f"A{number}", payer="99002")], control=number), f"{number}.837")
        play.run(Stage.ACKNOWLEDGE)
        traces.extend(r.trace for r in play.run(Stage.ADJUDICATE).remittances)
    assert len(set(traces)) == 2
    assert len(list(play.answers.glob("*.835"))) == 2


def test_paid_claim_that_comes_again_as_an_original_is_a_duplicate(tmp_path: Path) -> None:
    play = Play(tmp_path, scenario_contract("all-paid"))
    play.send(submit([Claim("A1", payer="99002")]))
    play.run_all()
    play.send(submit([Claim("A1", payer="99002")], control=2), "b.837")
    play.run(Stage.ACKNOWLEDGE, days=11)
    play.run(Stage.ADJUDICATE, days=12)
    (line,) = play.read_835()[-1][1][0].lines
    assert [(a.group, a.reason, a.cents) for a in line.adjustments] == [("CO", "18", 15000)]


def test_deductible_is_taken_once_a_member_over_several_claims(tmp_path: Path) -> None:
    play = Play(tmp_path, scenario_contract("all-paid"))
    claims = [Claim(f"A{n}", payer="99001", lines=(Line("99999", "200"),)) for n in range(3)]
    play.send(submit(claims))
    play.run_all()
    taken = [
        a.cents
        for _, decided in play.read_835()
        for claim in decided
        for line in claim.lines
        for a in line.adjustments
        if (a.group, a.reason) == ("PR", "1")
    ]
    assert taken == [12400, 2600]


@pytest.mark.parametrize("scenario", sorted(SCENARIOS))
def test_every_scenario_plays_to_its_end(tmp_path: Path, scenario: str) -> None:
    play = Play(tmp_path, scenario_contract(scenario))
    play.send(submit(many_claims(10)))
    assert len(play.run_all()) == 3


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"ISA*00*", make_837p(Batch([Claim("A1")]))[:700]],
    ids=["empty", "no x12", "half an ISA", "truncated"],
)
def test_broken_file_stops_nothing_and_no_claim_of_it_goes_on(tmp_path: Path, data: bytes) -> None:
    play = Play(tmp_path, demo_contract())
    play.send(data)
    assert play.run(Stage.ACKNOWLEDGE).claims_accepted == ()
    assert play.run(Stage.ADJUDICATE).remittances == ()


def test_secondary_claim_gets_what_the_first_payer_left(tmp_path: Path) -> None:
    play = Play(tmp_path, scenario_contract("all-paid"))
    play.send(submit([Claim("A1", payer="99002", responsibility="S")]))
    play.run_all()
    ((_, claims),) = play.read_835()
    assert claims[0].status == "2"
