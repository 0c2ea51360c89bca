"""Release files are immutable, the pointer says which hold, and undo moves it back."""

from __future__ import annotations

import datetime as dt
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from coding.releases import open_file
from coding.service import (
    find_code,
    find_release,
    list_releases,
    load_code_set,
    search_codes,
    undo_load,
)
from coding.values import CodeSystem, Period
from tests.factories.coding import SMALL_TABULAR, SPRING_2026

AUTUMN = Period(dt.date(2026, 10, 1), dt.date(2027, 9, 30))


@pytest.fixture
def tabular(tmp_path: Path) -> Path:
    path = tmp_path / "tabular.xml"
    path.write_bytes(SMALL_TABULAR)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "codes"


def test_a_release_holds_on_its_days_only(folder: Path, tabular: Path) -> None:
    load_code_set(folder, "icd-10-cm", source=tabular, period=SPRING_2026)
    assert find_release(folder, CodeSystem.ICD10CM, on=dt.date(2026, 4, 1)) is not None
    assert find_release(folder, CodeSystem.ICD10CM, on=dt.date(2026, 9, 30)) is not None
    assert find_release(folder, CodeSystem.ICD10CM, on=dt.date(2026, 3, 31)) is None
    assert find_release(folder, CodeSystem.ICD10CM, on=dt.date(2026, 10, 1)) is None


def test_two_releases_are_chosen_by_date_of_service(folder: Path, tabular: Path) -> None:
    load_code_set(folder, "icd-10-cm", source=tabular, period=SPRING_2026)
    tabular.write_bytes(SMALL_TABULAR.replace(b"Strain of long muscle", b"Strain of another"))
    load_code_set(folder, "icd-10-cm", source=tabular, period=AUTUMN)
    spring = find_code(folder, "S96.0", on=dt.date(2026, 5, 1))
    autumn = find_code(folder, "S96.0", on=dt.date(2026, 11, 1))
    assert spring is not None
    assert autumn is not None
    assert (spring.title, autumn.title) == ("Strain of long muscle", "Strain of another")


def test_overlapping_releases_of_one_system_are_refused(folder: Path, tabular: Path) -> None:
    load_code_set(folder, "icd-10-cm", source=tabular, period=SPRING_2026)
    before = list_releases(folder)
    tabular.write_bytes(SMALL_TABULAR + b"\n")
    overlap = Period(dt.date(2026, 9, 30), dt.date(2026, 12, 31))
    answer = load_code_set(folder, "icd-10-cm", source=tabular, period=overlap)
    assert [finding.code for finding in answer.findings] == ["code-release-overlap"]
    assert list_releases(folder) == before


def test_loading_the_same_file_again_changes_nothing(folder: Path, tabular: Path) -> None:
    first = load_code_set(folder, "icd-10-cm", source=tabular, period=SPRING_2026)
    again = load_code_set(folder, "icd-10-cm", source=tabular, period=SPRING_2026)
    assert again == first
    assert len(list_releases(folder)) == 1


def test_undo_moves_the_pointer_back(folder: Path, tabular: Path) -> None:
    load_code_set(folder, "icd-10-cm", source=tabular, period=SPRING_2026)
    spring = list_releases(folder)
    load_code_set(folder, "icd-10-cm", source=tabular, period=AUTUMN)
    assert len(list_releases(folder)) == 2
    assert undo_load(folder) == spring == list_releases(folder)
    assert undo_load(folder) == []


def test_a_release_file_can_not_be_written(folder: Path, tabular: Path) -> None:
    (release,) = load_code_set(folder, "icd-10-cm", source=tabular, period=SPRING_2026).releases
    connection = open_file(folder / release.file)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM code")
    assert (folder / release.file).stat().st_mode & 0o222 == 0


def test_a_refused_file_leaves_nothing_behind(folder: Path, tabular: Path) -> None:
    tabular.write_bytes(SMALL_TABULAR[:300])
    answer = load_code_set(folder, "icd-10-cm", source=tabular, period=SPRING_2026)
    assert answer.findings
    assert not folder.exists() or list(folder.iterdir()) == []


def test_a_load_that_dies_half_way_leaves_the_old_release(folder: Path, tabular: Path) -> None:
    load_code_set(folder, "icd-10-cm", source=tabular, period=SPRING_2026)
    before = list_releases(folder)
    program = (
        "import os, sys, pathlib, datetime as dt\n"
        "from coding import releases, service\n"
        "from coding.values import Period\n"
        "releases._flush = lambda path: os._exit(9)\n"
        "service.load_code_set(pathlib.Path(sys.argv[1]), 'icd-10-cm', source=pathlib.Path("
        "sys.argv[2]), period=Period(dt.date(2026, 10, 1), dt.date(2027, 9, 30)))\n"
    )
    died = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-c", program, str(folder), str(tabular)], check=False, cwd=Path.cwd()
    )
    assert died.returncode == 9
    assert list_releases(folder) == before
    assert search_codes(folder, "sprain").hits


def test_a_release_record_says_where_it_came_from(folder: Path, tabular: Path) -> None:
    (release,) = load_code_set(folder, "icd-10-cm", source=tabular, period=SPRING_2026).releases
    assert release.source_file == "tabular.xml"
    assert release.rows == 7
    assert len(release.sha256) == 64
    assert release.as_json() == {
        "system": "ICD-10-CM",
        "release": "2026-04",
        "from": "2026-04-01",
        "to": "2026-09-30",
    }
