"""Timely filing: until when a payer takes a claim.

Source:
    42 CFR 424.44(a)(1): one calendar year after the date of service for Medicare; 29 February
    counts to 28 February. Other payers: their contract's days, in `practice.values.FilingLimits`.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from practice.values import PayerKind

if TYPE_CHECKING:
    from claims.values import ClaimContent
    from practice.values import Payer

# athena acts 15 days before a deadline (R12); the alarm rings from then on.
ALARM_DAYS: Final = 15


# Frequencies of a claim that changes one which the payer has decided (CLM05-3).
CORRECTING: Final = frozenset({"7", "8"})


def compute_file_by(
    content: ClaimContent, payer: Payer, *, start: dt.date | None = None
) -> dt.date | None:
    """Return the last day on which the payer takes a claim, or None where it sets none.

    The clock of a first professional claim starts with the earliest line's first date of service
    (R10); that of a replacement or void with the payer's answer, that of a later payer's claim
    with the answer of the payer before it. Such a clock doesn't run before its start is known.

    Args:
        content: What the claim says.
        payer: Whom it goes to.
        start: The day of the answer that starts the clock, for any but a first claim.

    Source:
        42 CFR 424.44 for Medicare, which being second doesn't lengthen (R12); each payer's limit
        from its dated row, which names its source.
    """
    first = min((line.service_date for line in content.lines), default=None)
    if content.frequency in CORRECTING:
        return _days_after(start, payer.limits.corrected)
    if content.payer_sequence > 1:
        by_contract = _days_after(start, payer.limits.secondary)
    else:
        by_contract = _days_after(first, payer.limits.initial)
    if payer.kind is not PayerKind.MEDICARE or first is None:
        return by_contract
    # A contract can't lengthen a legal limit.
    by_law = _one_year_after(first)
    return by_law if by_contract is None else min(by_contract, by_law)


def _days_after(start: dt.date | None, days: int | None) -> dt.date | None:
    return None if start is None or days is None else start + dt.timedelta(days=days)


def _one_year_after(day: dt.date) -> dt.date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)
