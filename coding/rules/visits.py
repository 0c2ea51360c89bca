"""Pure checks of a visit's coding: counts, order, pointers, modifiers, units.

Whether a code is valid on the date of service is asked of the code sets by `service`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from coding.rules.codes import find_duplicates, to_plain
from config.finding import Finding, Level

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from coding.values import CodedDiagnosis, CodedLine, VisitCoding

DIAGNOSES_MAX: Final = 12
POINTERS_MAX: Final = 4
MODIFIERS_MAX: Final = 4
UNITS_MAX: Final = 9_999
NOTE_CHARACTERS_MAX: Final = 1_000
LINE_HOLDS: Final = ("", "paid-in-full-restriction", "part2-no-consent", "confidential")
LINE_OUTSIDE_VISIT: Final = "line-date-outside-visit"
_MODIFIER = re.compile(r"^[A-Z0-9]{2}$")
_PLACE = re.compile(r"^[0-9]{2}$")


def check_diagnosis_order(codes: Sequence[str]) -> list[Finding]:
    """Return what is wrong with the diagnoses' number and order.

    Source:
        TR3 005010X222A1 2300 HI (12 diagnoses); ICD-10-CM Official Guidelines I.C.20.a.6
        (external cause codes are never first).
    """
    findings = []
    if len(codes) > DIAGNOSES_MAX:
        findings.append(
            Finding(
                "diagnosis-count",
                "diagnoses",
                f"{len(codes)} diagnoses; a claim holds {DIAGNOSES_MAX}.",
                "Keep those that the lines point to.",
            )
        )
    findings += [
        Finding(
            "code-duplicate", f"diagnosis {code}", "The code stands twice.", "Keep one of them."
        )
        for code in find_duplicates(codes)
    ]
    if codes and to_plain(codes[0])[:1] in {"V", "W", "X", "Y"}:
        findings.append(
            Finding(
                "diagnosis-external-cause-first",
                "diagnosis 1",
                "A code of external causes can't be the first diagnosis.",
                "Put the injury or condition first.",
            )
        )
    return findings


def check_line(line: CodedLine, diagnoses: int) -> list[Finding]:
    """Return what is wrong with a line's modifiers, units, pointers, dates and places.

    Args:
        line: The line.
        diagnoses: How many diagnoses the visit has.

    Source:
        TR3 005010X222A1 2400 SV101, SV104, SV107.
    """
    where = f"line {line.number}"
    found = [
        Finding(code, where, f"{what[0].upper()}{what[1:]}.", fix)
        for bad, code, what, fix in _ask_about(line)
        if bad
    ]
    return found + check_pointers(line.pointers, diagnoses, where)


def _ask_about(line: CodedLine) -> tuple[tuple[bool, str, str, str], ...]:
    """Return each question to a line: whether it is wrong, the code, what is wrong, what to do."""
    return (
        (
            len(line.modifiers) > MODIFIERS_MAX,
            "line-modifier-count",
            f"more than {MODIFIERS_MAX} modifiers",
            "Keep the four that change payment.",
        ),
        (
            not all(_MODIFIER.match(modifier) for modifier in line.modifiers),
            "line-modifier-shape",
            "a modifier is not two capitals or digits",
            "Write it as 25 or LT.",
        ),
        (
            len(set(line.modifiers)) != len(line.modifiers),
            "line-modifier-duplicate",
            "a modifier stands twice",
            "Keep one of them.",
        ),
        (
            not 1 <= line.units <= UNITS_MAX,
            "line-units",
            f"units are not 1 to {UNITS_MAX}",
            "Count the units that were given.",
        ),
        (
            line.charge.cents <= 0,
            "line-charge",
            "the charge is not above zero",
            "Give the code a price in the charge master.",
        ),
        (
            line.service_to is not None and line.service_to < line.service_date,
            "line-dates",
            "the last day lies before the first",
            "Put the dates in order.",
        ),
        (
            bool(line.place_of_service) and not _PLACE.match(line.place_of_service),
            "line-place-of-service",
            "the place of service is not two digits",
            "Write it as 11 or 02.",
        ),
    )


def check_line_date(line: CodedLine, first: dt.date, last: dt.date) -> list[Finding]:
    """Return a warning if a line's service lies outside its visit's days.

    Source:
        TR3 005010X222A1 2400 DTP*472; House: the visit's dates are the EHR's.
    """
    if first <= line.service_date <= last:
        return []
    return [
        Finding(
            LINE_OUTSIDE_VISIT,
            f"line {line.number}",
            "The date of service lies outside the visit.",
            "Check the date with the EHR.",
            Level.WARNING,
        )
    ]


def check_pointers(pointers: Sequence[int], diagnoses: int, where: str) -> list[Finding]:
    """Return what is wrong with a line's pointers: 1 to 4, each once, each to a diagnosis.

    Source:
        TR3 005010X222A1 2400 SV107; CMS-1500 box 24E.
    """
    if not 1 <= len(pointers) <= POINTERS_MAX:
        return [
            Finding(
                "line-pointer-count",
                where,
                f"A line points to 1 to {POINTERS_MAX} diagnoses; this one to {len(pointers)}.",
                "Name the diagnoses that the service was for.",
            )
        ]
    findings = []
    if any(not 1 <= pointer <= diagnoses for pointer in pointers):
        findings.append(
            Finding(
                "line-pointer-missing",
                where,
                "A pointer names a diagnosis that the visit doesn't have.",
                f"Point to 1 to {diagnoses}." if diagnoses else "Attach diagnoses first.",
            )
        )
    if len(set(pointers)) != len(pointers):
        findings.append(
            Finding(
                "line-pointer-duplicate",
                where,
                "A line points to the same diagnosis twice.",
                "Keep one of the pointers.",
            )
        )
    return findings


def check_whole(coding: VisitCoding) -> list[Finding]:
    """Return what a visit still lacks before it can be signed: a diagnosis, a line.

    Source:
        TR3 005010X222A1 2300 HI and 2400 SV1, both required.
    """
    findings = []
    if not coding.diagnoses:
        findings.append(
            Finding("diagnosis-missing", "diagnoses", "The visit has no diagnosis.", "Attach one.")
        )
    if not coding.lines:
        findings.append(Finding("line-missing", "lines", "The visit has no line.", "Add a line."))
    return findings


def check_notes(diagnoses: Sequence[CodedDiagnosis]) -> list[Finding]:
    """Return a finding for each note that is too long to be kept with a diagnosis.

    Source:
        House: a limit on everything.
    """
    return [
        Finding(
            "diagnosis-note-length",
            f"diagnosis {place}",
            f"The note has more than {NOTE_CHARACTERS_MAX} characters.",
            "Shorten it.",
        )
        for place, diagnosis in enumerate(diagnoses, start=1)
        if len(diagnosis.note) > NOTE_CHARACTERS_MAX
    ]
