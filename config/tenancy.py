"""Tenancy: every row belongs to a practice, and a session sees one practice only.

Three walls stand behind each other: the session adds the practice to every ORM statement and
refuses another practice's row at flush; keys and foreign keys are composite, so that neither
engine can store a reference across practices; on PostgreSQL row-level security holds even where
the first wall were missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID  # noqa: TC003  # SQLAlchemy reads the annotations

from sqlalchemy import ForeignKeyConstraint, Table, event, text
from sqlalchemy.orm import (
    Mapped,  # noqa: TC002  # SQLAlchemy reads the annotations
    Session,
    mapped_column,
    with_loader_criteria,
)
from sqlalchemy.sql.util import find_tables

from config.db import Base, make_engine
from config.ids import uuid7

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.orm import ORMExecuteState, SessionTransaction

    from config.ids import PracticeId
    from config.keyring import Keyring

# Tables that belong to no practice, each with the reason.
GLOBAL_TABLES: Final = {
    "practice": "the list of practices itself; a practice sees its own row",
    "wrapped_key": "keys are wrapped under the root key; each row names its practice",
    "job": "work waiting for a worker; carries ids only and names its practice",
    "audit_entry": "one log for the installation; payloads are sealed per practice",
    "audit_pending": "entries that are not sealed yet",
    "audit_leaf": "one log for the installation",
    "audit_checkpoint": "one log for the installation",
    "service_account": "the operating system's user acts for practices named in its rows",
    "person": "people may work in several practices, and sign in before one is chosen",
    "membership": "who may act in which practice is asked before any practice is known",
    "staff_session": "found by the browser's token before any practice is known",
    "recovery_code": "a person's, as the person is",
    "throttle": "counts tries of whom nobody knows yet",
}

# The execution option by which a statement outside the ORM says why it touches practice tables.
CORE_REASON: Final = "core_over_practice_tables"

# Where a session keeps the keyring that it was opened with.
KEYRING: Final = "keyring"


class TenancyError(RuntimeError):
    """Something reached for a practice's row without, or beyond, the session's practice."""


class PracticeRow:
    """Mixin: a row of one practice, keyed by practice and id."""

    practice_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)


def practice_key(column: str, table: str, **options: Any) -> ForeignKeyConstraint:  # noqa: ANN401  # handed on to SQLAlchemy
    """Return the composite foreign key (practice_id, column) to another practice table.

    Args:
        column: The referring column beside `practice_id`.
        table: The table referred to, keyed by (practice_id, id).
        **options: Handed on, such as `use_alter=True`.
    """
    return ForeignKeyConstraint(
        ["practice_id", column], [f"{table}.practice_id", f"{table}.id"], **options
    )


def _practice_tables(tables: list[Any]) -> list[str]:
    return [
        table.name
        for table in tables
        if isinstance(table, Table)
        and table.metadata is Base.metadata
        and table.name not in GLOBAL_TABLES
    ]


class PracticeSession(Session):
    """A session bound to one practice, or to none and then to global tables only."""

    @property
    def practice_id(self) -> PracticeId | None:
        """Return the practice that this session sees."""
        found: PracticeId | None = self.info.get("practice_id")
        return found

    @property
    def own_practice_id(self) -> PracticeId:
        """Return the practice, which must be there.

        Raises:
            TenancyError: The session was opened without a practice.
        """
        if self.practice_id is None:
            raise TenancyError("this session has no practice")
        return self.practice_id


@event.listens_for(PracticeSession, "do_orm_execute")
def _keep_to_practice(state: ORMExecuteState) -> None:
    session = state.session
    practice_id = session.info.get("practice_id")
    mappers = [m for m in state.all_mappers if issubclass(m.class_, PracticeRow)]
    if not state.is_orm_statement:
        _check_core_statement(state)
        return
    if not mappers:
        return
    if practice_id is None:
        raise TenancyError(f"a session without a practice reached for {mappers[0].local_table}")
    if state.is_insert or state.is_update:
        _check_written_values(state, practice_id)
    if state.is_insert:
        return
    state.statement = state.statement.options(
        with_loader_criteria(
            PracticeRow, lambda cls: cls.practice_id == practice_id, include_aliases=True
        )
    )


def _check_core_statement(state: ORMExecuteState) -> None:
    if state.execution_options.get(CORE_REASON):
        return
    statement: Any = state.statement
    if hasattr(statement, "text") and not hasattr(statement, "froms"):
        raise TenancyError(f"SQL text needs the execution option {CORE_REASON} with its reason")
    tables = find_tables(
        statement, include_joins=True, include_selects=True, include_crud=True, include_aliases=True
    )
    if names := _practice_tables(tables):
        raise TenancyError(
            f"a Core statement over {', '.join(sorted(names))} needs the execution option "
            f"{CORE_REASON} with its reason, and the practice in its WHERE"
        )


def _check_written_values(state: ORMExecuteState, practice_id: UUID) -> None:
    """Refuse rows and values of another practice, given beside the statement or inside it."""
    parameters: Any = state.parameters
    rows = list(parameters) if isinstance(parameters, list) else [parameters or {}]
    statement: Any = state.statement
    if not any(rows):
        rows = [statement.compile().params]
    for row in rows:
        for name, value in row.items():
            is_written = name == "practice_id" or name.startswith("practice_id_m")
            if is_written and value is not None and value != practice_id:
                raise TenancyError("a bulk statement writes another practice's row")


@event.listens_for(PracticeSession, "before_flush")
def _refuse_foreign_rows(session: Session, _context: object, _instances: object) -> None:
    practice_id = session.info.get("practice_id")
    for row in [*session.new, *session.dirty, *session.deleted]:
        if not isinstance(row, PracticeRow):
            continue
        if row.practice_id is None and practice_id is not None:
            row.practice_id = practice_id
        if practice_id is None or row.practice_id != practice_id:
            raise TenancyError(f"a flush carries another practice's {type(row).__name__}")


@event.listens_for(PracticeSession, "after_begin")
def _tell_row_level_security(
    session: Session, _transaction: SessionTransaction, connection: Connection
) -> None:
    if connection.dialect.name == "postgresql":
        practice_id = session.info.get("practice_id")
        connection.execute(
            text("SELECT set_config('cleanclaim.practice_id', :practice, true)"),
            {"practice": str(practice_id) if practice_id else ""},
        )


class Database:
    """One installation's database: gives out sessions that see one practice.

    Args:
        url: The application role's URL.
        keyring: What opens and seals payloads; without it only plain columns can be read.
        system_url: The URL of the role that named cross-practice jobs use; the same by default.
    """

    def __init__(
        self, url: str, *, keyring: Keyring | None = None, system_url: str | None = None
    ) -> None:
        self.engine = make_engine(url)
        self.keyring = keyring
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._writing_engine = self.engine.execution_options(is_writing=True)
        system = make_engine(system_url) if system_url and system_url != url else self.engine
        self.system_engine = system.execution_options(is_writing=True)

    def session(
        self, practice_id: PracticeId | None, *, is_writing: bool = False, **info: object
    ) -> PracticeSession:
        """Open a session; on SQLite one that writes takes the write lock when it begins."""
        return PracticeSession(
            bind=self._writing_engine if is_writing else self.engine,
            expire_on_commit=False,
            info={"practice_id": practice_id, KEYRING: self.keyring, **info},
        )

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()
        self.system_engine.dispose()
