"""What a statement says, in the form that its template takes: cents and ISO days.

Amounts are integer cents here because the template formats them; sums are checked where the
statement is made, and once more by the template.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ReasonKind(StrEnum):
    """Why a part of a line is the patient's; the template has the words."""

    DEDUCTIBLE = "deductible"
    COINSURANCE = "coinsurance"
    COPAY = "copay"
    NOT_COVERED = "not_covered"
    PAID_TO_YOU = "paid_to_you"
    SELF_PAY = "self_pay"
    NO_ANSWER = "no_answer"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class StatementLogo:
    """The practice's logo: `format` is png, jpg or svg."""

    format: str
    content: bytes
    alt: str


@dataclass(frozen=True, slots=True)
class StatementPractice:
    """The letterhead: who sends the bill and where payments go."""

    name: str
    address_lines: tuple[str, ...]
    phone: str
    hours: str | None
    website: str | None
    colour: str
    logo: StatementLogo | None


@dataclass(frozen=True, slots=True)
class StatementReason:
    """Why a part of a line is owed; `payer_name` is None without insurance."""

    kind: str
    cents: int
    payer_name: str | None


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One service: charge less discount less insurance is what the patient's share is.

    Attributes:
        you_owe_cents: The share before anything that the patient paid; its reasons add up to it.
    """

    description: str
    code: str | None
    charge_cents: int
    discount_cents: int
    insurance_paid_cents: int
    you_owe_cents: int
    reasons: tuple[StatementReason, ...]


@dataclass(frozen=True, slots=True)
class StatementInsurancePayment:
    """What one payer paid on a visit; nil is said too."""

    payer_name: str
    date: str
    cents: int


@dataclass(frozen=True, slots=True)
class StatementVisit:
    """A visit that is owed."""

    visit_number: str
    date: str
    patient_name: str
    provider_name: str
    location_name: str | None
    lines: tuple[StatementLine, ...]
    insurance_payments: tuple[StatementInsurancePayment, ...]


@dataclass(frozen=True, slots=True)
class StatementPayment:
    """Money that the patient already paid on the visits that are owed.

    Attributes:
        kind: card, check, cash, online, bank, credit, discount or other.
    """

    date: str
    kind: str
    visit_number: str | None
    cents: int
    is_since_last: bool


@dataclass(frozen=True, slots=True)
class StatementPending:
    """A visit whose insurance is still working; in no total."""

    date: str
    patient_name: str
    provider_name: str
    payer_name: str
    charge_cents: int


@dataclass(frozen=True, slots=True)
class StatementAging:
    """How long a part has been the patient's: new, days_31_60, days_61_90 or days_over_90."""

    kind: str
    cents: int


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; the sealed payload of its row (there without the logo).

    Attributes:
        notice: first, reminder or final.
        scan_line: Digits for the coupon; account, statement, amount, check digit.
    """

    statement_number: str
    account_number: str
    statement_date: str
    due_date: str
    notice: str
    guarantor_name: str
    guarantor_address_lines: tuple[str, ...]
    practice: StatementPractice
    visits: tuple[StatementVisit, ...]
    payments: tuple[StatementPayment, ...]
    pending: tuple[StatementPending, ...]
    aging: tuple[StatementAging, ...]
    amount_due_cents: int
    has_self_pay: bool
    offers_assistance: bool
    scan_line: str | None
