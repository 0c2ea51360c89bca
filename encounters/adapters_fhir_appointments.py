"""Appointment to the appointments of a Bundle."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from encounters.adapters_fhir_fields import Taken, read_words, to_moment
from encounters.adapters_fhir_references import find_code, find_npi, find_patient, read_number
from encounters.values import AppointmentState, IntakeAppointment

if TYPE_CHECKING:
    from config.people import Identifier
    from encounters.adapters_fhir_fields import Reading
    from gateways.fhir.values import Element, FhirEntry

_STATES: Final = {
    "arrived": AppointmentState.ARRIVED,
    "checked-in": AppointmentState.ARRIVED,
    "fulfilled": AppointmentState.KEPT,
    "cancelled": AppointmentState.CANCELLED,
    "entered-in-error": AppointmentState.CANCELLED,
    "noshow": AppointmentState.NO_SHOW,
}


def to_appointments(reading: Reading) -> list[IntakeAppointment]:
    """Return the appointments of a Bundle."""
    found = (_to_appointment(reading, entry) for entry in reading.entries("Appointment"))
    return [appointment for appointment in found if appointment is not None]


def _to_appointment(reading: Reading, entry: FhirEntry) -> IntakeAppointment | None:
    taken = Taken(entry, reading)
    actors = _list_actors(taken)
    identifier = read_number(taken, "identifier", "AP")
    patient = _first_patient(taken, actors)
    start = taken.element.text("start")
    starts_at = to_moment(start.text) if start else None
    if identifier is None or patient is None or start is None or starts_at is None:
        reading.refuse(
            "appointment-incomplete",
            taken.below(
                "identifier"
                if identifier is None
                else "participant"
                if patient is None
                else "start"
            ),
            "An appointment needs a number, a patient and a start.",
            "Have the sender give Appointment.identifier, a Patient among the participants, start.",
        )
        return None
    taken.take("starts_at", start)
    npis = (find_npi(taken, actor, "provider_npi") for actor in actors)
    codes = (_to_location(taken, actor) for actor in actors)
    return IntakeAppointment(
        identifier=identifier,
        patient=patient,
        starts_at=starts_at.astimezone(dt.UTC),
        minutes=_to_minutes(taken, starts_at),
        state=_STATES.get(taken.status, AppointmentState.BOOKED),
        provider_npi=next(filter(None, npis), ""),
        location_code=next(filter(None, codes), ""),
        reason=_to_reason(taken),
        paths=taken.paths,
    )


def _refuse_appointment(taken: Taken, keys: tuple[Identifier | None, Identifier | None]) -> None:
    """Say which of number, patient and start is the first that is missing."""
    missing = ("identifier", "participant", "start")
    first = missing[keys.index(None) if None in keys else 2]
    taken.reading.refuse(
        "appointment-incomplete",
        taken.below(first),
        "An appointment needs a number, a patient and a start.",
        "Have the sender give Appointment.identifier, a Patient among the participants, start.",
    )


def _list_actors(taken: Taken) -> list[Element]:
    actors = (item.get("actor") for item in taken.element.each("participant"))
    return [actor for actor in actors if actor is not None]


def _first_patient(taken: Taken, actors: list[Element]) -> Identifier | None:
    for actor in actors:
        if _points_to(taken, actor) == "Patient":
            return find_patient(taken, actor)
    return None


def _to_location(taken: Taken, actor: Element) -> str:
    return (
        find_code(taken, actor, "location_code") if _points_to(taken, actor) == "Location" else ""
    )


def _points_to(taken: Taken, actor: Element) -> str | None:
    """Return the type of what a reference points to."""
    reference, entry = taken.reading.follow(taken, actor)
    if entry is not None:
        return entry.resource_type
    return reference.resource_type if reference is not None else None


def _to_minutes(taken: Taken, starts_at: dt.datetime) -> int:
    minutes, end = taken.element.number("minutesDuration"), taken.element.text("end")
    if minutes is not None:
        taken.paths["minutes"] = taken.place(minutes.path)
        return int(minutes.number)
    ends_at = to_moment(end.text) if end else None
    if ends_at is None or ends_at < starts_at:
        return 0
    taken.take("minutes", end)
    return int((ends_at - starts_at).total_seconds()) // 60


def _to_reason(taken: Taken) -> str:
    reasons = taken.element.each("reasonCode")
    words = read_words(reasons[0]) if reasons else None
    return taken.take("reason", words or taken.element.text("description"))
