"""What a bill is made of, and what came of making one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from config.money import Money
from encounters.values import VisitId
from ledger.values.postings import Entry
from patients.values import GuarantorId
from practice.values import PayerId

StatementId = NewType("StatementId", UUID)


@dataclass(frozen=True, slots=True)
class BillingRules:
    """The practice's own numbers of billing.

    Attributes:
        amount_min: Less than this is not billed yet.
        due_days: From the statement to its due date.
        cycle_days: No second statement before so many days.

    Source:
        House: R57 (a cycle of about 30 days, a least balance).
    """

    amount_min: Money
    due_days: int
    cycle_days: int


DEFAULT_RULES: Final = BillingRules(Money(500), 30, 30)


@dataclass(frozen=True, slots=True)
class LineForBill:
    """A charge line with its money.

    Attributes:
        description: Plain words in the guarantor's language.
        is_hidden: May not be shown to this guarantor (P40): a hold of the line, and the
            guarantor is somebody else.
        entries: All entries of the ledger that name it.
    """

    charge_line_id: UUID
    description: str
    code: str
    is_hidden: bool
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class VisitForBill:
    """A visit with its money, as a bill sees it.

    Attributes:
        waiting_payer_ids: Payers of claims that aren't settled.
    """

    visit_id: VisitId
    number: str
    served_on: dt.date
    patient_name: str
    provider_name: str
    location_name: str | None
    waiting_payer_ids: tuple[PayerId, ...]
    lines: tuple[LineForBill, ...]


@dataclass(frozen=True, slots=True)
class LineShare:
    """What a guarantor's part of a line is made of, all in cents.

    Attributes:
        share: The patient's part before what they paid.
        paid: What they paid on it; `share` less `paid` is open.
        since: The day on which it became theirs.
        reasons: Kind, payer and cents; add up to `share`.
    """

    charge: int
    discount: int
    insurance_paid: int
    share: int
    paid: int
    insurance_open: int
    since: dt.date | None
    reasons: tuple[tuple[str, UUID | None, int], ...]

    @property
    def open(self) -> int:
        """Return what is still owed."""
        return self.share - self.paid


class Skipped(StrEnum):
    """Why a guarantor gets no statement now.

    `HELD`: two guarantors share a visit, or a line stands below nil: a person must look.
    """

    NOTHING_OWED = "nothing-owed"
    WAITING = "waiting"
    HELD = "held"
    BELOW_MINIMUM = "below-minimum"
    RECENT = "recent"
    NO_ADDRESS = "no-address"


@dataclass(frozen=True, slots=True)
class StatementRecord:
    """A statement's plain facts; `state` is `made` until it was handed on."""

    id: StatementId
    number: str
    guarantor_id: GuarantorId
    amount: Money
    state: str
    notice: str
    statement_on: dt.date
    due_on: dt.date
    blob_id: UUID


@dataclass(frozen=True, slots=True)
class StatementOutcome:
    """A statement that was made, or why there is none."""

    statement: StatementRecord | None
    skipped: Skipped | None
