"""Code numbers, and the ranges that notes name in parentheses."""

from __future__ import annotations

import pytest

from coding.rules.codes import (
    find_duplicates,
    find_system,
    is_excluded,
    is_in_range,
    read_references,
    to_plain,
    to_printed,
    without_references,
)
from coding.values import CodeSystem


@pytest.mark.parametrize(
    ("note", "spans"),
    [
        ("listeriosis (A32.-)", [("A32", "A32")]),
        ("Escherichia coli infection (A04.0-A04.4)", [("A040", "A044")]),
        ("toxic effect of noxious foodstuffs (T61-T62)", [("T61", "T62")]),
        (
            "influenza (J09.X3, J10.2, J11.2)",
            [("J09X3", "J09X3"), ("J102", "J102"), ("J112", "J112")],
        ),
        ("COVID-19 (U07.1)", [("U071", "U071")]),
        ("meningitis (in):", []),
        ("aphasia following stroke (I69. with final characters -20)", []),
    ],
)
def test_ranges_are_read_from_notes(note: str, spans: list[tuple[str, str]]) -> None:
    assert read_references(note) == spans


def test_words_in_parentheses_stay_when_they_name_no_code() -> None:
    assert without_references("hypertension (arterial) (I10)") == "hypertension (arterial)"


@pytest.mark.parametrize(
    ("plain", "span", "lies"),
    [
        ("A041", ("A040", "A044"), True),
        ("A0471", ("A040", "A044"), False),
        ("T620X1A", ("T61", "T62"), True),
        ("T63001A", ("T61", "T62"), False),
    ],
)
def test_a_code_lies_in_a_range_by_its_prefix(
    plain: str, span: tuple[str, str], *, lies: bool
) -> None:
    assert is_in_range(plain, span) is lies


def test_a_note_bars_no_code_below_its_own_place() -> None:
    assert not is_excluded("A15", [("A15", "A19")], "A157")
    assert is_excluded("A15", [("A15", "A19")], "A170")


@pytest.mark.parametrize(
    ("code", "system"),
    [
        ("E11.9", CodeSystem.ICD10CM),
        ("99213", CodeSystem.CPT),
        ("0001F", CodeSystem.CPT),
        ("J1885", CodeSystem.HCPCS),
        ("nonsense", None),
    ],
)
def test_the_shape_of_a_number_tells_its_system(code: str, system: CodeSystem | None) -> None:
    assert find_system(code) is system


def test_printing_a_plain_code_gives_back_its_dot() -> None:
    assert to_printed(to_plain("s93.409a")) == "S93.409A"
    assert to_printed("I10") == "I10"


def test_duplicates_are_found_whatever_their_dots() -> None:
    assert find_duplicates(["E11.9", "I10", "e119"]) == ["E119"]
