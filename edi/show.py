"""What of a file is shown, and how: our names, what codes mean, patients' data masked.

Without a known guide nothing tells a name from a number, so all data is masked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edi.guide import Composite
from edi.words import explain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edi.guide import Element, Seg
    from edi.values import Segment

MASK = "•••"
_OPEN_SEGMENTS = frozenset(("ISA", "IEA", "GS", "GE", "ST", "SE", "HL", "LX", "TA1"))
_OPEN_KINDS = frozenset(("N0", "N2", "R"))
_PERSONAL_REFS = frozenset(("CR102", "MEA03", "PAT08"))
"""Numbers that describe a patient: weight, test result."""


class Display:
    """Turns segments into what a person or a program may see.

    Args:
        shows_phi: Whether patients' data is shown as it stands.
    """

    def __init__(self, *, shows_phi: bool = False) -> None:
        self._shows_phi = shows_phi

    def to_line(self, seg: Seg | None, segment: Segment) -> str:
        """Return a segment's elements with their names and what their codes mean."""
        if seg is None:
            return " ".join(value or "-" for value in self.to_elements(None, segment))
        parts = [
            self._describe(segment, element, value)
            for element in seg.elements
            for value in segment.repeats(int(element.ref[-2:]))
        ]
        return " · ".join(parts)

    def to_elements(self, seg: Seg | None, segment: Segment) -> list[str]:
        """Return a segment's raw elements, each value that may tell of a patient masked."""
        if self._shows_phi or segment.id in _OPEN_SEGMENTS:
            return [to_readable(value) for value in segment.elements[1:]]
        by_number = {} if seg is None else {int(one.ref[-2:]): one for one in seg.elements}
        return [
            self._mask(segment, by_number.get(number), value)
            for number, value in enumerate(segment.elements[1:], 1)
        ]

    def _mask(self, segment: Segment, element: Element | Composite | None, value: str) -> str:
        if not value:
            return ""
        if element is None:
            return MASK
        if isinstance(element, Composite):
            mark = segment.delimiters.component
            return mark.join(
                one if not one or (part and self._may_show(segment, part, one)) else MASK
                for part, one in _pair_parts(element, value, mark)
            )
        return value if self._may_show(segment, element, value) else MASK

    def _describe(self, segment: Segment, element: Element | Composite, value: str) -> str:
        if not isinstance(element, Composite):
            return f"{element.name} {self._say(segment, element, value)}"
        shown = [
            self._say(segment, part, one)
            for part, one in _pair_parts(element, value, segment.delimiters.component)
            if one
        ]
        return f"{element.name} {' '.join(shown)}"

    def _say(self, segment: Segment, element: Element | None, value: str) -> str:
        if element is None or not self._may_show(segment, element, value):
            return to_readable(value) if self._shows_phi else MASK
        words = explain(element.ref, value)
        return f"{to_readable(value)} ({words})" if words else to_readable(value)

    def _may_show(self, segment: Segment, element: Element, value: str) -> bool:
        """Whether a value tells nothing of a patient: a code of the guide, an amount, a count."""
        if self._shows_phi or segment.id in _OPEN_SEGMENTS:
            return True
        if element.codes:
            return value in element.codes.split()
        is_number = element.kind in _OPEN_KINDS and value.replace(".", "", 1).lstrip("-").isdigit()
        return is_number and element.ref not in _PERSONAL_REFS


def to_readable(text: str) -> str:
    """Return what the file's bytes most likely say: UTF-8, or else Windows' Western set."""
    if text.isascii():
        return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")
    data = text.encode("latin-1")
    try:
        readable = data.decode("utf-8")
    except UnicodeDecodeError:
        readable = data.decode("cp1252", errors="replace")
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in readable)


def _pair_parts(
    composite: Composite, value: str, mark: str
) -> Iterator[tuple[Element | None, str]]:
    """Yield each component with what the guide says of it."""
    by_number = {int(part.ref.rpartition("-")[2]): part for part in composite.parts}
    for number, one in enumerate(value.split(mark), 1):
        yield by_number.get(number), one
