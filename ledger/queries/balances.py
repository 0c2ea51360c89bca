"""What the book says: postings with their entries, balances, aging, clearing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.finding import MissingError
from config.money import Money
from ledger.adapters import to_entry
from ledger.queries import rows
from ledger.rules.sums import Tally, compute_aging_row, compute_clearing
from ledger.values.accounts import Account
from ledger.values.balances import (
    AccountBalance,
    Aging,
    AgingStart,
    GuarantorBalance,
    TrialBalance,
)
from ledger.values.postings import (
    Entry,
    EntryPage,
    PostingId,
    PostingKind,
    PostingRecord,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from sqlalchemy.orm import Session

    from ledger.models import PostingRow
    from ledger.values.balances import (
        ClearingRow,
        LineBalance,
        OpenItem,
        Takeback,
        Totals,
    )
    from ledger.values.postings import (
        Entry,
        EntryFilter,
        EntryId,
    )

_PAGE_MAX: Final = 1000


def get_closed_through(session: Session) -> dt.date | None:
    """Return the first day of the newest closed month, or None."""
    return rows.find_closed_through(session)


def find_posting(session: Session, key: str) -> PostingRecord | None:
    """Return the posting with a key, or None."""
    row = rows.find_posting_row(session, key)
    return None if row is None else _record(session, row)


def get_posting(session: Session, posting_id: PostingId) -> PostingRecord:
    """Return a posting.

    Raises:
        MissingError: There is none in this practice.
    """
    return _record(session, get_posting_row(session, posting_id))


def list_entries(
    session: Session,
    chosen: EntryFilter,
    *,
    after: EntryId | None = None,
    limit: int = 100,
) -> EntryPage:
    """Return a page of the entries that match, oldest first."""
    size = max(1, min(limit, _PAGE_MAX))
    found = rows.list_filtered_rows(session, chosen, after=after, limit=size + 1)
    entries = tuple(to_entry(row) for row in found[:size])
    return EntryPage(entries, entries[-1].id if len(found) > size else None)


def get_visit_entries(session: Session, visit_ids: Iterable[UUID]) -> dict[UUID, tuple[Entry, ...]]:
    """Return all entries of visits, oldest first; a visit without any is left out."""
    found: dict[UUID, list[Entry]] = {}
    for row in rows.list_visit_rows(session, visit_ids):
        if row.visit_id is not None:
            found.setdefault(row.visit_id, []).append(to_entry(row))
    return {visit_id: tuple(entries) for visit_id, entries in found.items()}


def list_open_items(
    session: Session, *, on: dt.date, guarantor_id: UUID | None = None
) -> list[OpenItem]:
    """Return what parties owe for visits up to a day, of all or of one guarantor's entries."""
    return rows.list_open_items(session, on=on, guarantor_id=guarantor_id)


def get_line_balances(session: Session, charge_line_ids: Iterable[UUID]) -> dict[UUID, LineBalance]:
    """Return how charge lines stand; a line that was never posted is left out."""
    return _balances(session, "charge_line_id", charge_line_ids)


def get_visit_balances(session: Session, visit_ids: Iterable[UUID]) -> dict[UUID, LineBalance]:
    """Return how visits stand, like lines."""
    return _balances(session, "visit_id", visit_ids)


def get_guarantor_balances(
    session: Session, guarantor_ids: Iterable[UUID]
) -> dict[UUID, GuarantorBalance]:
    """Return what guarantors owe and what money of theirs isn't applied; nil for unknown ones."""
    wanted = set(guarantor_ids)
    sums = {key: [0, 0] for key in wanted}
    for pair in rows.list_key_sums(session, "guarantor_id", wanted):
        if pair.key is None:
            continue
        owed_unapplied = sums[pair.key]
        for account, signed in ((pair.debit, pair.cents), (pair.credit, -pair.cents)):
            if account is Account.PATIENT_AR:
                owed_unapplied[0] += signed
            elif account is Account.UNAPPLIED:
                owed_unapplied[1] -= signed
    return {
        key: GuarantorBalance(Money(owed), Money(unapplied))
        for key, (owed, unapplied) in sums.items()
    }


def get_trial_balance(session: Session, *, on: dt.date | None = None) -> TrialBalance:
    """Return every account's balance up to a day, in the order of the chart."""
    sums = rows.list_account_sums(session, on=on)
    balances = tuple(
        AccountBalance(account, Money(max(net, 0)), Money(max(-net, 0)))
        for account in Account
        if account in sums and (net := sums[account][0] - sums[account][1])
    )
    return TrialBalance(
        balances,
        Money.total(balance.debit for balance in balances),
        Money.total(balance.credit for balance in balances),
    )


def list_aging(
    session: Session,
    *,
    on: dt.date,
    start: AgingStart = AgingStart.POSTED,
    service_dates: Mapping[UUID, dt.date] | None = None,
) -> Aging:
    """Return what payers and guarantors owe by age, credits apart.

    Args:
        session: A reading session.
        on: The day that counts.
        start: From which day an amount ages.
        service_dates: Service dates by visit, for `AgingStart.SERVICE`.

    Source:
        House: P25.
    """
    dates = service_dates or {}
    parties: dict[tuple[Account, UUID | None], list[tuple[int, int]]] = {}
    for item in rows.list_open_items(session, on=on):
        begins = item.posted_from
        if start is AgingStart.SERVICE:
            known = dates.get(item.visit_id) if item.visit_id else None
            begins = known or item.service_month or begins
        parties.setdefault((item.account, item.party_id), []).append(
            ((on - begins).days, item.amount.cents)
        )
    aged = tuple(
        compute_aging_row(account, party_id, items)
        for (account, party_id), items in sorted(
            parties.items(), key=lambda party: (party[0][0], str(party[0][1]))
        )
    )
    nothing = compute_aging_row(Account.INSURANCE_AR, None, ())
    columns = zip(*(row.buckets for row in (nothing, *aged)), strict=True)
    return Aging(
        on,
        start,
        aged,
        tuple(Money.total(column) for column in columns),
        Money.total(row.open for row in aged),
        Money.total(row.credit for row in aged),
    )


def list_clearing(session: Session, *, on: dt.date | None = None) -> list[ClearingRow]:
    """Return how each remittance's money was used, in the order in which they came."""
    return compute_clearing(rows.list_remittance_sums(session, on=on))


def list_takebacks(session: Session, *, on: dt.date | None = None) -> list[Takeback]:
    """Return what is open with payers under each control number, oldest first (R47)."""
    return rows.list_takebacks(session, on=on)


def get_totals(session: Session, *, on: dt.date | None = None) -> Totals:
    """Return the practice's sums: billed = paid + adjusted + patient + open."""
    tally = Tally()
    for pair in rows.list_pair_sums(session, on=on):
        tally.add(pair.debit, pair.credit, pair.cents, pair.payer_id)
    return tally.as_totals()


def get_posting_row(session: Session, posting_id: UUID) -> PostingRow:
    """Return a posting's row.

    Raises:
        MissingError: There is none in this practice.
    """
    row = rows.find_posting_row_by_id(session, posting_id)
    if row is None:
        raise MissingError("no such posting")
    return row


def _record(session: Session, row: PostingRow) -> PostingRecord:
    chain = rows.list_reversal_chain(session, row)
    return PostingRecord(
        PostingId(row.id),
        row.key,
        PostingKind(row.kind),
        row.posted_on,
        PostingId(row.reverses_id) if row.reverses_id else None,
        len(chain) % 2 == 1,
        tuple(to_entry(entry) for entry in rows.list_entry_rows(session, row.id)),
    )


def _balances(session: Session, name: str, keys: Iterable[UUID]) -> dict[UUID, LineBalance]:
    tallies: dict[UUID, Tally] = {}
    for pair in rows.list_key_sums(session, name, keys):
        if pair.key is not None:
            tally = tallies.setdefault(pair.key, Tally())
            tally.add(pair.debit, pair.credit, pair.cents, pair.payer_id)
    return {key: tally.as_line() for key, tally in tallies.items()}
