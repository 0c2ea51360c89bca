"""What the database itself refuses: append-only tables and, on PostgreSQL, row-level security.

Migrations call these functions for the tables they make; `harden` does the same for a whole
metadata and is what a test compares a migrated schema with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from config.tenancy import GLOBAL_TABLES

if TYPE_CHECKING:
    from sqlalchemy import Connection, MetaData

APP_ROLE: Final = "cleanclaim_app"
SYSTEM_ROLE: Final = "cleanclaim_system"
_SETTING: Final = "nullif(current_setting('cleanclaim.practice_id', true), '')::uuid"

# What the application's roles may do with a table that is neither append-only nor free to change.
_RIGHTS: Final = {"audit_pending": "SELECT, INSERT, DELETE"}  # an entry waits, then is sealed


def make_roles(connection: Connection) -> None:
    """Make the two group roles on PostgreSQL, where they are missing."""
    if connection.dialect.name != "postgresql":
        return
    for role in (APP_ROLE, SYSTEM_ROLE):
        connection.execute(
            text(
                f"DO $$ BEGIN IF to_regrole('{role}') IS NULL THEN"
                f" CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS; END IF;"
                " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
            )
        )
        connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {role}"))


def make_append_only(connection: Connection, table: str) -> None:
    """Refuse UPDATE and DELETE on a table by trigger, on both engines."""
    if connection.dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            connection.execute(
                text(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN "
                    f"SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
            )
        return
    connection.execute(
        text(
            f"CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
        )
    )
    connection.execute(
        text(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"EXECUTE FUNCTION {table}_append_only()"
        )
    )


def forget_append_only(connection: Connection, table: str) -> None:
    """Drop what a dropped append-only table leaves behind."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"DROP FUNCTION {table}_append_only()"))


def guard_practice_table(
    connection: Connection, table: str, *, column: str = "practice_id"
) -> None:
    """Switch on row-level security: a role sees the rows of its session's practice only."""
    if connection.dialect.name != "postgresql":
        return
    connection.execute(text(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"))
    connection.execute(
        text(
            f"CREATE POLICY own_practice ON {table} TO {APP_ROLE} "
            f"USING ({column} = {_SETTING}) WITH CHECK ({column} = {_SETTING})"
        )
    )
    connection.execute(
        text(f"CREATE POLICY named_jobs ON {table} TO {SYSTEM_ROLE} USING (true) WITH CHECK (true)")
    )


def grant(connection: Connection, table: str, *, is_append_only: bool = False) -> None:
    """Give the application's roles what they need on a table and no more."""
    if connection.dialect.name != "postgresql":
        return
    rights = _RIGHTS.get(table, "SELECT, INSERT, UPDATE, DELETE")
    if is_append_only:
        rights = "SELECT, INSERT"
    connection.execute(text(f"GRANT {rights} ON {table} TO {APP_ROLE}, {SYSTEM_ROLE}"))


def grant_reading(connection: Connection, table: str) -> None:
    """Let the application's roles read a table that only the owner writes."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"GRANT SELECT ON {table} TO {APP_ROLE}, {SYSTEM_ROLE}"))


def guard_practices(connection: Connection) -> None:
    """Let a session see and write its own practice's row; one without a practice may list them.

    The list is what a command needs to find the practice it acts in; it holds no PHI.
    """
    guard_practice_table(connection, "practice", column="id")
    if connection.dialect.name == "postgresql":
        connection.execute(
            text(
                f"CREATE POLICY list_practices ON practice FOR SELECT TO {APP_ROLE} "
                f"USING ({_SETTING} IS NULL)"
            )
        )


def secure_table(connection: Connection, table: str, *, is_append_only: bool = False) -> None:
    """Do all that a table needs: rights, its triggers, and its practice's policy."""
    grant(connection, table, is_append_only=is_append_only)
    if is_append_only:
        make_append_only(connection, table)
    if table == "practice":
        guard_practices(connection)
    elif table not in GLOBAL_TABLES:
        guard_practice_table(connection, table)


def harden(connection: Connection, metadata: MetaData) -> None:
    """Secure every table of a metadata; append-only ones carry `info={"append_only": True}`."""
    make_roles(connection)
    for table in metadata.sorted_tables:
        secure_table(connection, table.name, is_append_only=bool(table.info.get("append_only")))
