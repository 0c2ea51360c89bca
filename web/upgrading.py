"""Bringing the schema to this version, by Alembic only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from config.db import make_engine
from web.wiring import load_metadata

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from config.settings import Settings

MIGRATIONS: Final = Path(__file__).parents[1] / "config" / "migrations"


def alembic_config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration, bound to a connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["metadata"] = load_metadata()
    return config


def head_revision() -> str:
    """Return the newest revision that this version knows."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if head is None:
        raise RuntimeError("there are no migrations")
    return head


def upgrade_database(settings: Settings, revision: str = "head") -> tuple[str | None, str | None]:
    """Bring the schema to a revision and return where it was and where it is.

    Args:
        settings: The owner's URL and the home folder, which is made where missing.
        revision: The target; the newest by default.
    """
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = make_engine(settings.database_owner).execution_options(is_writing=True)
    try:
        with engine.begin() as connection:
            before = MigrationContext.configure(connection).get_current_revision()
            command.upgrade(alembic_config(connection), revision)
            after = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    return before, after
