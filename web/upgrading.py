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


def move_schema(url: str, revision: str = "head") -> tuple[str | None, str | None]:
    """Bring a database's schema to a revision, up or down, in one transaction.

    Args:
        url: The owner's URL.
        revision: The target; the newest by default, `base` for nothing.

    Returns:
        The revision before and after; None where there is no schema.
    """
    engine = make_engine(url).execution_options(is_writing=True)
    try:
        with engine.begin() as connection:
            before = MigrationContext.configure(connection).get_current_revision()
            config = alembic_config(connection)
            if revision == "base":
                command.downgrade(config, revision)
            else:
                command.upgrade(config, revision)
            after = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    return before, after


def upgrade_database(settings: Settings) -> tuple[str | None, str | None]:
    """Bring the installation's schema to this version and return where it was and where it is.

    Args:
        settings: The owner's URL and the home folder, which is made where missing.
    """
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return move_schema(settings.database_owner)
