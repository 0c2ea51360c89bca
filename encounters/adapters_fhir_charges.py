"""ChargeItem and Procedure to the charges of a visit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from encounters.adapters_fhir_fields import (
    Taken,
    find_coding,
    list_codings,
    read_words,
)
from encounters.adapters_fhir_references import find_npi
from encounters.values import IntakeCharge

if TYPE_CHECKING:
    import datetime as dt

    from encounters.adapters_fhir_fields import Coded, Reading
    from gateways.fhir.values import Element, FhirEntry, Sourced

_BILLABLE: Final = frozenset({"planned", "billable", "unknown"})
_LEFT_OUT: Final = frozenset({"not-billable", "aborted", "billed"})
_TAKEN_BACK: Final = "entered-in-error"
_DONE: Final = frozenset({"completed", "in-progress", "unknown", _TAKEN_BACK})
_MODIFIER: Final = re.compile(r"[A-Z0-9]{2}")
_PRICED: Final = ("CPT", "HCPCS")


def to_charges(reading: Reading, visit: FhirEntry, day: dt.date) -> tuple[IntakeCharge, ...]:
    """Return the charges of a visit: its charge items, then the procedures that none stands for.

    Args:
        reading: The Bundle.
        visit: The Encounter's entry.
        day: Service date of charges that give none.
    """
    items = [
        taken
        for entry in reading.entries("ChargeItem")
        if _is_of(taken := Taken(entry, reading), "context", visit)
    ]
    charged = {
        found.index
        for taken in items
        for element in taken.element.each("service")
        if (found := reading.follow(taken, element)[1]) is not None
    }
    procedures = [
        taken
        for entry in reading.entries("Procedure")
        if entry.index not in charged
        and _is_of(taken := Taken(entry, reading), "encounter", visit)
        and taken.status in _DONE
    ]
    billable = [taken for taken in items if _is_billable(taken)]
    charges = (to_charge(taken, day) for taken in (*billable, *procedures))
    return tuple(charge for charge in charges if charge is not None)


def check_contexts(reading: Reading) -> None:
    """Refuse charge items whose visit is not in the Bundle: no charge may get lost."""
    visits = reading.entries("Encounter")
    for entry in reading.entries("ChargeItem"):
        taken = Taken(entry, reading)
        _, found = reading.follow(taken, taken.element.get("context"))
        if found is None or found not in visits:
            reading.refuse(
                "charge-visit-missing",
                taken.below("context"),
                "The visit of this charge is not in the Bundle.",
                "Have the sender put the Encounter into the same Bundle.",
            )


def _is_of(taken: Taken, name: str, visit: FhirEntry) -> bool:
    return taken.reading.follow(taken, taken.element.get(name))[1] is visit


def _is_billable(taken: Taken) -> bool:
    status = taken.status
    if status in _LEFT_OUT:
        taken.reading.tell(
            "charge-not-billable",
            taken.below("status"),
            "The sender says that this charge is not to be billed, or was billed elsewhere.",
            "Nothing to do.",
        )
        return False
    return status in _BILLABLE or status == _TAKEN_BACK


def to_charge(taken: Taken, day: dt.date) -> IntakeCharge | None:
    """Return one charge, or None with a finding where it names no service or no whole units."""
    element = taken.element
    concept = element.get("code")
    codings = list_codings(taken, concept)
    coding = find_coding(codings, *_PRICED) or next(iter(codings), None)
    words = taken.take("words", read_words(concept))
    units = _to_units(taken)
    if coding is None and not words:
        taken.reading.refuse(
            "charge-code-missing",
            taken.below("code"),
            "The charge has no code and no words.",
            "Have the sender give the code of the service.",
        )
        return None
    if units is None:
        return None
    code, modifiers = _split_modifiers(taken, coding, codings)
    occurred = taken.day("service_date", _read_occurrence(element))
    performers = element.each("performer")
    return IntakeCharge(
        identifier=_to_key(taken),
        system=coding.system if coding else "",
        code=code,
        words=words,
        service_date=occurred or day,
        units=units,
        modifiers=modifiers,
        diagnosis_codes=_to_diagnoses(taken),
        performer_npi=find_npi(
            taken, performers[0].get("actor") if performers else None, "performer_npi"
        ),
        ndc=_to_ndc(taken),
        is_reversal=taken.status == _TAKEN_BACK,
        paths=taken.paths,
    )


def _to_key(taken: Taken) -> str:
    """Return what makes a repeat of the charge a repeat."""
    for identifier in taken.element.each("identifier"):
        value, system = identifier.text("value"), identifier.text("system")
        if value is not None:
            taken.paths["identifier"] = taken.place(value.path)
            return f"{system.text}|{value.text}" if system else value.text
    own_id = taken.take("identifier", taken.element.text("id"))
    name = own_id or taken.entry.full_url or ""
    return f"{taken.entry.resource_type}/{name}" if name else ""


def _to_units(taken: Taken) -> int | None:
    """Return whole units, 1 where none are given; None with a finding for others."""
    quantity = taken.element.get("quantity")
    value = quantity.number("value") if quantity else None
    if value is None:
        return 1
    units = value.number
    if units != int(units) or units < 1:
        taken.reading.refuse(
            "charge-units",
            taken.place(value.path),
            "The quantity of a charge is a whole number, 1 or more.",
            "Have the sender correct ChargeItem.quantity.",
        )
        return None
    taken.paths["units"] = taken.place(value.path)
    return int(units)


def _split_modifiers(
    taken: Taken, coding: Coded | None, codings: list[Coded]
) -> tuple[str, tuple[str, ...]]:
    """Return code and modifiers.

    R4 has no element for modifiers. Senders hang them on the code (`99213-25`), add codings of two
    characters, or use an extension whose address ends in `modifier`.
    """
    if coding is None:
        return "", ()
    code, *found = coding.code.upper().split("-") if coding.system in _PRICED else (coding.code,)
    taken.paths["code"] = coding.path
    extra = [
        other.code.upper()
        for other in codings
        if other is not coding
        and other.system in _PRICED
        and _MODIFIER.fullmatch(other.code.upper())
    ]
    held = [
        item for item in (*found, *extra, *_read_extensions(taken)) if _MODIFIER.fullmatch(item)
    ]
    if held:
        taken.paths["modifiers"] = coding.path
    return code, tuple(dict.fromkeys(held))


def _read_extensions(taken: Taken) -> list[str]:
    found = []
    for extension in taken.element.each("extension"):
        url = extension.text("url")
        if url is not None and url.text.lower().endswith("modifier"):
            concept, text = extension.get("valueCodeableConcept"), extension.text("valueString")
            found += [item.code.upper() for item in list_codings(taken, concept)]
            found += [text.text.upper()] if text else []
    return found


def _read_occurrence(element: Element) -> Sourced | None:
    for name in ("occurrenceDateTime", "performedDateTime"):
        if (when := element.text(name)) is not None:
            return when
    for name in ("occurrencePeriod", "performedPeriod"):
        if (period := element.get(name)) is not None:
            return period.text("start")
    return None


def _to_diagnoses(taken: Taken) -> tuple[str, ...]:
    """Return the ICD-10-CM codes that the charge names, by concept or by Condition, in order."""
    element = taken.element
    found = [
        find_coding(list_codings(taken, concept), "ICD-10-CM")
        for concept in (*element.each("reason"), *element.each("reasonCode"))
    ]
    for reference in element.each("reasonReference"):
        _, entry = taken.reading.follow(taken, reference)
        if entry is not None and entry.resource_type == "Condition":
            other = Taken(entry, taken.reading)
            found.append(find_coding(list_codings(other, other.element.get("code")), "ICD-10-CM"))
    named = [coding for coding in found if coding is not None]
    if named:
        taken.paths["diagnosis_codes"] = named[0].path
    return tuple(dict.fromkeys(coding.code.upper() for coding in named))


def _to_ndc(taken: Taken) -> str:
    product = taken.element.get("productCodeableConcept")
    coding = find_coding(list_codings(taken, product), "NDC")
    if coding is None:
        return ""
    taken.paths["ndc"] = coding.path
    return coding.code
