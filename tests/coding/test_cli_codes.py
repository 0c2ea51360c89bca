"""The codes commands: load, search, suggest, and their exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from coding.cli import codes
from config.settings import Settings
from tests.factories.cli import make_context

if TYPE_CHECKING:
    from pathlib import Path

    from config.cli import Context


def _context(home: Path) -> Context:
    settings = Settings(
        home=home,
        keys=home.parent / "keys",
        database="sqlite://",
        database_owner="sqlite://",
        database_system="sqlite://",
    )

    return make_context(settings)


@pytest.fixture
def home(codes_folder: Path) -> Path:
    return codes_folder.parent


def test_search_prints_the_contract(home: Path) -> None:
    result = CliRunner().invoke(codes, ["search", "sore", "throat", "--json"], obj=_context(home))
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert list(answer) == ["on", "releases", "hits"]
    assert answer["hits"][0]["code"] == "J02.9"


def test_search_on_a_day_without_a_release_exits_1(home: Path) -> None:
    result = CliRunner().invoke(
        codes, ["search", "asthma", "--on", "2026-10-01"], obj=_context(home)
    )
    assert result.exit_code == 1
    assert "code-release-missing" in result.stderr


def test_suggest_reads_a_note(home: Path, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("Assessment: HTN, stable.", encoding="utf-8")
    result = CliRunner().invoke(codes, ["suggest", str(note), "--json"], obj=_context(home))
    assert result.exit_code == 0
    (found,) = json.loads(result.stdout)["suggestions"]
    assert (found["code"], found["start"], found["end"]) == ("I10", 12, 15)


def test_a_note_that_is_not_utf8_exits_2(home: Path, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_bytes(b"\xff\xfe\x00")
    result = CliRunner().invoke(codes, ["suggest", str(note)], obj=_context(home))
    assert result.exit_code == 2


def test_a_refused_file_exits_1_and_says_why(tmp_path: Path) -> None:
    bad = tmp_path / "procedures.csv"
    bad.write_text("code,description\n99213,Visit\n", encoding="utf-8")
    context = _context(tmp_path / "home")
    result = CliRunner().invoke(codes, ["load", "procedures", str(bad)], obj=context)
    assert result.exit_code == 1
    assert "csv-header" in result.stderr


def test_load_and_undo(tmp_path: Path) -> None:
    context = _context(tmp_path / "home")
    result = CliRunner().invoke(codes, ["load", "procedures"], obj=context)
    assert result.exit_code == 0
    assert "CPT 2026-01" in result.stdout
    result = CliRunner().invoke(codes, ["load", "procedures", "--undo"], obj=context)
    assert result.exit_code == 0
    assert result.stdout == ""
