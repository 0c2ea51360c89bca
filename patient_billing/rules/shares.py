"""From a line's ledger entries to the patient's share of it, and the reasons for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.values.accounts import ADJUSTMENTS, RECEIVABLES, Account
from ledger.values.postings import EntryKind
from patient_billing.values.bills import LineShare
from patient_billing.values.statement import ReasonKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from ledger.values.postings import Entry

# Group and reason code of a share, and what it is called; every other PR came by a person.
_REASONS: Final = {
    "PR-1": ReasonKind.DEDUCTIBLE,
    "PR-2": ReasonKind.COINSURANCE,
    "PR-3": ReasonKind.COPAY,
    "PR-100": ReasonKind.PAID_TO_YOU,
    "OA-100": ReasonKind.PAID_TO_YOU,
    "no-answer": ReasonKind.NO_ANSWER,
}
_CHARGING: Final = frozenset({Account.CHARGES, Account.OPENING})


def compute_share(entries: Iterable[Entry]) -> LineShare:
    """Add up a line's entries: charge less discount less insurance is payers' part plus share.

    Args:
        entries: All entries that name the line, oldest first.

    Source:
        House: DESIGN 7.6; the order of the columns is that of the payer's own letter.
    """
    tally = _Tally()
    for entry in entries:
        tally.add(entry)
    return tally.as_share()


def name_reason(code: str) -> ReasonKind:
    """Return what an entry's reason code is called on a bill."""
    if code in _REASONS:
        return _REASONS[code]
    return ReasonKind.NOT_COVERED if code.startswith("PR-") else ReasonKind.OTHER


class _Tally:
    """Sums of one line, in cents."""

    def __init__(self) -> None:
        self.charge = self.discount = self.insurance_paid = self.paid = 0
        self.insurance_open = self.patient_open = 0
        self.reasons: dict[tuple[str, UUID | None], int] = {}
        self.since: list[Entry] = []

    def add(self, entry: Entry) -> None:
        cents = entry.amount.cents
        for account, signed in ((entry.debit, cents), (entry.credit, -cents)):
            if account is Account.PATIENT_AR:
                self.patient_open += signed
                self._add_reason(entry, signed)
            elif account is Account.INSURANCE_AR:
                self.insurance_open += signed
        if entry.debit in RECEIVABLES:
            self._add_other(entry.credit, entry, -cents)
        if entry.credit in RECEIVABLES:
            self._add_other(entry.debit, entry, cents)

    def _add_other(self, other: Account, entry: Entry, cents: int) -> None:
        """Sort what stands against a receivable; `cents` leave the receivable."""
        if other in _CHARGING:
            self.charge -= cents
        elif other in ADJUSTMENTS:
            self.discount += cents
        elif entry.kind is EntryKind.APPLICATION:
            self.paid += cents
        elif other is not Account.TRANSFER and other not in RECEIVABLES:
            self.insurance_paid += cents

    def _add_reason(self, entry: Entry, signed: int) -> None:
        if entry.kind is EntryKind.CHARGE:
            key: tuple[str, UUID | None] = (ReasonKind.SELF_PAY.value, None)
        elif entry.kind is EntryKind.TO_PATIENT:
            key = (name_reason(entry.reason).value, entry.about.payer_id)
        else:
            return
        self.reasons[key] = self.reasons.get(key, 0) + signed
        if signed > 0:
            self.since.append(entry)

    def as_share(self) -> LineShare:
        # A payer's bonus is an adjustment below nil; on a bill it belongs to what it paid.
        discount = max(self.discount, 0)
        insurance_paid = self.insurance_paid + min(self.discount, 0)
        share = self.patient_open + self.paid
        return LineShare(
            self.charge,
            discount,
            insurance_paid,
            share,
            self.paid,
            self.insurance_open,
            min((entry.posted_on for entry in self.since), default=None),
            _fit_reasons([(*key, cents) for key, cents in self.reasons.items()], share),
        )


def _fit_reasons(
    reasons: Sequence[tuple[str, UUID | None, int]], share: int
) -> tuple[tuple[str, UUID | None, int], ...]:
    """Make the reasons add up to the share: a write-off of ours takes from the last ones first."""
    fitted = []
    left = share
    for kind, payer_id, cents in reasons:
        part = min(max(cents, 0), max(left, 0))
        if part:
            fitted.append((kind, payer_id, part))
        left -= part
    if left > 0:
        fitted.append((ReasonKind.OTHER.value, None, left))
    return tuple(fitted)
