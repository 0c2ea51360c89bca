"""PV1, ACC and what hangs on them to a visit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from encounters.adapters_hl7_charges import to_charges, to_conditions
from encounters.adapters_hl7_fields import Taken
from encounters.values import (
    Accident,
    AccidentKind,
    IntakeVisit,
)

if TYPE_CHECKING:
    import datetime as dt

    from config.people import Identifier
    from encounters.adapters_hl7_fields import Reading
    from gateways.hl7.service import Segment

_FINISHING: Final = frozenset({"ADT^A03", "DFT^P03"})
_OPENING: Final = frozenset({"ADT^A01", "ADT^A04"})
_PLACES_BY_CLASS: Final = {"I": "21", "E": "23"}
"""Place of service by patient class (PV1-2); other classes leave it to the location."""
_AUTO_CODES: Final = frozenset({"AA", "AUTO", "A", "MVA", "AU"})
_JOB_CODES: Final = frozenset({"WC", "W", "EM", "WORK", "WA"})


def to_visit(
    reading: Reading, following: list[Segment], patient: Identifier, patient_path: str
) -> IntakeVisit | None:
    """Return the visit of a message, None where it tells of none.

    Args:
        reading: The message.
        following: Its segments from PID on.
        patient: The identifier that finds the patient.
        patient_path: Where that stands.
    """
    kind = reading.message.kind
    pv1 = next((segment for segment in following if segment.name == "PV1"), None)
    taken = Taken(pv1 or following[0], reading)
    identifier = _visit_identifier(taken, following[0]) if pv1 else None
    if identifier is None:
        if kind in _FINISHING:
            reading.refuse(
                "visit-number-missing",
                "PV1-19",
                f"A {kind} must name the visit that it belongs to.",
                "Have the sender fill PV1-19.",
            )
        return None
    service_date = _service_date(taken, following)
    if service_date is None:
        return None
    visit_date = (service_date, taken.paths["service_date"])
    taken.paths["patient"] = patient_path
    accident = _to_accident(reading, following, taken)
    return IntakeVisit(
        identifier=identifier,
        patient=patient,
        service_date=service_date,
        end_date=_end_date(taken),
        place_of_service=_place_of_service(taken, following),
        provider_npi=_provider_npi(taken, following),
        referring_npi=taken.npi("referring_npi", 8),
        location_code=taken.location_code(),
        is_finished=kind in _FINISHING or (kind == "ADT^A08" and bool(taken.segment.text(45))),
        is_cancelled=kind == "ADT^A11",
        accident=accident,
        authorization_number=_authorization(following, taken),
        conditions=to_conditions(reading, following),
        charges=to_charges(reading, following, visit_date),
        note=_note(following, taken),
        paths=taken.paths,
    )


def _visit_identifier(taken: Taken, pid: Segment) -> Identifier | None:
    """Return PV1-19, else the alternate visit id, else the patient's account for this visit."""
    for place in (19, 50):
        found = taken.identifier("identifier", place, kind="VN")
        if found:
            return found
    account = Taken(pid, taken.reading)
    found = account.identifier("identifier", 18, kind="AN") if pid.name == "PID" else None
    taken.paths |= account.paths
    return found


def _service_date(taken: Taken, following: list[Segment]) -> dt.date | None:
    """Return the day of the visit, with its path in `taken`.

    PV1-44; else the earliest charge; else the day of discharge; else, for a message that opens a
    visit, the day of the event. An update without any says nothing of a visit that has a day.
    """
    reading = taken.reading
    day = taken.service_date("service_date", 44)
    if day:
        return day
    if taken.segment.text(44).strip("0"):
        return None  # it is there and was refused as unreadable
    dated = [_dated(Taken(s, reading), 4) for s in following if s.name == "FT1" and s.text(4)]
    dated += [_dated(taken, 45)] if taken.segment.text(45) else []
    event = reading.message.first("EVN")
    if reading.message.kind in _OPENING and event:
        dated.append(_dated(Taken(event, reading), 2))
    has_charges = any(segment.name == "FT1" for segment in following)
    known = [(found, path) for found, path in dated if found]
    if known:
        day, taken.paths["service_date"] = min(known) if has_charges else known[0]
        return day
    if reading.message.kind in _FINISHING:
        reading.refuse(
            "visit-date-missing",
            "PV1-44",
            "The visit has no day.",
            "Have the sender fill PV1-44, or the date of each charge.",
        )
    return None


def _end_date(taken: Taken) -> dt.date | None:
    """Return the day of discharge of a stay; elsewhere PV1-45 tells when the record was closed."""
    return taken.service_date("end_date", 45) if taken.segment.text(2).upper() == "I" else None


def _dated(taken: Taken, place: int) -> tuple[dt.date | None, str]:
    day = taken.service_date("day", place)
    return day, taken.paths.get("day", "")


def _provider_npi(taken: Taken, following: list[Segment]) -> str:
    """Return the attending clinician's NPI, else that of the first charge's performer."""
    npi = taken.npi("provider_npi", 7) if taken.segment.text(7) else ""
    for row in following:
        if npi:
            break
        if row.name == "FT1" and row.text(20):
            charge = Taken(row, taken.reading)
            npi = charge.npi("provider_npi", 20)
            taken.paths |= charge.paths
    return npi


def _place_of_service(taken: Taken, following: list[Segment]) -> str:
    """Return a two-digit place of service: of FT1-16.6 or PV1-3.6, else by patient class."""
    charges = [Taken(row, taken.reading) for row in following if row.name == "FT1"]
    for source, place in [*((charge, 16) for charge in charges), (taken, 3)]:
        for component in (6, 1):
            if re.fullmatch(r"[0-9][0-9]", source.segment.text(place, component)):
                code = source.text("place_of_service", place, component)
                taken.paths |= source.paths
                return code
    code = _PLACES_BY_CLASS.get(taken.segment.text(2).upper(), "")
    if code:
        taken.paths["place_of_service"] = taken.segment.path(2)
    return code


def _to_accident(reading: Reading, following: list[Segment], visit: Taken) -> Accident | None:
    row = next((segment for segment in following if segment.name == "ACC"), None)
    if row is None or not any(row.text(place) for place in range(1, 12)):
        return None
    taken = Taken(row, reading)
    day = taken.service_date("accident", 1)
    if day is None:
        if not row.text(1):
            reading.refuse(
                "accident-date-missing",
                row.path(1),
                "The accident has no date.",
                "Have the sender fill ACC-1.",
            )
        return None
    visit.paths |= taken.paths
    code, state = row.text(2).upper(), row.text(4).upper()
    if row.text(5).upper() == "Y" or code in _JOB_CODES:
        kind = AccidentKind.EMPLOYMENT
    elif code in _AUTO_CODES or state:
        kind = AccidentKind.AUTO
    else:
        kind = AccidentKind.OTHER
    return Accident(kind, day, state)


def _authorization(following: list[Segment], visit: Taken) -> str:
    """Return the authorisation number of the first insurance that has one (IN1-14)."""
    for row in following:
        if row.name == "IN1" and row.text(14):
            visit.paths["authorization_number"] = row.path(14, 1)
            return row.text(14)
    return ""


def _note(following: list[Segment], visit: Taken) -> str:
    """Return the comments of the message (NTE-3), one a line."""
    rows = [row for row in following if row.name == "NTE" and row.text(3)]
    if rows:
        visit.paths["note"] = rows[0].path(3)
    return "\n".join(
        row.text(3, repeat=repeat) for row in rows for repeat in range(1, row.repeats(3) + 1)
    )
