"""The database: declarative base, column types, engines and sessions for SQLite and PostgreSQL.

Models take their column types from here and nowhere else, so that both engines store the same
thing. A `Database` gives out sessions; who may open one, and what is recorded about it, is
`audit.service`'s business.
"""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Uuid,
    create_engine,
    event,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import (
        Connection,
        Dialect,
        Engine,
    )

T = TypeVar("T")

_BUSY_WAIT_MS: Final = 10_000
_TRIES_MAX: Final = 8
_RETRIED_SQLSTATES: Final = frozenset({"40001", "40P01"})  # serialization failure, deadlock


class Instant(TypeDecorator[dt.datetime]):
    """An instant, stored in UTC and read back aware on both engines."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002  # SQLAlchemy's signature
        """Refuse a naive time; turn an aware one to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone; ask config.clock.now()")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:  # noqa: ANN401, ARG002  # SQLAlchemy's signature
        """Mark what SQLite gives back as UTC."""
        if value is None:
            return None
        aware: dt.datetime = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
        return aware.astimezone(dt.UTC)


class Base(DeclarativeBase):
    """The base of every table; names constraints alike on both engines."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy's own hook
        UUID: Uuid(as_uuid=True),
        dt.datetime: Instant(),
        bytes: LargeBinary(),
        int: BigInteger().with_variant(Integer(), "sqlite"),
    }


class GlobalRow:
    """Marks a table that belongs to no practice; each is listed in `config.tenancy`."""


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: object) -> None:  # noqa: ANN401  # a DBAPI connection has no common type
        connection.isolation_level = None  # we say BEGIN ourselves, see below
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={_BUSY_WAIT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            "recursive_triggers=ON",  # else INSERT OR REPLACE deletes behind a trigger's back
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred transaction that turns to writing may find its snapshot stale; one that
        # means to write takes the lock first and waits for it.
        is_writing = connection.get_execution_options().get("is_writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


def make_engine(url: str) -> Engine:
    """Make an engine for a SQLite or PostgreSQL URL.

    Bound values never show in an error, a DBAPI error's own text is not logged by us, and a
    connection that the server dropped is noticed before use.

    Raises:
        ValueError: The URL names another engine.
    """
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        return create_engine(parsed, hide_parameters=True, pool_pre_ping=True)
    if backend != "sqlite":
        raise ValueError("CLEANCLAIM_DATABASE must be a sqlite:/// or postgresql:// URL")
    engine = create_engine(parsed, hide_parameters=True)
    _prepare_sqlite(engine)
    return engine


def is_retryable(error: DBAPIError) -> bool:
    """Say whether doing the same transaction once more may succeed."""
    sqlstate = getattr(error.orig, "sqlstate", None)
    return sqlstate in _RETRIED_SQLSTATES or "database is locked" in str(error.orig)


def retrying(work: Callable[[], T]) -> T:
    """Do a whole transaction, and do it again where it lost a race; the one home of retries.

    Args:
        work: Opens its own transaction and commits it; must be safe to run again.
    """
    for attempt in range(1, _TRIES_MAX):
        try:
            return work()
        except DBAPIError as error:
            if not is_retryable(error):
                raise
            time.sleep(0.01 * 2**attempt)
    return work()
