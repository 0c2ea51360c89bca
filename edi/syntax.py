"""What holds for a segment of any guide: an id, printable characters, no empty end."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from edi.standard import known_id
from edi.values import Fault

if TYPE_CHECKING:
    from edi.values import Delimiters, Segment

_BINARY_IDS = frozenset(("BIN", "BDS"))
_ID = re.compile("[A-Z][A-Z0-9]{1,2}")


def check_any_segment(segment: Segment) -> list[Fault]:
    """Return what is wrong with the form of a segment, whatever its guide."""
    if segment.id in _BINARY_IDS or _compile_form(segment.delimiters).fullmatch(segment.text):
        return []
    element: int | None = None
    if not _ID.fullmatch(segment.id):
        code, x12 = "segment-unknown", "IK304:1"
        message = "The segment doesn't start with a segment id."
        fix = "Remove the segment; look for a terminator that stands in data."
    elif segment.text.endswith(segment.delimiters.element):
        code, x12, element = "trailing-separator", "IK403:3", len(segment)
        message = "The segment ends with an empty element."
        fix = "Leave off empty elements at the end of a segment."
    else:
        code, x12 = "character-invalid", "IK403:6"
        message = "The segment holds a character that X12 can't carry."
        fix = "Use plain letters, digits and punctuation; no control characters, no accents."
    return [
        Fault(
            code=code,
            message=message,
            fix=fix,
            segment_index=segment.index,
            segment=known_id(segment),
            element=element,
            x12=x12,
        )
    ]


@lru_cache(maxsize=64)
def _compile_form(delimiters: Delimiters) -> re.Pattern[str]:
    element = re.escape(delimiters.element)
    return re.compile(rf"[A-Z][A-Z0-9]{{1,2}}(?:{element}[\x20-\x7e]*)?(?<!{element})")
