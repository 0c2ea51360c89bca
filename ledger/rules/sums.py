"""Sums of the book: what entries between two accounts mean for who owes what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.money import Money
from ledger.values.accounts import ADJUSTMENTS, RECEIVABLES, Account
from ledger.values.balances import AGING_DAYS, BUCKETS, AgingRow, ClearingRow, LineBalance, Totals

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

_CHARGING = frozenset({Account.CHARGES, Account.OPENING})


class Tally:
    """Adds up pair sums of one charge line, one visit or the whole book, in cents."""

    def __init__(self) -> None:
        self.charged = self.paid = self.adjusted = self.patient = self.open = 0
        self.insurance: dict[UUID, int] = {}

    def add(self, debit: Account, credit: Account, cents: int, payer_id: UUID | None) -> None:
        """Add what went from the credited to the debited account."""
        for account, signed in ((debit, cents), (credit, -cents)):
            if account is Account.INSURANCE_AR:
                self.open += signed
                if payer_id is not None:
                    self.insurance[payer_id] = self.insurance.get(payer_id, 0) + signed
            elif account is Account.PATIENT_AR:
                self.patient += signed
        if debit in RECEIVABLES:
            self._add_other(credit, -cents)
        if credit in RECEIVABLES:
            self._add_other(debit, cents)

    def _add_other(self, other: Account, cents: int) -> None:
        """Sort the account that stands against a receivable: cents leave the receivable."""
        if other in _CHARGING:
            self.charged -= cents
        elif other in ADJUSTMENTS:
            self.adjusted += cents
        elif other not in RECEIVABLES and other is not Account.TRANSFER:
            self.paid += cents

    def as_line(self) -> LineBalance:
        """Return the sums as a line's balance."""
        return LineBalance(
            Money(self.charged),
            Money(self.paid),
            Money(self.adjusted),
            Money(self.patient),
            {payer: Money(cents) for payer, cents in self.insurance.items() if cents},
        )

    def as_totals(self) -> Totals:
        """Return the sums as the practice's totals."""
        return Totals(
            Money(self.charged),
            Money(self.paid),
            Money(self.adjusted),
            Money(self.patient),
            Money(self.open),
        )


def compute_bucket(days: int) -> int:
    """Return the index in `BUCKETS` of an amount that is so many days old.

    Args:
        days: Age; a day that lies ahead counts as nil.

    Source:
        House: decision 0006 (aging).
    """
    return next((place for place, end in enumerate(AGING_DAYS) if days <= end), len(AGING_DAYS))


def compute_aging_row(
    account: Account, party_id: UUID | None, items: Iterable[tuple[int, int]]
) -> AgingRow:
    """Add up one party's open items, credits apart.

    Args:
        account: The receivable.
        party_id: Who owes.
        items: Age in days and cents of each item.

    Source:
        House: decision 0006 (aging).
    """
    buckets = [0] * len(BUCKETS)
    credit = 0
    for days, cents in items:
        if cents < 0:
            credit -= cents
        else:
            buckets[compute_bucket(days)] += cents
    return AgingRow(
        account,
        party_id,
        tuple(Money(cents) for cents in buckets),
        Money(sum(buckets)),
        Money(credit),
    )


def compute_clearing(
    sums: Iterable[tuple[UUID, Account, Account, int]],
) -> list[ClearingRow]:
    """Say for each remittance what came in, what posted, what PLB took and what is left.

    Source:
        House: DESIGN 7.4.
    """
    found: dict[UUID, list[int]] = {}
    for remittance_id, debit, credit, cents in sums:
        received_posted_plb = found.setdefault(remittance_id, [0, 0, 0])
        signed = cents if credit is Account.REMITTANCE_CLEARING else -cents
        other = debit if credit is Account.REMITTANCE_CLEARING else credit
        if other is Account.EFT_IN_TRANSIT:
            received_posted_plb[0] += signed
        elif other in RECEIVABLES:
            received_posted_plb[1] -= signed
        else:
            received_posted_plb[2] += signed
    return [
        ClearingRow(
            remittance_id,
            Money(received),
            Money(posted),
            Money(plb),
            Money(received + plb - posted),
        )
        for remittance_id, (received, posted, plb) in found.items()
    ]
