"""SCH, AIS, AIG, AIL and AIP to an appointment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from config.ids import is_npi
from encounters.adapters_hl7_fields import Taken
from encounters.values import AppointmentState, IntakeAppointment

if TYPE_CHECKING:
    import datetime as dt

    from config.people import Identifier
    from encounters.adapters_hl7_fields import Reading
    from gateways.hl7.service import Segment

_STATES: Final = {
    "ARRIVED": AppointmentState.ARRIVED,
    "CHECKED IN": AppointmentState.ARRIVED,
    "CHECKIN": AppointmentState.ARRIVED,
    "STARTED": AppointmentState.ARRIVED,
    "COMPLETE": AppointmentState.KEPT,
    "COMPLETED": AppointmentState.KEPT,
    "CHECKED OUT": AppointmentState.KEPT,
    "CANCELLED": AppointmentState.CANCELLED,
    "CANCELED": AppointmentState.CANCELLED,
    "DELETED": AppointmentState.CANCELLED,
    "NOSHOW": AppointmentState.NO_SHOW,
    "NO SHOW": AppointmentState.NO_SHOW,
}
_MINUTES: Final = {"H": 60, "D": 1440}


def to_appointment(
    reading: Reading, patient: Identifier, patient_path: str
) -> IntakeAppointment | None:
    """Return the appointment of a SIU, or None with findings where it can't be one.

    Args:
        reading: The message.
        patient: The identifier that finds the patient.
        patient_path: Where that stands.
    """
    message = reading.message
    sch = message.first("SCH")
    if sch is None:
        reading.refuse("schedule-missing", "SCH", "A SIU needs a segment SCH.", "Have it added.")
        return None
    taken = Taken(sch, reading)
    identifier = taken.identifier("identifier", 2, kind="AP") or taken.identifier(
        "identifier", 1, kind="AP"
    )
    starts_at = _starts_at(reading, sch, taken)
    if identifier is None or starts_at is None:
        _refuse_appointment(reading, has_number=identifier is not None)
        return None
    taken.paths["patient"] = patient_path
    return IntakeAppointment(
        identifier=identifier,
        patient=patient,
        starts_at=starts_at,
        minutes=_minutes(reading, sch, taken),
        state=_appointment_state(message.kind, taken),
        provider_npi=_resource_npi(reading, taken),
        location_code=_resource_location(reading, taken),
        reason=taken.first_text("reason", (7, 2), (7, 1), (8, 2)),
        paths=taken.paths,
    )


def _starts_at(reading: Reading, sch: Segment, taken: Taken) -> dt.datetime | None:
    """Return when it begins: SCH-11.4, else the first resource that has a time."""
    if sch.text(11, 4):
        taken.paths["starts_at"] = sch.path(11, 4)
        return reading.moment(sch, 11, 4)
    for name, place in (("TQ1", 7), ("AIS", 4), ("AIP", 6), ("AIG", 8), ("AIL", 6)):
        for row in reading.message.all(name):
            if row.text(place):
                taken.paths["starts_at"] = row.path(place)
                return reading.moment(row, place)
    return None


def _minutes(reading: Reading, sch: Segment, taken: Taken) -> int:
    """Return the length in minutes: SCH-9, else the first resource's; 0 if nobody says."""
    rows = [(sch, 9, 10)]
    for name, place in (("AIS", 7), ("AIP", 9), ("AIG", 11), ("AIL", 9)):
        rows += [(row, place, place + 1) for row in reading.message.all(name)]
    for row, place, units in rows:
        if re.fullmatch(r"[0-9]{1,5}(?:\.[0-9]*)?", row.text(place)):
            taken.paths["minutes"] = row.path(place)
            return _in_minutes(row.text(place), row.text(units))
    reading.warn(
        "appointment-length-missing",
        sch.path(9),
        "The appointment's length is not said.",
        "Have the sender fill SCH-9.",
    )
    return 0


def _in_minutes(amount: str, units: str) -> int:
    """Return a length in minutes; without units it is in minutes already."""
    whole, unit = int(amount.partition(".")[0]), units[:1].upper()
    return whole // 60 if unit == "S" else whole * _MINUTES.get(unit, 1)


def _appointment_state(kind: str, taken: Taken) -> AppointmentState:
    if kind == "SIU^S15":
        return AppointmentState.CANCELLED
    if kind == "SIU^S26":
        return AppointmentState.NO_SHOW
    said = taken.first_text("state", (25, 1), (25, 2))
    return _STATES.get(said.upper().replace("-", " "), AppointmentState.BOOKED)


def _resource_npi(reading: Reading, taken: Taken) -> str:
    """Return the clinician: AIP-3, else a general resource that is one (AIG-3), else PV1-7."""
    for name, place in (("AIP", 3), ("AIG", 3), ("PV1", 7)):
        for row in reading.message.all(name):
            if name == "AIG" and not is_npi(row.text(3)):
                continue
            found = Taken(row, reading)
            npi = found.npi("provider_npi", place)
            if npi:
                taken.paths |= found.paths
                return npi
    return ""


def _resource_location(reading: Reading, taken: Taken) -> str:
    for name in ("AIL", "PV1"):
        for row in reading.message.all(name):
            found = Taken(row, reading)
            code = found.location_code()
            if code:
                taken.paths |= found.paths
                return code
    return ""


def _refuse_appointment(reading: Reading, *, has_number: bool) -> None:
    if any(finding.code == "date-unreadable" for finding in reading.findings):
        return
    reading.refuse(
        "appointment-time-missing" if has_number else "appointment-number-missing",
        "SCH-11.4" if has_number else "SCH-2.1",
        f"The appointment has no {'time' if has_number else 'number'}.",
        f"Have the sender fill {'SCH-11' if has_number else 'SCH-2 or SCH-1'}.",
    )
