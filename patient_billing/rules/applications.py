"""Which of a guarantor's unapplied money goes to which line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from config.money import Money

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from patient_billing.values.payments import Unapplied


class Owed(NamedTuple):
    """What is open on a line, lines in the order in which money shall go to them."""

    visit_id: UUID
    charge_line_id: UUID
    cents: int


def allocate(
    payments: Sequence[Unapplied], owed: Sequence[Owed]
) -> list[tuple[Unapplied, list[tuple[UUID, Money]]]]:
    """Give each payment's money to lines: its own visit's only, or else the oldest first.

    Args:
        payments: Oldest first.
        owed: Oldest visit first.

    Returns:
        Each payment that gives something, with line and amount. What is left over stays unapplied:
        a visit's own money is never moved to another visit.

    Source:
        House: P5, P12, P59.
    """
    left = {line.charge_line_id: line.cents for line in owed}
    given = []
    # Money that is bound to a visit goes first, so that free money fills only what it leaves.
    for payment in sorted(payments, key=lambda payment: payment.visit_id is None):
        money = payment.left.cents
        parts = []
        for line in owed:
            if payment.visit_id is not None and payment.visit_id != line.visit_id:
                continue
            part = min(money, left[line.charge_line_id])
            if part > 0:
                parts.append((line.charge_line_id, Money(part, payment.left.currency)))
                left[line.charge_line_id] -= part
                money -= part
        if parts:
            given.append((payment, parts))
    return given
