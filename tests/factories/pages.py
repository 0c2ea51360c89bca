"""Pages for tests: an application over a test database, with somebody at the desk."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import event

from access.values import Level, PersonId, SignedIn, StaffSessionId
from config.settings import Settings
from web import admission
from web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest
    from flask import Flask

    from access.values import Role
    from config.ids import PracticeId
    from config.tenancy import Database

_PERSON = UUID("01920000-0000-7000-8000-0000000000cc")


def make_app(folder: Path, database: Database) -> Flask:
    """Put the application together over a test's database."""
    url = f"sqlite:///{folder / 'home' / 'none.db'}"
    return create_app(Settings(folder / "home", folder / "keys", url, url, url), database=database)


def seat(monkeypatch: pytest.MonkeyPatch, practice_id: PracticeId, *roles: Role) -> SignedIn:
    """Let every request come from a person with these roles; signing in has tests of its own."""
    person = SignedIn(
        StaffSessionId(_PERSON),
        PersonId(_PERSON),
        "desk@clinic.example",
        "Desk Person",
        Level.FULL,
        practice_id,
        frozenset(roles),
    )
    monkeypatch.setattr(admission, "find_signed_in", lambda: person)
    return person


@dataclass
class Count:
    """How many statements were sent to the database."""

    statements: int = 0


@contextmanager
def counted(database: Database) -> Iterator[Count]:
    """Count the statements that the block sends, on every connection of the engine."""
    count = Count()

    def add(*_: object) -> None:
        count.statements += 1

    event.listen(database.engine, "before_cursor_execute", add)
    try:
        yield count
    finally:
        event.remove(database.engine, "before_cursor_execute", add)
