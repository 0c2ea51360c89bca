"""The table of coding: one row for each visit that a coder has begun."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from config.db import Base
from config.sealed import SealedRow
from config.tenancy import practice_key


class CodedVisitRow(SealedRow, Base):
    """The coding of one visit; diagnoses and lines lie in the payload.

    Attributes:
        visit_id: The visit; it is coded once.
        patient_id: Whose visit it is, for the audit record.
        state: A `CodingState`.
        signed_at: When it was signed off, where it was.
    """

    __tablename__ = "coded_visit"
    __table_args__ = (
        practice_key("visit_id", "visit"),
        practice_key("patient_id", "patient"),
        UniqueConstraint("practice_id", "visit_id"),
        Index("ix_coded_visit_state_id", "practice_id", "state", "id"),
    )

    visit_id: Mapped[UUID]
    patient_id: Mapped[UUID]
    state: Mapped[str]
    signed_at: Mapped[dt.datetime | None]
