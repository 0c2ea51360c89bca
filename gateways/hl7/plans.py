"""What a built message is to say, in plain values: for the demo, tests and the simulator's EHR."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from gateways.hl7.writing import Envelope


@dataclass(frozen=True, slots=True)
class AddressPlan:
    """A postal address."""

    street: str
    city: str
    state: str
    postal_code: str
    street2: str = ""
    country: str = "USA"


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """A patient, guarantor or insured person.

    Attributes:
        number: Medical record number, or the guarantor's number.
        sex: `F`, `M`, `U`, `O`.
        language: ISO 639 code, such as `en` or `es`.
    """

    family_name: str
    given_name: str
    birth_date: date
    sex: str
    address: AddressPlan
    number: str = ""
    number_authority: str = "EHR"
    middle_name: str = ""
    suffix: str = ""
    phone: str = ""
    email: str = ""
    language: str = ""
    ssn: str = ""
    account_number: str = ""


@dataclass(frozen=True, slots=True)
class ClinicianPlan:
    """A clinician, named by NPI."""

    npi: str
    family_name: str
    given_name: str


@dataclass(frozen=True, slots=True)
class CoveragePlan:
    """An insurance, in the order it pays.

    Attributes:
        relationship: Of the insured to the patient, table 0063: `SEL`, `SPO`, `CHD`, `PAR`, `OTH`.
        insured: None if the patient is the insured.
    """

    payer_id: str
    payer_name: str
    plan_id: str
    member_id: str
    relationship: str = "SEL"
    insured: PersonPlan | None = None
    group_number: str = ""
    group_name: str = ""
    start_date: date | None = None
    end_date: date | None = None
    plan_type: str = ""
    payer_address: AddressPlan | None = None
    authorization_number: str = ""


@dataclass(frozen=True, slots=True)
class GuarantorPlan:
    """Who answers for the bill, and who that is to the patient (table 0063)."""

    person: PersonPlan
    relationship: str = "SEL"


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """A visit.

    Attributes:
        number: PV1-19, unique per sender.
        patient_class: Table 0004: `O` outpatient, `I` inpatient, `E` emergency.
        location: Point of care, as the practice knows it.
    """

    number: str
    started_at: datetime
    location: str
    facility: str = ""
    patient_class: str = "O"
    ended_at: datetime | None = None
    attending: ClinicianPlan | None = None
    referring: ClinicianPlan | None = None


@dataclass(frozen=True, slots=True)
class DiagnosisPlan:
    """A diagnosis; `system` `I10` for ICD-10-CM, `SCT` for SNOMED CT; `kind` A, W or F."""

    code: str
    text: str
    system: str = "I10"
    kind: str = "F"


@dataclass(frozen=True, slots=True)
class ChargePlan:
    """A charge.

    Attributes:
        number: FT1-2, unique per sender.
        kind: `CG` charge, `CD` reversal of the same number.
        code: CPT or HCPCS code (FT1-25), `system` `C4` or `HCPCS`.
        diagnoses: In pointer order (FT1-19).
        amount_cents: For all units together.
    """

    number: str
    service_date: date
    code: str
    text: str
    amount_cents: int
    kind: str = "CG"
    system: str = "C4"
    quantity: int = 1
    modifiers: tuple[str, ...] = ()
    diagnoses: tuple[DiagnosisPlan, ...] = ()
    performed_by: ClinicianPlan | None = None
    ordered_by: ClinicianPlan | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class AccidentPlan:
    """An accident; `code` from table 0050 as the sender has it, such as `AA` (auto) or `WC`."""

    happened_at: datetime
    code: str
    state: str = ""
    is_job_related: bool = False


@dataclass(frozen=True, slots=True)
class AppointmentPlan:
    """An appointment; `status` is from table 0278, such as `Booked`."""

    number: str
    starts_at: datetime
    minutes: int
    service_code: str
    service_text: str
    location: str
    clinician: ClinicianPlan
    status: str = "Booked"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MessagePlan:
    """One message.

    Attributes:
        event: `ADT^A01`, `ADT^A03`, `ADT^A04`, `ADT^A08`, `ADT^A40`, `SIU^S12`, `SIU^S15`,
            `DFT^P03`.
        occurred_at: EVN-2 and EVN-6; the envelope's time if None.
        merged_number: For A40: the record number that ends (MRG-1).
    """

    envelope: Envelope
    event: str
    patient: PersonPlan
    visit: VisitPlan | None = None
    guarantor: GuarantorPlan | None = None
    coverages: tuple[CoveragePlan, ...] = ()
    diagnoses: tuple[DiagnosisPlan, ...] = ()
    charges: tuple[ChargePlan, ...] = ()
    accident: AccidentPlan | None = None
    appointment: AppointmentPlan | None = None
    merged_number: str = ""
    occurred_at: datetime | None = field(default=None)
