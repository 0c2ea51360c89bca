"""An installation in a folder of its own, on either engine, for tests that run real commands."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.engine import make_url

from access import service as access
from audit import service as audit
from audit.service import writing
from config.actor import Actor
from config.keyring import Keyring
from config.settings import Settings
from config.tenancy import Database
from office.demo.seeding import DEMO_PRACTICE, seed_practice
from practice import service as practice
from web.wiring import load_handlers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Postgres

DATE = "2026-09-15"


@dataclass(frozen=True)
class Installation:
    """Where an installation's state, keys and database are, and who runs its commands.

    Attributes:
        url: The application role's URL.
    """

    home: Path
    keys: Path
    url: str
    actor: Actor

    @property
    def settings(self) -> Settings:
        return Settings(self.home, self.keys, self.url, self.url, self.url)

    def environment(self, failpoint: str = "") -> dict[str, str]:
        """Return the settings under which a command works here."""
        return {
            "CLEANCLAIM_HOME": str(self.home),
            "CLEANCLAIM_KEYS": str(self.keys),
            "CLEANCLAIM_DATABASE": self.url,
            "CLEANCLAIM_DATABASE_OWNER": self.url,
            "CLEANCLAIM_DATABASE_SYSTEM": self.url,
            "CLEANCLAIM_DATE": DATE,
            "CLEANCLAIM_FAILPOINT": failpoint,
        }

    @contextmanager
    def opened(self) -> Iterator[Database]:
        """Open the database as a command does, and close it again so that it can be copied."""
        database = Database(self.url, keyring=Keyring.load(self.keys, home=self.home))
        try:
            yield database
        finally:
            database.dispose()

    def drain(self) -> tuple[int, int]:
        """Do the waiting jobs."""
        from config.changes import drain  # noqa: PLC0415  # beside the method of the same name

        with self.opened() as database:
            return drain(database, load_handlers(database, self.settings))


def make_installation(folder: Path, url: str, *, keys: Path, actor: Actor) -> Installation:
    """Set up the demo's practice for this machine's user in a fresh database.

    Args:
        folder: Gets the installation's state and a copy of the keys.
        url: The application role's URL of a database with the tests' two practices in it.
        keys: Folder with the data keys, without the audit log's.
        actor: Who sets it up; its practice becomes the demo's.
    """
    assert actor.practice_id is not None
    home = folder / "home"
    for made_folder in (home, folder / "outbox", folder / "inbox"):
        made_folder.mkdir(parents=True)
    shutil.copytree(keys, folder / "keys")
    if not (folder / "keys" / "audit-signing.key").exists():
        audit.make_signing_key(folder / "keys")
    made = Installation(home, folder / "keys", url, actor)
    with (
        made.opened() as database,
        writing(database, actor, purpose="operations") as session,
    ):
        practice.save_practice(session, replace(DEMO_PRACTICE, id=actor.practice_id))
        access.add_service_account(session, os_user=access.current_os_user(), name="tests")
        seed_practice(session, outbox=folder / "outbox", inbox=folder / "inbox")
    return made


@dataclass
class Copies:
    """Makes copies of an installation, each on a database of its own, until the test is over."""

    request: pytest.FixtureRequest
    folder: Path
    made: list[str]

    def make(self, first: Installation, name: str) -> Installation:
        """Copy an installation that nobody has open."""
        folder = self.folder / name
        (folder / "home").mkdir(parents=True)
        source = make_url(first.url)
        assert source.database is not None
        if source.get_backend_name() == "sqlite":
            copied = folder / "cleanclaim.db"
            shutil.copy(source.database, copied)
            assert not Path(f"{source.database}-wal").exists(), "it is open somewhere"
            return replace(first, home=folder / "home", url=f"sqlite:///{copied}")
        database = f"{source.database}_{name}"[:60]
        postgres: Postgres = self.request.getfixturevalue("postgres")
        postgres.run(
            f"DROP DATABASE IF EXISTS {database} WITH (FORCE)",
            f"CREATE DATABASE {database} TEMPLATE {source.database}",
        )
        self.made.append(database)
        url = source.set(database=database).render_as_string(hide_password=False)
        return replace(first, home=folder / "home", url=url)

    def drop(self) -> None:
        """Take the copies away."""
        for database in self.made:
            postgres: Postgres = self.request.getfixturevalue("postgres")
            postgres.run(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


def yield_copies(request: pytest.FixtureRequest, folder: Path) -> Iterator[Copies]:
    """Be the body of a test module's `copies` fixture."""
    copies = Copies(request, folder, [])
    yield copies
    copies.drop()
