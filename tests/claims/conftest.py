"""A biller's desk with claims under way, on each engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.factories.claims import Office
from tests.factories.coding import make_code_folder
from tests.factories.remittances import Desk

if TYPE_CHECKING:
    from pathlib import Path

    from config.actor import Actor
    from config.tenancy import Database


@pytest.fixture
def desk(database: Database, actor: Actor, tmp_path: Path) -> Desk:
    return Desk(database, actor, tmp_path / "partner")


@pytest.fixture(scope="session")
def codes_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped code sets, in a home's place."""
    return make_code_folder(tmp_path_factory.mktemp("home") / "codes")


@pytest.fixture
def office(database: Database, actor: Actor, codes_folder: Path, tmp_path: Path) -> Office:
    return Office(database, actor, codes_folder, tmp_path / "partner")
