"""Notes that codes inherit, and diagnoses that may not stand together."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from coding.service import check_diagnosis_codes, list_notes
from config.finding import Level
from tests.factories.coding import SERVICE_DATE

if TYPE_CHECKING:
    from pathlib import Path


def _check(folder: Path, *codes: str, on: dt.date = SERVICE_DATE) -> list[str]:
    return [finding.code for finding in check_diagnosis_codes(folder, codes, on=on)]


def test_valid_billable_codes_pass(codes_folder: Path) -> None:
    assert _check(codes_folder, "I10", "E11.9", "S93.401A") == []


def test_an_excludes1_pair_is_a_warning_that_names_the_note(codes_folder: Path) -> None:
    findings = check_diagnosis_codes(codes_folder, ["E10.9", "E11.9"], on=SERVICE_DATE)
    assert [(f.code, f.level) for f in findings] == [("code-excludes1", Level.WARNING)]
    assert "E10.9" in findings[0].where
    assert "E11.9" in findings[0].where


def test_an_excludes1_note_of_an_ancestor_counts(codes_folder: Path) -> None:
    assert _check(codes_folder, "J06.9", "J11.1") == ["code-excludes1"]


def test_a_pair_is_told_once_whichever_side_has_the_note(codes_folder: Path) -> None:
    assert _check(codes_folder, "E11.9", "E10.9").count("code-excludes1") == 1


def test_excludes2_raises_nothing(codes_folder: Path) -> None:
    notes = list_notes(codes_folder, "J45.909", on=SERVICE_DATE)
    assert any(note.kind == "excludes2" for note in notes)
    assert _check(codes_folder, "J45.909", "J44.9") == []


def test_a_heading_is_not_billable(codes_folder: Path) -> None:
    assert _check(codes_folder, "E11") == ["code-not-billable"]


def test_a_missing_seventh_character_is_told(codes_folder: Path) -> None:
    assert _check(codes_folder, "S93.401") == ["code-seventh-character"]


def test_an_unknown_code_and_a_duplicate_are_told(codes_folder: Path) -> None:
    assert _check(codes_folder, "E11.99", "I10", "i10") == ["code-unknown", "code-duplicate"]


def test_a_day_without_a_release_is_told_not_stretched(codes_folder: Path) -> None:
    assert _check(codes_folder, "I10", on=dt.date(2026, 10, 1)) == ["code-release-missing"]


def test_instructions_are_inherited_from_category_and_chapter(codes_folder: Path) -> None:
    notes = list_notes(codes_folder, "E11.22", on=SERVICE_DATE)
    kinds = {note.kind for note in notes}
    assert "useAdditionalCode" in kinds
    assert any(note.owner == "E11" and note.kind == "excludes1" for note in notes)
    assert notes[0].owner in {"E1122", "E112", "E11"}


def test_a_code_first_note_is_found(codes_folder: Path) -> None:
    notes = list_notes(codes_folder, "I43", on=SERVICE_DATE)
    assert any(note.kind == "codeFirst" for note in notes)
