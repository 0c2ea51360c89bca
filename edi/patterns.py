"""One anchored expression per guide segment: a match means the segment is right beyond doubt.

The expression may refuse what is right (an odd but legal date, say): then the exact checks of
`edi.elements` have the last word. It must never accept what is wrong; a test holds it to that.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from edi.guide import Composite

if TYPE_CHECKING:
    from collections.abc import Callable

    from edi.guide import Element, Seg
    from edi.values import Delimiters

    Match: TypeAlias = Callable[[str], re.Match[str] | None]

_NEVER = "(?!)"
_MONTH_DAY = (
    r"(?:(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])(?:29|30)"
    r"|(?:0[13578]|1[02])31)"
)
_DATE = rf"(?:19|20)[0-9]{{2}}{_MONTH_DAY}"
_TIME = r"(?:[01][0-9]|2[0-3])[0-5][0-9]"
# Of ranges only those of one day: an expression can't tell which of two dates is the first.
_FORMATS = {"D8": _DATE, "RD8": f"(?P<day>{_DATE})-(?P=day)", "TM": _TIME, "DT": _DATE + _TIME}


def compile_segment(seg: Seg, delimiters: Delimiters) -> Match:
    """Return the full match of a segment's expression for these delimiters."""
    return re.compile(_Builder(seg, delimiters).build()).fullmatch


class _Builder:
    """Puts the expression of one segment together."""

    def __init__(self, seg: Seg, delimiters: Delimiters) -> None:
        self._seg = seg
        self._element = re.escape(delimiters.element)
        self._component = re.escape(delimiters.component)
        free = [chr(c) for c in range(0x20, 0x7F) if chr(c) not in delimiters.characters]
        self._any = "[" + "".join(map(re.escape, free)) + "]"
        notes = [_parse_note(note) for note in seg.notes.split()]
        self._notes = notes
        self._noted = {number for _, numbers in notes for number in numbers}
        self._format_refs = {
            part.format_ref
            for element in seg.elements
            for part in (element.parts if isinstance(element, Composite) else (element,))
            if part.format_ref
        }

    def build(self) -> str:
        by_number = {_number(element.ref): element for element in self._seg.elements}
        values = [
            self._group(number, by_number.get(number))
            for number in range(1, max([*by_number, *self._noted], default=0) + 1)
        ]
        body = _chain(self._element, values)
        end = f"(?<!{self._element})" + "".join(_write_note(*note) for note in self._notes)
        return re.escape(self._seg.id) + body + end

    def _group(self, number: int, element: Element | Composite | None) -> tuple[str, bool]:
        """Return the expression of one element and whether it must be there."""
        if element is None:
            # Not used: empty. A note may ask for it all the same, and finds it empty.
            return (f"(?P<e{number}>{_NEVER})" if number in self._noted else ""), False
        value = self._composite(element)
        if number in self._noted:
            value = f"(?P<e{number}>{value})"
        return value, element.usage == "R"

    def _composite(self, composite: Element | Composite) -> str:
        if not isinstance(composite, Composite):
            return self._value(composite)
        by_number = {_number(part.ref): part for part in composite.parts}
        values = [
            (self._value(part), part.usage == "R")
            if (part := by_number.get(number))
            else ("", False)
            for number in range(1, max(by_number) + 1)
        ]
        first, *rest = values
        head = first[0] if first[1] else f"(?:{first[0]})?"
        return f"{head}{_chain(self._component, rest)}(?<!{self._component})(?<!{self._element})"

    def _value(self, element: Element) -> str:
        if element.ref in self._format_refs:
            return _either_named(element)
        if element.format_ref:
            return self._formatted(element)
        if element.codes:
            codes = sorted(element.codes.split(), key=len, reverse=True)
            return "(?:" + "|".join(map(re.escape, codes)) + ")"
        return self._typed(element)

    def _typed(self, element: Element) -> str:
        low, high = element.min, element.max
        match element.kind:
            case "N0" | "N2":
                return f"[0-9]{{{low},{high}}}"
            case "R" if high > 3 and low == 1:
                return rf"-?(?:0|[1-9][0-9]{{0,{high - 3}}})(?:\.[0-9]{{1,2}})?"
            case "R":
                return f"[0-9]{{{low},{high}}}"
            case "DT":
                return _DATE if high == 8 else _NEVER
            case "TM":
                return _TIME
            case _:
                return f"(?! ){self._any}{{{low},{high}}}(?<! )"

    def _formatted(self, element: Element) -> str:
        """Return a date whose form another element names, as branches on what that one says."""
        formats = next(
            part
            for one in self._seg.elements
            for part in (one.parts if isinstance(one, Composite) else (one,))
            if part.ref == element.format_ref
        )
        expression = _NEVER
        for code in formats.codes.split():
            if code in _FORMATS:
                name = _format_name(formats.ref, code)
                date = _FORMATS[code].replace("day", f"{name}_day")
                expression = f"(?({name}){date}|{expression})"
        return f"(?:{expression})"


def _chain(separator: str, values: list[tuple[str, bool]]) -> str:
    """Return elements one after another; those after the last required may be left off."""
    needed = max((n for n, (_, is_needed) in enumerate(values) if is_needed), default=-1)
    tail = ""
    for number in range(len(values) - 1, -1, -1):
        value, is_needed = values[number]
        one = separator + (value if is_needed or not value else f"(?:{value})?")
        tail = one + tail if number <= needed else f"(?:{one}{tail})?"
    return tail


def _either_named(element: Element) -> str:
    """Return the codes of a format element, each in a group that its date can ask for."""
    codes = element.codes.split()
    return "(?:" + "|".join(f"(?P<{_format_name(element.ref, c)}>{c})" for c in codes) + ")"


def _format_name(ref: str, code: str) -> str:
    return f"f{ref.replace('-', '_')}_{code}"


def _number(ref: str) -> int:
    """Return the element number of "CLM05", the component number of "CLM05-2"."""
    return int(ref.rpartition("-")[2][-2:])


def _parse_note(note: str) -> tuple[str, list[int]]:
    return note[0], [int(note[at : at + 2]) for at in range(1, len(note), 2)]


def _write_note(kind: str, numbers: list[int]) -> str:
    """Return a relational note as a test on the groups of its elements."""
    first, *rest = numbers
    all_rest = "".join(f"(?(e{n})|{_NEVER})" for n in rest)
    any_rest = _any_of(rest)
    match kind:
        case "P":
            none_rest = "".join(f"(?(e{n}){_NEVER}|)" for n in rest)
            return f"(?(e{first}){all_rest}|{none_rest})"
        case "R":
            return _any_of(numbers)
        case "E":
            return "".join(
                f"(?(e{a})(?(e{b}){_NEVER}|)|)" for a in numbers for b in numbers if a < b
            )
        case "C":
            return f"(?(e{first}){all_rest}|)"
        case _:
            return f"(?(e{first}){any_rest}|)"


def _any_of(numbers: list[int]) -> str:
    expression = _NEVER
    for number in reversed(numbers):
        expression = f"(?(e{number})|{expression})"
    return expression
