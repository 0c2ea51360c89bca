"""PID and GT1 to patient and guarantor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.people import Identifier, PersonName
from encounters.adapters_hl7_coverages import SELF, to_coverages
from encounters.adapters_hl7_fields import Taken, authority
from encounters.adapters_hl7_persons import to_person
from encounters.values import IntakePatient, IntakePerson

if TYPE_CHECKING:
    from encounters.adapters_hl7_fields import Reading
    from gateways.hl7.service import Segment

_OTHER_NUMBERS: Final = frozenset({"SS", "SSN", "DL", "PPN", "AN", "VN", "MA", "MC", "NIIP"})
"""Numbers that are no record number: two people may share one, or we have no need of it."""


def to_patient(reading: Reading, pid: Segment, following: list[Segment]) -> IntakePatient | None:
    """Return the patient of a PID, or None with a finding where nobody is named.

    Args:
        reading: The message.
        pid: The patient.
        following: The message's other segments that belong to this patient.
    """
    taken = Taken(pid, reading)
    identifiers = to_identifiers(reading, pid, 3) or to_identifiers(reading, pid, 2)
    if not identifiers:
        reading.refuse(
            "patient-identifier-missing",
            pid.path(3),
            "The patient has no record number.",
            "Have the sender fill PID-3 with the record number and who gave it.",
        )
        return None
    person = to_person(taken, name=5, birth_date=7, sex=8, address=11, phone=13)
    if not person.name.family:
        reading.refuse(
            "patient-name-missing",
            pid.path(5, 1),
            "The patient has no family name.",
            "Have the sender fill PID-5.",
        )
        return None
    _warn_deletions(reading, pid, (11, 13))
    return IntakePatient(
        identifiers=identifiers,
        person=person,
        guarantor=_to_guarantor(reading, [s for s in following if s.name == "GT1"]),
        coverages=to_coverages(reading, following, person),
        paths={"identifiers": pid.path(3, 1) if pid.raw(3) else pid.path(2, 1)},
    )


def to_identifiers(reading: Reading, segment: Segment, place: int) -> tuple[Identifier, ...]:
    """Return the record numbers of a CX field, medical record numbers first.

    Social security, account, visit and insurance numbers are left out.
    """
    found = []
    for repeat in range(1, segment.repeats(place) + 1):
        value = segment.text(place, repeat=repeat)
        kind = segment.text(place, 5, repeat=repeat).upper() or "MR"
        if value and kind not in _OTHER_NUMBERS:
            system = authority(segment, place, repeat) or reading.own_system
            found.append(Identifier(system, value, "MR" if kind == "MRN" else kind))
    return tuple(sorted(found, key=lambda identifier: identifier.kind != "MR"))


def _to_guarantor(reading: Reading, segments: list[Segment]) -> IntakePerson | None:
    """Return who answers for the bill, None where nobody or the patient is named."""
    if not segments or segments[0].text(11).upper() in SELF:
        return None
    taken = Taken(segments[0], reading)
    person = to_person(taken, name=3, birth_date=8, sex=9, address=5, phone=6)
    if person.name.family:
        return person
    organization = taken.text("name.family", 21)
    if not organization:
        return None
    return IntakePerson(
        PersonName(organization), address=person.address, phone=person.phone, paths=taken.paths
    )


def _warn_deletions(reading: Reading, segment: Segment, places: tuple[int, ...]) -> None:
    for place in places:
        if segment.is_null(place):
            reading.warn(
                "deletion-not-applied",
                segment.path(place),
                "The sender asks to delete this value; it was kept.",
                "Remove it by hand if that is right.",
            )
