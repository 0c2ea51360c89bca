"""Tables of the book: postings and entries are only ever added to; months are closed for good."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config import clock
from config.db import Base
from config.tenancy import PracticeRow, practice_key


class PostingRow(PracticeRow, Base):
    """One event in the book.

    Attributes:
        key: At most one posting of a practice carries it.
        digest: What was posted, so that the same key with other content is noticed.
        reverses_id: The posting that this one takes back; at most once.
    """

    __tablename__ = "posting"
    __table_args__ = (
        UniqueConstraint("practice_id", "key"),
        UniqueConstraint("practice_id", "reverses_id", name="uq_posting_reverses"),
        practice_key("reverses_id", "posting"),
        {"info": {"append_only": True}},
    )

    key: Mapped[str]
    kind: Mapped[str]
    posted_on: Mapped[dt.date]
    recorded_at: Mapped[dt.datetime] = mapped_column(default=clock.now)
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID]
    digest: Mapped[bytes]
    reverses_id: Mapped[UUID | None]


class EntryRow(PracticeRow, Base):
    """One entry: cents go from the credited to the debited account."""

    __tablename__ = "entry"
    __table_args__ = (
        CheckConstraint("cents > 0", name="cents_above_nil"),
        CheckConstraint("debit <> credit", name="two_accounts"),
        UniqueConstraint("practice_id", "reverses_id", name="uq_entry_reverses"),
        practice_key("posting_id", "posting"),
        practice_key("reverses_id", "entry"),
        Index("ix_entry_posting", "practice_id", "posting_id"),
        Index("ix_entry_charge_line", "practice_id", "charge_line_id"),
        Index("ix_entry_visit", "practice_id", "visit_id"),
        Index("ix_entry_claim", "practice_id", "claim_id"),
        Index("ix_entry_remittance", "practice_id", "remittance_id"),
        Index("ix_entry_guarantor", "practice_id", "guarantor_id"),
        {"info": {"append_only": True}},
    )

    posting_id: Mapped[UUID]
    debit: Mapped[str]
    credit: Mapped[str]
    cents: Mapped[int]
    currency: Mapped[str]
    kind: Mapped[str]
    posted_on: Mapped[dt.date]
    recorded_at: Mapped[dt.datetime] = mapped_column(default=clock.now)
    reason: Mapped[str] = mapped_column(default="")
    rule: Mapped[str] = mapped_column(default="")
    actor_id: Mapped[UUID]
    reverses_id: Mapped[UUID | None]
    visit_id: Mapped[UUID | None]
    claim_id: Mapped[UUID | None]
    charge_line_id: Mapped[UUID | None]
    payer_id: Mapped[UUID | None]
    guarantor_id: Mapped[UUID | None]
    patient_id: Mapped[UUID | None]
    remittance_id: Mapped[UUID | None]
    provider_id: Mapped[UUID | None]
    location_id: Mapped[UUID | None]
    batch_id: Mapped[UUID | None]
    payment_id: Mapped[UUID | None]
    control_id: Mapped[UUID | None]
    service_month: Mapped[dt.date | None]


class ClosedMonthRow(PracticeRow, Base):
    """A month that is closed, and every month before it with it."""

    __tablename__ = "closed_month"
    __table_args__ = (
        UniqueConstraint("practice_id", "month"),
        {"info": {"append_only": True}},
    )

    month: Mapped[dt.date]
    closed_at: Mapped[dt.datetime] = mapped_column(default=clock.now)
    actor_id: Mapped[UUID]
