"""Plans that several test files share: synthetic people only."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from gateways.hl7.building import write_planned
from gateways.hl7.plans import (
    AccidentPlan,
    AddressPlan,
    AppointmentPlan,
    ChargePlan,
    ClinicianPlan,
    CoveragePlan,
    DiagnosisPlan,
    GuarantorPlan,
    MessagePlan,
    PersonPlan,
    VisitPlan,
)
from gateways.hl7.writing import Envelope

EVENTS = (
    "ADT^A01",
    "ADT^A03",
    "ADT^A04",
    "ADT^A08",
    "ADT^A40",
    "SIU^S12",
    "SIU^S15",
    "DFT^P03",
)
AT = datetime(2026, 9, 15, 14, 30, tzinfo=UTC)
ADDRESS = AddressPlan("12 Sycamore Terrace", "Springfield", "IL", "62704")
PATIENT = PersonPlan(
    "Featherstone",
    "Marguerite",
    date(1980, 2, 29),
    "F",
    ADDRESS,
    number="MRN1001",
    phone="(217)555-0100",
    email="marguerite@example.com",
    language="es",
    account_number="ACCT77",
)
SPOUSE = replace(PATIENT, given_name="Bartholomew", sex="M", number="G5", phone="", email="")
DOCTOR = ClinicianPlan("1234567893", "Okonkwo & Sons", "Adaeze")
DIAGNOSES = (
    DiagnosisPlan("E11.9", "Type 2 diabetes | no complication"),
    DiagnosisPlan("I10", "High blood pressure"),
)
PLAN = MessagePlan(
    Envelope("MSG0001", AT),
    "DFT^P03",
    PATIENT,
    VisitPlan("V9001", AT, "ROOM 1", "MAIN", ended_at=AT, attending=DOCTOR),
    GuarantorPlan(SPOUSE, "SPO"),
    (
        CoveragePlan(
            "60054",
            "Acme Health",
            "PPO1",
            "W12345678",
            relationship="SPO",
            insured=SPOUSE,
            group_number="G100",
            start_date=date(2026, 1, 1),
        ),
    ),
    DIAGNOSES,
    tuple(
        ChargePlan(
            f"CHG{number}",
            date(2026, 9, 15),
            "99213",
            "Office visit, low",
            12_050,
            modifiers=("25",),
            diagnoses=DIAGNOSES,
            performed_by=DOCTOR,
        )
        for number in range(1, 4)
    ),
    AccidentPlan(AT, "AA", "IL"),
    AppointmentPlan("APT1", AT, 30, "FU", "Follow up", "ROOM 1", DOCTOR),
    "MRN0999",
)


def planned(event: str = "DFT^P03", version: str = "2.5.1", control_id: str = "MSG0001") -> bytes:
    """Return the shared plan's message."""
    envelope = replace(PLAN.envelope, version=version, control_id=control_id)
    return write_planned(replace(PLAN, event=event, envelope=envelope))


def long_charge_message(charges: int = 12) -> bytes:
    """Return a DFT of a long visit: some 25 segments and 7 KB."""
    many = tuple(
        replace(PLAN.charges[0], number=f"C{number}", modifiers=("25", "59"))
        for number in range(charges)
    )
    coverages = (PLAN.coverages[0], replace(PLAN.coverages[0], payer_id="87726"))
    return write_planned(replace(PLAN, charges=many, coverages=coverages, diagnoses=DIAGNOSES * 3))
