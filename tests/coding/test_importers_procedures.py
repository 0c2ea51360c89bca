"""A practice's CSV of procedures: read row by row, refused whole."""

from __future__ import annotations

import datetime as dt

import pytest

from coding.importers.procedures import read_procedures
from coding.values import CodeSystem, Period

YEAR = Period(dt.date(2026, 1, 1), dt.date(2026, 12, 31))
HEADER = "code,description,from,to,kind\n"


def _codes(text: str, period: Period | None = YEAR) -> list[str]:
    books = read_procedures(text.encode(), period=period)
    return [finding.code for finding in books[CodeSystem.CPT].findings]


def test_rows_go_to_the_system_of_their_number() -> None:
    books = read_procedures(
        f"{HEADER}99213,Office visit,2026-01-01,,visit\nJ1885,Ketorolac,,,drug\n".encode(),
        period=YEAR,
    )
    assert [row.code for row in books[CodeSystem.CPT].codes] == ["99213"]
    assert [row.code for row in books[CodeSystem.HCPCS].codes] == ["J1885"]
    assert books[CodeSystem.HCPCS].codes[0].effective_to == YEAR.last


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("code,description\n99213,Visit\n", "csv-header"),
        (HEADER, "csv-empty"),
        (f"{HEADER}9921,Visit,2026-01-01,,visit\n", "code-shape"),
        (f"{HEADER}99213,,2026-01-01,,visit\n", "code-description"),
        (f"{HEADER}99213,Visit\u202e,2026-01-01,,visit\n", "code-description"),
        (f"{HEADER}99213,Visit,2026-13-01,,visit\n", "code-dates"),
        (f"{HEADER}99213,Visit,2026-02-01,2026-01-01,visit\n", "code-dates"),
        (f"{HEADER}99213,Visit,,,visit\n99213,Visit,,,visit\n", "code-duplicate"),
    ],
)
def test_each_fault_has_its_finding(text: str, code: str) -> None:
    assert code in _codes(text)


def test_an_open_end_needs_a_period() -> None:
    assert _codes(f"{HEADER}99213,Visit,2026-01-01,,visit\n", period=None) == ["code-dates"]


def test_findings_name_the_row() -> None:
    books = read_procedures(
        f"{HEADER}99213,Visit,2026-01-01,,visit\nX,Visit,2026-01-01,,visit\n".encode(), period=YEAR
    )
    assert books[CodeSystem.CPT].findings[0].where == "row 3, column code"


def test_bytes_that_are_not_utf8_are_refused() -> None:
    books = read_procedures(b"code,description,from,to,kind\n\xff\xfe", period=YEAR)
    assert [f.code for f in books[CodeSystem.CPT].findings] == ["csv-encoding"]
