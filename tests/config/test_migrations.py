"""The schema comes from migrations alone, and says what the models say, on both engines."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from config.db import make_engine
from config.ddl import APP_ROLE, SYSTEM_ROLE, grant_reading, harden
from config.tenancy import GLOBAL_TABLES
from web.upgrading import alembic_config, head_revision, move_schema
from web.wiring import load_metadata

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

Description = dict[str, Any]

# What PostgreSQL's catalogue says of what `config.ddl` sets up.
_CATALOGUE = {
    "policies": "SELECT tablename, policyname, cmd, roles::text, qual, with_check FROM pg_policies "
    "ORDER BY 1, 2",
    "triggers": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
    "functions": "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace "
    "ORDER BY 1",
    "row security": "SELECT relname, relrowsecurity FROM pg_class WHERE relkind = 'r' AND "
    "relnamespace = 'public'::regnamespace ORDER BY 1",
    "rights": "SELECT grantee, table_name, privilege_type FROM information_schema.table_privileges "
    "WHERE grantee IN ('cleanclaim_app', 'cleanclaim_system') AND table_schema = 'public' "
    "ORDER BY 1, 2, 3",
}


@pytest.fixture
def empty_url(
    engine_name: str, request: pytest.FixtureRequest, tmp_path: Path, worker_id: str
) -> Iterator[str]:
    """Yield the owner's URL of a database with nothing in it."""
    if engine_name == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    postgres = request.getfixturevalue("postgres")
    name = f"cc_{os.getpid()}_{worker_id}_empty"
    postgres.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    yield postgres.url(name)
    postgres.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def describe(url: str) -> Description:
    """Describe a schema to the last right and trigger; `alembic_version`'s shape is Alembic's."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            found: Description = {
                name: _describe_table(connection, name) for name in _table_names(connection)
            }
            if engine.dialect.name == "postgresql":
                found |= {
                    what: [tuple(row) for row in connection.execute(text(query))]
                    for what, query in _CATALOGUE.items()
                }
            else:
                triggers = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY 1"
                found["triggers"] = [tuple(row) for row in connection.execute(text(triggers))]
    finally:
        engine.dispose()
    return found


def _table_names(connection: Connection) -> list[str]:
    return sorted(set(inspect(connection).get_table_names()) - {"alembic_version"})


def _describe_table(connection: Connection, name: str) -> Description:
    inspector = inspect(connection)
    return {
        "columns": [
            (column["name"], str(column["type"]), column["nullable"], column["default"])
            for column in inspector.get_columns(name)
        ],
        "primary key": dict(inspector.get_pk_constraint(name)),
        "foreign keys": _ordered(inspector.get_foreign_keys(name)),
        "unique": _ordered(inspector.get_unique_constraints(name)),
        "checks": _ordered(inspector.get_check_constraints(name)),
        "indices": _ordered(inspector.get_indexes(name)),
    }


def _ordered(found: list[Any]) -> list[Description]:
    return sorted((dict(item) for item in found), key=lambda item: str(item["name"]))


def _make_from_models(url: str) -> None:
    engine = make_engine(url).execution_options(is_writing=True)
    metadata = load_metadata()
    with engine.begin() as connection:
        metadata.create_all(connection)
        harden(connection, metadata)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        grant_reading(connection, "alembic_version")
    engine.dispose()


def test_history_is_one_line_from_nothing_to_the_head() -> None:
    scripts = ScriptDirectory.from_config(alembic_config())
    revisions = [revision.revision for revision in scripts.walk_revisions()][::-1]
    assert scripts.get_heads() == [head_revision()]
    assert revisions == [f"{number:04d}" for number in range(1, len(revisions) + 1)]
    assert scripts.get_bases() == ["0001"]


def test_head_is_what_the_models_say(empty_url: str) -> None:
    move_schema(empty_url)
    engine = make_engine(empty_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, load_metadata()) == []
    engine.dispose()


def test_migrated_schema_has_the_triggers_policies_and_rights_of_the_models(
    empty_url: str, engine_name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    move_schema(empty_url)
    migrated = describe(empty_url)
    if engine_name == "sqlite":
        other = f"sqlite:///{tmp_path / 'models.db'}"
    else:
        postgres = request.getfixturevalue("postgres")
        name = empty_url.rsplit("/", 1)[1].split("?", maxsplit=1)[0]
        postgres.run(f"DROP DATABASE {name} WITH (FORCE)", f"CREATE DATABASE {name}")
        other = empty_url
    _make_from_models(other)
    assert migrated == describe(other)
    assert migrated["triggers"]


def test_down_to_nothing_and_up_again_keeps_the_schema(empty_url: str) -> None:
    assert move_schema(empty_url) == (None, head_revision())
    first = describe(empty_url)
    assert move_schema(empty_url, "base") == (head_revision(), None)
    nothing = describe(empty_url)
    assert not any(
        nothing[what] for what in ("triggers", "policies", "functions") if what in nothing
    )
    engine = make_engine(empty_url)
    with engine.connect() as connection:
        assert _table_names(connection) == []
    engine.dispose()
    move_schema(empty_url)
    assert describe(empty_url) == first


def test_upgrading_twice_changes_nothing(empty_url: str) -> None:
    move_schema(empty_url)
    first = describe(empty_url)
    assert move_schema(empty_url) == (head_revision(), head_revision())
    assert describe(empty_url) == first


def test_append_only_rows_can_be_neither_changed_nor_deleted(
    database_urls: tuple[str, str],
) -> None:
    metadata = load_metadata()
    tables = [table for table in metadata.sorted_tables if table.info.get("append_only")]
    assert {"entry", "posting", "audit_entry", "audit_leaf", "audit_checkpoint"} <= {
        table.name for table in tables
    }
    engine = make_engine(database_urls[1])
    with engine.connect() as connection:
        names = _trigger_tables(connection)
    engine.dispose()
    assert {table.name for table in tables} == names


def test_append_only_triggers_refuse_every_verb_that_rewrites(
    database_urls: tuple[str, str], engine_name: str
) -> None:
    engine = make_engine(database_urls[1]).execution_options(is_writing=True)
    row = (
        "INTO closed_month (month, closed_at, actor_id, practice_id, id) VALUES ('2026-09-01', "
        "'2026-10-01', '01920000000070008000000000000001', '01920000000070008000000000000002', "
        "'01920000000070008000000000000003')"
    )
    with engine.begin() as connection:
        connection.execute(text(f"INSERT {row}"))
    verbs = ["UPDATE closed_month SET month = '2026-10-01'", "DELETE FROM closed_month"]
    verbs += [f"INSERT OR REPLACE {row}"] if engine_name == "sqlite" else ["TRUNCATE closed_month"]
    for verb in verbs:
        with engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text(verb))
    engine.dispose()


def _trigger_tables(connection: Connection) -> set[str]:
    if connection.dialect.name == "sqlite":
        query = (
            "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' "
            "GROUP BY 1 HAVING count(*) = 2"
        )
    else:
        query = (
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal "
            "AND pg_get_triggerdef(oid) LIKE '%BEFORE DELETE OR UPDATE OR TRUNCATE%'"
        )
    return set(connection.scalars(text(query)))


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_application_role_has_no_more_rights_than_it_needs(database_urls: tuple[str, str]) -> None:
    metadata = load_metadata()
    engine = make_engine(database_urls[1])
    with engine.connect() as connection:
        found: dict[tuple[str, str], set[str]] = {}
        for grantee, table, right in connection.execute(text(_CATALOGUE["rights"])):
            found.setdefault((grantee, table), set()).add(right)
        flags = connection.execute(
            text(
                "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin "
                "FROM pg_roles WHERE rolname IN (:app, :system)"
            ),
            {"app": APP_ROLE, "system": SYSTEM_ROLE},
        ).all()
        secured = set(
            connection.scalars(
                text("SELECT relname FROM pg_class WHERE relrowsecurity AND relkind = 'r'")
            )
        )
    engine.dispose()
    assert [tuple(row) for row in flags] == [(False,) * 5] * 2
    everything = {"SELECT", "INSERT", "UPDATE", "DELETE"}
    for role in (APP_ROLE, SYSTEM_ROLE):
        for table in metadata.sorted_tables:
            expected = {"SELECT", "INSERT"} if table.info.get("append_only") else everything
            if table.name == "audit_pending":
                expected = {"SELECT", "INSERT", "DELETE"}
            assert found[role, table.name] == expected, (role, table.name)
    assert secured >= {table.name for table in metadata.sorted_tables} - set(GLOBAL_TABLES)
    assert "practice" in secured


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_application_role_may_not_alter_the_schema(database_urls: tuple[str, str]) -> None:
    engine = make_engine(database_urls[0])
    for statement in (
        "ALTER TABLE entry DISABLE TRIGGER ALL",
        "DROP POLICY own_practice ON patient",
        "ALTER TABLE patient DISABLE ROW LEVEL SECURITY",
        "TRUNCATE patient",
        "UPDATE entry SET cents = 1",
        "DELETE FROM audit_leaf",
        "UPDATE alembic_version SET version_num = '0001'",
        "CREATE TABLE loot (id int)",
    ):
        with engine.connect() as connection, pytest.raises(DBAPIError, match=r"permission|owner"):
            connection.execute(text(statement))
    engine.dispose()
