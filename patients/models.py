"""Tables of patients, guarantors and coverages; what identifies anybody lies in payloads.

Look-up tables hold keyed hashes only: whole ones of identifiers, 16 bits of a name's terms.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from config.db import Base
from config.sealed import SealedRow
from config.tenancy import PracticeRow, practice_key


class GuarantorRecord(SealedRow, Base):
    """A person who answers for bills.

    Attributes:
        account_number: What bills show.
        match_key: Keyed hash of the name, to find the same person again.
    """

    __tablename__ = "guarantor"
    __table_args__ = (
        UniqueConstraint("practice_id", "account_number"),
        Index(None, "practice_id", "match_key"),
    )

    account_number: Mapped[str]
    match_key: Mapped[bytes]


class PatientRecord(SealedRow, Base):
    """A patient; a merged one keeps its row and names its survivor."""

    __tablename__ = "patient"
    __table_args__ = (
        UniqueConstraint("practice_id", "number"),
        Index(None, "practice_id", "survivor_id"),
        Index(None, "practice_id", "guarantor_id"),
        practice_key("guarantor_id", "guarantor"),
        practice_key("survivor_id", "patient"),
    )

    number: Mapped[str]
    guarantor_id: Mapped[UUID | None]
    survivor_id: Mapped[UUID | None]


class PatientIdentifierRecord(PracticeRow, Base):
    """An identifier's keyed hash; each leads to one patient."""

    __tablename__ = "patient_identifier"
    __table_args__ = (
        UniqueConstraint("practice_id", "key"),
        Index(None, "practice_id", "patient_id"),
        practice_key("patient_id", "patient"),
    )

    patient_id: Mapped[UUID]
    key: Mapped[bytes]


class PatientSearchRecord(PracticeRow, Base):
    """One term by which a patient is a candidate; what is found is decrypted and compared."""

    __tablename__ = "patient_search"
    __table_args__ = (
        UniqueConstraint("practice_id", "term", "patient_id"),
        Index(None, "practice_id", "patient_id"),
        practice_key("patient_id", "patient"),
    )

    patient_id: Mapped[UUID]
    term: Mapped[int]


class GuarantorIdentifierRecord(PracticeRow, Base):
    """A keyed hash of the number by which another system knows a guarantor."""

    __tablename__ = "guarantor_identifier"
    __table_args__ = (
        UniqueConstraint("practice_id", "key"),
        practice_key("guarantor_id", "guarantor"),
    )

    guarantor_id: Mapped[UUID]
    key: Mapped[bytes]


class CoverageRecord(SealedRow, Base):
    """A patient's insurance with one payer under one member id.

    Attributes:
        priority: 1 is billed first.
        member_key: Keyed hash of the member id; a family shares one.
        span: Counts from 1 the times that the patient had this insurance.
    """

    __tablename__ = "coverage"
    __table_args__ = (
        UniqueConstraint("practice_id", "patient_id", "payer_id", "member_key", "span"),
        Index(None, "practice_id", "member_key"),
        practice_key("patient_id", "patient"),
        practice_key("payer_id", "payer"),
    )

    patient_id: Mapped[UUID]
    payer_id: Mapped[UUID]
    priority: Mapped[int]
    member_key: Mapped[bytes]
    span: Mapped[int]
