"""Rows and sums as the database gives them: sums are added up there, rows come by pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import case, func, or_, select

from config.money import Money
from ledger.models import ClosedMonthRow, EntryRow, PostingRow
from ledger.values.accounts import RECEIVABLES, Account
from ledger.values.balances import OpenItem, Takeback

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence
    from uuid import UUID

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from ledger.values.postings import EntryFilter, EntryId

_CHUNK: Final = 500  # bound values in one IN list
_FILTERED: Final = (
    "visit_id",
    "claim_id",
    "charge_line_id",
    "payer_id",
    "guarantor_id",
    "remittance_id",
    "posting_id",
    "control_id",
)


class PairSum(NamedTuple):
    """The cents that went from one account to another, for one key and payer."""

    key: UUID | None
    payer_id: UUID | None
    debit: Account
    credit: Account
    cents: int


def find_closed_through(session: Session) -> dt.date | None:
    """Return the first day of the newest closed month, or None."""
    return session.scalars(select(func.max(ClosedMonthRow.month))).one()


def find_posting_row(session: Session, key: str) -> PostingRow | None:
    """Return the posting that carries a key, or None."""
    return session.scalars(select(PostingRow).where(PostingRow.key == key)).one_or_none()


def find_posting_row_by_id(session: Session, posting_id: UUID) -> PostingRow | None:
    """Return a posting, or None."""
    return session.scalars(select(PostingRow).where(PostingRow.id == posting_id)).one_or_none()


def list_reversal_chain(session: Session, row: PostingRow) -> list[PostingRow]:
    """Return a posting, its reversal, the reversal of that, and so on."""
    chain = [row]
    while True:
        following = session.scalars(
            select(PostingRow).where(PostingRow.reverses_id == chain[-1].id)
        ).one_or_none()
        if following is None:
            return chain
        chain.append(following)


def list_entry_rows(session: Session, posting_id: UUID) -> Sequence[EntryRow]:
    """Return a posting's entries in the order in which they were posted."""
    return session.scalars(
        select(EntryRow).where(EntryRow.posting_id == posting_id).order_by(EntryRow.id)
    ).all()


def list_visit_rows(session: Session, visit_ids: Iterable[UUID]) -> Iterator[EntryRow]:
    """Yield all entries of any number of visits, each visit's oldest first."""
    wanted = sorted(set(visit_ids))
    for start in range(0, len(wanted), _CHUNK):
        yield from session.scalars(
            select(EntryRow)
            .where(EntryRow.visit_id.in_(wanted[start : start + _CHUNK]))
            .order_by(EntryRow.id)
        )


def list_filtered_rows(
    session: Session, chosen: EntryFilter, *, after: EntryId | None, limit: int
) -> Sequence[EntryRow]:
    """Return at most `limit` entries that match, after a key, oldest first."""
    query = select(EntryRow).order_by(EntryRow.id).limit(limit)
    if chosen.account is not None:
        query = query.where(
            or_(EntryRow.debit == chosen.account.value, EntryRow.credit == chosen.account.value)
        )
    for name in _FILTERED:
        if (value := getattr(chosen, name)) is not None:
            query = query.where(getattr(EntryRow, name) == value)
    if after is not None:
        query = query.where(EntryRow.id > after)
    return session.scalars(query.where(*_until(chosen.on))).all()


def _until(on: dt.date | None) -> list[ColumnElement[bool]]:
    return [] if on is None else [EntryRow.posted_on <= on]


def list_account_sums(session: Session, *, on: dt.date | None) -> dict[Account, tuple[int, int]]:
    """Return each account's debited and credited cents."""
    sums: dict[Account, list[int]] = {}
    for place, side in enumerate((EntryRow.debit, EntryRow.credit)):
        query = select(side, func.sum(EntryRow.cents)).where(*_until(on)).group_by(side)
        for name, cents in session.execute(query):
            sums.setdefault(Account(name), [0, 0])[place] = int(cents)
    return {account: (debit, credit) for account, (debit, credit) in sums.items()}


def list_pair_sums(session: Session, *, on: dt.date | None) -> list[PairSum]:
    """Return the cents between each two accounts, over the whole book."""
    query = select(EntryRow.debit, EntryRow.credit, func.sum(EntryRow.cents)).group_by(
        EntryRow.debit, EntryRow.credit
    )
    return [
        PairSum(None, None, Account(debit), Account(credit), int(cents))
        for debit, credit, cents in session.execute(query.where(*_until(on)))
    ]


def list_key_sums(session: Session, name: str, keys: Iterable[UUID]) -> Iterator[PairSum]:
    """Yield the cents between each two accounts for each key of one kind.

    Args:
        session: The session.
        name: `charge_line_id`, `visit_id`, `claim_id` or `guarantor_id`.
        keys: Any number of keys.
    """
    column = getattr(EntryRow, name)
    wanted = sorted(set(keys))
    for start in range(0, len(wanted), _CHUNK):
        query = (
            select(
                column, EntryRow.payer_id, EntryRow.debit, EntryRow.credit, func.sum(EntryRow.cents)
            )
            .where(column.in_(wanted[start : start + _CHUNK]))
            .group_by(column, EntryRow.payer_id, EntryRow.debit, EntryRow.credit)
        )
        for key, payer_id, debit, credit, cents in session.execute(query):
            yield PairSum(key, payer_id, Account(debit), Account(credit), int(cents))


def list_remittance_sums(
    session: Session, *, on: dt.date | None
) -> list[tuple[UUID, Account, Account, int]]:
    """Return the cents that went through each remittance's clearing, by the two accounts."""
    clearing = Account.REMITTANCE_CLEARING.value
    query = (
        select(EntryRow.remittance_id, EntryRow.debit, EntryRow.credit, func.sum(EntryRow.cents))
        .where(or_(EntryRow.debit == clearing, EntryRow.credit == clearing))
        .group_by(EntryRow.remittance_id, EntryRow.debit, EntryRow.credit)
        .order_by(EntryRow.remittance_id)
    )
    return [
        (remittance_id, Account(debit), Account(credit), int(cents))
        for remittance_id, debit, credit, cents in session.execute(query.where(*_until(on)))
        if remittance_id is not None  # no entry enters clearing without one
    ]


def list_takebacks(session: Session, *, on: dt.date | None) -> list[Takeback]:
    """Return what is open in payer clearing by payer and control number, oldest first."""
    signed = case(
        (EntryRow.debit == Account.PAYER_CLEARING.value, EntryRow.cents), else_=-EntryRow.cents
    )
    query = (
        select(
            EntryRow.payer_id,
            EntryRow.control_id,
            func.sum(signed),
            func.min(EntryRow.posted_on).label("since"),
        )
        .where(
            or_(
                EntryRow.debit == Account.PAYER_CLEARING.value,
                EntryRow.credit == Account.PAYER_CLEARING.value,
            ),
            *_until(on),
        )
        .group_by(EntryRow.payer_id, EntryRow.control_id)
        .order_by("since", EntryRow.control_id)
    )
    return [
        Takeback(payer_id, control_id, Money(int(cents)), since)
        for payer_id, control_id, cents, since in session.execute(query)
        if cents and payer_id is not None and control_id is not None
    ]


def list_open_items(
    session: Session, *, on: dt.date, guarantor_id: UUID | None = None
) -> list[OpenItem]:
    """Return every visit that a payer or a guarantor still owes for, or has overpaid."""
    chosen = [EntryRow.posted_on <= on]
    if guarantor_id is not None:
        chosen.append(EntryRow.guarantor_id == guarantor_id)
    items: dict[tuple[Account, UUID | None, UUID | None], _Open] = {}
    for account in sorted(RECEIVABLES):
        party = EntryRow.payer_id if account is Account.INSURANCE_AR else EntryRow.guarantor_id
        for side, sign in ((EntryRow.debit, 1), (EntryRow.credit, -1)):
            query = (
                select(
                    party,
                    EntryRow.visit_id,
                    func.sum(EntryRow.cents),
                    func.min(EntryRow.posted_on),
                    func.min(EntryRow.service_month),
                )
                .where(side == account.value, *chosen)
                .group_by(party, EntryRow.visit_id)
            )
            for party_id, visit_id, cents, posted_from, month in session.execute(query):
                item = items.setdefault((account, party_id, visit_id), _Open())
                item.add(sign * int(cents), posted_from, month)
    return [
        OpenItem(account, party_id, visit_id, Money(item.cents), item.posted_from or on, item.month)
        for (account, party_id, visit_id), item in items.items()
        if item.cents
    ]


class _Open:
    """Adds up one open item; it ages from its first debit, or else from its first credit."""

    def __init__(self) -> None:
        self.cents = 0
        self.posted_from: dt.date | None = None
        self.month: dt.date | None = None

    def add(self, cents: int, posted_from: dt.date, month: dt.date | None) -> None:
        """Add one side's sum; the debit side comes first."""
        self.cents += cents
        self.posted_from = self.posted_from or posted_from
        self.month = self.month or month
