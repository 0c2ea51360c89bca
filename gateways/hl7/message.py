"""A message that was read: segments of raw fields, unescaped when asked for.

Fields stay the strings that came: splitting further is done for the few that someone reads, which
is what keeps intake fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateways.hl7.escapes import unescape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateways.hl7.escapes import Delimiters

NULL = '""'
"""A field of two quotes: the sender says that the value is to be deleted."""


class Segment:
    """One segment of a message.

    Attributes:
        name: Three characters, such as `PID`.
        index: Its place in the message, the MSH is 1.
        occurrence: Its place among segments of its name, from 1.
        fields: Raw texts; `fields[n]` is field n, `fields[0]` the name. MSH-1 counts.
    """

    __slots__ = ("_charset", "_delimiters", "fields", "index", "name", "occurrence")

    def __init__(
        self, fields: Sequence[str], *, index: int, occurrence: int, reading: tuple[Delimiters, str]
    ) -> None:
        self.name = fields[0]
        self.fields = fields
        self.index = index
        self.occurrence = occurrence
        self._delimiters, self._charset = reading

    def raw(self, field: int) -> str:
        """Return a field as it came, or empty text beyond the segment's end."""
        return self.fields[field] if field < len(self.fields) else ""

    def repeats(self, field: int) -> int:
        """Count the repetitions of a field, 0 if it is empty."""
        value = self.raw(field)
        if not value:
            return 0
        mark = self._delimiters.repetition
        return value.count(mark) + 1 if mark and not self._is_literal(field) else 1

    def is_null(self, field: int) -> bool:
        """Say whether the sender asks for the value to be deleted."""
        return self.raw(field) == NULL

    def text(
        self, field: int, component: int = 1, *, subcomponent: int = 1, repeat: int = 1
    ) -> str:
        """Return one value, unescaped and stripped; empty if absent or the HL7 null.

        Args:
            field: From 1.
            component: From 1.
            subcomponent: From 1.
            repeat: From 1.
        """
        value = self.raw(field)
        if not value or self._is_literal(field):
            return value
        marks = self._delimiters
        value = _part(value, marks.repetition, repeat)
        value = _part(value, marks.component, component)
        value = _part(value, marks.subcomponent, subcomponent)
        if value == NULL:
            return ""
        if marks.escape in value:
            value = unescape(value, marks, charset=self._charset)
        return value.strip()

    def path(
        self,
        field: int,
        component: int | None = None,
        *,
        repeat: int = 1,
        subcomponent: int | None = None,
    ) -> str:
        """Return the place of a value in words that an integrator knows: `FT1[2]-19[3].1`."""
        place = self.place
        place += f"-{field}" + (f"[{repeat}]" if repeat > 1 else "")
        if component is not None:
            place += f".{component}"
            if subcomponent is not None:
                place += f".{subcomponent}"
        return place

    @property
    def place(self) -> str:
        """The segment's own place: `PID`, or `FT1[2]` for a second one."""
        return self.name if self.occurrence == 1 else f"{self.name}[{self.occurrence}]"

    def _is_literal(self, field: int) -> bool:
        """MSH-1 and MSH-2 hold the delimiters themselves."""
        return self.name == "MSH" and field <= 2

    def __repr__(self) -> str:
        """Name the segment without its values, which may be PHI."""
        return f"<Segment {self.place}>"


def _part(value: str, mark: str, place: int) -> str:
    """Return one part of a value by its place; the whole is part 1 where nothing separates."""
    if not mark or mark not in value:
        return value if place == 1 else ""
    parts = value.split(mark, place)
    return parts[place - 1] if place <= len(parts) else ""


class Message:
    """A message whose framing, delimiters, characters and bounds were found in order.

    Attributes:
        segments: In message order; the first is MSH.
        delimiters: From MSH-1 and MSH-2.
        charset: Python's name of the character set that the bytes were read by.
    """

    __slots__ = ("_by_name", "charset", "delimiters", "segments")

    def __init__(
        self, segments: Sequence[Segment], *, delimiters: Delimiters, charset: str
    ) -> None:
        self.segments = tuple(segments)
        self.delimiters = delimiters
        self.charset = charset
        self._by_name: dict[str, list[Segment]] = {}
        for segment in self.segments:
            self._by_name.setdefault(segment.name, []).append(segment)

    def first(self, name: str) -> Segment | None:
        """Return the first segment of a name, or None."""
        found = self._by_name.get(name)
        return found[0] if found else None

    def all(self, name: str) -> list[Segment]:
        """Return the segments of a name in message order."""
        return list(self._by_name.get(name, ()))

    @property
    def header(self) -> Segment:
        """The MSH segment."""
        return self.segments[0]

    @property
    def kind(self) -> str:
        """Message type and trigger event (MSH-9.1, 9.2): `ADT^A04`."""
        return f"{self.header.text(9)}^{self.header.text(9, 2)}"

    @property
    def control_id(self) -> str:
        """Message control id (MSH-10)."""
        return self.header.text(10)

    @property
    def version(self) -> str:
        """Version of the standard (MSH-12.1): `2.5.1`."""
        return self.header.text(12)

    @property
    def sending_application(self) -> str:
        """MSH-3.1."""
        return self.header.text(3)

    @property
    def sending_facility(self) -> str:
        """MSH-4.1."""
        return self.header.text(4)

    @property
    def receiving_application(self) -> str:
        """MSH-5.1."""
        return self.header.text(5)

    @property
    def receiving_facility(self) -> str:
        """MSH-6.1."""
        return self.header.text(6)

    def __repr__(self) -> str:
        """Name the message without its values, which may be PHI."""
        return f"<Message {self.kind} of {len(self.segments)} segments>"
