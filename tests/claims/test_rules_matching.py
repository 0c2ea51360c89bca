"""Matching a payer's lines to ours (R6, R51)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from uuid import UUID

import edi
from claims.rules.matching import check_matches, match_lines
from claims.values import ContentLine
from config.money import Money

DAY = dt.date(2026, 9, 14)


def _ours(
    number: int, code: str, cents: int, *modifiers: str, units: int = 1, day: dt.date = DAY
) -> ContentLine:
    key = UUID(int=number)
    control = f"C1L{number}"
    return ContentLine(number, control, key, code, "CPT", modifiers, units, Money(cents), (1,), day)


def _theirs(
    code: str,
    cents: int,
    *modifiers: str,
    control: str = "",
    original: str = "",
    units: int = 1,
    day: dt.date | None = DAY,
) -> edi.RemittanceLine:
    return edi.RemittanceLine(
        index=0,
        procedure_qualifier="HC",
        procedure=code,
        modifiers=modifiers,
        charge_cents=cents,
        paid_cents=cents,
        revenue="",
        units=Decimal(units),
        original_procedure=original,
        original_modifiers=(),
        original_units=None,
        service_from=day,
        service_to=day,
        adjustments=(),
        line_control=control,
        remarks=(),
        references=(),
        amounts=(),
    )


def test_control_number_stands_before_everything_else() -> None:
    ours = [_ours(1, "20610", 200, "50"), _ours(2, "20610", 200, "50")]
    theirs = [_theirs("20610", 200, "50", control="C1L2"), _theirs("20610", 200, "50")]
    assert match_lines(theirs, ours) == [1, 0]


def test_the_line_that_fits_best_is_taken_first() -> None:
    ours = [_ours(1, "20610", 200, "50"), _ours(2, "20610", 200, "59")]
    assert match_lines([_theirs("20610", 200, "59"), _theirs("20610", 200)], ours) == [1, 0]


def test_units_and_date_tell_lines_of_one_code_apart() -> None:
    other = dt.date(2026, 9, 13)
    ours = [_ours(1, "97110", 200, units=2), _ours(2, "97110", 200, units=2, day=other)]
    assert match_lines([_theirs("97110", 200, units=2, day=other)], ours) == [1]


def test_other_units_still_match_by_code_charge_and_date() -> None:
    assert match_lines([_theirs("97110", 200)], [_ours(1, "97110", 200, units=2)]) == [0]


def test_line_without_a_date_matches() -> None:
    assert match_lines([_theirs("97110", 200, day=None)], [_ours(1, "97110", 200)]) == [0]


def test_code_as_submitted_stands_before_the_code_that_was_paid() -> None:
    ours = [_ours(1, "99214", 200), _ours(2, "99213", 200)]
    assert match_lines([_theirs("99213", 200, original="99214")], ours) == [0]


def test_parts_without_control_number_make_one_line() -> None:
    ours = [_ours(1, "80061", 300), _ours(2, "99213", 100)]
    parts = [
        _theirs("82465", 200, original="80061"),
        _theirs("99213", 100),
        _theirs("83718", 100, original="80061"),
    ]
    assert match_lines(parts, ours) == [0, 1, 0]


def test_parts_that_do_not_make_our_charge_are_left_alone() -> None:
    ours = [_ours(1, "80061", 300)]
    parts = [_theirs("82465", 200, original="80061"), _theirs("83718", 90, original="80061")]
    places = match_lines(parts, ours)
    assert places == [None, None]
    assert [f.code for f in check_matches(parts, ours, places)] == ["line-unmatched"] * 2


def test_each_of_our_lines_is_matched_once() -> None:
    ours = [_ours(1, "99213", 100)]
    theirs = [_theirs("99213", 100), _theirs("99213", 100)]
    assert match_lines(theirs, ours) == [0, None]


def test_another_charge_under_our_number_is_a_finding() -> None:
    ours = [_ours(1, "99213", 100)]
    theirs = [_theirs("99213", 90, control="C1L1")]
    places = match_lines(theirs, ours)
    assert [f.code for f in check_matches(theirs, ours, places)] == ["line-charge"]


def test_two_full_answers_under_one_number_are_a_finding() -> None:
    ours = [_ours(1, "99213", 100)]
    theirs = [_theirs("99213", 100, control="C1L1")] * 2
    places = match_lines(theirs, ours)
    assert [f.code for f in check_matches(theirs, ours, places)] == ["line-charge"]
