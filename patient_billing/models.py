"""Tables of patient money: statements with the visits on them, and payments."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config import clock
from config.db import Base
from config.sealed import SealedRow
from config.tenancy import PracticeRow, practice_key


class StatementRow(SealedRow, Base):
    """A statement; what it says lies in the payload, its PDF in a blob.

    Attributes:
        number: What people read out.
        state: `made`.
        notice: `first`, `reminder` or `final`.
    """

    __tablename__ = "statement"
    __table_args__ = (
        practice_key("guarantor_id", "guarantor"),
        practice_key("blob_id", "blob"),
        UniqueConstraint("practice_id", "number"),
        UniqueConstraint("practice_id", "guarantor_id", "statement_on", name="uq_statement_day"),
        CheckConstraint("cents > 0", name="cents_above_nil"),
    )

    number: Mapped[str]
    guarantor_id: Mapped[UUID]
    cents: Mapped[int]
    state: Mapped[str] = mapped_column(default="made")
    notice: Mapped[str]
    statement_on: Mapped[dt.date]
    due_on: Mapped[dt.date]
    blob_id: Mapped[UUID]
    created_at: Mapped[dt.datetime] = mapped_column(default=clock.now)


class StatementVisitRow(PracticeRow, Base):
    """A visit on a statement, and what was owed for it then."""

    __tablename__ = "statement_visit"
    __table_args__ = (
        practice_key("statement_id", "statement"),
        practice_key("visit_id", "visit"),
        UniqueConstraint("practice_id", "statement_id", "visit_id"),
        Index("ix_statement_visit_visit", "practice_id", "visit_id"),
        {"info": {"append_only": True}},
    )

    statement_id: Mapped[UUID]
    visit_id: Mapped[UUID]
    cents: Mapped[int]


class PatientPaymentRow(PracticeRow, Base):
    """Money that a patient paid; where it went stands in the ledger."""

    __tablename__ = "patient_payment"
    __table_args__ = (
        practice_key("guarantor_id", "guarantor"),
        practice_key("visit_id", "visit"),
        UniqueConstraint("practice_id", "key"),
        UniqueConstraint("practice_id", "number"),
        CheckConstraint("cents > 0", name="cents_above_nil"),
        Index("ix_patient_payment_guarantor", "practice_id", "guarantor_id"),
        {"info": {"append_only": True}},
    )

    key: Mapped[str]
    number: Mapped[str]
    guarantor_id: Mapped[UUID]
    visit_id: Mapped[UUID | None]
    cents: Mapped[int]
    currency: Mapped[str]
    tender: Mapped[str]
    purpose: Mapped[str]
    received_on: Mapped[dt.date]
    actor_id: Mapped[UUID]
