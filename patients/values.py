"""Patients, guarantors and coverages as other packages read them; payloads of sealed rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType
from uuid import UUID

from config.people import Address, Identifier, PersonName, Sex
from config.provenance import Source
from practice.values import PayerId

PatientId = NewType("PatientId", UUID)
GuarantorId = NewType("GuarantorId", UUID)
CoverageId = NewType("CoverageId", UUID)


class Relationship(StrEnum):
    """How the patient stands to the subscriber (SBR02 and PAT01 codes are the adapters' matter)."""

    SELF = "self"
    SPOUSE = "spouse"
    CHILD = "child"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PatientDetails:
    """What is known of a patient; the sealed payload of a patient row.

    Attributes:
        identifiers: Medical record numbers and the like, each with who gave it.
        language: `en` or `es`: the language of bills.
        is_qmb: Qualified Medicare Beneficiary: owes no cost share (P3).
        sources: Where each field came from, by field path such as `name.family`.
    """

    name: PersonName
    birth_date: dt.date | None
    sex: Sex
    address: Address | None = None
    phone: str = ""
    email: str = ""
    language: str = "en"
    identifiers: tuple[Identifier, ...] = ()
    deceased_on: dt.date | None = None
    is_qmb: bool = False
    sources: dict[str, Source] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient with its key; `survivor_id` is set when it was merged into another."""

    id: PatientId
    number: str
    guarantor_id: GuarantorId | None
    survivor_id: PatientId | None
    details: PatientDetails


@dataclass(frozen=True, slots=True)
class GuarantorDetails:
    """Who answers for the bills; the sealed payload of a guarantor row."""

    name: PersonName
    address: Address | None = None
    phone: str = ""
    email: str = ""
    language: str = "en"
    birth_date: dt.date | None = None
    sources: dict[str, Source] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Guarantor:
    """A guarantor with its key and the account number that bills show."""

    id: GuarantorId
    account_number: str
    details: GuarantorDetails


@dataclass(frozen=True, slots=True)
class Subscriber:
    """The person who holds the insurance, when that isn't the patient."""

    name: PersonName
    birth_date: dt.date | None
    sex: Sex
    address: Address | None


@dataclass(frozen=True, slots=True)
class CoverageDetails:
    """What a card says; the sealed payload of a coverage row.

    Attributes:
        member_id: The member id on the card (2010BA NM109).
        subscriber: None when the patient is the subscriber.
        from_date: First day covered, None where not known.
        to_date: Last day covered, None while it lasts.
    """

    member_id: str
    group_number: str = ""
    plan_name: str = ""
    relationship: Relationship = Relationship.SELF
    subscriber: Subscriber | None = None
    from_date: dt.date | None = None
    to_date: dt.date | None = None
    sources: dict[str, Source] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Coverage:
    """A patient's insurance; `priority` 1 is billed first."""

    id: CoverageId
    patient_id: PatientId
    payer_id: PayerId
    priority: int
    details: CoverageDetails

    def is_in_force(self, on: dt.date) -> bool:
        """Say whether the coverage holds on a day, as far as its dates tell."""
        start, end = self.details.from_date, self.details.to_date
        return (start is None or start <= on) and (end is None or on <= end)


@dataclass(frozen=True, slots=True)
class CoverageEntry:
    """An insurance to be stored for a patient; `priority` 1 is billed first."""

    payer_id: PayerId
    priority: int
    details: CoverageDetails
