"""Matching a payer's lines to ours, even where the payer drops a modifier or a control number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    import edi
    from claims.values import ContentLine

_STEPS: Final = 4


def match_lines(
    answered: Sequence[edi.RemittanceLine], ours: Sequence[ContentLine]
) -> list[int | None]:
    """Return for each answered line the place of ours (from 0), or None.

    First by line control number (REF*6R), under which a payer may answer one line in several
    parts. Then by procedure, modifiers, date, units and charge, then by less and less of these,
    each of our lines once. Then parts without a control number that together make one line. The
    procedure that the payer names as the one submitted (SVC06) stands before the one that it paid.

    Source:
        R6, R51; TR3 005010X221A1 2110 REF*6R, SVC06.
    """
    numbered = {line.control_number: place for place, line in enumerate(ours)}
    matched = [numbered.get(line.line_control) for line in answered]
    free = [place for place in range(len(ours)) if place not in matched]
    for step in range(_STEPS):
        for place, line in enumerate(answered):
            if matched[place] is not None:
                continue
            found = next((k for k in free if _fits(line, ours[k], step)), None)
            if found is not None:
                matched[place] = found
                free.remove(found)
    for place in free:
        _match_parts(answered, matched, (place, ours[place]))
    return matched


def _fits(line: edi.RemittanceLine, ours: ContentLine, loosened: int) -> bool:
    """Compare, leaving out one thing more at each step: modifiers, then units, then the date."""
    if _submitted(line) != ours.code or line.charge_cents != ours.charge.cents:
        return False
    modifiers = line.original_modifiers if line.original_procedure else line.modifiers
    units = line.original_units if line.original_units is not None else line.units
    return (
        (loosened > 0 or tuple(modifiers) == ours.modifiers)
        and (loosened > 1 or units == ours.units)
        and (loosened > 2 or line.service_from in (None, ours.service_date))  # the step's number
    )


def _match_parts(
    answered: Sequence[edi.RemittanceLine],
    matched: list[int | None],
    ours: tuple[int, ContentLine],
) -> None:
    """Give one of our lines all unmatched parts of its procedure, if they make its charge."""
    place, line = ours
    parts = [
        n
        for n, part in enumerate(answered)
        if matched[n] is None
        and _submitted(part) == line.code
        and part.service_from in (None, line.service_date)
    ]
    if sum(answered[n].charge_cents for n in parts) == line.charge.cents:
        for n in parts:
            matched[n] = place


def _submitted(line: edi.RemittanceLine) -> str:
    return line.original_procedure or line.procedure


def check_matches(
    answered: Sequence[edi.RemittanceLine],
    ours: Sequence[ContentLine],
    places: Sequence[int | None],
) -> list[Finding]:
    """Return a finding for each line that is none of ours, or whose charge isn't ours.

    Source:
        TR3 005010X221A1 2110 REF*6R, SVC02; House: decision 0006 (matching an answer).
    """
    findings = [
        Finding(
            "line-unmatched",
            f"CLP/SVC {number}",
            "the line is none of the claim's",
            "Match the line by hand.",
        )
        for number, place in enumerate(places, 1)
        if place is None
    ]
    for place, line in enumerate(ours):
        parts = [part for part, at in zip(answered, places, strict=True) if at == place]
        if parts and sum(part.charge_cents for part in parts) != line.charge.cents:
            findings.append(
                Finding(
                    "line-charge",
                    f"line {line.number}",
                    "the payer answers another charge than was sent",
                    "Ask the payer which line it means.",
                )
            )
    return findings
