"""Tables of the people who sign in: who they are, where they work, their sessions, their tries.

They belong to the installation: who may act in which practice is asked before any practice is
known. Secrets lie sealed under the installation's own keys; tokens and recovery codes are hashes.
"""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.db import Base, GlobalRow
from config.ids import uuid7


class PersonRecord(GlobalRow, Base):
    """Somebody who signs in.

    Attributes:
        totp_step: The newest time step whose code was used; none at or before it works again.
        payload: Password hash and TOTP secret, sealed.
    """

    __tablename__ = "person"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime]
    deactivated_at: Mapped[dt.datetime | None]
    totp_step: Mapped[int] = mapped_column(default=0)
    row_version: Mapped[int] = mapped_column(default=0)
    payload: Mapped[bytes]


class MembershipRecord(GlobalRow, Base):
    """One role of one person in one practice, for a span of days."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("practice_id", "person_id", "role"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    practice_id: Mapped[UUID] = mapped_column(ForeignKey("practice.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str]
    from_on: Mapped[dt.date]
    to_on: Mapped[dt.date | None]
    is_active: Mapped[bool] = mapped_column(default=True)


class StaffSessionRecord(GlobalRow, Base):
    """A session; the browser holds its token, the row only the token's hash."""

    __tablename__ = "staff_session"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    practice_id: Mapped[UUID | None] = mapped_column(ForeignKey("practice.id"))
    level: Mapped[str]
    network: Mapped[str]
    created_at: Mapped[dt.datetime] = mapped_column(index=True)
    last_seen_at: Mapped[dt.datetime]


class RecoveryCodeRecord(GlobalRow, Base):
    """A code that opens once in place of the authenticator's."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("person_id", "code_key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    code_key: Mapped[bytes]
    used_at: Mapped[dt.datetime | None]


class ThrottleRecord(GlobalRow, Base):
    """How often something was tried and from when on it may be tried again."""

    __tablename__ = "throttle"

    bucket_key: Mapped[bytes] = mapped_column(primary_key=True)
    tries: Mapped[int]
    until: Mapped[dt.datetime]
    tried_at: Mapped[dt.datetime] = mapped_column(index=True)
