"""What every command gets: settings, database and the account that it runs as.

All of it is made when first asked for, so that `--help` and the commands that need no settings
cost nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import click

from config import clock, failpoint

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

    from config.actor import Actor
    from config.finding import Finding
    from config.settings import Settings
    from config.tenancy import Database


class Roof(Protocol):
    """What only the roof can do, for the commands below it."""

    def open_settings(self) -> Settings:
        """Read and check the settings."""

    def open_database(self, settings: Settings) -> Database:
        """Open the database with its keyring."""

    def upgrade_database(self, settings: Settings) -> None:
        """Bring the schema to this version."""

    def find_actor(self, database: Database, practice: str | None) -> Actor:
        """Return the account that this command acts as, in the named or the only practice."""

    def run_jobs(self, database: Database, settings: Settings) -> tuple[int, int]:
        """Do the waiting jobs now; return how many were done and how many failed."""

    def background(self, database: Database, settings: Settings) -> AbstractContextManager[None]:
        """Run jobs and seal the audit log while the block lasts."""

    def make_app(self, settings: Settings, database: Database) -> Any:  # noqa: ANN401  # a Flask application: config imports no Flask for commands
        """Put the web application together."""

    def lend_errands(self) -> Any:  # noqa: ANN401  # office's own value: config knows no package
        """Lend the jobs of the packages below to a day that does them in order."""

    def serve(self, settings: Settings, *, host: str, port: int) -> None:
        """Serve until the process is told to stop."""


class Context:
    """The object that click hands to each command (`@click.pass_obj`).

    Args:
        roof: What only `web` can do.
        practice: The practice named by `--practice`.
    """

    def __init__(self, roof: Roof, *, practice: str | None = None) -> None:
        self.roof = roof
        self.practice = practice
        self._settings: Settings | None = None
        self._database: Database | None = None
        self._actor: Actor | None = None

    @property
    def settings(self) -> Settings:
        """Return the settings; in practice mode the clock is set by them."""
        if self._settings is None:
            self._settings = self.roof.open_settings()
            failpoint.arm(self._settings.failpoint)
            if self._settings.date is not None:
                clock.start_on(self._settings.date)
        return self._settings

    @property
    def database(self) -> Database:
        """Return the open database."""
        if self._database is None:
            self._database = self.roof.open_database(self.settings)
        return self._database

    @property
    def actor(self) -> Actor:
        """Return the account that this command acts as."""
        if self._actor is None:
            self._actor = self.roof.find_actor(self.database, self.practice)
        return self._actor

    def background(self) -> AbstractContextManager[None]:
        """Run jobs and seal the audit log while the block lasts."""
        return self.roof.background(self.database, self.settings)

    @property
    def has_database(self) -> bool:
        """Say whether the command opened the database, so that something may need finishing."""
        return self._database is not None


def print_findings(findings: Iterable[Finding]) -> None:
    """Print findings, one a line, to standard error."""
    for finding in findings:
        click.echo(
            f"{finding.level}: {finding.where}: {finding.message} ({finding.code})\n"
            f"    to do: {finding.fix}",
            err=True,
        )
