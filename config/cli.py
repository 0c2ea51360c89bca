"""What every command gets: settings, database, keyring and the account that it runs as.

All of it is made when first asked for, so that `--help` and the commands that need no settings
cost nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from config import clock, failpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

    from config.actor import Actor
    from config.finding import Finding
    from config.settings import Settings
    from config.tenancy import Database


class Context:
    """The object that click hands to each command (`@click.pass_obj`).

    Args:
        open_settings: Reads and checks the settings.
        open_database: Opens the database with its keyring.
        find_actor: Returns the account that this command acts as in the named practice, or in
            the only one.
        background: Runs the waiting jobs and seals the audit log beside what is in its block, for
            commands that stay.
        run_jobs: Does the waiting jobs now; returns how many were done and how many failed.
        practice: The practice named by `--practice`.
    """

    def __init__(
        self,
        *,
        open_settings: Callable[[], Settings],
        open_database: Callable[[Settings], Database],
        find_actor: Callable[[Database, str | None], Actor],
        background: Callable[[Context], AbstractContextManager[None]],
        run_jobs: Callable[[Context], tuple[int, int]],
        practice: str | None = None,
    ) -> None:
        self._open_settings = open_settings
        self._open_database = open_database
        self._find_actor = find_actor
        self._background = background
        self._run_jobs = run_jobs
        self.practice = practice
        self._settings: Settings | None = None
        self._database: Database | None = None
        self._actor: Actor | None = None

    @property
    def settings(self) -> Settings:
        """Return the settings; in practice mode the clock is set by them."""
        if self._settings is None:
            self._settings = self._open_settings()
            failpoint.arm(self._settings.failpoint)
            if self._settings.date is not None:
                clock.start_on(self._settings.date)
        return self._settings

    @property
    def database(self) -> Database:
        """Return the open database."""
        if self._database is None:
            self._database = self._open_database(self.settings)
        return self._database

    @property
    def actor(self) -> Actor:
        """Return the account that this command acts as."""
        if self._actor is None:
            self._actor = self._find_actor(self.database, self.practice)
        return self._actor

    def background(self) -> AbstractContextManager[None]:
        """Run jobs and seal the audit log while the block lasts."""
        return self._background(self)

    def run_jobs(self) -> tuple[int, int]:
        """Do the waiting jobs now."""
        return self._run_jobs(self)

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
