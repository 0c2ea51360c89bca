"""Tables of the claim itself: its head, its versions, its lines and its timeline."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.db import Base
from config.sealed import SealedRow
from config.tenancy import PracticeRow, practice_key


class ClaimRow(SealedRow, Base):
    """A claim: one number for life, one state at a time, with an owner and a next date.

    Attributes:
        number: CLM01, up to 14 characters A-Z and 0-9.
        payer_sequence: 1 for the primary payer, 2 for the secondary, 3 for the tertiary.
        state: A `ClaimState`; `owner_role` works it and `next_on` is when it must be looked at.
        file_by: Last day on which the payer takes it, where the payer sets one.
        accepted_by_payer_on: When the payer first took it; until then the filing alarm may ring.
        version: Number of the newest version.
    """

    __tablename__ = "claim"
    __table_args__ = (
        practice_key("visit_id", "visit"),
        practice_key("patient_id", "patient"),
        practice_key("coverage_id", "coverage"),
        practice_key("payer_id", "payer"),
        UniqueConstraint("practice_id", "number"),
        Index("ix_claim_state_next", "practice_id", "state", "next_on", "id"),
        Index("ix_claim_visit", "practice_id", "visit_id"),
        Index("ix_claim_filing", "practice_id", "accepted_by_payer_on", "file_by", "id"),
    )

    number: Mapped[str]
    visit_id: Mapped[UUID]
    patient_id: Mapped[UUID]
    coverage_id: Mapped[UUID]
    payer_id: Mapped[UUID]
    payer_sequence: Mapped[int]
    state: Mapped[str]
    owner_role: Mapped[str]
    next_on: Mapped[dt.date | None]
    file_by: Mapped[dt.date | None]
    accepted_by_payer_on: Mapped[dt.date | None]
    total_cents: Mapped[int]
    service_month: Mapped[dt.date]
    version: Mapped[int]
    created_at: Mapped[dt.datetime]


class ClaimVersionRow(SealedRow, Base):
    """One version of a claim as it was or will be sent: content and sources, never changed."""

    __tablename__ = "claim_version"
    __table_args__ = (
        practice_key("claim_id", "claim"),
        UniqueConstraint("practice_id", "claim_id", "number"),
    )

    claim_id: Mapped[UUID]
    number: Mapped[int]
    frequency: Mapped[str]
    created_at: Mapped[dt.datetime]


class ClaimLineRow(PracticeRow, Base):
    """A claim's service line, as far as money and matching need it.

    Attributes:
        number: LX01, from 1.
        control_number: REF*6R, unique per line; what an ERA gives back.
        charge_line_id: Coding's key of the charge line; stable over versions and payers.
        state: `open`, `paid`, `denied`, `held`.
    """

    __tablename__ = "claim_line"
    __table_args__ = (
        practice_key("claim_id", "claim"),
        practice_key("visit_id", "visit"),
        UniqueConstraint("practice_id", "control_number"),
        UniqueConstraint("practice_id", "claim_id", "number"),
        Index("ix_claim_line_charge", "practice_id", "charge_line_id"),
    )

    claim_id: Mapped[UUID]
    visit_id: Mapped[UUID]
    number: Mapped[int]
    control_number: Mapped[str]
    charge_line_id: Mapped[UUID]
    provider_id: Mapped[UUID | None]
    location_id: Mapped[UUID | None]
    charge_cents: Mapped[int]
    state: Mapped[str] = mapped_column(default="open")


class ClaimEventRow(SealedRow, Base):
    """One event of a claim's timeline, with the file behind it.

    Attributes:
        kind: Kebab-case name: `built`, `scrubbed`, `batched`, `sent`, `accepted-by-payer`…
        blob_id: The exact bytes that the event rests on, where there are any.
    """

    __tablename__ = "claim_event"
    __table_args__ = (
        practice_key("claim_id", "claim"),
        practice_key("blob_id", "blob"),
        Index("ix_claim_event_claim", "practice_id", "claim_id", "id"),
        {"info": {"append_only": True}},
    )

    claim_id: Mapped[UUID]
    kind: Mapped[str]
    state: Mapped[str]
    blob_id: Mapped[UUID | None]
    actor_id: Mapped[UUID]
    occurred_at: Mapped[dt.datetime]
