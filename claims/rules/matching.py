"""Matching a payer's lines to ours, even where the payer drops a modifier or a control number."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import edi
    from claims.values import ContentLine


def match_lines(
    answered: Sequence[edi.RemittanceLine], ours: Sequence[ContentLine]
) -> list[int | None]:
    """Return for each answered line the place of ours (from 0), or None.

    First by line control number (REF*6R); then by procedure, modifiers, date, units and charge;
    then by less and less of these. Each of our lines is matched once. The procedure that the payer
    names as the one submitted (SVC06) stands before the one that it paid.

    Source:
        R6, R51; TR3 005010X221A1 2110 REF*6R, SVC06.
    """
    matched: list[int | None] = [None] * len(answered)
    free = dict(enumerate(ours))
    for place, line in enumerate(answered):
        found = next((k for k, o in free.items() if o.control_number == line.line_control), None)
        if line.line_control and found is not None:
            matched[place] = found
            del free[found]
    for wanted in range(4):
        for place, line in enumerate(answered):
            if matched[place] is not None:
                continue
            found = next((k for k, o in free.items() if _fits(line, o, wanted)), None)
            if found is not None:
                matched[place] = found
                del free[found]
    return matched


def _fits(line: edi.RemittanceLine, ours: ContentLine, loosened: int) -> bool:
    """Compare, leaving out one thing more at each step: modifiers, then units, then the date."""
    procedure = line.original_procedure or line.procedure
    if procedure != ours.code or line.charge_cents != ours.charge.cents:
        return False
    modifiers = line.original_modifiers if line.original_procedure else line.modifiers
    units = line.original_units if line.original_units is not None else line.units
    same_date = line.service_from is None or line.service_from == ours.service_date
    return (
        (loosened > 0 or tuple(modifiers) == ours.modifiers)
        and (loosened > 1 or units == ours.units)
        and (loosened > 2 or same_date)
    )
