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


def compute_file_by(content: ClaimContent, payer: Payer) -> dt.date | None:
    """Return the last day on which the payer takes a first claim, or None where it sets none.

    The clock of a professional claim starts with the earliest line's first date of service (R10).

    Source:
        42 CFR 424.44 for Medicare; each payer's limit from its dated row, which names its source.
    """
    first = min((line.service_date for line in content.lines), default=None)
    if first is None:
        return None
    by_contract = (
        None if payer.limits.initial is None else first + dt.timedelta(days=payer.limits.initial)
    )
    if payer.kind is not PayerKind.MEDICARE:
        return by_contract
    # A contract can't lengthen a legal limit.
    by_law = _one_year_after(first)
    return by_law if by_contract is None else min(by_contract, by_law)


def _one_year_after(day: dt.date) -> dt.date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)
