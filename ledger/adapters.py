"""Between rows of the book and its values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from config.money import Money
from ledger.values.accounts import Account
from ledger.values.postings import (
    ABOUT_KEYS,
    About,
    Draft,
    Entry,
    EntryId,
    EntryKind,
    PostingId,
)

if TYPE_CHECKING:
    from uuid import UUID

    from ledger.models import EntryRow


def to_entry(row: EntryRow) -> Entry:
    """Return a row as an entry."""
    return Entry(
        EntryId(row.id),
        PostingId(row.posting_id),
        Account(row.debit),
        Account(row.credit),
        Money(row.cents, row.currency),
        EntryKind(row.kind),
        row.posted_on,
        About(**{key: getattr(row, key) for key in ABOUT_KEYS}),
        row.reason,
        row.rule,
        row.actor_id,
        EntryId(row.reverses_id) if row.reverses_id else None,
    )


def to_turned_draft(entry: Entry, remittance_id: UUID | None) -> Draft:
    """Return what takes an entry back, out of another remittance's clearing if one is named."""
    about = entry.about
    if remittance_id is not None:
        about = replace(about, remittance_id=remittance_id)
    return Draft(
        entry.credit, entry.debit, entry.amount, entry.kind, about, entry.reason, entry.rule
    )


def from_draft(draft: Draft) -> dict[str, Any]:
    """Return a draft as the columns of an entry row that it fills."""
    return {
        "debit": draft.debit.value,
        "credit": draft.credit.value,
        "cents": draft.amount.cents,
        "currency": draft.amount.currency,
        "kind": draft.kind.value,
        "reason": draft.reason,
        "rule": draft.rule,
        **{key: getattr(draft.about, key) for key in ABOUT_KEYS},
    }
