"""What a view gets: the database and the actor of the request, put there by `web`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from flask import current_app, g

from config.finding import MissingError

if TYPE_CHECKING:
    from config.actor import Actor
    from config.settings import Settings
    from config.tenancy import Database


def request_actor() -> Actor:
    """Return who is behind this request; `web` refuses the request where nobody is."""
    actor: Actor = g.actor
    return actor


def request_purpose() -> str:
    """Return the purpose of use that `web/policy.py` gives this endpoint."""
    purpose: str = g.purpose
    return purpose


def app_database() -> Database:
    """Return the application's database."""
    database: Database = current_app.extensions["cleanclaim.database"]
    return database


def app_settings() -> Settings:
    """Return the application's settings."""
    settings: Settings = current_app.extensions["cleanclaim.settings"]
    return settings


def read_page_key(text: str | None) -> UUID | None:
    """Return the key behind which a list goes on; None for the first page.

    Raises:
        MissingError: The address names no key.
    """
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise MissingError("the address names no page") from None
