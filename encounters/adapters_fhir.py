"""A FHIR Bundle to what it says of patients, appointments and visits.

Each value keeps its FHIRPath in the body. What a Bundle says of practitioners, organizations and
locations serves to find those that the practice has on file; it makes none.

Source:
    FHIR R4; US Core 6.1 (Patient, Coverage, Encounter, Condition, Procedure).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from encounters.adapters_fhir_appointments import to_appointments
from encounters.adapters_fhir_charges import check_contexts
from encounters.adapters_fhir_coverages import check_beneficiaries
from encounters.adapters_fhir_fields import Reading, to_moment
from encounters.adapters_fhir_people import to_merges, to_patients
from encounters.adapters_fhir_visits import check_conditions, to_visits
from encounters.values import Intake

if TYPE_CHECKING:
    import datetime as dt

    from gateways.fhir.values import FhirBundle


def to_intake(bundle: FhirBundle, *, sender: str, time_zone: dt.tzinfo | None = None) -> Intake:
    """Return what a Bundle says; any error among its findings holds it.

    Args:
        bundle: Entries without problems; those of types that we don't use are passed over.
        sender: The API client's name, that owns ids which name no system.
        time_zone: The practice's, to tell the day of times given in UTC.
    """
    reading = Reading(bundle, sender, time_zone)
    check_beneficiaries(reading)
    check_contexts(reading)
    check_conditions(reading)
    appointments = to_appointments(reading)
    visits = to_visits(reading)
    occurred_at = to_moment(bundle.timestamp) if bundle.timestamp else None
    days = [visit.service_date for visit in visits]
    on = max(days) if days else occurred_at.date() if occurred_at else None
    patients = to_patients(reading, on)
    return Intake(
        control_id=bundle.identifier or "",
        sender=sender,
        kind="FHIR",
        occurred_at=occurred_at,
        patients=tuple(patients),
        appointments=tuple(appointments),
        visits=tuple(visits),
        merges=tuple(to_merges(reading)),
        findings=tuple(reading.findings),
    )
