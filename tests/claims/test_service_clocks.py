"""The clock of a correction starts with its payer's answer, a later payer's with the one before."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from audit.service import reading
from claims import queries
from claims.models import ClaimRow
from claims.service.building import store_version
from claims.service.clocks import find_clock_starts
from claims.service.scrub_facts import read_facts
from config.ids import uuid7
from tests.factories.remittances import AT, Check, Svc

if TYPE_CHECKING:
    from pathlib import Path

    from tests.factories.remittances import Desk

_DENIED = Svc("99213", 15_000, 0, "CO-50 15000")


@pytest.mark.parametrize(
    ("paid_on", "file_by"),
    [("20260915", dt.date(2026, 12, 14)), ("20280229", dt.date(2028, 5, 29))],
)
def test_replacement_is_scrubbed_by_the_day_of_the_payers_answer(
    desk: Desk, tmp_path: Path, paid_on: str, file_by: dt.date
) -> None:
    claim = desk.bill()
    desk.answer(Check((claim.clp(_DENIED),), paid_on=paid_on))
    with desk.write() as session:
        row = queries.get_claim_row(session, claim.id)
        content = queries.get_contents(session, [claim.id])[claim.id]
        row.version += 1
        corrected = replace(content, frequency="7", payer_claim_number="ICN0001")
        store_version(session, row, corrected, at=AT)
        contents = queries.get_contents(session, [claim.id])
        facts = read_facts(session, [row], contents, folder=tmp_path, at=AT)[claim.id]
    assert facts.payer.limits == replace(facts.payer.limits, corrected=90)
    assert facts.file_by == file_by


def test_clock_starts_with_the_newest_answer_that_was_posted(desk: Desk) -> None:
    claim = desk.bill()
    with reading(desk.database, desk.actor, purpose="payment") as session:
        row = queries.get_claim_row(session, claim.id)
        first = queries.get_contents(session, [claim.id])[claim.id]
        corrected = replace(first, frequency="7")
        assert find_clock_starts(session, [row], {claim.id: corrected}) == {}
    desk.answer(Check((claim.clp(_DENIED),), paid_on="20261001"))
    desk.answer(Check((claim.clp(_DENIED),), paid_on="20261101", trace="T0002"))
    with reading(desk.database, desk.actor, purpose="payment") as session:
        row = queries.get_claim_row(session, claim.id)
        assert find_clock_starts(session, [row], {claim.id: first}) == {}
        assert find_clock_starts(session, [row], {claim.id: corrected}) == {
            claim.id: dt.date(2026, 11, 1)
        }


def test_later_payers_clock_starts_with_the_answer_of_the_payer_before(desk: Desk) -> None:
    claim, other = desk.bill(), desk.bill()
    desk.answer(Check((claim.clp(_DENIED),), paid_on="20261001"))
    desk.answer(Check((other.clp(_DENIED),), paid_on="20261101", trace="T0002"))
    with reading(desk.database, desk.actor, purpose="payment") as session:
        row = queries.get_claim_row(session, claim.id)
        content = queries.get_contents(session, [claim.id])[claim.id]
        later = ClaimRow(id=uuid7(), visit_id=row.visit_id, payer_sequence=2)
        found = find_clock_starts(session, [later], {later.id: replace(content, payer_sequence=2)})  # type: ignore[dict-item]  # a claim's key
    assert found == {later.id: dt.date(2026, 10, 1)}
