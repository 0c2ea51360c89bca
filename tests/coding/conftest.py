"""The shipped code sets, built once for all tests of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from coding.code_sets import open_shelves
from coding.queries import find_release, open_release
from coding.values import CodeSystem
from tests.factories.coding import make_code_folder

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from coding.question import Shelf


@pytest.fixture(scope="session")
def codes_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_code_folder(tmp_path_factory.mktemp("home") / "codes")


@pytest.fixture(scope="session")
def icd10cm(codes_folder: Path) -> sqlite3.Connection:
    release = find_release(codes_folder, CodeSystem.ICD10CM, on=None)
    assert release is not None
    return open_release(codes_folder, release)


@pytest.fixture(scope="session")
def shelf(codes_folder: Path) -> Shelf:
    shelves, _ = open_shelves(codes_folder, on=None, systems=[CodeSystem.ICD10CM])
    return shelves[0]
