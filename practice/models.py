"""Tables of the practice's own facts; none holds anything about a patient.

Addresses are one JSON text per column: nothing looks for a row by a part of one.
"""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.db import Base, GlobalRow
from config.ids import uuid7
from config.tenancy import PracticeRow, practice_key


class PracticeRecord(GlobalRow, Base):
    """A practice; the one table here that isn't a practice's own, for it is the list of them."""

    __tablename__ = "practice"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    name: Mapped[str]
    npi: Mapped[str] = mapped_column(index=True)
    tax_id: Mapped[str]
    tax_id_kind: Mapped[str] = mapped_column(default="EI")
    taxonomy: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    pay_to: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    colour: Mapped[str] = mapped_column(default="#1d4f91")
    logo_svg: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="en")
    time_zone: Mapped[str] = mapped_column(default="America/New_York")


class LocationRecord(PracticeRow, Base):
    """A place where the practice sees patients."""

    __tablename__ = "location"
    __table_args__ = (UniqueConstraint("practice_id", "code"),)

    code: Mapped[str]
    name: Mapped[str]
    npi: Mapped[str]
    address: Mapped[str]
    place_of_service: Mapped[str]
    clia_number: Mapped[str]


class ProviderRecord(PracticeRow, Base):
    """A clinician."""

    __tablename__ = "provider"
    __table_args__ = (UniqueConstraint("practice_id", "npi"),)

    npi: Mapped[str]
    family: Mapped[str]
    given: Mapped[str]
    credential: Mapped[str]
    taxonomy: Mapped[str]
    is_rendering: Mapped[bool]


class PartnerRecord(PracticeRow, Base):
    """A trading partner."""

    __tablename__ = "trading_partner"
    __table_args__ = (UniqueConstraint("practice_id", "code"),)

    code: Mapped[str]
    name: Mapped[str]
    sender_qualifier: Mapped[str]
    sender_id: Mapped[str]
    receiver_qualifier: Mapped[str]
    receiver_id: Mapped[str]
    submitter_id: Mapped[str]
    submitter_name: Mapped[str]
    contact_name: Mapped[str]
    contact_phone: Mapped[str]
    usage: Mapped[str]
    transport: Mapped[str]
    host: Mapped[str]
    port: Mapped[int]
    username: Mapped[str]
    host_key: Mapped[str]
    key_file: Mapped[str]
    outbox: Mapped[str]
    inbox: Mapped[str]


class PayerRecord(PracticeRow, Base):
    """An insurer or other payer, with the days that it gives."""

    __tablename__ = "payer"
    __table_args__ = (
        UniqueConstraint("practice_id", "payer_code"),
        practice_key("partner_id", "trading_partner"),
    )

    payer_code: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    claim_filing_code: Mapped[str]
    address: Mapped[str]
    initial_days_max: Mapped[int | None]
    corrected_days_max: Mapped[int | None]
    appeal_days_max: Mapped[int | None]
    secondary_days_max: Mapped[int | None]
    limits_source: Mapped[str]
    may_bill_patient: Mapped[str]
    allows_replacement: Mapped[bool]
    asks_referring_provider: Mapped[bool]
    partner_id: Mapped[UUID | None]


class PayerNameRecord(PracticeRow, Base):
    """A name by which messages call a payer, in the form in which names are compared."""

    __tablename__ = "payer_name"
    __table_args__ = (
        UniqueConstraint("practice_id", "name_key"),
        practice_key("payer_id", "payer"),
    )

    payer_id: Mapped[UUID]
    name_key: Mapped[str]


class ChargeRecord(PracticeRow, Base):
    """One price of the charge master over a span of dates; it knows no payer."""

    __tablename__ = "charge"
    __table_args__ = (
        UniqueConstraint("practice_id", "code", "modifier", "from_date"),
        CheckConstraint("unit_cents >= 0", "not_negative"),
        CheckConstraint("to_date IS NULL OR to_date >= from_date", "span"),
    )

    code: Mapped[str]
    modifier: Mapped[str]
    unit_cents: Mapped[int]
    currency: Mapped[str]
    wording: Mapped[str]
    wording_es: Mapped[str]
    from_date: Mapped[dt.date]
    to_date: Mapped[dt.date | None]


class ContractFeeRecord(PracticeRow, Base):
    """What a payer's contract allows for one unit over a span of dates."""

    __tablename__ = "contract_fee"
    __table_args__ = (
        UniqueConstraint("practice_id", "payer_id", "code", "from_date"),
        CheckConstraint("unit_cents >= 0", "not_negative"),
        CheckConstraint("to_date IS NULL OR to_date >= from_date", "span"),
        practice_key("payer_id", "payer"),
    )

    payer_id: Mapped[UUID]
    code: Mapped[str]
    unit_cents: Mapped[int]
    currency: Mapped[str]
    from_date: Mapped[dt.date]
    to_date: Mapped[dt.date | None]


class EnrolmentRecord(PracticeRow, Base):
    """A provider's enrolment with a payer over a span of dates."""

    __tablename__ = "enrolment"
    __table_args__ = (
        UniqueConstraint("practice_id", "provider_id", "payer_id", "from_date"),
        CheckConstraint("to_date IS NULL OR to_date >= from_date", "span"),
        Index(None, "practice_id", "payer_id"),
        practice_key("provider_id", "provider"),
        practice_key("payer_id", "payer"),
    )

    provider_id: Mapped[UUID]
    payer_id: Mapped[UUID]
    from_date: Mapped[dt.date]
    to_date: Mapped[dt.date | None]
    is_participating: Mapped[bool]


class FeedRecord(PracticeRow, Base):
    """A sender of messages that belongs to the practice."""

    __tablename__ = "feed"
    __table_args__ = (UniqueConstraint("practice_id", "kind", "sender"),)

    kind: Mapped[str]
    sender: Mapped[str]
    name: Mapped[str]
    time_zone: Mapped[str]
