"""What the book adds up to; each amount is the sum of entries that can be listed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from uuid import UUID

from config.money import Money
from ledger.values.accounts import Account, Side

# Upper ends of the aging buckets in days; the last bucket has none.
AGING_DAYS: Final = (30, 60, 90, 120)
BUCKETS: Final = ("0-30", "31-60", "61-90", "91-120", "over 120")


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """One account's balance, as debits minus credits; one of debit and credit is nil."""

    account: Account
    debit: Money
    credit: Money

    @property
    def side(self) -> Side:
        """Return the side on which the balance stands."""
        return Side.CREDIT if self.credit else Side.DEBIT


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """Every account that has a balance, and the two totals, which are equal."""

    rows: tuple[AccountBalance, ...]
    debit: Money
    credit: Money


class AgingStart(StrEnum):
    """The day from which an open amount ages (P25).

    `POSTED`: the first charge's posting for a payer, and for a patient the day it became theirs.
    `SERVICE`: the service date, where the caller knows it; else the first of the service month,
    so that nothing looks younger than it is.
    """

    POSTED = "posted"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class AgingRow:
    """What one payer or one guarantor owes, by age; credits apart, never netted (P25).

    Attributes:
        account: `INSURANCE_AR` or `PATIENT_AR`.
        party_id: Payer, or guarantor; None where an entry named none.
        buckets: As `BUCKETS`.
        credit: What we owe them: negative open items, as a positive amount.
    """

    account: Account
    party_id: UUID | None
    buckets: tuple[Money, ...]
    open: Money
    credit: Money


@dataclass(frozen=True, slots=True)
class Aging:
    """The aged receivables: open minus credit is the two receivable accounts' balance."""

    on: dt.date
    start: AgingStart
    rows: tuple[AgingRow, ...]
    buckets: tuple[Money, ...]
    open: Money
    credit: Money


@dataclass(frozen=True, slots=True)
class ClearingRow:
    """How one remittance's money was used (DESIGN 7.4).

    Attributes:
        received: BPR02.
        posted: Sum of the claims that posted (CLP04).
        plb: Sum of PLB in its X12 sign: positive takes money away.
        left: What the clearing account still holds: the quarantined claims' CLP04.
    """

    remittance_id: UUID
    received: Money
    posted: Money
    plb: Money
    left: Money


@dataclass(frozen=True, slots=True)
class Takeback:
    """What is open with a payer under one control number: a takeback, an offset, a refund due.

    Attributes:
        control_id: The payer's reference as an opaque key.
        amount: Above nil: the payer took it and it isn't matched yet; below: it is still to take.
        since: Day of the first entry.
    """

    payer_id: UUID
    control_id: UUID
    amount: Money
    since: dt.date


@dataclass(frozen=True, slots=True)
class LineBalance:
    """How a charge line stands: charged = paid + adjusted + patient + the payers' parts.

    Attributes:
        paid: By payers and patients.
        patient: Open with the patient.
        insurance: Open with each payer; payers with nil are left out.
    """

    charged: Money
    paid: Money
    adjusted: Money
    patient: Money
    insurance: dict[UUID, Money] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GuarantorBalance:
    """What a guarantor owes, and money of theirs that isn't applied yet."""

    patient_ar: Money
    unapplied: Money


@dataclass(frozen=True, slots=True)
class Totals:
    """The practice's sums: billed = paid + adjusted + patient + open.

    Attributes:
        patient: Open with patients.
        open: Open with payers.
    """

    billed: Money
    paid: Money
    adjusted: Money
    patient: Money
    open: Money


@dataclass(frozen=True, slots=True)
class OpenItem:
    """What one party owes, or below nil is owed, for one visit.

    Attributes:
        party_id: Payer or guarantor.
        posted_from: Day of the first entry that made it theirs.
        service_month: First day of the month of service, where an entry names it.
    """

    account: Account
    party_id: UUID | None
    visit_id: UUID | None
    amount: Money
    posted_from: dt.date
    service_month: dt.date | None
