"""What TA1, 999 and 277CA say, as frozen values.

`edi.acknowledge_reading` fills them from a stream; they repeat what the sender wrote, place by
place, and judge nothing but whether an answer means yes or no. Money is integer cents.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

# STC01-1 values that let a claim go on. Source: X12 external code list 507, 277CA use.
ACCEPTING_CATEGORIES = frozenset({"A0", "A1", "A2", "A5"})
# 999 answers that let a transaction or group go on (accepted, with or without errors).
ACCEPTING_ANSWERS = frozenset({"A", "E"})


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who wrote a transaction, to whom, and its control numbers.

    Source:
        X12.5 ISA05-ISA15; X12.6 GS04, GS06; ST02.
    """

    sender_qualifier: str
    sender: str
    receiver_qualifier: str
    receiver: str
    interchange_control: str
    group_control: str
    transaction_control: str
    written_on: dt.date | None
    is_test: bool


@dataclass(frozen=True, slots=True)
class Entity:
    """A person or organisation as an NM1 segment names it."""

    role: str
    kind: str
    last_or_organization: str
    first: str
    middle: str
    suffix: str
    id_qualifier: str
    id: str


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A TA1: the answer to one interchange of ours.

    Source:
        X12.5 TA101-TA105.
    """

    envelope: Envelope
    interchange_control: str
    interchange_date: dt.date | None
    interchange_time: str
    code: str
    note: str

    @property
    def is_accepted(self) -> bool:
        """Whether the interchange was taken in, with or without errors noted."""
        return self.code in ACCEPTING_ANSWERS


@dataclass(frozen=True, slots=True)
class ElementError:
    """One IK4: an element that a segment got wrong."""

    element: int
    component: int | None
    repetition: int | None
    reference: str
    code: str
    value: str


@dataclass(frozen=True, slots=True)
class SegmentError:
    """One IK3 with the context that names the claim.

    `position` counts segments of the transaction from ST = 1; `business_unit` is the CTX as it
    came ("CLM01:1234"), `claim_number` its value where it names CLM01.
    """

    segment: str
    position: int
    loop: str
    code: str
    business_unit: str
    claim_number: str
    elements: tuple[ElementError, ...]


@dataclass(frozen=True, slots=True)
class TransactionAnswer:
    """One AK2 to IK5: the answer to one transaction of ours."""

    transaction: str
    control: str
    guide: str
    code: str
    codes: tuple[str, ...]
    errors: tuple[SegmentError, ...]

    @property
    def is_accepted(self) -> bool:
        """Whether the transaction went on to be worked."""
        return self.code in ACCEPTING_ANSWERS


@dataclass(frozen=True, slots=True)
class Acknowledgement999:
    """One 999: the answer to one functional group of ours.

    A group that was taken in whole may come without any `transactions`.

    Source:
        TR3 005010X231A1 AK1, 2000, AK9.
    """

    envelope: Envelope
    functional_id: str
    group_control: str
    version: str
    code: str
    transactions_in_group: int
    transactions_received: int
    transactions_accepted: int
    group_errors: tuple[str, ...]
    transactions: tuple[TransactionAnswer, ...]

    @property
    def is_accepted(self) -> bool:
        """Whether the whole group went on (AK901 A or E)."""
        return self.code in ACCEPTING_ANSWERS


@dataclass(frozen=True, slots=True)
class StatusCode:
    """One composite of an STC: category, status and the entity they speak of."""

    category: str
    code: str
    entity: str


@dataclass(frozen=True, slots=True)
class Status:
    """One STC segment; `codes` holds STC01, STC10 and STC11 as far as they are there."""

    codes: tuple[StatusCode, ...]
    effective_on: dt.date | None
    action: str
    amount_cents: int | None
    text: str

    @property
    def is_accepted(self) -> bool:
        """Whether this status lets the claim go on.

        STC03 decides (WQ or U); a sender that leaves it out is judged by its categories.
        """
        if self.action:
            return self.action == "WQ"
        return all(code.category in ACCEPTING_CATEGORIES for code in self.codes)


@dataclass(frozen=True, slots=True)
class Totals277:
    """Accepted and rejected counts and cents of a level; None where it doesn't say."""

    accepted_count: int | None = None
    rejected_count: int | None = None
    accepted_cents: int | None = None
    rejected_cents: int | None = None


@dataclass(frozen=True, slots=True)
class LineStatus277:
    """One 2220D: a service line named in the answer."""

    procedure: str
    modifiers: tuple[str, ...]
    billed_cents: int | None
    line_control: str
    statuses: tuple[Status, ...]


@dataclass(frozen=True, slots=True)
class ClaimStatus277:
    """One 2200D: the answer to one claim.

    `claim_number` is our CLM01; `payer_claim_number` (REF*1K) may come first here and is what a
    replacement or void must carry.

    Source:
        TR3 005010X214 2100D, 2200D, 2220D.
    """

    claim_number: str
    patient: Entity | None
    provider: Entity | None
    source: Entity | None
    statuses: tuple[Status, ...]
    payer_claim_number: str
    clearinghouse_claim_number: str
    bill_type: str
    service_from: dt.date | None
    service_to: dt.date | None
    lines: tuple[LineStatus277, ...]

    @property
    def is_accepted(self) -> bool:
        """Whether every status lets the claim go on; one that doesn't is enough to stop it."""
        return bool(self.statuses) and all(status.is_accepted for status in self.statuses)

    @property
    def action(self) -> str:
        """WQ when the claim goes on, U when it doesn't."""
        return "WQ" if self.is_accepted else "U"

    @property
    def billed_cents(self) -> int | None:
        """The claim's charge as the sender read it, from the first status that has one."""
        amounts = (s.amount_cents for s in self.statuses if s.amount_cents is not None)
        return next(amounts, None)

    @property
    def effective_on(self) -> dt.date | None:
        """The first status's date: the day of acceptance or rejection."""
        return next((s.effective_on for s in self.statuses if s.effective_on is not None), None)


@dataclass(frozen=True, slots=True)
class ProviderStatus277:
    """One 2100C/2200C: what is said of a billing provider as a whole."""

    provider: Entity | None
    trace: str
    statuses: tuple[Status, ...]
    totals: Totals277

    @property
    def is_rejected(self) -> bool:
        """Whether everything of this provider was turned down."""
        return any(not status.is_accepted for status in self.statuses)


@dataclass(frozen=True, slots=True)
class Acknowledgement277:
    """One 277CA: a clearinghouse's or a payer's answer to one 837 of ours.

    `batch_reference` is BHT03 of our 837. `source` tells from whom: role PR is the payer, AY a
    clearinghouse. A batch turned down at the receiver level holds no claims.

    Source:
        TR3 005010X214 2000A, 2000B.
    """

    envelope: Envelope
    reference: str
    source: Entity | None
    trace: str
    received_on: dt.date | None
    processed_on: dt.date | None
    receiver: Entity | None
    batch_reference: str
    statuses: tuple[Status, ...]
    totals: Totals277
    providers: tuple[ProviderStatus277, ...]
    claims: tuple[ClaimStatus277, ...]

    @property
    def source_is_payer(self) -> bool:
        """Whether the payer itself speaks: its acceptance is the proof of timely filing (P8)."""
        return self.source is not None and self.source.role == "PR"

    @property
    def is_batch_rejected(self) -> bool:
        """Whether the whole 837 was turned down at the receiver level."""
        return any(not status.is_accepted for status in self.statuses)
