"""The book's verbs: post, reverse, close a month; and the door to its reads and rules.

Services take a session and an actor and never commit: the audit entry commits with the change.
The pure rules that turn a payer's answer into postings are handed on from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from audit.service import note
from config.finding import Finding, RefusedError, has_errors
from config.ids import uuid7
from config.sealed import keyring_of
from ledger.adapters import from_draft, to_entry, to_turned_draft
from ledger.models import ClosedMonthRow, EntryRow, PostingRow
from ledger.queries import rows
from ledger.queries.balances import (
    find_posting,
    get_closed_through,
    get_guarantor_balances,
    get_line_balances,
    get_posting,
    get_posting_row,
    get_totals,
    get_trial_balance,
    get_visit_balances,
    get_visit_entries,
    list_aging,
    list_clearing,
    list_entries,
    list_open_items,
    list_takebacks,
)
from ledger.rules.balances import (
    check_claim_balance,
    check_line_balances,
    check_remittance_balance,
    check_remittance_identity,
)
from ledger.rules.checks import check_open_month, check_posting, compute_digest
from ledger.rules.patient_share import compute_patient_ceiling
from ledger.rules.postings import (
    build_application,
    build_bank_line,
    build_charge,
    build_claim_posting,
    build_move_to_patient,
    build_patient_payment,
    build_plb,
    build_receipt,
    build_write_off,
)
from ledger.rules.remittance import decide_claim
from ledger.values.postings import Posting, PostingId, PostingKind

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from config.actor import Actor
    from config.tenancy import PracticeSession
    from ledger.values.postings import Draft, EntryId

__all__ = [
    "build_application",
    "build_bank_line",
    "build_charge",
    "build_claim_posting",
    "build_move_to_patient",
    "build_patient_payment",
    "build_plb",
    "build_receipt",
    "build_write_off",
    "check_claim_balance",
    "check_line_balances",
    "check_remittance_balance",
    "check_remittance_identity",
    "close_month",
    "compute_patient_ceiling",
    "control_key",
    "decide_claim",
    "find_posting",
    "get_closed_through",
    "get_guarantor_balances",
    "get_line_balances",
    "get_posting",
    "get_totals",
    "get_trial_balance",
    "get_visit_balances",
    "get_visit_entries",
    "list_aging",
    "list_clearing",
    "list_entries",
    "list_open_items",
    "list_takebacks",
    "post",
    "post_all",
    "reverse_posting",
]

_PERIOD_LOCK: Final = 0x4C45_4447  # the first half of the advisory lock's key: LEDG
_NOTHING_TO_REVERSE: Final = Finding(
    "nothing-to-reverse",
    "posting",
    "the posting was taken back already",
    "look at the posting that reversed it",
)


def post(session: PracticeSession, actor: Actor, posting: Posting) -> PostingId:
    """Put a posting into the book, at most once for its key.

    The same key with the same entries returns the posting that is there, whatever its day.

    Raises:
        RefusedError: A finding of `check_posting`, or `posting-key-reused`.
    """
    _share_periods(session)
    if has_errors(
        findings := check_posting(posting, closed_through=rows.find_closed_through(session))
    ):
        known = rows.find_posting_row(session, posting.key)
        if known is not None and known.digest == compute_digest(posting.drafts):
            return PostingId(known.id)
        raise RefusedError(findings)
    row = _posting_row(session, actor, posting)
    if not _insert_once(session, row):
        return _known_posting(session, posting)
    _insert_entries(session, row, [(draft, None) for draft in posting.drafts])
    note(session, "ledger.posted", posting=row["id"], kind=posting.kind.value)
    return PostingId(row["id"])


def post_all(
    session: PracticeSession, actor: Actor, postings: Iterable[Posting | None]
) -> list[PostingId]:
    """Post several postings, leaving out those that a builder found empty."""
    return [post(session, actor, posting) for posting in postings if posting is not None]


def reverse_posting(
    session: PracticeSession,
    actor: Actor,
    posting_id: PostingId,
    *,
    key: str,
    on: dt.date,
    remittance_id: UUID | None = None,
) -> PostingId:
    """Take back a posting that stands: every entry turned round, as new rows.

    A posting that was taken back and re-instated since is taken back where it stands now.

    Args:
        session: A writing session.
        actor: Who does it.
        posting_id: The original posting.
        key: Makes the reversal happen at most once.
        on: The day it counts for.
        remittance_id: The remittance that takes the money back, whose clearing it comes from;
            None takes it back from the clearing of the original.

    Raises:
        MissingError: There is no such posting.
        RefusedError: `nothing-to-reverse`, `month-closed` or `posting-key-reused`.
    """
    original = get_posting_row(session, posting_id)
    _share_periods(session)
    if (known := rows.find_posting_row(session, key)) is not None:
        return _known_reversal(known)
    chain = rows.list_reversal_chain(session, original)
    if len(chain) % 2 == 0:
        raise RefusedError([_NOTHING_TO_REVERSE])
    if findings := check_open_month(on, rows.find_closed_through(session)):
        raise RefusedError(findings)
    standing = chain[-1]
    entries = [to_entry(entry) for entry in rows.list_entry_rows(session, standing.id)]
    turned = [(to_turned_draft(entry, remittance_id), entry.id) for entry in entries]
    posting = Posting(key, PostingKind.REVERSAL, on, tuple(draft for draft, _ in turned))
    row = _posting_row(session, actor, posting) | {"reverses_id": standing.id}
    if not _insert_once(session, row):
        if (known := rows.find_posting_row(session, key)) is not None:
            return _known_reversal(known)
        raise RefusedError([_NOTHING_TO_REVERSE])
    _insert_entries(session, row, turned)
    note(session, "ledger.reversed", posting=row["id"], reverses=standing.id)
    return PostingId(row["id"])


def close_month(session: PracticeSession, actor: Actor, month: dt.date) -> None:
    """Close a month and all before it, for good; closing it again changes nothing.

    Args:
        session: A writing session.
        actor: Who closes it.
        month: Any day of the month.
    """
    first = month.replace(day=1)
    _lock_periods(session)
    closed = rows.find_closed_through(session)
    if closed is not None and first <= closed:
        return
    session.add(ClosedMonthRow(month=first, actor_id=actor.id))
    session.flush()
    note(session, "ledger.month-closed", month=first.isoformat())


def control_key(session: PracticeSession, payer_id: UUID, control_number: str) -> UUID:
    """Return the opaque key that stands for a payer's PLB reference, the same each time.

    The reference itself may be a claim's or a patient's number, so the book doesn't hold it.
    """
    digest = keyring_of(session).unique_key(
        session.own_practice_id, "entry", "control_id", f"{payer_id}/{control_number}"
    )
    return UUID(bytes=digest[:16])


def _posting_row(session: PracticeSession, actor: Actor, posting: Posting) -> dict[str, Any]:
    return {
        "practice_id": session.own_practice_id,
        "id": uuid7(),
        "key": posting.key,
        "kind": posting.kind.value,
        "posted_on": posting.posted_on,
        "actor_kind": actor.kind.value,
        "actor_id": actor.id,
        "digest": compute_digest(posting.drafts),
    }


def _insert_once(session: PracticeSession, row: dict[str, Any]) -> bool:
    """Insert a posting unless its key, or what it reverses, is there: two at once make one."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert_or_skip: Any = sqlite.insert if is_sqlite else postgresql.insert
    statement = insert_or_skip(PostingRow).values(**row).on_conflict_do_nothing()
    return session.execute(statement.returning(PostingRow.id)).first() is not None


def _known_posting(session: PracticeSession, posting: Posting) -> PostingId:
    known = rows.find_posting_row(session, posting.key)
    if known is None or known.digest != compute_digest(posting.drafts):
        raise RefusedError(
            [
                Finding(
                    "posting-key-reused",
                    "key",
                    "another event was posted under this key",
                    "reverse that posting first, and post under a key of its own",
                )
            ]
        )
    return PostingId(known.id)


def _known_reversal(known: PostingRow) -> PostingId:
    if known.reverses_id is None:
        raise RefusedError(
            [Finding("posting-key-reused", "key", "the key is another event's", "use another key")]
        )
    return PostingId(known.id)


def _insert_entries(
    session: PracticeSession, row: dict[str, Any], drafts: Sequence[tuple[Draft, EntryId | None]]
) -> None:
    # Keys made within one millisecond don't sort by themselves; the order of entries shall hold.
    ids = sorted(uuid7() for _ in drafts)
    shared = {
        "practice_id": row["practice_id"],
        "posting_id": row["id"],
        "posted_on": row["posted_on"],
        "actor_id": row["actor_id"],
    }
    session.execute(
        insert(EntryRow),
        [
            {**shared, "id": entry_id, "reverses_id": reverses_id, **from_draft(draft)}
            for entry_id, (draft, reverses_id) in zip(ids, drafts, strict=True)
        ],
    )


def _share_periods(session: PracticeSession) -> None:
    """Keep months from being closed while this transaction posts (SQLite has one writer)."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock_shared(*_lock_keys(session))))


def _lock_periods(session: PracticeSession) -> None:
    """Wait for the transactions that post before a month is closed."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(*_lock_keys(session))))


def _lock_keys(session: PracticeSession) -> tuple[int, int]:
    folded = session.own_practice_id.int & 0x7FFF_FFFF
    return _PERIOD_LOCK, folded
