"""The demo's table: what ties says so, and each way of not tying is found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from claims.service import RemittanceSummary
from claims.values import RemittanceId
from config.ids import uuid7
from config.money import Money
from ledger.values.balances import Totals
from office.demo.report import Figures, find_gaps


def make_remittance(**changes: int) -> RemittanceSummary:
    values: dict[str, Any] = {
        "bpr02": 9_900,
        "clp04": 10_000,
        "plb": 100,
        "posted": 8_000,
        "quarantined": 2_000,
    } | changes
    return RemittanceSummary(
        id=RemittanceId(uuid7()),
        trace="T1",
        payer_name="Prairie Mutual",
        state="posted",
        claims=3,
        waiting={},
        findings=(),
        **{name: Money(cents) for name, cents in values.items()},
    )


def make_totals(**changes: int) -> Totals:
    values: dict[str, Any] = {
        "billed": 20_000,
        "paid": 8_000,
        "adjusted": 5_000,
        "patient": 3_000,
        "open": 4_000,
    } | changes
    return Totals(**{name: Money(cents) for name, cents in values.items()})


TIED = Figures(
    appointments_kept=60,
    appointments=63,
    excused=1,
    visits=60,
    coded=57,
    held=2,
    sent=50,
    accepted=47,
    rejected=2,
    waiting=1,
    totals=make_totals(),
    remittances=[make_remittance()],
)


def test_a_day_that_ties_has_no_gaps() -> None:
    assert find_gaps(TIED) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"appointments_kept": 59}, "appointments kept"),
        ({"coded": 56}, "visits are not"),
        ({"held": 3}, "visits are not"),
        ({"excused": 0}, "visits are not"),
        ({"accepted": 48}, "claims sent"),
        ({"rejected": 1}, "claims sent"),
        ({"waiting": 0}, "claims sent"),
        ({"totals": make_totals(paid=7_999)}, "billed is not"),
        ({"totals": make_totals(open=4_001)}, "billed is not"),
        ({"remittances": [make_remittance(bpr02=9_899)]}, "T1: the check"),
    ],
)
def test_each_gap_is_named(change: dict[str, Any], words: str) -> None:
    (gap,) = find_gaps(replace(TIED, **change))
    assert words in gap


def test_a_claim_neither_posted_nor_quarantined_is_found() -> None:
    gaps = find_gaps(replace(TIED, remittances=[make_remittance(quarantined=1_999)]))
    assert len(gaps) == 2
    assert "T1: its claims are not posted or quarantined" in gaps[1]


def test_every_gap_is_told_at_once() -> None:
    broken = replace(TIED, appointments_kept=1, coded=1, sent=1, totals=make_totals(paid=1))
    assert len(find_gaps(broken)) == 4
