"""Postings before and after they are in the book."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from config.money import Money
from ledger.values.accounts import Account

PostingId = NewType("PostingId", UUID)
EntryId = NewType("EntryId", UUID)

# One entry holds less than a thousand million dollars: more is a slip of the keys.
ENTRY_CENTS_MAX: Final = 99_999_999_999
KEY_LENGTH_MAX: Final = 200


class PostingKind(StrEnum):
    """The event that a posting records."""

    CHARGE = "charge"
    REMITTANCE_RECEIPT = "remittance-receipt"
    CLAIM_PAYMENT = "claim-payment"
    PROVIDER_ADJUSTMENT = "provider-adjustment"
    BANK_LINE = "bank-line"
    PATIENT_PAYMENT = "patient-payment"
    APPLICATION = "application"
    PATIENT_REFUND = "patient-refund"
    WRITE_OFF = "write-off"
    RESPONSIBILITY = "responsibility"
    OPENING = "opening"
    REVERSAL = "reversal"


class EntryKind(StrEnum):
    """What one entry does."""

    CHARGE = "charge"
    RECEIPT = "receipt"
    PAYMENT = "payment"
    ADJUSTMENT = "adjustment"
    TO_NEXT_PAYER = "to-next-payer"
    TO_PATIENT = "to-patient"
    PROVIDER_ADJUSTMENT = "provider-adjustment"
    DEPOSIT = "deposit"
    PATIENT_PAYMENT = "patient-payment"
    APPLICATION = "application"
    REFUND = "refund"
    OPENING = "opening"


@dataclass(frozen=True, slots=True)
class About:
    """What an entry is about: opaque keys only.

    Attributes:
        charge_line_id: The coder's charge line: the same over all versions of a claim.
        control_id: A payer's PLB reference as an opaque key (`ledger.service.control_key`).
        batch_id: Bank batch, till or lockbox batch.
        payment_id: A patient's payment (`patient_billing`), on its taking and its applications.
        service_month: First day of the month of service; the day itself is a patient's secret.
    """

    visit_id: UUID | None = None
    claim_id: UUID | None = None
    charge_line_id: UUID | None = None
    payer_id: UUID | None = None
    guarantor_id: UUID | None = None
    patient_id: UUID | None = None
    remittance_id: UUID | None = None
    provider_id: UUID | None = None
    location_id: UUID | None = None
    batch_id: UUID | None = None
    payment_id: UUID | None = None
    control_id: UUID | None = None
    service_month: dt.date | None = None


ABOUT_KEYS: Final = tuple(field.name for field in fields(About))


@dataclass(frozen=True, slots=True)
class Draft:
    """One entry to be posted: an amount above nil, from the credited to the debited account.

    Attributes:
        reason: Group and reason code as `CO-45`, a PLB code, or a person's short reason word.
        rule: The row of a rule table that decided it, such as `write-off/co-45`.
    """

    debit: Account
    credit: Account
    amount: Money
    kind: EntryKind
    about: About
    reason: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Posting:
    """One event to be posted whole or not at all.

    Attributes:
        key: Makes it happen at most once in a practice; ids only.
        posted_on: The day it counts for; not in a closed month.
    """

    key: str
    kind: PostingKind
    posted_on: dt.date
    drafts: tuple[Draft, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the book.

    Attributes:
        reverses_id: The entry that this one takes back.
    """

    id: EntryId
    posting_id: PostingId
    debit: Account
    credit: Account
    amount: Money
    kind: EntryKind
    posted_on: dt.date
    about: About
    reason: str
    rule: str
    actor_id: UUID
    reverses_id: EntryId | None


@dataclass(frozen=True, slots=True)
class PostingRecord:
    """A posting of the book with its entries.

    Attributes:
        is_standing: True while its effect stands: not reversed, or re-instated since.
    """

    id: PostingId
    key: str
    kind: PostingKind
    posted_on: dt.date
    reverses_id: PostingId | None
    is_standing: bool
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries to list; every value given must match.

    Attributes:
        account: On either side.
        on: Posted on this day or before.
    """

    account: Account | None = None
    visit_id: UUID | None = None
    claim_id: UUID | None = None
    charge_line_id: UUID | None = None
    payer_id: UUID | None = None
    guarantor_id: UUID | None = None
    remittance_id: UUID | None = None
    posting_id: UUID | None = None
    control_id: UUID | None = None
    on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One page of entries; `next_after` goes into the next call, None at the end."""

    entries: tuple[Entry, ...]
    next_after: EntryId | None
