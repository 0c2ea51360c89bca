"""What every command gets: settings, database, keyring and the account that it runs as.

All of it is made when first asked for, so that `--help` and the commands that need no settings
cost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from config import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from config.actor import Actor
    from config.changes import Change
    from config.finding import Finding
    from config.settings import Settings
    from config.tenancy import Database


@dataclass
class Context:
    """The object that click hands to each command (`@click.pass_obj`).

    Attributes:
        open_settings: Reads and checks the settings.
        open_database: Opens the database with its keyring.
        find_actor: Returns the account that this command acts as in the named practice, or in
            the only one.
        handlers: The jobs for each kind of change.
        finish: What the command does before it ends: drains its jobs and seals the audit log.
    """

    open_settings: Callable[[], Settings]
    open_database: Callable[[Settings], Database]
    find_actor: Callable[[Database, str | None], Actor]
    handlers: Callable[[Database], Mapping[str, Sequence[Callable[[Change], None]]]]
    finish: Callable[[Context], None]
    practice: str | None = None
    _settings: Settings | None = field(default=None, init=False)
    _database: Database | None = field(default=None, init=False)
    _actor: Actor | None = field(default=None, init=False)

    @property
    def settings(self) -> Settings:
        """Return the settings; in practice mode the clock is set by them."""
        if self._settings is None:
            self._settings = self.open_settings()
            if self._settings.date is not None:
                clock.start_on(self._settings.date)
        return self._settings

    @property
    def database(self) -> Database:
        """Return the open database."""
        if self._database is None:
            self._database = self.open_database(self.settings)
        return self._database

    @property
    def actor(self) -> Actor:
        """Return the account that this command acts as."""
        if self._actor is None:
            self._actor = self.find_actor(self.database, self.practice)
        return self._actor

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
