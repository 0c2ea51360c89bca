"""Values of HL7 fields with the place each came from, and findings where one can't be used."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from config.finding import Finding, Level
from config.ids import is_npi
from config.people import Identifier
from gateways.hl7.service import Message

if TYPE_CHECKING:
    from gateways.hl7.service import Segment

_TIME_STAMP = re.compile(
    r"(?P<date>\d{8})(?P<time>\d{2}(?:\d{2}(?:\d{2})?)?)?(?:\.\d+)?(?P<zone>[+-](?:0\d|1[0-4])[0-5]\d)?\Z",
    re.ASCII,
)
_YEARS: Final = range(1850, 2200)
"""Years that a birth, a service or an insurance can have; outside them conversions overflow."""
_NOT_IN_CODES: Final = re.compile(r"[^A-Za-z0-9._-]+")
_NPI_TYPES: Final = frozenset({"NPI", "NPI#", "US-NPI"})


@dataclass(slots=True)
class Reading:
    """One message on its way to an intake: its sender's time zone, and what was found wrong."""

    message: Message
    time_zone: ZoneInfo
    findings: list[Finding] = field(default_factory=list)

    @property
    def own_system(self) -> str:
        """Who gave an identifier that names no authority: the sending facility."""
        message = self.message
        return message.sending_facility or message.sending_application or "HL7"

    def refuse(self, code: str, where: str, message: str, fix: str) -> None:
        """Take note of what holds the message."""
        self.findings.append(Finding(code, where, message, fix))

    def warn(self, code: str, where: str, message: str, fix: str) -> None:
        """Take note of what a person should look at."""
        self.findings.append(Finding(code, where, message, fix, Level.WARNING))

    def moment(self, segment: Segment, place: int, component: int = 1) -> dt.datetime | None:
        """Return an instant in UTC; one without a zone is in the sender's."""
        text = segment.text(place, component)
        found = _TIME_STAMP.match(text)
        value = _to_moment(found, self.time_zone) if found else None
        if text and value is None:
            self._refuse_date(_place(segment, place, component), "a date and time")
        return value

    def _refuse_date(self, where: str, expected: str) -> None:
        self.refuse(
            "date-unreadable",
            where,
            f"This is not {expected} as HL7 writes it (YYYYMMDD, then HHMM).",
            "Have the sender correct it, then send the message again.",
        )


class Taken:
    """Reads one segment and remembers where each value that it gave came from.

    Attributes:
        paths: Field name of ours -> place in the message; only of values that were there.
    """

    def __init__(self, segment: Segment, reading: Reading) -> None:
        self.segment = segment
        self.reading = reading
        self.paths: dict[str, str] = {}

    def text(
        self, name: str, place: int, component: int = 1, *, subcomponent: int = 1, repeat: int = 1
    ) -> str:
        """Return a text, empty where there is none."""
        value = self.segment.text(place, component, subcomponent=subcomponent, repeat=repeat)
        if value:
            self.paths[name] = _place(self.segment, place, component, repeat)
        return value

    def first_text(self, name: str, *places: tuple[int, int]) -> str:
        """Return the first text that is there of several (field, component)."""
        for place, component in places:
            value = self.text(name, place, component)
            if value:
                return value
        return ""

    def date(self, name: str, place: int) -> dt.date | None:
        """Return the day that is written, whatever the hour or zone (birth, coverage)."""
        text = self.text(name, place)
        found = _TIME_STAMP.match(text)
        value = _to_date(found["date"]) if found else None
        return self._checked(name, text, value)

    def service_date(self, name: str, place: int) -> dt.date | None:
        """Return the day at the sender's place; midnight stands for a day without an hour."""
        text = self.text(name, place)
        found = _TIME_STAMP.match(text)
        value = None
        if found:
            value = _to_date(found["date"])
            if value and found["zone"] and (found["time"] or "").strip("0"):
                zone = self.reading.time_zone
                moment = _to_moment(found, zone)
                value = moment.astimezone(zone).date() if moment else None
        return self._checked(name, text, value)

    def _checked(self, name: str, text: str, value: dt.date | None) -> dt.date | None:
        if value is None and text:
            where = self.paths.pop(name)
            if text.strip("0"):  # zeros are how some senders leave a date empty
                self.reading._refuse_date(where, "a date")  # noqa: SLF001  # one pair of classes
        return value

    def location_code(self) -> str:
        """Return the place of a PL in field 3 as the practice's codes are formed: `LKS-PEDS`.

        Point of care, else facility; what can't stand in a location's code becomes a hyphen.
        """
        text = self.first_text("location_code", (3, 1), (3, 4))
        return _NOT_IN_CODES.sub("-", text).strip("-")[:30]

    def npi(self, name: str, place: int) -> str:
        """Return the NPI among the identifiers of a clinician (XCN), empty if there is none."""
        segment = self.segment
        plain = ""
        for repeat in range(1, segment.repeats(place) + 1):
            value = segment.text(place, repeat=repeat)
            kinds = {segment.text(place, part, repeat=repeat).upper() for part in (9, 13)}
            if kinds & _NPI_TYPES and value:
                return self.text(name, place, repeat=repeat)
            if not plain and is_npi(value):
                plain = self.text(name, place, repeat=repeat)
        if not plain and segment.text(place):
            self.reading.warn(
                "npi-missing",
                segment.path(place),
                "The clinician is named without an NPI.",
                "Have the sender add the NPI, or choose the clinician when coding.",
            )
        return plain

    def identifier(self, name: str, place: int, *, kind: str) -> Identifier | None:
        """Return an identifier (CX or EI: 1 the value, 4 or 2 who gave it)."""
        value = self.text(name, place)
        if not value:
            return None
        segment = self.segment
        system = segment.text(place, 2) if kind == "AP" else authority(segment, place)
        return Identifier(system or self.reading.own_system, value, kind)


def authority(segment: Segment, place: int, repeat: int = 1) -> str:
    """Return who gave a CX identifier: its namespace, else its universal id."""
    return segment.text(place, 4, repeat=repeat) or segment.text(
        place, 4, subcomponent=2, repeat=repeat
    )


def _place(segment: Segment, place: int, component: int, repeat: int = 1) -> str:
    """Name a value's place; a field of one component is named without it."""
    is_plain = component == 1 and "^" not in segment.raw(place)
    return segment.path(place, None if is_plain else component, repeat=repeat)


def _to_date(digits: str) -> dt.date | None:
    if int(digits[:4]) not in _YEARS:
        return None
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None


def _to_moment(found: re.Match[str], time_zone: ZoneInfo) -> dt.datetime | None:
    day = _to_date(found["date"])
    clock = (found["time"] or "").ljust(6, "0")
    if day is None:
        return None
    try:
        time = dt.time(int(clock[:2]), int(clock[2:4]), int(clock[4:6]))
    except ValueError:
        return None
    zone: dt.tzinfo = time_zone
    if found["zone"]:
        sign = -1 if found["zone"][0] == "-" else 1
        hours, minutes = int(found["zone"][1:3]), int(found["zone"][3:5])
        zone = dt.timezone(sign * dt.timedelta(hours=hours, minutes=minutes))
    return dt.datetime.combine(day, time, zone).astimezone(dt.UTC)
