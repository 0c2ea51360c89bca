"""Patient, RelatedPerson and Coverage to patient, guarantor and coverages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from config.people import Address, PersonName, Sex
from encounters.adapters_fhir_coverages import to_coverages
from encounters.adapters_fhir_fields import Taken, has_code
from encounters.adapters_fhir_references import find_patient, read_record_numbers
from encounters.values import IntakeMerge, IntakePatient, IntakePerson

if TYPE_CHECKING:
    import datetime as dt

    from encounters.adapters_fhir_fields import Reading
    from gateways.fhir.values import Element, FhirEntry

_NAME_ORDER: Final = ("official", "usual", "", "temp", "nickname", "anonymous", "old", "maiden")
_ADDRESS_ORDER: Final = ("home", "", "billing", "temp", "work", "old")
_PHONE_ORDER: Final = ("mobile", "home", "", "temp", "work", "old")
_SEXES: Final = {"female": Sex.FEMALE, "male": Sex.MALE}
_ADULT_YEARS: Final = 18
_GUARANTOR_CODES: Final = ("GUARD", "GUAR", "GT", "HPOWATT", "DPOWATT", "SPOWATT")
_PARENT_CODES: Final = ("PRN", "MTH", "FTH", "NMTH", "NFTH", "ADOPTP", "STPMTH", "STPFTH")
_STATES: Final = {
    "alabama": "AL", "alaska": "AK", "american samoa": "AS", "arizona": "AZ", "arkansas": "AR",
    "california": "CA", "colorado": "CO", "connecticut": "CT", "delaware": "DE",
    "district of columbia": "DC", "florida": "FL", "georgia": "GA", "guam": "GU", "hawaii": "HI",
    "idaho": "ID", "illinois": "IL", "indiana": "IN", "iowa": "IA", "kansas": "KS",
    "kentucky": "KY", "louisiana": "LA", "maine": "ME", "maryland": "MD", "massachusetts": "MA",
    "michigan": "MI", "minnesota": "MN", "mississippi": "MS", "missouri": "MO", "montana": "MT",
    "nebraska": "NE", "nevada": "NV", "new hampshire": "NH", "new jersey": "NJ",
    "new mexico": "NM", "new york": "NY", "north carolina": "NC", "north dakota": "ND",
    "northern mariana islands": "MP", "ohio": "OH", "oklahoma": "OK", "oregon": "OR",
    "pennsylvania": "PA", "puerto rico": "PR", "rhode island": "RI", "south carolina": "SC",
    "south dakota": "SD", "tennessee": "TN", "texas": "TX", "utah": "UT", "vermont": "VT",
    "virgin islands": "VI", "virginia": "VA", "washington": "WA", "west virginia": "WV",
    "wisconsin": "WI", "wyoming": "WY",
}  # fmt: skip


def to_patients(reading: Reading, on: dt.date | None) -> list[IntakePatient]:
    """Return the patients of a Bundle.

    Args:
        reading: The Bundle.
        on: Day on which a minor is told from an adult; None if the Bundle names no day.
    """
    found = (to_patient(reading, entry, on) for entry in reading.entries("Patient"))
    return [patient for patient in found if patient is not None]


def to_patient(reading: Reading, entry: FhirEntry, on: dt.date | None) -> IntakePatient | None:
    """Return one patient, or None with a finding where nobody is named."""
    taken = Taken(entry, reading)
    identifiers = read_record_numbers(taken)
    if not identifiers:
        reading.refuse(
            "patient-identifier-missing",
            taken.below("identifier"),
            "The patient has no record number and no id.",
            "Have the sender give Patient.identifier with its system.",
        )
        return None
    paths = {"identifiers": taken.paths.pop("identifiers")}
    person = to_person(taken)
    if not person.name.family:
        reading.refuse(
            "patient-name-missing",
            taken.below("name"),
            "The patient has no family name.",
            "Have the sender give Patient.name.family.",
        )
        return None
    return IntakePatient(
        identifiers=identifiers,
        person=person,
        guarantor=_to_guarantor(reading, entry, (person.birth_date, on)),
        coverages=to_coverages(reading, entry, person, to_person),
        paths=paths,
    )


def to_person(taken: Taken) -> IntakePerson:
    """Return the person of a Patient or RelatedPerson."""
    element = taken.element
    gender = taken.take("sex", element.text("gender"))
    return IntakePerson(
        name=_to_name(taken),
        birth_date=taken.day("birth_date", element.text("birthDate")),
        sex=_SEXES.get(gender, Sex.UNKNOWN),
        address=_to_address(taken),
        phone=_to_telecom(taken, "phone", "phone"),
        email=_to_telecom(taken, "email", "email"),
        language=_to_language(taken),
        deceased_on=_to_deceased(taken),
        paths=taken.paths,
    )


def _by_use(elements: list[Element], order: tuple[str, ...]) -> list[Element]:
    """Return elements by how much their use suits us, the sender's order within one use."""

    def rank(element: Element) -> int:
        use = element.text("use")
        text = use.text if use else ""
        return order.index(text) if text in order else len(order)

    return sorted(elements, key=rank)


def _to_name(taken: Taken) -> PersonName:
    """Return the legal name; one given in one piece is cut before its last word."""
    names = _by_use(taken.element.each("name"), _NAME_ORDER)
    if not names:
        return PersonName("")
    name, given = names[0], names[0].texts("given")
    family, whole = name.text("family"), name.text("text")
    if family is None and whole is not None:
        taken.reading.warn(
            "name-in-one-piece",
            taken.place(whole.path),
            "The name comes in one piece; its last word is taken as the family name.",
            "Check the name; have the sender give family and given.",
        )
        first, _, last = whole.text.rpartition(" ")
        taken.paths["name.family"] = taken.paths["name.given"] = taken.place(whole.path)
        return PersonName(last, first)
    if len(given) > 1:
        taken.paths["name.middle"] = taken.place(given[1].path)
    suffix = name.texts("suffix")
    return PersonName(
        family=taken.take("name.family", family),
        given=taken.take("name.given", given[0] if given else None),
        middle=" ".join(item.text for item in given[1:]),
        suffix=taken.take("name.suffix", suffix[0] if suffix else None),
    )


def _to_address(taken: Taken) -> Address | None:
    addresses = _by_use(taken.element.each("address"), _ADDRESS_ORDER)
    if not addresses:
        return None
    element = addresses[0]
    lines = element.texts("line")
    city = taken.take("address.city", element.text("city"))
    postal_code = taken.take("address.postal_code", element.text("postalCode"))
    if not (lines or city or postal_code):
        return None
    taken.paths["address"] = taken.place(element.path)
    if len(lines) > 1:
        taken.paths["address.line2"] = taken.place(lines[1].path)
    state = taken.take("address.state", element.text("state"))
    country = taken.take("address.country", element.text("country")).upper()
    return Address(
        line1=taken.take("address.line1", lines[0] if lines else None),
        line2=", ".join(line.text for line in lines[1:]),
        city=city,
        state=_STATES.get(state.casefold(), state.upper()),
        postal_code=re.sub(r"[\s-]", "", postal_code),
        country="US" if country in {"", "US", "USA", "UNITED STATES"} else country[:2],
    )


def _to_telecom(taken: Taken, name: str, system: str) -> str:
    """Return the first telephone number or e-mail address, by use."""
    points = [
        point
        for point in taken.element.each("telecom")
        if (kind := point.text("system")) is not None and kind.text == system
    ]
    for point in _by_use(points, _PHONE_ORDER):
        value = point.text("value")
        if value is not None:
            return taken.take(name, value)
    return ""


def _to_language(taken: Taken) -> str:
    """Return `en` or `es` where the person's language is one of them."""
    spoken = sorted(
        taken.element.each("communication"), key=lambda item: item.flag("preferred") is not True
    )
    for communication in spoken:
        language = communication.get("language") or communication
        for coding in language.each("coding"):
            code = coding.text("code")
            if code is not None and code.text[:2].lower() in {"en", "es"}:
                return taken.take("language", code)[:2].lower()
    return ""


def _to_deceased(taken: Taken) -> dt.date | None:
    element = taken.element
    if element.flag("deceasedBoolean"):
        taken.reading.warn(
            "deceased-without-date",
            taken.below("deceasedBoolean"),
            "The patient has died; the day is not given.",
            "Ask the sender for Patient.deceasedDateTime; bills go to the estate.",
        )
    return taken.day("deceased_on", element.text("deceasedDateTime"))


def _to_guarantor(
    reading: Reading, patient: FhirEntry, ages: tuple[dt.date | None, dt.date | None]
) -> IntakePerson | None:
    """Return who answers for the bills: a guardian, or a minor's parent; None for the patient."""
    is_minor = _is_minor(*ages)
    parents = []
    for entry in reading.entries("RelatedPerson"):
        taken = Taken(entry, reading)
        if reading.follow(taken, taken.element.get("patient"))[1] is not patient:
            continue
        relationships = taken.element.each("relationship")
        if any(has_code(item, *_GUARANTOR_CODES) for item in relationships):
            return to_person(taken)
        if is_minor and any(has_code(item, *_PARENT_CODES) for item in relationships):
            parents.append(taken)
    return to_person(parents[0]) if parents else None


def _is_minor(birth_date: dt.date | None, on: dt.date | None) -> bool:
    if birth_date is None or on is None:
        return False
    had_birthday = (on.month, on.day) >= (birth_date.month, birth_date.day)
    return on.year - birth_date.year - (not had_birthday) < _ADULT_YEARS


def to_merges(reading: Reading) -> list[IntakeMerge]:
    """Return the merges that Patient.link tells of.

    Source:
        FHIR R4 Patient.link: replaces, replaced-by.
    """
    return [
        merge
        for entry in reading.entries("Patient")
        for link in entry.element().each("link")
        if (merge := _to_merge(reading, entry, link)) is not None
    ]


def _to_merge(reading: Reading, entry: FhirEntry, link: Element) -> IntakeMerge | None:
    kind, taken = link.text("type"), Taken(entry, reading)
    if kind is None or kind.text not in {"replaces", "replaced-by"}:
        return None
    own = read_record_numbers(taken)
    other = find_patient(taken, link.get("other"))
    if not own or other is None:
        return None
    here, there = taken.paths["identifiers"], taken.paths["patient"]
    if kind.text == "replaces":
        return IntakeMerge(own[0], other, {"survivor": here, "merged": there})
    return IntakeMerge(other, own[0], {"survivor": there, "merged": here})
