"""Encounter, Condition and Appointment to visits and appointments."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from encounters.adapters_fhir_charges import to_charges
from encounters.adapters_fhir_fields import (
    Taken,
    find_code,
    find_coding,
    find_npi,
    find_patient,
    has_code,
    list_codings,
    read_number,
    read_words,
    to_moment,
)
from encounters.values import (
    AppointmentState,
    IntakeAppointment,
    IntakeCondition,
    IntakeVisit,
)

if TYPE_CHECKING:
    from config.people import Identifier
    from encounters.adapters_fhir_fields import Reading
    from gateways.fhir.values import Element, FhirEntry

#: Place of service by Encounter.class; an office visit takes the location's own.
#: Source: HL7 v3 ActCode ActEncounterCode; CMS place-of-service code set.
_PLACES: Final = {"EMER": "23", "IMP": "21", "ACUTE": "21", "NONAC": "21", "HH": "12"}
_PERFORMERS: Final = ("PPRF", "ATND", "SPRF")
_REFERRERS: Final = ("REF",)
_NO_VISIT: Final = frozenset({"planned"})
_TAKEN_BACK: Final = frozenset({"cancelled", "entered-in-error"})
_NOT_SO: Final = ("refuted", "entered-in-error")
_STATES: Final = {
    "arrived": AppointmentState.ARRIVED,
    "checked-in": AppointmentState.ARRIVED,
    "fulfilled": AppointmentState.KEPT,
    "cancelled": AppointmentState.CANCELLED,
    "entered-in-error": AppointmentState.CANCELLED,
    "noshow": AppointmentState.NO_SHOW,
}


def to_visits(reading: Reading) -> list[IntakeVisit]:
    """Return the visits of a Bundle; planned ones are none yet."""
    found = (to_visit(reading, entry) for entry in reading.entries("Encounter"))
    return [visit for visit in found if visit is not None]


def to_visit(reading: Reading, entry: FhirEntry) -> IntakeVisit | None:
    """Return one visit with its conditions and charges, or None with a finding."""
    taken = Taken(entry, reading)
    status = _read_status(taken)
    if status in _NO_VISIT:
        reading.tell(
            "visit-planned",
            taken.below("status"),
            "The encounter has not begun; it becomes a visit when it has.",
            "Nothing to do.",
        )
        return None
    identifier, patient = _read_keys(taken)
    day = _to_service_date(taken)
    if identifier is None or patient is None or day is None:
        return None
    provider = _find_participant(taken, _PERFORMERS, "provider_npi")
    if not provider:
        reading.warn(
            "provider-missing",
            taken.below("participant"),
            "Nobody with an NPI is named as the one who saw the patient.",
            "Name the provider when coding; have the sender give the practitioner's NPI.",
        )
    period, locations = taken.element.get("period"), taken.element.each("location")
    end = taken.day("end_date", period.text("end") if period else None)
    if end == day:
        taken.paths.pop("end_date", None)
    return IntakeVisit(
        identifier=identifier,
        patient=patient,
        service_date=day,
        end_date=end if end != day else None,
        place_of_service=_to_place(taken),
        provider_npi=provider,
        referring_npi=_find_participant(taken, _REFERRERS, "referring_npi"),
        location_code=find_code(
            taken, locations[0].get("location") if locations else None, "location_code"
        ),
        appointment=_find_appointment(taken),
        is_finished=status == "finished",
        is_cancelled=status in _TAKEN_BACK,
        conditions=_to_conditions(reading, entry),
        charges=to_charges(reading, entry, day),
        paths=taken.paths,
    )


def _read_status(taken: Taken) -> str:
    status = taken.element.text("status")
    return status.text if status is not None else ""


def _read_keys(taken: Taken) -> tuple[Identifier | None, Identifier | None]:
    """Return the visit's number and its patient, with a finding for each that is missing."""
    identifier = read_number(taken, "identifier", "VN")
    patient = find_patient(taken, taken.element.get("subject"))
    if identifier is None:
        taken.reading.refuse(
            "visit-number-missing",
            taken.below("identifier"),
            "The visit has no number, so that a repeat could not be told from a new one.",
            "Have the sender give Encounter.identifier.",
        )
    if patient is None:
        taken.reading.refuse(
            "visit-patient-missing",
            taken.below("subject"),
            "The visit does not say whose it is.",
            "Have the sender put the Patient into the same Bundle, or refer to it by identifier.",
        )
    return identifier, patient


def _to_service_date(taken: Taken) -> dt.date | None:
    period = taken.element.get("period")
    day = taken.day("service_date", period.text("start") if period else None)
    if day is None:
        taken.reading.refuse(
            "service-date-missing",
            taken.below("period", "start"),
            "The visit has no day.",
            "Have the sender give Encounter.period.start.",
        )
    return day


def _find_participant(taken: Taken, codes: tuple[str, ...], name: str) -> str:
    """Return the NPI of who took part in one of these ways, in the order of the codes.

    A sole participant without a type counts as the one who saw the patient.
    """
    participants = taken.element.each("participant")
    for code in codes:
        for participant in participants:
            if any(has_code(kind, code) for kind in participant.each("type")):
                npi = find_npi(taken, participant.get("individual"), name)
                if npi:
                    return npi
    if codes is _PERFORMERS and len(participants) == 1 and not participants[0].each("type"):
        return find_npi(taken, participants[0].get("individual"), name)
    return ""


def _to_place(taken: Taken) -> str:
    code = taken.element.at("class")
    kind = code.text("code") if code else None
    place = _PLACES.get(kind.text, "") if kind else ""
    if place and kind is not None:
        taken.take("place_of_service", kind)
    return place


def _find_appointment(taken: Taken) -> Identifier | None:
    """Return the number of the appointment that the visit keeps, if it is in the Bundle."""
    for element in taken.element.each("appointment"):
        reference, entry = taken.reading.follow(taken, element)
        if reference is not None and entry is not None:
            taken.paths["appointment"] = taken.place(reference.path)
            return read_number(Taken(entry, taken.reading), "identifier", "AP")
    return None


def _to_conditions(reading: Reading, visit: FhirEntry) -> tuple[IntakeCondition, ...]:
    """Return the conditions of a visit: those that it lists, then those that name it."""
    ranks = _read_ranks(reading, visit)
    listed = [entry for entry in reading.entries("Condition") if entry.index in ranks]
    naming = [
        entry
        for entry in reading.entries("Condition")
        if entry.index not in ranks and _is_of(reading, entry, visit)
    ]
    found = []
    for entry in (*sorted(listed, key=lambda item: ranks[item.index] or len(ranks) + 1), *naming):
        condition = _to_condition(Taken(entry, reading), ranks.get(entry.index))
        if condition is not None:
            found.append(condition)
    return tuple(found)


def _read_ranks(reading: Reading, visit: FhirEntry) -> dict[int, int | None]:
    """Return the conditions that Encounter.diagnosis lists, with their rank."""
    taken, ranks = Taken(visit, reading), dict[int, int | None]()
    for diagnosis in taken.element.each("diagnosis"):
        _, entry = reading.follow(taken, diagnosis.get("condition"))
        if entry is not None and entry.resource_type == "Condition":
            rank = diagnosis.number("rank")
            ranks[entry.index] = int(rank.number) if rank is not None else None
    return ranks


def _is_of(reading: Reading, entry: FhirEntry, visit: FhirEntry) -> bool:
    """Return True if a condition names the visit, or names none and there is but one visit."""
    taken = Taken(entry, reading)
    reference, named = reading.follow(taken, taken.element.get("encounter"))
    if reference is not None:
        return named is visit
    return len(reading.entries("Encounter")) == 1


def _to_condition(taken: Taken, rank: int | None) -> IntakeCondition | None:
    """Return a condition; ICD-10-CM where it has that code, else whatever code it has."""
    element = taken.element
    if has_code(element.get("verificationStatus"), *_NOT_SO):
        return None
    concept = element.get("code")
    codings = list_codings(taken, concept)
    coding = find_coding(codings, "ICD-10-CM", "SNOMED") or next(iter(codings), None)
    words = taken.take("words", read_words(concept))
    if coding is not None:
        taken.paths["code"] = coding.path
    if not words and coding is None:
        taken.reading.warn(
            "condition-empty",
            taken.below("code"),
            "The condition has no words and no code, and is left out.",
            "Have the sender give Condition.code.",
        )
        return None
    return IntakeCondition(
        words=words,
        system=coding.system if coding else "",
        code=coding.code.upper() if coding else "",
        rank=rank,
        paths=taken.paths,
    )


def check_conditions(reading: Reading) -> None:
    """Tell of conditions that belong to no visit of the Bundle: they stay in the raw message."""
    visits = reading.entries("Encounter")
    ranked = {index for visit in visits for index in _read_ranks(reading, visit)}
    for entry in reading.entries("Condition"):
        if entry.index not in ranked and not any(_is_of(reading, entry, visit) for visit in visits):
            reading.tell(
                "condition-without-visit",
                Taken(entry, reading).below("encounter"),
                "The condition belongs to no visit of this Bundle.",
                "Nothing to do; have the sender give Condition.encounter if it was treated.",
            )


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
        state=_STATES.get(_read_status(taken), AppointmentState.BOOKED),
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
