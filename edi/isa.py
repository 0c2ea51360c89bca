"""The ISA: the one segment of fixed width, which says what the delimiters are.

Source:
    X12.5 (005010) ISA; TR3 005010 appendix B.1.1.2.5 and C.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edi.values import Delimiters, Fault

if TYPE_CHECKING:
    from edi.values import Segment

HEADER = re.compile(r"ISA[^A-Za-z0-9 \t\r\n]")
"""What an ISA starts with: its id and the element separator."""

HEADER_CHARS_MAX = 400
WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
_REPETITION_SINCE = "00402"


def read_isa(head: str) -> tuple[str, Delimiters] | Fault:
    """Return the text of an ISA (without terminator) and its delimiters.

    An ISA of the wrong width is read by its separators all the same; `check_isa` says so.

    Args:
        head: What starts with the ISA, at least `HEADER_CHARS_MAX` characters if there are.

    Returns:
        Text and delimiters, or the fault for which it can't be used.
    """
    fields = head.split(head[3], 16)
    if len(fields) < 17 or len(fields[16]) < 2:
        return _fault(
            "isa-truncated",
            "The ISA is cut short: it needs 16 elements and a terminator.",
            "Send the whole file; an ISA is exactly 106 characters long.",
            place=(16, "TA105:024"),
        )
    component, terminator = fields[16][0], fields[16][1]
    if not _may_separate(terminator) or terminator == head[3]:
        return _fault(
            "delimiter-terminator",
            "The character after ISA16 can't be a segment terminator.",
            "End the ISA with a terminator that is no letter, digit, blank or separator.",
            place=(16, "TA105:004"),
        )
    has_repetition = fields[12] >= _REPETITION_SINCE and _may_separate(fields[11])
    repetition = fields[11] if has_repetition else ""
    text = head[: len(head) - len(fields[16]) + 1]
    return text, Delimiters(head[3], component, repetition, terminator)


def check_isa(header: Segment) -> list[Fault]:
    """Return what is wrong with the widths and the delimiters of an ISA that can be read."""
    faults = []
    wrong = [number for number, width in enumerate(WIDTHS, 1) if len(header[number]) != width]
    if wrong:
        faults.append(
            _fault(
                "isa-length",
                f"ISA{wrong[0]:02} is {len(header[wrong[0]])} characters long; it must be exactly"
                f" {WIDTHS[wrong[0] - 1]}.",
                "Pad ISA elements with blanks to their fixed width (106 characters in all).",
                place=(wrong[0], "TA105:024"),
            )
        )
    marks = header.delimiters
    if not marks.repetition and header[12] >= _REPETITION_SINCE:
        faults.append(
            Fault(
                level="warning",
                code="repetition-separator",
                message="ISA11 is no separator; the file is read without repeated elements.",
                fix="Put the repetition separator (as a rule ^) in ISA11.",
                segment="ISA",
                element=11,
                x12="TA105:016",
            )
        )
    if len(set(marks.characters)) != len(marks.characters) or not _may_separate(marks.component):
        faults.append(
            _fault(
                "delimiter-component",
                "The separators of the ISA must be four different characters, none a letter, digit"
                " or blank.",
                "Choose other separators; usual are * : ^ ~.",
                place=(16, "TA105:027"),
            )
        )
    return faults


def _may_separate(character: str) -> bool:
    return not character.isalnum() and character not in (" ", "")


def _fault(code: str, message: str, fix: str, *, place: tuple[int, str]) -> Fault:
    element, x12 = place
    return Fault(code=code, message=message, fix=fix, segment="ISA", element=element, x12=x12)
