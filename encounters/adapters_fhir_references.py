"""Numbers by which patients, visits, providers and places are known, in or out of the Bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.people import Identifier
from encounters.adapters_fhir_fields import Taken

if TYPE_CHECKING:
    from gateways.fhir.values import Element

_NPI_SYSTEMS: Final = frozenset({"http://hl7.org/fhir/sid/us-npi", "urn:oid:2.16.840.1.113883.4.6"})
#: Numbers that two people may share, or that we have no need of, by HL7 table 0203.
_NO_RECORD_NUMBER: Final = frozenset(
    {"SS", "SB", "DL", "PPN", "AN", "VN", "MA", "MC", "MB", "NIIP", "TAX"}
)
_PRIVATE_SYSTEMS: Final = frozenset(
    {"http://hl7.org/fhir/sid/us-ssn", "urn:oid:2.16.840.1.113883.4.1"}
)


def read_record_numbers(taken: Taken) -> tuple[Identifier, ...]:
    """Return a resource's identifiers, medical record numbers first, its own id last.

    Numbers that people share, and social security numbers, are left out. Of several without a
    type the first counts as the record number, if none is marked as one.
    """
    found: list[Identifier] = []
    for element in taken.element.each("identifier"):
        identifier = _to_identifier(taken, element)
        if identifier is not None:
            found.append(identifier)
            taken.paths.setdefault("identifiers", taken.place(element.path))
    if not any(identifier.kind == "MR" for identifier in found):
        first = next((item for item in found if item.kind == ""), None)
        found = [
            Identifier(item.system, item.value, "MR" if item is first else item.kind)
            for item in found
        ]
    own_id = taken.element.text("id")
    if own_id is not None:
        kind = "RI" if found else "MR"
        found.append(Identifier(taken.reading.own_system, own_id.text, kind))
        taken.paths.setdefault("identifiers", taken.place(own_id.path))
    ordered = sorted(found, key=lambda identifier: identifier.kind != "MR")
    return tuple(Identifier(item.system, item.value, item.kind or "RI") for item in ordered)


def _to_identifier(taken: Taken, element: Element) -> Identifier | None:
    """Return an identifier, its kind empty if it names none; None if it is no record number."""
    value, system = element.text("value"), element.text("system")
    codings = [coding.text("code") for coding in (element.get("type") or element).each("coding")]
    kind = next((code.text for code in codings if code is not None), "")
    is_old = (use := element.text("use")) is not None and use.text == "old"
    if value is None or is_old or kind in _NO_RECORD_NUMBER:
        return None
    if system is not None and system.text in _PRIVATE_SYSTEMS:
        return None
    return Identifier(system.text if system else taken.reading.own_system, value.text, kind)


def read_number(taken: Taken, name: str, kind: str) -> Identifier | None:
    """Return the number of a visit or appointment: an identifier, else the resource's id or name.

    Args:
        taken: The resource.
        name: Our field, whose place is remembered.
        kind: HL7 table 0203 code that the number gets.
    """
    for element in taken.element.each("identifier"):
        value, system = element.text("value"), element.text("system")
        if value is not None:
            taken.paths[name] = taken.place(value.path)
            given = system.text if system else taken.reading.own_system
            return Identifier(given, value.text, kind)
    own_id = taken.element.text("id")
    if own_id is not None:
        return Identifier(taken.reading.own_system, taken.take(name, own_id), kind)
    if taken.entry.full_url is not None:
        taken.paths[name] = taken.entry.expression.removesuffix(".resource") + ".fullUrl"
        return Identifier(taken.reading.own_system, taken.entry.full_url, kind)
    return None


def find_patient(taken: Taken, element: Element | None, name: str = "patient") -> Identifier | None:
    """Return the identifier by which a reference's patient is known, in the Bundle or before it."""
    reference, entry = taken.reading.follow(taken, element)
    if reference is None:
        return None
    taken.paths[name] = taken.place(reference.path)
    if entry is not None:
        numbers = read_record_numbers(Taken(entry, taken.reading))
        return numbers[0] if numbers else None
    if reference.kind in {"conditional", "logical"}:
        return Identifier(reference.system or taken.reading.own_system, reference.value)
    if reference.kind == "local":
        return Identifier(taken.reading.own_system, reference.value, "RI")
    return None


def find_npi(taken: Taken, element: Element | None, name: str) -> str:
    """Return the NPI of the practitioner that a reference points to, empty if it can't be told."""
    reference, entry = taken.reading.follow(taken, element)
    if reference is None:
        return ""
    if entry is None:
        if reference.kind in {"conditional", "logical"} and reference.system in _NPI_SYSTEMS:
            taken.paths[name] = taken.place(reference.path)
            return reference.value
        return ""
    if entry.resource_type == "PractitionerRole":
        role = Taken(entry, taken.reading)
        npi = find_npi(role, role.element.get("practitioner"), name)
        taken.paths.update(role.paths)
        return npi
    for identifier in entry.element().each("identifier"):
        system, value = identifier.text("system"), identifier.text("value")
        if system is not None and value is not None and system.text in _NPI_SYSTEMS:
            taken.paths[name] = entry.where(value.path)
            return value.text
    return ""


def find_code(taken: Taken, element: Element | None, name: str) -> str:
    """Return the practice's code of the location that a reference points to, empty if none."""
    reference, entry = taken.reading.follow(taken, element)
    if reference is None:
        return ""
    if entry is None:
        if reference.kind in {"conditional", "logical"}:
            taken.paths[name] = taken.place(reference.path)
            return reference.value
        return ""
    for identifier in entry.element().each("identifier"):
        value = identifier.text("value")
        if value is not None:
            taken.paths[name] = entry.where(value.path)
            return value.text
    return ""
