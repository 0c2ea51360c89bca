"""Claims as other packages read them, their states, and the content that an 837 is written from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType
from uuid import UUID

from config.finding import Finding
from config.money import Money
from config.people import Address, PersonName, Sex
from config.provenance import Source
from encounters.values import Accident, VisitId
from patients.values import CoverageId, PatientId, Relationship
from practice.values import LocationId, PartnerId, PayerId, ProviderId

ClaimId = NewType("ClaimId", UUID)
ClaimLineId = NewType("ClaimLineId", UUID)
BatchId = NewType("BatchId", UUID)
RemittanceId = NewType("RemittanceId", UUID)


class ClaimState(StrEnum):
    """Where a claim stands; legal moves, owners and next dates are in `claims.rules.states`."""

    BUILT = "built"
    HELD = "held"
    READY = "ready"
    BATCHED = "batched"
    SENT = "sent"
    RECEIVED = "received"
    ACCEPTED_BY_CLEARINGHOUSE = "accepted-by-clearinghouse"
    ACCEPTED_BY_PAYER = "accepted-by-payer"
    REJECTED_BY_CLEARINGHOUSE = "rejected-by-clearinghouse"
    REJECTED_BY_PAYER = "rejected-by-payer"
    ADJUDICATED = "adjudicated"
    DENIED = "denied"
    SETTLED = "settled"
    VOIDED = "voided"


class OwnerRole(StrEnum):
    """Who works a claim in a state."""

    SYSTEM = "system"
    BILLER = "biller"
    CODER = "coder"
    CLEARINGHOUSE = "clearinghouse"
    PAYER = "payer"
    PATIENT = "patient"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class ClaimPerson:
    """A person on a claim: subscriber or patient (2010BA, 2010CA)."""

    name: PersonName
    birth_date: dt.date | None
    sex: Sex
    address: Address | None


@dataclass(frozen=True, slots=True)
class ClaimProvider:
    """A clinician on a claim (2310A, 2310B, 2420A)."""

    npi: str
    family: str
    given: str
    taxonomy: str = ""


@dataclass(frozen=True, slots=True)
class BillingProvider:
    """Who bills and is paid (2000A, 2010AA, 2010AB)."""

    name: str
    npi: str
    tax_id: str
    tax_id_kind: str
    taxonomy: str
    address: Address
    pay_to: Address | None
    phone: str


@dataclass(frozen=True, slots=True)
class Facility:
    """Where the service was given, when that is not the billing address (2310C)."""

    name: str
    npi: str
    address: Address
    clia_number: str = ""


@dataclass(frozen=True, slots=True)
class ClaimPayer:
    """The payer that the claim goes to (2000B SBR, 2010BB)."""

    payer_code: str
    name: str
    claim_filing_code: str
    address: Address | None


@dataclass(frozen=True, slots=True)
class ContentLine:
    """One service line as it is sent (2400).

    Attributes:
        number: LX01, from 1.
        control_number: REF*6R.
        charge_line_id: Coding's key of the charge line.
        pointers: 1 to 4 places in the claim's diagnoses, from 1.
        rendering: Only where other than the claim's (2420A).
    """

    number: int
    control_number: str
    charge_line_id: UUID
    code: str
    system: str
    modifiers: tuple[str, ...]
    units: int
    charge: Money
    pointers: tuple[int, ...]
    service_date: dt.date
    service_to: dt.date | None = None
    place_of_service: str = ""
    rendering: ClaimProvider | None = None
    ndc: str = ""
    ndc_units: str = ""
    ndc_unit_of_measure: str = ""


@dataclass(frozen=True, slots=True)
class ClaimContent:
    """All that an 837P claim says; the sealed payload of a claim version.

    Attributes:
        claim_number: CLM01.
        frequency: CLM05-3: `1`, `7` or `8`.
        payer_claim_number: REF*F8, with 7 and 8 only.
        payer_sequence: 1, 2, 3 (SBR01 P, S, T).
        patient: None when the patient is the subscriber (then no 2000C).
        accepts_assignment: CLM07 `A`; `assigns_benefits` CLM08; `has_signature` CLM06;
            `releases_information` CLM09.
        diagnoses: ICD-10-CM codes as printed, 1 to 12, first one principal.
        sources: For each 837 element (`2300/CLM01`, `2400[1]/SV101-2`) where it came from.
    """

    claim_number: str
    frequency: str
    payer_claim_number: str
    payer_sequence: int
    billing: BillingProvider
    payer: ClaimPayer
    member_id: str
    group_number: str
    plan_name: str
    relationship: Relationship
    subscriber: ClaimPerson
    patient: ClaimPerson | None
    rendering: ClaimProvider | None
    referring: ClaimProvider | None
    facility: Facility | None
    place_of_service: str
    total: Money
    diagnoses: tuple[str, ...]
    lines: tuple[ContentLine, ...]
    accident: Accident | None = None
    authorization_number: str = ""
    referral_number: str = ""
    clia_number: str = ""
    accepts_assignment: bool = True
    assigns_benefits: bool = True
    has_signature: bool = True
    releases_information: bool = True
    sources: dict[str, Source] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClaimDetails:
    """What is known of a claim beside its versions; the sealed payload of a claim row.

    Attributes:
        payer_claim_number: The payer's own number, from the newest ERA or 277CA.
        findings: Of the newest scrub or rejection.
        overrides: Finding codes that a person let pass, with their notes.
        first_accepted_at: When the payer first took it: the proof of timely filing.
    """

    payer_claim_number: str = ""
    findings: tuple[Finding, ...] = ()
    overrides: dict[str, str] = field(default_factory=dict)
    first_accepted_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim with its keys, as lists and pages show it."""

    id: ClaimId
    number: str
    visit_id: VisitId
    patient_id: PatientId
    coverage_id: CoverageId
    payer_id: PayerId
    payer_sequence: int
    state: ClaimState
    owner_role: OwnerRole
    next_on: dt.date | None
    file_by: dt.date | None
    total: Money
    version: int
    details: ClaimDetails


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """A claim's line as money and matching see it."""

    id: ClaimLineId
    claim_id: ClaimId
    visit_id: VisitId
    number: int
    control_number: str
    charge_line_id: UUID
    provider_id: ProviderId | None
    location_id: LocationId | None
    charge: Money
    state: str


@dataclass(frozen=True, slots=True)
class Batch:
    """One 837 file with the claims of one trading partner.

    Attributes:
        state: `written`, `sent`, `acknowledged` or `rejected`.
    """

    id: BatchId
    partner_id: PartnerId
    file_name: str
    state: str
    claims: int
    total: Money
    sent_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class EventDetails:
    """What a timeline event says beyond its kind; the sealed payload of a claim event."""

    words: str = ""
    findings: tuple[Finding, ...] = ()
    sources: dict[str, Source] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReceivedFileDetails:
    """What is wrong with a received file; the sealed payload of its row."""

    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class RemittanceDetails:
    """What an 835 transaction says of itself; the sealed payload of a remittance row.

    Attributes:
        trace: TRN02.
        findings: Why it is held, where it is.
    """

    trace: str
    payer_name: str
    payer_identifier: str
    method: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class RemittanceClaimDetails:
    """What a remittance's claim says of itself; the sealed payload of its row."""

    claim_number: str
    payer_claim_number: str
    service_from: dt.date | None = None
