"""Tables of access: service accounts, API clients, their tokens and assertions that were used.

A client and its token carry the practice's key in their own text, so that each is looked up in a
session of that practice and row-level security holds from the first statement on.
"""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.db import Base, GlobalRow
from config.ids import uuid7
from config.tenancy import PracticeRow, practice_key


class ServiceAccountRecord(GlobalRow, Base):
    """An operating system's user in one practice; found before any practice is known."""

    __tablename__ = "service_account"
    __table_args__ = (UniqueConstraint("os_user", "practice_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    os_user: Mapped[str]
    practice_id: Mapped[UUID] = mapped_column(ForeignKey("practice.id"))
    name: Mapped[str]
    permissions: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)


class ApiClientRecord(PracticeRow, Base):
    """A program that may call the API, with the public keys that it proves itself by."""

    __tablename__ = "api_client"
    __table_args__ = (UniqueConstraint("practice_id", "name"),)

    name: Mapped[str]
    jwks: Mapped[str]
    scopes: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime]
    deactivated_at: Mapped[dt.datetime | None]


class AccessTokenRecord(PracticeRow, Base):
    """The hash of a token that was handed out."""

    __tablename__ = "access_token"
    __table_args__ = (
        UniqueConstraint("practice_id", "token_hash"),
        practice_key("client_id", "api_client"),
    )

    client_id: Mapped[UUID]
    token_hash: Mapped[bytes]
    scopes: Mapped[str]
    issued_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)


class UsedAssertionRecord(PracticeRow, Base):
    """A client's assertion that was used once and never again."""

    __tablename__ = "used_assertion"
    __table_args__ = (
        UniqueConstraint("practice_id", "client_id", "jti_hash"),
        practice_key("client_id", "api_client"),
    )

    client_id: Mapped[UUID]
    jti_hash: Mapped[bytes]
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
