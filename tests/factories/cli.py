# ruff: noqa: ARG002  # the roof's own signatures
"""A command's context for tests: it gives what it was given and refuses to open anything else."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from config.cli import Context

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from config.actor import Actor
    from config.settings import Settings
    from config.tenancy import Database


class GivenRoof:
    """Stands for the roof: settings, database and actor are those that a test made."""

    def __init__(
        self,
        settings: Settings | None = None,
        database: Database | None = None,
        actor: Actor | None = None,
    ) -> None:
        self._settings = settings
        self._database = database
        self._actor = actor

    def open_settings(self) -> Settings:
        assert self._settings is not None, "this command needs no settings"
        return self._settings

    def open_database(self, settings: Settings) -> Database:
        assert self._database is not None, "this command needs no database"
        return self._database

    def upgrade_database(self, settings: Settings) -> None:
        raise AssertionError("this command upgrades nothing")

    def find_actor(self, database: Database, practice: str | None) -> Actor:
        assert self._actor is not None, "this command needs no actor"
        return self._actor

    def run_jobs(self, database: Database, settings: Settings) -> tuple[int, int]:
        return 0, 0

    def background(self, database: Database, settings: Settings) -> AbstractContextManager[None]:
        return nullcontext()

    def make_app(self, settings: Settings, database: Database) -> Any:  # noqa: ANN401  # as above
        raise AssertionError("this command serves nothing")

    def lend_errands(self) -> Any:  # noqa: ANN401  # as above
        raise AssertionError("this command runs no day")

    def serve(self, settings: Settings, *, host: str, port: int) -> None:
        raise AssertionError("this command serves nothing")


def make_context(
    settings: Settings | None = None,
    database: Database | None = None,
    actor: Actor | None = None,
) -> Context:
    """Return a context; what isn't given can't be opened by the command."""
    made = Context(GivenRoof(settings, database, actor))
    if settings is None:
        made._database = database
    return made
