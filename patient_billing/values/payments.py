"""Money that patients pay, before and after a bill."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType
from uuid import UUID

from config.money import Money
from encounters.values import VisitId
from patients.values import GuarantorId

PatientPaymentId = NewType("PatientPaymentId", UUID)


class Tender(StrEnum):
    """What was handed over; a card's number never reaches us."""

    CASH = "cash"
    CHECK = "check"
    CARD = "card"
    BANK = "bank"
    ONLINE = "online"
    OTHER = "other"


class Purpose(StrEnum):
    """What a payment is for; money without a bill is unapplied until one takes it (P5)."""

    COPAY = "copay"
    ESTIMATE = "estimate"
    SELF_PAY = "self-pay"
    DEPOSIT = "deposit"
    BALANCE = "balance"


@dataclass(frozen=True, slots=True)
class PatientPayment:
    """A payment to be taken.

    Attributes:
        key: Makes it be taken once; ids only.
        visit_id: The visit that alone it is for; None for whatever the guarantor owes.
    """

    key: str
    guarantor_id: GuarantorId
    amount: Money
    tender: Tender
    purpose: Purpose
    received_on: dt.date
    visit_id: VisitId | None = None


@dataclass(frozen=True, slots=True)
class PatientPaymentRecord:
    """A payment that was taken; `number` is on its receipt."""

    id: PatientPaymentId
    number: str
    guarantor_id: GuarantorId
    amount: Money
    tender: Tender
    purpose: Purpose
    received_on: dt.date
    visit_id: VisitId | None


@dataclass(frozen=True, slots=True)
class Unapplied:
    """What is left of a payment.

    Attributes:
        applications: How many times some of it was applied, or taken back, so far.
    """

    payment_id: PatientPaymentId
    visit_id: VisitId | None
    left: Money
    applications: int
