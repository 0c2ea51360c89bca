"""What an acknowledgement must quote of the file it answers, gathered in one more pass.

A fault says where something is wrong; a 999 also names the claim it stands in and copies the bad
value. Only segments that a fault points at are kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from edi.reader import read
from edi.values import Segment

if TYPE_CHECKING:
    from collections.abc import Iterable


# Segments that begin a business unit, and how a CTX names their first element.
_UNITS = {"CLM": "CLM01", "CLP": "CLP01"}
_UNIT_ENDS = frozenset(("ST", "HL", "SE", "PLB", "LX"))
_LX_ENDS = frozenset(("835",))


@dataclass(frozen=True, slots=True)
class Quote:
    """One faulty segment and the business unit around it ("CLM01", "1234"; "" if none)."""

    segment: Segment
    unit_name: str
    unit_value: str


@dataclass(slots=True)
class Context:
    """Quotes by segment index; empty when the file isn't at hand any more."""

    quotes: dict[int, Quote] = field(default_factory=dict)

    def find(self, segment_index: int | None) -> Quote | None:
        """Return the quote for a fault's place, or None."""
        return None if segment_index is None else self.quotes.get(segment_index)


def gather_context(stream: BinaryIO | None, indexes: Iterable[int]) -> Context:
    """Return the quotes for these segment indexes.

    Args:
        stream: The file, seekable, or None if it is gone; read from its start.
        indexes: Places of faults, counted over the file, the first ISA is 1.
    """
    wanted = set(indexes)
    context = Context()
    if stream is None or not wanted:
        return context
    stream.seek(0)
    last = max(wanted)
    name = value = st = ""
    for segment in read(stream).segments():
        if segment.id == "ST":
            st = segment[1]
        if segment.id in _UNITS:
            name, value = _UNITS[segment.id], segment[1]
        elif segment.id in _UNIT_ENDS and (segment.id != "LX" or st in _LX_ENDS):
            name = value = ""
        if segment.index in wanted:
            context.quotes[segment.index] = Quote(segment, name, value)
        if segment.index >= last:
            break
    return context
