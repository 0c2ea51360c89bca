"""A biller's desk with claims under way, on each engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.factories.remittances import Desk

if TYPE_CHECKING:
    from pathlib import Path

    from config.actor import Actor
    from config.tenancy import Database


@pytest.fixture
def desk(database: Database, actor: Actor, tmp_path: Path) -> Desk:
    return Desk(database, actor, tmp_path / "partner")
