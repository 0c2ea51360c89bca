"""The table of wrapped keys: what the keyring stores, useless without the root key."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from config.db import Base, GlobalRow


class Purpose(StrEnum):
    """What a wrapped key seals."""

    KEK = "kek"
    FIELD = "field"
    BLOB = "blob"
    AUDIT = "audit"


class WrappedKey(GlobalRow, Base):
    """A practice's key, sealed under the key above it.

    Attributes:
        kid: The key's id, 8 random bytes; stands in every ciphertext that the key sealed.
        practice_id: Whose data it seals.
        purpose: `kek`, `field`, `blob` or `audit`.
        epoch: Counts the periods in which new keys are taken.
        wrapped: The key, sealed.
        state: `active` seals and opens, `retired` only opens.
        created_at: When it was made.
    """

    __tablename__ = "wrapped_key"
    __table_args__ = (Index(None, "practice_id", "purpose", "epoch"),)

    kid: Mapped[bytes] = mapped_column(primary_key=True)
    practice_id: Mapped[UUID]
    purpose: Mapped[str]
    epoch: Mapped[int]
    wrapped: Mapped[bytes]
    state: Mapped[str]
    created_at: Mapped[dt.datetime]
