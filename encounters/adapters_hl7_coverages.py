"""IN1 and IN2 to coverages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from encounters.adapters_hl7_fields import Taken
from encounters.adapters_hl7_persons import to_person
from encounters.values import IntakeCoverage
from patients.values import Relationship

if TYPE_CHECKING:
    from encounters.adapters_hl7_fields import Reading
    from encounters.values import IntakePerson
    from gateways.hl7.service import Segment

SELF: Final = frozenset({"SEL", "SELF", "S", "18", "G", "ONESELF"})
_SPOUSE: Final = frozenset({"SPO", "SPOUSE", "SP", "2", "02", "DOM", "HUSBAND", "WIFE", "LIF"})
_CHILD: Final = frozenset(
    {"CHD", "CHILD", "C", "19", "3", "03", "NCH", "SCH", "FCH", "SON", "DAU", "DEP"}
    | {"PAR", "PARENT", "MTH", "FTH", "MOTHER", "FATHER", "GRD", "GUARDIAN"}
)
"""Both ways round: table 0063 says who the insured is to the patient, many senders the reverse."""
_OTHER: Final = frozenset(
    {"OTH", "OTHER", "O", "G8", "EXF", "UNK", "EMC", "EMR", "SIB", "GRP", "GCH"}
)
_SELF_OR_SPOUSE: Final = frozenset({"1", "01"})
"""Old billing forms number self 01, X12 numbers spouse 01: the names decide."""
_PAYER_ID_KINDS: Final = frozenset({"PAYERID", "PAYER", "PAYORID", "PI", "NIIP", "HPID", "EDI"})


def to_coverages(
    reading: Reading, following: list[Segment], patient: IntakePerson
) -> tuple[IntakeCoverage, ...] | None:
    """Return the insurances; None where the message has no IN1, empty where it deletes them."""
    plans = [segment for segment in following if segment.name == "IN1"]
    if not plans:
        return None
    coverages = []
    for order, plan in enumerate(plans, start=1):
        if any(plan.is_null(place) for place in (2, 3, 4)):
            continue
        more = _next_of(following, plan, "IN2")
        coverage = _to_coverage(reading, plan, more, (order, patient))
        if coverage:
            coverages.append(coverage)
    ranks = [coverage.priority for coverage in coverages]
    if len(set(ranks)) != len(ranks):
        reading.refuse(
            "coverage-order",
            plans[-1].path(22),
            "Two insurances have the same place in the order of payment.",
            "Have the sender number them in IN1-22 or IN1-1.",
        )
    return tuple(sorted(coverages, key=lambda coverage: coverage.priority))


def _to_coverage(
    reading: Reading, plan: Segment, more: Segment | None, context: tuple[int, IntakePerson]
) -> IntakeCoverage | None:
    order, patient = context
    taken = Taken(plan, reading)
    payer_code, payer_name = _payer_code(taken), taken.text("payer_name", 4)
    if not payer_code and not payer_name:
        reading.refuse(
            "payer-missing",
            plan.path(3, 1),
            "The insurance names no payer.",
            "Have the sender fill IN1-3 or IN1-4.",
        )
        return None
    insured = Taken(plan, reading)
    subscriber = to_person(insured, name=16, birth_date=18, sex=43, address=19)
    relationship = _relationship(reading, plan, subscriber, patient)
    if plan.text(17):
        taken.paths["relationship"] = plan.path(17)
    rank = taken.first_text("priority", (22, 1), (1, 1))
    return IntakeCoverage(
        priority=int(rank) if re.fullmatch(r"[1-9][0-9]?", rank) else order,
        payer_code=payer_code,
        payer_name=payer_name,
        member_id=_member_id(reading, taken, more),
        group_number=taken.text("group_number", 8),
        plan_name=taken.first_text("plan_name", (2, 2), (2, 1)),
        relationship=relationship,
        subscriber=None if relationship is Relationship.SELF else subscriber,
        from_date=taken.date("from_date", 12),
        to_date=None if plan.text(13).startswith("9999") else taken.date("to_date", 13),
        paths=taken.paths,
    )


def _payer_code(taken: Taken) -> str:
    """Return the electronic payer id where one is marked so, else the first company id."""
    plan = taken.segment
    for repeat in range(1, plan.repeats(3) + 1):
        kinds = {plan.text(3, part, repeat=repeat).upper() for part in (4, 5)}
        if kinds & _PAYER_ID_KINDS:
            return taken.text("payer_code", 3, repeat=repeat)
    return taken.text("payer_code", 3)


def _member_id(reading: Reading, taken: Taken, more: Segment | None) -> str:
    """Return the id on the card: IN1-36, IN1-49, else IN2's member, Medicare or Medicaid number."""
    value = taken.first_text("member_id", (36, 1), (49, 1))
    for place in (61, 6, 8):
        if not value and more is not None and more.text(place):
            value = more.text(place)
            taken.paths["member_id"] = more.path(place)
    if not value:
        reading.warn(
            "member-id-missing",
            taken.segment.path(36),
            "The insurance has no member id.",
            "Have the sender fill IN1-36, or add it from the card.",
        )
    return value


def _relationship(
    reading: Reading, plan: Segment, subscriber: IntakePerson, patient: IntakePerson
) -> Relationship:
    """Return how the patient stands to the insured (IN1-17), read both ways round."""
    code = plan.text(17).upper()
    is_same = not subscriber.name.family or _is_same_person(subscriber, patient)
    if code in SELF or (is_same and code in _SELF_OR_SPOUSE | {""}):
        return Relationship.SELF
    if not subscriber.name.family:
        reading.refuse(
            "subscriber-missing",
            plan.path(16, 1),
            "The insured is not the patient and has no name.",
            "Have the sender fill IN1-16.",
        )
    if code in _SPOUSE | _SELF_OR_SPOUSE:
        return Relationship.SPOUSE
    if code in _CHILD:
        return Relationship.OTHER if _is_younger(subscriber, patient) else Relationship.CHILD
    if code not in _OTHER:
        reading.warn(
            "relationship-unknown",
            plan.path(17),
            "How the insured stands to the patient is not said in a code that we know.",
            "Check it when coding; have the sender use table 0063.",
        )
    return Relationship.OTHER


def _is_same_person(one: IntakePerson, other: IntakePerson) -> bool:
    names = [(p.name.family.casefold(), p.name.given.casefold()) for p in (one, other)]
    dates = {p.birth_date for p in (one, other) if p.birth_date}
    return names[0] == names[1] and len(dates) <= 1


def _is_younger(one: IntakePerson, other: IntakePerson) -> bool:
    return bool(one.birth_date and other.birth_date and one.birth_date > other.birth_date)


def _next_of(following: list[Segment], plan: Segment, name: str) -> Segment | None:
    """Return the segment of a name that follows a plan before the next plan."""
    for segment in following[following.index(plan) + 1 :]:
        if segment.name == name:
            return segment
        if segment.name == plan.name:
            return None
    return None
