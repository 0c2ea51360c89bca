"""From intake values to the payloads of our rows, with where each value came from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from config.people import Sex
from config.provenance import Source, SourceKind
from encounters.values import Condition, VisitCharge
from patients.values import PatientDetails

if TYPE_CHECKING:
    from collections.abc import Mapping

    from encounters.values import IntakeCharge, IntakeCondition, IntakePatient, MessageId

_PATIENT_FIELDS: Final = (
    "name",
    "birth_date",
    "sex",
    "address",
    "phone",
    "email",
    "language",
    "deceased_on",
)


def to_source(path: str, message_id: MessageId) -> Source:
    """Return the source of one value of a message."""
    return Source(SourceKind.MESSAGE, str(message_id), path)


def to_sources(paths: Mapping[str, str], message_id: MessageId) -> dict[str, Source]:
    """Return the source of each field of an intake value."""
    return {name: to_source(path, message_id) for name, path in paths.items()}


def to_patient_details(incoming: IntakePatient, message_id: MessageId) -> PatientDetails:
    """Return a patient's payload as a message tells it; empty fields say nothing."""
    person = incoming.person
    return PatientDetails(
        name=person.name,
        birth_date=person.birth_date,
        sex=person.sex,
        address=person.address,
        phone=person.phone,
        email=person.email,
        language=person.language or "",
        identifiers=incoming.identifiers,
        deceased_on=person.deceased_on,
        sources=to_sources(person.paths | incoming.paths, message_id),
    )


def to_gaps(known: PatientDetails, told: PatientDetails) -> PatientDetails:
    """Return what an older message adds: of each field that is known already, what is known."""
    said = {
        name: value
        for name in _PATIENT_FIELDS
        if (value := getattr(known, name)) and value != Sex.UNKNOWN
    }
    return replace(told, **said, sources=told.sources | known.sources)


def to_condition(incoming: IntakeCondition, message_id: MessageId) -> Condition:
    """Return a visit's condition."""
    path = incoming.paths.get("words") or incoming.paths.get("code", "")
    return Condition(
        words=incoming.words,
        system=incoming.system,
        code=incoming.code,
        rank=incoming.rank,
        source=to_source(path, message_id),
    )


def to_visit_charge(incoming: IntakeCharge, message_id: MessageId) -> VisitCharge:
    """Return a visit's charge as the EHR told it."""
    return VisitCharge(
        identifier=incoming.identifier,
        system=incoming.system,
        code=incoming.code,
        words=incoming.words,
        service_date=incoming.service_date,
        units=incoming.units,
        modifiers=incoming.modifiers,
        diagnosis_codes=incoming.diagnosis_codes,
        performer_npi=incoming.performer_npi,
        ndc=incoming.ndc,
        source=to_source(incoming.paths.get("code", ""), message_id),
        sources=to_sources(incoming.paths, message_id),
    )
