"""What messages say (intake values), and appointments and visits as other packages read them.

An adapter turns one foreign message into one `Intake`; `encounters.service` applies it. Every
intake value carries `paths`: for each of its fields the place in the message that it came from.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType
from uuid import UUID

from config.finding import Finding
from config.people import Address, Identifier, PersonName, Sex
from config.provenance import Source
from patients.values import PatientId, Relationship
from practice.values import LocationId, ProviderId

MessageId = NewType("MessageId", UUID)
AppointmentId = NewType("AppointmentId", UUID)
VisitId = NewType("VisitId", UUID)


@dataclass(frozen=True, slots=True)
class IntakePerson:
    """A person as a message gives them: patient, guarantor or subscriber."""

    name: PersonName
    birth_date: dt.date | None = None
    sex: Sex = Sex.UNKNOWN
    address: Address | None = None
    phone: str = ""
    email: str = ""
    language: str = ""
    deceased_on: dt.date | None = None
    paths: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IntakeCoverage:
    """One insurance as a message gives it.

    Attributes:
        priority: 1 is billed first.
        payer_code: Electronic payer id where the message has one; else `payer_name` decides.
        subscriber: None when the relationship is self.
    """

    priority: int
    payer_code: str
    payer_name: str
    member_id: str
    group_number: str = ""
    plan_name: str = ""
    relationship: Relationship = Relationship.SELF
    subscriber: IntakePerson | None = None
    from_date: dt.date | None = None
    to_date: dt.date | None = None
    paths: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IntakePatient:
    """A patient with what hangs on them.

    Attributes:
        identifiers: At least one; the first with kind `MR` finds the patient again.
        guarantor: None when the message names none (the patient, if of age, answers).
        coverages: None when the message says nothing of insurance; empty when it says "none".
    """

    identifiers: tuple[Identifier, ...]
    person: IntakePerson
    guarantor: IntakePerson | None = None
    coverages: tuple[IntakeCoverage, ...] | None = None
    paths: dict[str, str] = field(default_factory=dict)


class AppointmentState(StrEnum):
    """How an appointment stands."""

    BOOKED = "booked"
    ARRIVED = "arrived"
    KEPT = "kept"
    CANCELLED = "cancelled"
    NO_SHOW = "no-show"


@dataclass(frozen=True, slots=True)
class IntakeAppointment:
    """One appointment; `patient` is the identifier that finds its patient."""

    identifier: Identifier
    patient: Identifier
    starts_at: dt.datetime
    minutes: int
    state: AppointmentState
    provider_npi: str = ""
    location_code: str = ""
    reason: str = ""
    paths: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IntakeCondition:
    """A condition in the EHR's words, with its code where it has one.

    Attributes:
        words: What the clinician's record shows, such as a SNOMED display.
        system: `ICD-10-CM`, `SNOMED` or another name; empty where there is no code.
        rank: 1 for the principal condition of the visit; None where not ranked.
    """

    words: str
    system: str = ""
    code: str = ""
    rank: int | None = None
    paths: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IntakeCharge:
    """A charge or procedure as the EHR tells it; the coder confirms it.

    Attributes:
        identifier: The sender's own key of the charge, that makes a repeat a repeat; or empty.
        system: `CPT`, `HCPCS`, `SNOMED`…
        diagnosis_codes: ICD-10-CM codes the message ties to the charge, in order.
        is_reversal: Takes back the earlier charge of the same identifier.
    """

    identifier: str
    system: str
    code: str
    words: str
    service_date: dt.date
    units: int = 1
    modifiers: tuple[str, ...] = ()
    diagnosis_codes: tuple[str, ...] = ()
    performer_npi: str = ""
    ndc: str = ""
    is_reversal: bool = False
    paths: dict[str, str] = field(default_factory=dict)


class AccidentKind(StrEnum):
    """What kind of accident brought the patient (CLM11)."""

    AUTO = "AA"
    EMPLOYMENT = "EM"
    OTHER = "OA"


@dataclass(frozen=True, slots=True)
class Accident:
    """An accident's facts (R31)."""

    kind: AccidentKind
    on: dt.date
    state: str = ""


@dataclass(frozen=True, slots=True)
class IntakeVisit:
    """One visit with its conditions and charges.

    Attributes:
        identifier: The sender's visit number (PV1-19, Encounter.identifier).
        patient: The identifier that finds its patient.
        is_finished: The EHR says that the visit is over; only then is it ready to code.
        is_cancelled: The EHR takes the visit back.
        note: The visit's text, where the message carries one.
    """

    identifier: Identifier
    patient: Identifier
    service_date: dt.date
    end_date: dt.date | None = None
    place_of_service: str = ""
    provider_npi: str = ""
    referring_npi: str = ""
    location_code: str = ""
    appointment: Identifier | None = None
    is_finished: bool = True
    is_cancelled: bool = False
    accident: Accident | None = None
    authorization_number: str = ""
    referral_number: str = ""
    conditions: tuple[IntakeCondition, ...] = ()
    charges: tuple[IntakeCharge, ...] = ()
    note: str = ""
    paths: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IntakeMerge:
    """Two identifiers are one patient: `merged` goes into `survivor` (ADT A40)."""

    survivor: Identifier
    merged: Identifier
    paths: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Intake:
    """All that one message says.

    Attributes:
        control_id: MSH-10, Bundle.identifier or our own number.
        sender: Who sent it: MSH-3 and MSH-4 joined by `|`, the API client's name, `csv`.
        kind: `ADT^A04`, `FHIR`, `CSV`.
        occurred_at: When the sender says that it happened (EVN-2); a staler one is ignored.
        findings: What can't be applied, each with its exact place; any error holds the message.
    """

    control_id: str
    sender: str
    kind: str
    occurred_at: dt.datetime | None = None
    patients: tuple[IntakePatient, ...] = ()
    appointments: tuple[IntakeAppointment, ...] = ()
    visits: tuple[IntakeVisit, ...] = ()
    merges: tuple[IntakeMerge, ...] = ()
    findings: tuple[Finding, ...] = ()


class MessageState(StrEnum):
    """How a message stands: its bytes are durable in every one of them."""

    RECEIVED = "received"
    APPLIED = "applied"
    HELD = "held"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of a visit as the coder sees it, with where it came from."""

    words: str
    system: str
    code: str
    rank: int | None
    source: Source


@dataclass(frozen=True, slots=True)
class VisitCharge:
    """A charge of a visit as the EHR told it, with where it came from: the code, and each part."""

    identifier: str
    system: str
    code: str
    words: str
    service_date: dt.date
    units: int
    modifiers: tuple[str, ...]
    diagnosis_codes: tuple[str, ...]
    performer_npi: str
    ndc: str
    source: Source
    sources: dict[str, Source] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VisitDetails:
    """What is known of a visit; the sealed payload of a visit row.

    Attributes:
        told_at: When the sender last told of it; an older message only fills gaps.
        taken_back: Sender's keys of charges that were taken back: an older message can't bring
            them again.
        sources: Where each field came from, by field name.
    """

    service_date: dt.date
    end_date: dt.date | None = None
    place_of_service: str = ""
    referring_npi: str = ""
    accident: Accident | None = None
    authorization_number: str = ""
    referral_number: str = ""
    conditions: tuple[Condition, ...] = ()
    charges: tuple[VisitCharge, ...] = ()
    note: str = ""
    told_at: dt.datetime | None = None
    taken_back: tuple[str, ...] = ()
    sources: dict[str, Source] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PatientNews:
    """When a sender last told of a patient; the sealed payload of a patient event.

    Each part has a time of its own: charges that come before the registration say nothing of
    insurance, and must not make the registration's insurance old news.
    """

    told_at: dt.datetime | None = None
    guarantor_told_at: dt.datetime | None = None
    insured_told_at: dt.datetime | None = None


class VisitState(StrEnum):
    """How a visit stands on its way to the coder.

    `OPEN` may still change in the EHR; `READY` waits for the coder; `EXCUSED` will never be
    billed, with a reason; `VOIDED` was taken back by the EHR. What coding makes of it is
    `coding`'s state, not this one.
    """

    OPEN = "open"
    READY = "ready"
    EXCUSED = "excused"
    VOIDED = "voided"


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit with its keys; `number` is what people read out."""

    id: VisitId
    number: str
    patient_id: PatientId
    state: VisitState
    provider_id: ProviderId | None
    location_id: LocationId | None
    details: VisitDetails


@dataclass(frozen=True, slots=True)
class MessageDetails:
    """What is known of a message; the sealed payload of a message row.

    Attributes:
        control_id: MSH-10, Bundle.identifier or our own number.
        sender: Who sent it.
        findings: Why it is held or failed; warnings of an applied one.
        answer: The stored answer to the sender, where a repeat must get the same one (FHIR).
        is_conflict: The same control id came before with another body.
        client_id: The API client or account that owns what a FHIR body makes.
        resource_type: Of a FHIR create, the type that its address names; empty for a Bundle.
        if_none_exist: Of a FHIR create, the search of that header.
    """

    control_id: str
    sender: str
    findings: tuple[Finding, ...] = ()
    answer: str = ""
    answer_status: int = 0
    is_conflict: bool = False
    client_id: UUID | None = None
    resource_type: str = ""
    if_none_exist: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A message with its key, as lists and answers show it."""

    id: MessageId
    kind: str
    state: MessageState
    received_at: dt.datetime
    details: MessageDetails


@dataclass(frozen=True, slots=True)
class AppointmentDetails:
    """What is known of an appointment; the sealed payload of an appointment row."""

    starts_at: dt.datetime
    minutes: int
    reason: str = ""
    sources: dict[str, Source] = field(default_factory=dict)
    told_at: dt.datetime | None = None
