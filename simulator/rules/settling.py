"""What becomes of a claim that comes again: a duplicate, a replacement, a void."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.values import ClaimDecision

_REPLACEMENT = "7"
_VOID = "8"


class Course(StrEnum):
    """How a payer takes a claim, by its frequency and by what it decided before."""

    DECIDE = "decide"
    DUPLICATE = "duplicate"
    REPLACE = "replace"
    VOID = "void"


def choose_course(frequency: str, earlier: ClaimDecision | None) -> Course:
    """Return how to take a claim.

    Args:
        frequency: CLM05-3: 1 original, 7 replacement, 8 void.
        earlier: What was decided for the same claim number and still stands, or None.
    """
    if earlier is None:
        return Course.DECIDE
    if frequency == _REPLACEMENT:
        return Course.REPLACE
    if frequency == _VOID:
        return Course.VOID
    return Course.DUPLICATE if earlier.paid_cents > 0 else Course.DECIDE
