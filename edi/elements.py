"""The exact checks of a segment's elements: slow, and only asked when the fast expression refuses.

What is said never holds the data itself.

Source:
    X12.6 (005010) 3.3; TR3 005010 appendix B.1.1.3.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from edi.guide import Composite
from edi.standard import SEGMENT_SIZES
from edi.values import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edi.guide import Element, Seg
    from edi.values import Level, Segment

_KIND_WORDS = {
    "N0": "a whole number",
    "N2": "a whole number",
    "R": "a decimal number without plus sign or comma",
    "DT": "a date CCYYMMDD",
    "TM": "a time HHMM or HHMMSS",
}
_FORMAT_WORDS = {
    "D8": "a date CCYYMMDD",
    "D6": "a date YYMMDD",
    "RD8": "two dates CCYYMMDD-CCYYMMDD, the first not after the second",
    "TM": "a time HHMM",
    "DT": "a date and time CCYYMMDDHHMM",
}


def check_segment(seg: Seg, segment: Segment, loop: str) -> list[Fault]:
    """Return all that is wrong with the elements of one segment.

    Args:
        seg: What the guide says about it.
        segment: What stands in the file.
        loop: The loop id to name.
    """
    return list(_SegmentCheck(seg, segment, loop).run())


class _SegmentCheck:
    """Checks one segment; holds what every fault has to say about the place."""

    def __init__(self, seg: Seg, segment: Segment, loop: str) -> None:
        self._seg = seg
        self._segment = segment
        self._loop = loop

    def run(self) -> Iterator[Fault]:
        seg, segment = self._seg, self._segment
        by_number = {int(element.ref[-2:]): element for element in seg.elements}
        if len(segment) and not segment[len(segment)]:
            yield self._fault(
                "trailing-separator",
                "The segment ends with an empty element.",
                "Leave off empty elements at the end of a segment.",
                place=(len(segment), None, "IK403:3", 1),
            )
        for number in range(1, max(len(segment), max(by_number, default=0)) + 1):
            value = segment[number]
            element = by_number.get(number)
            if element is None:
                if value:
                    yield self._not_used(number)
            elif not value:
                if element.usage == "R":
                    yield self._missing(element, number, None)
            else:
                yield from self._check_repeats(element, number, value)
        for note in seg.notes.split():
            yield from self._check_note(note)

    # -------------------------------------------------------------- presence

    def _not_used(self, number: int) -> Fault:
        is_known = number <= SEGMENT_SIZES.get(self._segment.id, 0)
        return self._fault(
            "element-not-used" if is_known else "element-too-many",
            f"{self._segment.id}{number:02} is not used "
            + ("by this guide." if is_known else "by the standard: the segment is too long."),
            "Leave the element empty.",
            place=(number, None, "IK403:I10" if is_known else "IK403:3", 2 if is_known else 1),
        )

    def _missing(self, element: Element | Composite, number: int, component: int | None) -> Fault:
        return self._fault(
            "element-missing",
            f"{element.ref} ({element.name}) is required and empty.",
            f"Fill in {element.ref}, {element.name}.",
            place=(number, component, "IK403:1", 2),
        )

    def _check_repeats(
        self, element: Element | Composite, number: int, value: str
    ) -> Iterator[Fault]:
        mark = self._segment.delimiters.repetition
        values = value.split(mark) if mark and mark in value else [value]
        if len(values) > element.repeat:
            yield self._fault(
                "element-repeat",
                f"{element.ref} ({element.name}) comes {len(values)} times; the guide allows"
                f" {element.repeat}.",
                f"Send {element.ref} at most {element.repeat} times; the repetition separator"
                " may not stand in data.",
                place=(number, None, "IK403:12", 1),
            )
            return
        for one in values:
            if isinstance(element, Composite):
                yield from self._check_composite(element, number, one)
            else:
                yield from self._check_value(element, (number, None), one)

    def _check_composite(self, composite: Composite, number: int, value: str) -> Iterator[Fault]:
        parts = value.split(self._segment.delimiters.component)
        by_number = {int(part.ref.rpartition("-")[2]): part for part in composite.parts}
        if not parts[-1]:
            yield self._fault(
                "trailing-separator",
                f"{composite.ref} ends with an empty component.",
                "Leave off empty components at the end of an element.",
                place=(number, len(parts), "IK403:3", 1),
            )
        for component in range(1, max(len(parts), *by_number) + 1):
            part = by_number.get(component)
            given = parts[component - 1] if component <= len(parts) else ""
            if part is None:
                if given:
                    yield self._fault(
                        "component-not-used",
                        f"Component {component} of {composite.ref} is not used by this guide.",
                        "Leave the component empty; the component separator may not stand in data.",
                        place=(number, component, "IK403:13", 1),
                    )
            elif not given:
                if part.usage == "R":
                    yield self._missing(part, number, component)
            else:
                yield from self._check_value(part, (number, component), given)

    # ---------------------------------------------------------------- values

    def _check_value(
        self, element: Element, at: tuple[int, int | None], value: str
    ) -> Iterator[Fault]:
        marks = self._segment.delimiters
        what = f"{element.ref} ({element.name})"
        if any(not " " <= c <= "~" for c in value) or (at[1] is None and marks.component in value):
            yield self._fault(
                "character-invalid",
                f"{what} holds a character that X12 can't carry here.",
                "Use plain letters, digits and punctuation; no control characters, no accents,"
                " no separators.",
                place=(*at, "IK403:6", 1),
            )
            return
        yield from self._check_length(element, at, value)
        if not _is_kind(element, value):
            yield self._kind_fault(element, at, _KIND_WORDS[element.kind])
        elif element.codes and value not in element.codes.split():
            codes = element.codes.split()
            shown = ", ".join(codes[:12]) + (", …" if len(codes) > 12 else "")
            yield self._fault(
                "element-code",
                f"{what} is not one of the codes that the guide allows here.",
                f"Use one of: {shown}.",
                place=(*at, "IK403:7", 2),
            )
        elif element.format_ref:
            yield from self._check_format(element, at, value)
        if element.kind in ("AN", "ID") and value != value.strip():
            yield self._fault(
                "blank-around",
                f"{what} starts or ends with a blank.",
                "Remove blanks at the start and the end of the value.",
                place=(*at, "IK403:6", 1),
                level="warning",
            )

    def _check_length(
        self, element: Element, at: tuple[int, int | None], value: str
    ) -> Iterator[Fault]:
        length = len(value)
        if element.kind in ("R", "N0", "N2"):
            length = len(value.lstrip("-").replace(".", ""))
        if length < element.min or length > element.max:
            is_short = length < element.min
            yield self._fault(
                "element-too-short" if is_short else "element-too-long",
                f"{element.ref} ({element.name}) has {length} characters; it must have"
                f" {element.min} to {element.max}.",
                f"Correct {element.ref}; it is too {'short' if is_short else 'long'}.",
                place=(*at, "IK403:4" if is_short else "IK403:5", 1),
            )

    def _check_format(
        self, element: Element, at: tuple[int, int | None], value: str
    ) -> Iterator[Fault]:
        number, _, component = element.format_ref.partition("-")
        code = self._segment.get(int(number[-2:]), int(component) if component else None)
        if code in _FORMAT_WORDS and not _is_format(code, value):
            yield self._kind_fault(element, at, _FORMAT_WORDS[code])

    def _kind_fault(self, element: Element, at: tuple[int, int | None], expected: str) -> Fault:
        is_date = "date" in expected or "time" in expected
        x12 = "IK403:9" if expected.startswith("a time") else "IK403:8" if is_date else "IK403:6"
        return self._fault(
            "element-date" if is_date else "element-number",
            f"{element.ref} ({element.name}) must be {expected}.",
            f"Write {element.ref} as {expected}.",
            place=(*at, x12, 1),
        )

    # ----------------------------------------------------------------- notes

    def _check_note(self, note: str) -> Iterator[Fault]:
        numbers = [int(note[at : at + 2]) for at in range(1, len(note), 2)]
        there = [number for number in numbers if self._segment[number]]
        missing = _find_missing(note[0], numbers, there)
        refs = " and ".join(f"{self._seg.id}{number:02}" for number in numbers)
        if missing:
            yield self._fault(
                "element-conditional",
                f"{refs} depend on each other, and {self._seg.id}{missing:02} is empty.",
                f"Fill in {self._seg.id}{missing:02}, or leave out what depends on it.",
                place=(missing, None, "IK403:2", 1),
            )
        elif note[0] == "E" and len(there) > 1:
            yield self._fault(
                "element-exclusive",
                f"Only one of {refs} may be used.",
                "Leave one of them empty.",
                place=(there[1], None, "IK403:10", 1),
            )

    def _fault(
        self,
        code: str,
        message: str,
        fix: str,
        *,
        place: tuple[int, int | None, str, int],
        level: Level = "error",
    ) -> Fault:
        """Return a fault; `place` is element, component, X12 code and SNIP type."""
        return Fault(
            level=level,
            code=code,
            message=message,
            fix=fix,
            snip=place[3],
            segment_index=self._segment.index,
            segment=self._segment.id,
            loop=self._loop,
            element=place[0],
            component=place[1],
            x12=place[2],
        )


def _find_missing(kind: str, numbers: list[int], there: list[int]) -> int:
    """Return the first element that a relational note misses, 0 for none."""
    absent = [number for number in numbers if number not in there]
    is_first_there = numbers[0] in there
    match kind:
        case "P":
            return absent[0] if there and absent else 0
        case "R":
            return 0 if there else numbers[0]
        case "C":
            return absent[0] if is_first_there and absent else 0
        case "L":
            return numbers[1] if is_first_there and len(there) == 1 else 0
        case _:
            return 0


def _is_kind(element: Element, value: str) -> bool:
    """Whether a value has the form of its data type."""
    match element.kind:
        case "N0" | "N2":
            return value.removeprefix("-").isdigit()
        case "R":
            whole, _, part = value.removeprefix("-").partition(".")
            return (whole + part).isdigit() and not value.endswith(".")
        case "DT":
            return _is_date(value)
        case "TM":
            return _is_time(value)
        case _:
            return True


def _is_date(value: str) -> bool:
    if not value.isdigit() or len(value) not in (6, 8):
        return False
    full = value if len(value) == 8 else "20" + value
    try:
        date(int(full[:4]), int(full[4:6]), int(full[6:]))
    except ValueError:
        return False
    return True


def _is_time(value: str) -> bool:
    if not value.isdigit() or len(value) not in (4, 6, 7, 8):
        return False
    return int(value[:2]) < 24 and int(value[2:4]) < 60 and int(value[4:6] or 0) < 60


def _is_format(code: str, value: str) -> bool:
    """Whether a value has the form that a date format qualifier names."""
    match code:
        case "RD8":
            start, _, end = value.partition("-")
            is_pair = len(start) == 8 and len(end) == 8 and _is_date(start) and _is_date(end)
            return is_pair and start <= end
        case "TM":
            return _is_time(value)
        case "DT":
            return len(value) in (12, 14) and _is_date(value[:8]) and _is_time(value[8:])
        case _:
            return len(value) == int(code[-1]) and _is_date(value)
