"""Coverage to the insurances of a patient, with payer and subscriber."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from encounters.adapters_fhir_fields import Taken, has_code
from encounters.values import IntakeCoverage
from patients.values import Relationship

if TYPE_CHECKING:
    from collections.abc import Callable

    from encounters.adapters_fhir_fields import Reading
    from encounters.values import IntakePerson
    from gateways.fhir.values import Element, FhirEntry, Sourced

    ToPerson = Callable[[Taken], IntakePerson]

_PAYER_ID_KINDS: Final = ("NIIP", "PAYERID", "PAYER", "PI")
_PAYER_ID_SYSTEMS: Final = ("payer", "payor", "naic", "2.16.840.1.113883.6.300")
#: Beneficiary to subscriber. Source: FHIR R4 subscriber-relationship.
_RELATIONSHIPS: Final = {
    "self": Relationship.SELF,
    "spouse": Relationship.SPOUSE,
    "common": Relationship.SPOUSE,
    "child": Relationship.CHILD,
    "parent": Relationship.OTHER,
    "other": Relationship.OTHER,
    "injured": Relationship.OTHER,
}
#: What the subscriber is to the patient. Source: HL7 v3 RoleCode.
_PARENTS: Final = ("PRN", "MTH", "FTH", "NMTH", "NFTH", "ADOPTP", "STPMTH", "STPFTH", "GUARD")
_SPOUSES: Final = ("SPS", "HUSB", "WIFE", "DOMPART")


def to_coverages(
    reading: Reading, patient: FhirEntry, person: IntakePerson, to_person: ToPerson
) -> tuple[IntakeCoverage, ...] | None:
    """Return the insurances in force; None where the Bundle has no Coverage of the patient.

    Args:
        reading: The Bundle.
        patient: The entry that the coverages must name as beneficiary.
        person: The patient.
        to_person: Reads a subscriber.
    """
    own = [
        taken
        for entry in reading.entries("Coverage")
        if _is_of(reading, taken := Taken(entry, reading), patient)
    ]
    if not own:
        return None
    active = [taken for taken in own if _is_active(taken)]
    found = []
    for position, taken in enumerate(active, start=1):
        coverage = _to_coverage(taken, position, (patient, person), to_person)
        if coverage is not None:
            found.append(coverage)
    _check_order(reading, active, found)
    return tuple(sorted(found, key=lambda coverage: coverage.priority))


def check_beneficiaries(reading: Reading) -> None:
    """Refuse coverages whose patient isn't in the Bundle: nobody could be given them."""
    patients = reading.entries("Patient")
    for entry in reading.entries("Coverage"):
        taken = Taken(entry, reading)
        _, found = reading.follow(taken, taken.element.get("beneficiary"))
        if found is None or found not in patients:
            reading.refuse(
                "coverage-patient-missing",
                taken.below("beneficiary"),
                "The patient of this coverage is not in the Bundle.",
                "Have the sender put the Patient into the same Bundle.",
            )


def _is_of(reading: Reading, taken: Taken, patient: FhirEntry) -> bool:
    return reading.follow(taken, taken.element.get("beneficiary"))[1] is patient


def _is_active(taken: Taken) -> bool:
    return taken.status == "active"


def _check_order(reading: Reading, active: list[Taken], found: list[IntakeCoverage]) -> None:
    ranks = [coverage.priority for coverage in found]
    if len(set(ranks)) != len(ranks):
        reading.refuse(
            "coverage-order",
            active[-1].below("order"),
            "Two insurances have the same place in the order of payment.",
            "Have the sender number them in Coverage.order.",
        )


def _to_coverage(
    taken: Taken, position: int, whose: tuple[FhirEntry, IntakePerson], to_person: ToPerson
) -> IntakeCoverage | None:
    element = taken.element
    payer = _to_payer(taken)
    if payer is None:
        return None
    order, period = element.number("order"), element.get("period")
    if order is not None:
        taken.paths["priority"] = taken.place(order.path)
    relationship, subscriber = _to_subscriber(taken, whose, to_person)
    return IntakeCoverage(
        priority=int(order.number) if order is not None and order.number >= 1 else position,
        payer_code=payer[0],
        payer_name=payer[1],
        member_id=_to_member_id(taken),
        group_number=taken.take("group_number", _find_class(element, "group", "value")),
        plan_name=taken.take("plan_name", _find_plan(element)),
        relationship=relationship,
        subscriber=subscriber,
        from_date=taken.day("from_date", period.text("start") if period else None),
        to_date=taken.day("to_date", period.text("end") if period else None),
        paths=taken.paths,
    )


def _to_payer(taken: Taken) -> tuple[str, str] | None:
    """Return payer id and name; None with a finding where the payer is nobody, or the patient."""
    payors = taken.element.each("payor")
    if len(payors) > 1:
        taken.reading.warn(
            "payor-several",
            taken.below("payor[1]"),
            "The coverage names several payers; the first is billed.",
            "Check the coverage; have the sender give one Coverage a payer.",
        )
    payor = payors[0] if payors else None
    reference, entry = taken.reading.follow(taken, payor)
    if entry is not None and entry.resource_type in {"Patient", "RelatedPerson"}:
        taken.reading.tell(
            "coverage-self-pay",
            taken.below("payor[0]"),
            "A person pays here; this is no insurance.",
            "Nothing to do.",
        )
        return None
    code, name = "", ""
    if entry is not None:
        code, name = _read_organization(taken, entry)
    elif reference is not None and reference.kind in {"conditional", "logical"}:
        code = reference.value
        taken.paths["payer_code"] = taken.place(reference.path)
    if not name and payor is not None:
        name = taken.take("payer_name", payor.text("display"))
    if not (code or name):
        taken.reading.refuse(
            "payer-missing",
            taken.below("payor[0]"),
            "The payer has no name and no payer id.",
            "Have the sender give the Organization with its name or payer id.",
        )
        return None
    return code, name


def _read_organization(taken: Taken, entry: FhirEntry) -> tuple[str, str]:
    element = entry.element()
    name = element.text("name")
    if name is not None:
        taken.paths["payer_name"] = entry.where(name.path)
    for identifier in element.each("identifier"):
        value, system = identifier.text("value"), identifier.text("system")
        url = system.text.lower() if system else ""
        is_payer_id = any(word in url for word in _PAYER_ID_SYSTEMS)
        if value is not None and (
            is_payer_id or has_code(identifier.get("type"), *_PAYER_ID_KINDS)
        ):
            taken.paths["payer_code"] = entry.where(value.path)
            return value.text, name.text if name else ""
    return "", name.text if name else ""


def _to_member_id(taken: Taken) -> str:
    """Return the id on the card: subscriberId, else a member number among the identifiers."""
    element = taken.element
    found = element.text("subscriberId")
    for identifier in element.each("identifier"):
        if found is None and has_code(identifier.get("type"), "MB"):
            found = identifier.text("value")
    if found is None:
        taken.reading.warn(
            "member-id-missing",
            taken.below("subscriberId"),
            "The insurance has no member id.",
            "Have the sender give Coverage.subscriberId, or add it from the card.",
        )
    return taken.take("member_id", found)


def _find_class(element: Element, kind: str, name: str) -> Sourced | None:
    for item in element.each("class"):
        if has_code(item.get("type"), kind):
            return item.text(name)
    return None


def _find_plan(element: Element) -> Sourced | None:
    return _find_class(element, "plan", "name") or _find_class(element, "plan", "value")


def _to_subscriber(
    taken: Taken, whose: tuple[FhirEntry, IntakePerson], to_person: ToPerson
) -> tuple[Relationship, IntakePerson | None]:
    """Return how the patient stands to the subscriber, and the subscriber if it is another."""
    patient, _ = whose
    reference, entry = taken.reading.follow(taken, taken.element.get("subscriber"))
    said = _read_relationship(taken)
    is_self = entry is patient or (reference is None and said in {None, Relationship.SELF})
    if is_self or said is Relationship.SELF:
        return Relationship.SELF, None
    if entry is None:
        taken.reading.refuse(
            "subscriber-missing",
            taken.below("subscriber"),
            "The subscriber is not the patient and is not in the Bundle.",
            "Have the sender put the subscriber (RelatedPerson or Patient) into the same Bundle.",
        )
        return said or Relationship.OTHER, None
    holder = Taken(entry, taken.reading)
    return said or _guess_relationship(taken, holder), to_person(holder)


def _read_relationship(taken: Taken) -> Relationship | None:
    """Return what Coverage.relationship says, None if nothing that we know."""
    concept = taken.element.get("relationship")
    for code, relationship in _RELATIONSHIPS.items():
        if has_code(concept, code):
            taken.paths["relationship"] = taken.below("relationship")
            return relationship
    return None


def _guess_relationship(taken: Taken, holder: Taken) -> Relationship:
    """Return the patient's side of what the subscriber is to the patient."""
    relationships = holder.element.each("relationship")
    for codes, relationship in ((_PARENTS, Relationship.CHILD), (_SPOUSES, Relationship.SPOUSE)):
        if any(has_code(item, *codes) for item in relationships):
            taken.paths["relationship"] = holder.below("relationship")
            return relationship
    taken.reading.warn(
        "relationship-unknown",
        taken.below("relationship"),
        "How the patient stands to the subscriber is not said in a code that we know.",
        "Check it when coding; have the sender give Coverage.relationship.",
    )
    return Relationship.OTHER
