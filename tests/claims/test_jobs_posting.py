"""A posting that is cut short anywhere goes on to the same book as one that wasn't."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claims import queries
from claims.jobs import posting
from claims.values import ClaimState
from config import failpoint
from patients import service as patients
from tests.factories.patients import make_guarantor
from tests.factories.remittances import AT, Billed, Check, Clp, Svc, write_835

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.factories.remittances import BilledClaim, Desk


PLACES = [name for name in failpoint.NAMES if name.startswith("remittance-")]


class PowerCutError(Exception):
    """Stands for the death of the process: nothing after it runs in this transaction."""


def _cut_at(wanted: str, passes: int) -> Callable[[str], None]:
    left = [passes]

    def reach(name: str) -> None:
        if name != wanted:
            return
        if left[0] == 0:
            raise PowerCutError(name)
        left[0] -= 1

    return reach


def _remittance(desk: Desk) -> tuple[list[BilledClaim], bytes]:
    """Bill four claims and pay them: paid, denied, unbalanced, unmatched, a takeback."""
    claims = desk.bill_all([(Billed(),)] * 4)
    paid = claims[0].clp(Svc("99213", 15_000, 7_400, "CO-45 5800, PR-3 1800"))
    checks = Check(
        (
            paid,
            claims[1].clp(Svc("99213", 15_000, 0, "CO-50 15000")),
            claims[2].clp(Svc("99213", 15_000, 9_000, "CO-45 5000")),
            Clp("NOTOURS1", (Svc("99213", 15_000, 9_000, "CO-45 6000"),)),
            claims[0].reverse(paid),
            claims[3].clp(Svc("99213", 15_000, 9_000, "CO-45 6000")),
        ),
        plb=(("WO", "FCN1", 1_000), ("L6", "I", -137)),
    )
    return claims, write_835(checks)


@pytest.mark.parametrize("passes", [0, 3])
@pytest.mark.parametrize("place", PLACES)
def test_posting_cut_short_goes_on_to_the_same_book(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, place: str, passes: int
) -> None:
    claims, content = _remittance(desk)
    desk.drop(content)
    desk.receive()
    with monkeypatch.context() as patch:
        patch.setattr(failpoint, "reach", _cut_at(place, passes))
        if passes and not place.startswith("remittance-claim"):
            desk.post()
        else:
            with pytest.raises(PowerCutError):
                desk.post()
    desk.post()
    (found,) = desk.prove()
    assert (found.posted.cents, found.quarantined.cents) == (9_000, 18_000)
    assert desk.list_held() == ["claim-unbalanced", "claim-unmatched"]
    assert claims[0].sums == (0, 0, 0, 15_000)
    assert claims[1].denials == [("CO-50", 15_000)]
    assert claims[3].state is ClaimState.SETTLED
    assert desk.net("payer-clearing") == 1_000
    assert desk.post() == []


def test_posted_remittance_is_left_alone(desk: Desk) -> None:
    _, content = _remittance(desk)
    desk.drop(content)
    desk.receive()
    (report,) = desk.post()
    before = desk.read_book()
    again = posting.post_remittance(desk.database, desk.actor, report.remittance_id, at=desk.at)
    assert (report.posted, report.quarantined) == (4, 2)
    assert (again.posted, again.quarantined) == (0, 0)
    assert desk.read_book() == before


def test_two_posters_at_once_post_once(desk: Desk) -> None:
    claims, content = _remittance(desk)
    desk.drop(content)
    desk.receive()
    with ThreadPoolExecutor(2) as pool:
        for posted in [pool.submit(desk.post) for _ in range(2)]:
            posted.result()
    (found,) = desk.prove()
    assert (found.posted.cents, found.quarantined.cents) == (9_000, 18_000)
    assert claims[1].denials == [("CO-50", 15_000)]


def test_second_transaction_of_a_file_is_posted_from_its_own_place(desk: Desk) -> None:
    claims = desk.bill_all([(Billed(),)] * 3)
    checks = [
        Check((claim.clp(Svc("99213", 15_000, 9_000 + n, f"CO-45 {6_000 - n}")),), trace=f"T{n}")
        for n, claim in enumerate(claims)
    ]
    desk.answer(*checks)
    assert [claim.sums[0] for claim in claims] == [9_000, 9_001, 9_002]


def test_quarantined_claim_posts_once_its_patient_has_a_guarantor(desk: Desk) -> None:
    claim = desk.bill(has_guarantor=False)
    line = Svc("99213", 15_000, 7_400, "CO-45 5800, PR-3 1800")
    desk.answer(Check((claim.clp(line),)))
    assert desk.retry() == [(0, 1)]
    assert claim.events.count("remittance-quarantined") == 1
    with desk.write() as session:
        patient_id = queries.get_claims(session, [claim.id])[claim.id].patient_id
        guarantor = patients.add_guarantor(session, make_guarantor(), today=AT.date())
        patients.set_guarantor(session, patient_id, guarantor.id)
    assert desk.retry() == [(1, 0)]
    (found,) = desk.prove()
    assert (found.posted.cents, found.quarantined.cents) == (7_400, 0)
    assert claim.sums == (7_400, 5_800, 1_800, 0)
    assert desk.retry() == []


def test_correction_in_an_earlier_file_than_its_reversal_posts_when_tried_again(
    desk: Desk,
) -> None:
    claim = desk.bill()
    paid = claim.clp(Svc("99213", 15_000, 7_400, "CO-45 5800, PR-3 1800"))
    corrected = claim.clp(Svc("99213", 15_000, 6_000, "CO-45 7200, PR-3 1800"))
    desk.answer(Check((paid,)))
    desk.answer(Check((corrected,), trace="T2"))
    assert desk.list_held() == ["claim-answered-before"]
    carry = (("FB", "F1", -7_400),)
    desk.answer(Check((claim.reverse(paid),), trace="T3", plb=carry, bpr02=0))
    assert desk.retry() == [(1, 0)]
    desk.prove()
    assert claim.sums == (6_000, 7_200, 1_800, 0)


_CENTS = st.integers(0, 15_000)
_CODES = st.sampled_from(
    ["CO-45", "CO-50", "CO-16", "PR-1", "PR-2", "PR-3", "PR-27", "OA-18", "PI-15", "CO-253"]
)


@st.composite
def _answers(draw: st.DrawFn) -> tuple[int, list[tuple[str, int]], int, str]:
    """Draw what is paid, how the rest is adjusted, by how much it doesn't balance, and a fate."""
    paid = draw(_CENTS)
    rest = 15_000 - paid
    cas: list[tuple[str, int]] = []
    while rest:
        cents = draw(st.integers(1, rest)) if len(cas) < 3 else rest
        cas.append((draw(_CODES), cents))
        rest -= cents
    gap = draw(st.sampled_from([0, 0, 0, 0, 1, -250]))
    fate = draw(st.sampled_from(["", "", "reversed", "corrected", "repeated", "unmatched"]))
    return paid, cas, gap, fate


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    answers=st.lists(_answers(), min_size=1, max_size=5),
    plb=st.lists(
        st.tuples(st.sampled_from(["WO", "FB", "L6", "72", "ZZ"]), st.integers(-9_000, 9_000)),
        max_size=3,
    ),
)
def test_any_remittance_ties_in_every_sum(
    desk: Desk,
    answers: list[tuple[int, list[tuple[str, int]], int, str]],
    plb: list[tuple[str, int]],
) -> None:
    claims = desk.bill_all([(Billed(),)] * len(answers))
    clps: list[Clp] = []
    for claim, (paid, cas, gap, fate) in zip(claims, answers, strict=True):
        text = ", ".join(f"{code} {cents}" for code, cents in cas)
        answer = claim.clp(Svc("99213", 15_000, paid + gap, text))
        clps.append(answer)
        if fate in ("reversed", "corrected"):
            clps.append(claim.reverse(answer))
        if fate in ("corrected", "repeated"):
            clps.append(answer)
        if fate == "unmatched":
            clps.append(Clp("NOTOURS1", answer.lines))
    adjustments = tuple((code, f"R{n}", cents) for n, (code, cents) in enumerate(plb) if cents)
    short = sum(c.get_paid() for c in clps) - sum(cents for _, _, cents in adjustments)
    if short < 0:
        adjustments = (*adjustments, ("FB", "CARRY", short))
    desk.answer(Check(tuple(clps), plb=adjustments, trace=f"T{desk.controls}"))
    for claim, (paid, _, gap, fate) in zip(claims, answers, strict=True):
        charged = sum(balance.charged.cents for balance in claim.balances)
        assert sum(claim.sums) == charged == 15_000
        if fate in ("", "corrected", "unmatched") and not gap:
            assert claim.sums[0] == paid
