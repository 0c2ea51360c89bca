"""Values of FHIR resources with the place each came from, and findings where one can't be used."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from config.finding import Finding, Level
from gateways.fhir.service import ReferenceIndex, read_reference
from gateways.fhir.values import FhirBundle

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateways.fhir.values import Element, FhirEntry, Reference, Sourced

_CODE_SYSTEMS: Final = {
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "urn:oid:2.16.840.1.113883.6.90": "ICD-10-CM",
    "http://hl7.org/fhir/sid/icd-9-cm": "ICD-9-CM",
    "urn:oid:2.16.840.1.113883.6.103": "ICD-9-CM",
    "http://snomed.info/sct": "SNOMED",
    "urn:oid:2.16.840.1.113883.6.96": "SNOMED",
    "http://www.ama-assn.org/go/cpt": "CPT",
    "urn:oid:2.16.840.1.113883.6.12": "CPT",
    "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": "HCPCS",
    "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": "HCPCS",
    "https://bluebutton.cms.gov/resources/codesystem/hcpcs": "HCPCS",
    "urn:oid:2.16.840.1.113883.6.285": "HCPCS",
    "http://hl7.org/fhir/sid/cvx": "CVX",
    "http://hl7.org/fhir/sid/ndc": "NDC",
    "http://loinc.org": "LOINC",
}
_WHOLE_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Coded:
    """One coding of a concept, with its place in the body."""

    system: str
    code: str
    display: str
    path: str


@dataclass(slots=True)
class Reading:
    """One Bundle on its way to an intake: who sent it, and what was found wrong.

    Attributes:
        time_zone: The practice's, for instants given in UTC; without it they keep their UTC day.
    """

    bundle: FhirBundle
    sender: str
    time_zone: dt.tzinfo | None = None
    findings: list[Finding] = field(default_factory=list)
    index: ReferenceIndex = field(init=False)

    def __post_init__(self) -> None:
        self.index = ReferenceIndex(self.bundle)

    @property
    def own_system(self) -> str:
        """Who gave an id that names no system: the sender."""
        return f"urn:fhir:{self.sender}"

    def entries(self, *resource_types: str) -> list[FhirEntry]:
        """Return the entries of some types, in the order of the Bundle."""
        return [entry for entry in self.bundle.entries if entry.resource_type in resource_types]

    def refuse(self, code: str, where: str, message: str, fix: str) -> None:
        """Take note of what holds the message."""
        self.findings.append(Finding(code, where, message, fix))

    def warn(self, code: str, where: str, message: str, fix: str) -> None:
        """Take note of what a person should look at."""
        self.findings.append(Finding(code, where, message, fix, Level.WARNING))

    def tell(self, code: str, where: str, message: str, fix: str) -> None:
        """Take note of what was left out on purpose."""
        self.findings.append(Finding(code, where, message, fix, Level.INFO))

    def follow(
        self, taken: Taken, element: Element | None
    ) -> tuple[Reference | None, FhirEntry | None]:
        """Return where a Reference points, and the entry if it is in the Bundle."""
        reference = read_reference(element)
        return reference, self.index.resolve(reference, base=taken.entry)

    def to_day(self, text: str) -> dt.date | None:
        """Return the day of a FHIR date or dateTime, None if it names no whole day.

        A time with an offset stands on the day that its writer wrote; one in UTC says nothing of
        the writer's clock and is brought to the practice's.
        """
        if not _WHOLE_DAY.match(text):
            return None
        if "T" not in text:
            return dt.date.fromisoformat(text)
        moment = to_moment(text)
        if moment is None:
            return None
        is_utc = moment.utcoffset() == dt.timedelta()
        return (moment.astimezone(self.time_zone) if is_utc and self.time_zone else moment).date()


class Taken:
    """Reads one resource and remembers where each value that it gave came from.

    Attributes:
        paths: Field name of ours -> place in the body; only of values that were there.
    """

    def __init__(self, entry: FhirEntry, reading: Reading) -> None:
        self.entry = entry
        self.reading = reading
        self.element = entry.element()
        self.paths: dict[str, str] = {}

    @property
    def status(self) -> str:
        """The resource's status, empty where there is none."""
        status = self.element.text("status")
        return status.text if status is not None else ""

    def place(self, path: str) -> str:
        """Return the place in the body of an element's path."""
        return self.entry.where(path)

    def below(self, *names: str) -> str:
        """Return the place in the body of an element that may be missing."""
        return ".".join((self.entry.expression, *names))

    def take(self, name: str, sourced: Sourced | None) -> str:
        """Return a text, empty where there is none, and remember its place as a field's."""
        if sourced is None:
            return ""
        self.paths[name] = self.place(sourced.path)
        return sourced.text

    def day(self, name: str, sourced: Sourced | None) -> dt.date | None:
        """Return a day; warn of a date that names only a year or month."""
        if sourced is None:
            return None
        day = self.reading.to_day(sourced.text)
        where = self.place(sourced.path)
        if day is None:
            self.reading.warn(
                "date-incomplete",
                where,
                "The date names no whole day and is left out.",
                "Have the sender give year, month and day.",
            )
            return None
        self.paths[name] = where
        return day


def to_moment(text: str) -> dt.datetime | None:
    """Return the instant of a FHIR dateTime, None if it has no time or zone."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def list_codings(taken: Taken, concept: Element | None) -> list[Coded]:
    """Return the codings of a CodeableConcept that have a code, as our systems are named."""
    found = []
    for coding in concept.each("coding") if concept else []:
        code, system, display = (coding.text(name) for name in ("code", "system", "display"))
        if code is not None:
            url = system.text if system else ""
            found.append(
                Coded(
                    _CODE_SYSTEMS.get(url.rstrip("/"), url),
                    code.text,
                    display.text if display else "",
                    taken.place(code.path),
                )
            )
    return found


def find_coding(codings: Iterable[Coded], *systems: str) -> Coded | None:
    """Return the first coding of the first of these systems that has one."""
    listed = list(codings)
    for system in systems:
        for coding in listed:
            if coding.system == system:
                return coding
    return None


def has_code(element: Element | None, *codes: str) -> bool:
    """Return True if a CodeableConcept holds one of these codes, of whatever system."""
    if element is None:
        return False
    held = {code.text for coding in element.each("coding") if (code := coding.text("code"))}
    return bool(held & set(codes))


def read_words(concept: Element | None) -> Sourced | None:
    """Return the words of a CodeableConcept: its text, else the first display."""
    if concept is None:
        return None
    displays = (coding.text("display") for coding in concept.each("coding"))
    return concept.text("text") or next((found for found in displays if found is not None), None)
