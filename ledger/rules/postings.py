"""From events to postings: which account gives and which takes, one builder for each event."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ledger.rules.tables import PLB_ACCOUNTS
from ledger.values.accounts import Account
from ledger.values.postings import About, Draft, EntryKind, Posting, PostingKind
from ledger.values.remittance import Treatment

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from config.money import Money
    from ledger.values.remittance import ClaimDecisions, Decision, Plb, RemitClaim


def build_charge(key: str, on: dt.date, lines: Iterable[tuple[About, Money]]) -> Posting | None:
    """Charge lines at the practice's prices to their payer, or to the guarantor without one.

    Returns:
        None if every line is free.

    Source:
        House: DESIGN 7.9.
    """
    drafts = tuple(
        Draft(
            Account.INSURANCE_AR if about.payer_id else Account.PATIENT_AR,
            Account.CHARGES,
            amount,
            EntryKind.CHARGE,
            about,
        )
        for about, amount in lines
        if amount
    )
    return _posting(key, PostingKind.CHARGE, on, drafts)


def build_receipt(
    key: str, on: dt.date, *, remittance_id: UUID, payer_id: UUID, bpr02: Money
) -> Posting | None:
    """Book a payment once, as money on its way to the bank that clearing owes to claims.

    Returns:
        None for a payment of nil: it has no clearing entry (DESIGN 7.4).
    """
    if not bpr02:
        return None
    about = About(remittance_id=remittance_id, payer_id=payer_id)
    draft = Draft(
        Account.EFT_IN_TRANSIT, Account.REMITTANCE_CLEARING, bpr02, EntryKind.RECEIPT, about
    )
    return _posting(key, PostingKind.REMITTANCE_RECEIPT, on, (draft,))


def build_bank_line(
    key: str, on: dt.date, *, remittance_id: UUID, payer_id: UUID, amount: Money
) -> Posting | None:
    """Tie a line of the bank's statement to the remittance whose payment it is."""
    about = About(remittance_id=remittance_id, payer_id=payer_id)
    draft = Draft(Account.BANK, Account.EFT_IN_TRANSIT, amount, EntryKind.DEPOSIT, about)
    return _posting(key, PostingKind.BANK_LINE, on, (draft,) if amount else ())


def build_claim_posting(
    key: str, on: dt.date, claim: RemitClaim, decided: ClaimDecisions
) -> Posting | None:
    """Move a claim's payment from clearing to its lines, with its adjustments.

    Args:
        key: Names the remittance's claim.
        on: The day it counts for.
        claim: The answer; each line's `about` names remittance, visit, line, provider, guarantor.
        decided: What `decide_claim` made of it, without errors.

    Returns:
        None if no money moves: nothing paid, all left open.
    """
    drafts: list[Draft] = []
    for index, line in enumerate(decided.lines):
        about = replace(line.about, payer_id=claim.payer.payer_id)
        drafts += _payment(about, line.paid)
        for decision in decided.decisions:
            if decision.line_index == index:
                drafts += _move(about, decision, claim.next_payer_id)
    return _posting(key, PostingKind.CLAIM_PAYMENT, on, tuple(drafts))


def build_plb(
    key: str, on: dt.date, *, remittance_id: UUID, payer_id: UUID, adjustments: Sequence[Plb]
) -> Posting | None:
    """Move provider-level adjustments out of clearing, each to its code's account.

    A code that is in no table waits in payer clearing like a takeback.

    Source:
        House: R46, R47, R48; DESIGN 7.8.
    """
    drafts: list[Draft] = []
    for plb in adjustments:
        account = PLB_ACCOUNTS.get(plb.code, Account.PAYER_CLEARING)
        about = About(remittance_id=remittance_id, payer_id=payer_id, control_id=plb.control_id)
        draft = Draft(
            account,
            Account.REMITTANCE_CLEARING,
            plb.amount,
            EntryKind.PROVIDER_ADJUSTMENT,
            about,
            reason=plb.code,
            rule=f"plb/{plb.code.lower()}",
        )
        drafts += _upright(draft)
    return _posting(key, PostingKind.PROVIDER_ADJUSTMENT, on, tuple(drafts))


def build_patient_payment(key: str, on: dt.date, *, about: About, amount: Money) -> Posting | None:
    """Take a patient's money: unapplied, a liability, until a bill takes it (DESIGN 7.7)."""
    draft = Draft(Account.UNDEPOSITED, Account.UNAPPLIED, amount, EntryKind.PATIENT_PAYMENT, about)
    return _posting(key, PostingKind.PATIENT_PAYMENT, on, (draft,) if amount else ())


def build_application(
    key: str, on: dt.date, lines: Iterable[tuple[About, Money]]
) -> Posting | None:
    """Apply a guarantor's unapplied money to lines that they owe."""
    drafts = tuple(
        Draft(Account.UNAPPLIED, Account.PATIENT_AR, amount, EntryKind.APPLICATION, about)
        for about, amount in lines
        if amount
    )
    return _posting(key, PostingKind.APPLICATION, on, drafts)


def build_move_to_patient(
    key: str, on: dt.date, lines: Iterable[tuple[About, Money, str]]
) -> Posting | None:
    """Turn open amounts to the patient, as a person decided; each with its reason code."""
    drafts = tuple(
        Draft(
            Account.PATIENT_AR,
            Account.INSURANCE_AR,
            amount,
            EntryKind.TO_PATIENT,
            about,
            reason=reason,
            rule="person/to-patient",
        )
        for about, amount, reason in lines
        if amount
    )
    return _posting(key, PostingKind.RESPONSIBILITY, on, drafts)


def build_write_off(
    key: str,
    on: dt.date,
    *,
    account: Account,
    receivable: Account,
    lines: Iterable[tuple[About, Money, str]],
) -> Posting | None:
    """Write open amounts off to a named account, as a person decided, each with its reason.

    Source:
        House: R60 (kinds kept apart).
    """
    drafts = tuple(
        Draft(
            account,
            receivable,
            amount,
            EntryKind.ADJUSTMENT,
            about,
            reason=reason,
            rule="person/write-off",
        )
        for about, amount, reason in lines
        if amount
    )
    return _posting(key, PostingKind.WRITE_OFF, on, drafts)


def _payment(about: About, paid: Money) -> list[Draft]:
    draft = Draft(Account.REMITTANCE_CLEARING, Account.INSURANCE_AR, paid, EntryKind.PAYMENT, about)
    return _upright(draft)


def _move(about: About, decision: Decision, next_payer_id: UUID | None) -> list[Draft]:
    words = {"reason": decision.cas.code, "rule": decision.rule}
    amount = decision.amount
    if decision.account is not None:
        draft = Draft(
            decision.account, Account.INSURANCE_AR, amount, EntryKind.ADJUSTMENT, about, **words
        )
        return _upright(draft)
    if decision.treatment is Treatment.PATIENT:
        draft = Draft(
            Account.PATIENT_AR, Account.INSURANCE_AR, amount, EntryKind.TO_PATIENT, about, **words
        )
        return _upright(draft)
    if decision.treatment is not Treatment.NEXT_PAYER:
        return []
    kind, onward = EntryKind.TO_NEXT_PAYER, replace(about, payer_id=next_payer_id)
    return [
        *_upright(Draft(Account.TRANSFER, Account.INSURANCE_AR, amount, kind, about, **words)),
        *_upright(Draft(Account.INSURANCE_AR, Account.TRANSFER, amount, kind, onward, **words)),
    ]


def _upright(draft: Draft) -> list[Draft]:
    """Turn an entry below nil round, and leave one of nil out."""
    if not draft.amount:
        return []
    if draft.amount.cents > 0:
        return [draft]
    return [replace(draft, debit=draft.credit, credit=draft.debit, amount=-draft.amount)]


def _posting(key: str, kind: PostingKind, on: dt.date, drafts: tuple[Draft, ...]) -> Posting | None:
    return Posting(key, kind, on, drafts) if drafts else None
