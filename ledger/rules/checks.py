"""What a posting must be before it may enter the book."""

from __future__ import annotations

import hashlib
import re
from dataclasses import astuple
from typing import TYPE_CHECKING, Final

from config.finding import Finding
from ledger.values.accounts import ADJUSTMENTS, CHART, Account
from ledger.values.postings import ENTRY_CENTS_MAX, KEY_LENGTH_MAX, EntryKind

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from ledger.values.postings import Draft, Posting

# The keys that an entry on an account must name, so that its balance can be split by them.
_ACCOUNT_KEYS: Final[dict[Account, tuple[str, ...]]] = {
    Account.INSURANCE_AR: ("payer_id", "visit_id"),
    Account.PATIENT_AR: ("guarantor_id",),
    Account.REMITTANCE_CLEARING: ("remittance_id", "payer_id"),
    Account.EFT_IN_TRANSIT: ("remittance_id", "payer_id"),
    Account.PAYER_CLEARING: ("payer_id", "control_id"),
    Account.UNAPPLIED: ("guarantor_id",),
}
# P43: every payment and adjustment of a line says which line and who rendered it.
_LINE_KINDS: Final = frozenset(
    {EntryKind.PAYMENT, EntryKind.ADJUSTMENT, EntryKind.TO_NEXT_PAYER, EntryKind.TO_PATIENT}
)
_LINE_KEYS: Final = ("visit_id", "charge_line_id", "provider_id")
_REASON: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./-]{0,39}|")
_RULE: Final = re.compile(r"[a-z0-9./-]{0,80}")


def check_posting(posting: Posting, *, closed_through: dt.date | None) -> list[Finding]:
    """Return everything that keeps a posting out of the book.

    Args:
        posting: What is to be posted.
        closed_through: The first day of the newest closed month.

    Source:
        House: DESIGN 5 Money; P43; R67 (closed months are corrected in an open one).
    """
    findings = [*_check_frame(posting), *check_open_month(posting.posted_on, closed_through)]
    for index, draft in enumerate(posting.drafts):
        findings += _check_draft(draft, f"entry {index + 1}")
    if not findings:
        findings += _check_transfers(posting.drafts)
    return findings


def check_open_month(posted_on: dt.date, closed_through: dt.date | None) -> list[Finding]:
    """Return a finding if the day lies in a closed month.

    Source:
        House: decision 0006 (closed months).
    """
    if closed_through is None or posted_on.replace(day=1) > closed_through:
        return []
    return [
        Finding(
            "month-closed",
            "posted_on",
            f"{posted_on:%Y-%m} is closed; the book is closed through {closed_through:%Y-%m}",
            "post it in the first open month",
        )
    ]


def _check_frame(posting: Posting) -> list[Finding]:
    findings = []
    if not 0 < len(posting.key) <= KEY_LENGTH_MAX:
        findings.append(
            Finding(
                "posting-key",
                "key",
                f"expected 1 to {KEY_LENGTH_MAX} characters",
                "give the event's own key",
            )
        )
    if not posting.drafts:
        findings.append(
            Finding("posting-empty", "entries", "a posting needs at least one entry", "add entries")
        )
    if len({draft.amount.currency for draft in posting.drafts}) > 1:
        findings.append(
            Finding("posting-currency", "entries", "one posting, one currency", "split it")
        )
    return findings


def _check_draft(draft: Draft, where: str) -> list[Finding]:
    findings = _check_amount(draft, where)
    if draft.debit is draft.credit:
        findings.append(
            Finding("entry-accounts", where, "debit and credit are one account", "name two")
        )
    missing = sorted(key for key in _needed_keys(draft) if getattr(draft.about, key) is None)
    if missing:
        findings.append(
            Finding(
                "entry-keys",
                where,
                f"{draft.debit} from {draft.credit} needs {', '.join(missing)}",
                "name what the entry is about",
            )
        )
    is_adjusting = draft.debit in ADJUSTMENTS or draft.credit in ADJUSTMENTS
    if is_adjusting and not draft.reason:
        findings.append(
            Finding("entry-reason", where, "an adjustment needs its reason", "name the reason")
        )
    if not (_REASON.fullmatch(draft.reason) and _RULE.fullmatch(draft.rule)):
        findings.append(
            Finding(
                "entry-words",
                where,
                "reason and rule are short codes, never free text",
                "use a code such as CO-45 and a rule such as write-off/co-45",
            )
        )
    month = draft.about.service_month
    if month is not None and month.day != 1:
        findings.append(
            Finding("entry-month", where, "service_month is the first of a month", "use day 1")
        )
    return findings


def _check_amount(draft: Draft, where: str) -> list[Finding]:
    cents = draft.amount.cents
    # A bool is an int and a NaN is neither above nor below anything: ask for the very type.
    if type(cents) is int and 0 < cents <= ENTRY_CENTS_MAX:
        return []
    return [
        Finding(
            "entry-amount",
            where,
            f"expected a whole number of cents from 1 to {ENTRY_CENTS_MAX}",
            "turn a negative amount round: swap debit and credit",
        )
    ]


def _needed_keys(draft: Draft) -> set[str]:
    keys = {key for side in (draft.debit, draft.credit) for key in _ACCOUNT_KEYS.get(side, ())}
    if draft.kind in _LINE_KINDS:
        keys.update(_LINE_KEYS)
    return keys


def _check_transfers(drafts: Sequence[Draft]) -> list[Finding]:
    total = sum(
        (draft.amount.cents if draft.debit is Account.TRANSFER else 0)
        - (draft.amount.cents if draft.credit is Account.TRANSFER else 0)
        for draft in drafts
    )
    if total == 0:
        return []
    return [
        Finding(
            "transfer-open",
            "entries",
            f"{CHART[Account.TRANSFER].name}: what leaves one payer must reach another",
            "post both halves in one posting",
        )
    ]


def compute_digest(drafts: Iterable[Draft]) -> bytes:
    """Return 32 bytes that stand for the entries' content, in their order.

    Source:
        House: decision 0006 (a posting's digest).
    """
    text = repr([(*astuple(draft),) for draft in drafts])
    return hashlib.sha256(text.encode()).digest()
