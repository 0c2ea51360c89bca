"""Laying what a message says of a visit over what is known of it.

Messages come late and out of order. What a newer one says counts; an older one only adds what
nobody has said yet: a charge must not be lost because the end of the visit was told before it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from encounters.adapters import to_condition, to_sources, to_visit_charge

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from encounters.values import (
        IntakeCharge,
        IntakeVisit,
        MessageId,
        VisitCharge,
        VisitDetails,
    )

_FIELDS: Final = (
    "service_date",
    "end_date",
    "place_of_service",
    "referring_npi",
    "accident",
    "authorization_number",
    "referral_number",
    "note",
)


def lay_over(
    before: VisitDetails,
    incoming: IntakeVisit,
    message_id: MessageId,
    *,
    is_stale: bool,
    told_at: dt.datetime | None,
) -> VisitDetails:
    """Return what is known of a visit after a message; what the message leaves out stays.

    Args:
        before: What is known.
        incoming: What the message says.
        message_id: The message, for the sources.
        is_stale: A newer message was applied before: this one only fills gaps.
        told_at: When the sender last told of the visit, this message included.
    """
    said = {
        name: value
        for name in _FIELDS
        if (value := getattr(incoming, name)) and not (is_stale and getattr(before, name))
    }
    sources = to_sources(incoming.paths, message_id)
    conditions = tuple(to_condition(c, message_id) for c in incoming.conditions)
    charges, taken_back = _merge_charges(before, incoming.charges, message_id, is_stale=is_stale)
    return replace(
        before,
        **said,
        told_at=told_at,
        conditions=before.conditions or conditions if is_stale else conditions or before.conditions,
        charges=charges,
        taken_back=taken_back,
        sources=sources | before.sources if is_stale else before.sources | sources,
    )


def _merge_charges(
    before: VisitDetails,
    incoming: Iterable[IntakeCharge],
    message_id: MessageId,
    *,
    is_stale: bool,
) -> tuple[tuple[VisitCharge, ...], tuple[str, ...]]:
    """Add, replace or take back charges by the sender's own key of each."""
    merged: dict[str, VisitCharge] = {
        charge.identifier or f"#{place}": charge for place, charge in enumerate(before.charges)
    }
    taken_back = dict.fromkeys(before.taken_back)
    for charge in incoming:
        key = charge.identifier or f"#{len(merged)}"
        if charge.is_reversal:
            merged.pop(key, None)
            if charge.identifier:
                taken_back[key] = None
        elif not (is_stale and (key in merged or key in taken_back)):
            merged[key] = to_visit_charge(charge, message_id)
            taken_back.pop(key, None)
    return tuple(merged.values()), tuple(taken_back)
