"""Encounter and Condition to visits with their conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from encounters.adapters_fhir_charges import to_charges
from encounters.adapters_fhir_fields import (
    Taken,
    find_coding,
    has_code,
    list_codings,
    read_words,
)
from encounters.adapters_fhir_references import find_code, find_npi, find_patient, read_number
from encounters.values import IntakeCondition, IntakeVisit

if TYPE_CHECKING:
    import datetime as dt

    from config.people import Identifier
    from encounters.adapters_fhir_fields import Reading
    from gateways.fhir.values import FhirEntry

#: Place of service by Encounter.class; an office visit takes the location's own.
#: Source: HL7 v3 ActCode ActEncounterCode; CMS place-of-service code set.
_PLACES: Final = {"EMER": "23", "IMP": "21", "ACUTE": "21", "NONAC": "21", "HH": "12"}
_PERFORMERS: Final = ("PPRF", "ATND", "SPRF")
_REFERRERS: Final = ("REF",)
_NO_VISIT: Final = frozenset({"planned"})
_TAKEN_BACK: Final = frozenset({"cancelled", "entered-in-error"})
_NOT_SO: Final = ("refuted", "entered-in-error")


def to_visits(reading: Reading) -> list[IntakeVisit]:
    """Return the visits of a Bundle; planned ones are none yet."""
    found = (to_visit(reading, entry) for entry in reading.entries("Encounter"))
    return [visit for visit in found if visit is not None]


def to_visit(reading: Reading, entry: FhirEntry) -> IntakeVisit | None:
    """Return one visit with its conditions and charges, or None with a finding."""
    taken = Taken(entry, reading)
    status = taken.status
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
