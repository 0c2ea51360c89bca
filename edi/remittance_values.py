"""What an 835 says, as frozen values; `edi.remittance` fills them from a stream.

Amounts are integer cents in the file's own sign. A PLB amount keeps its X12 sign: positive takes
money away from the check, negative adds to it.

Source:
    TR3 005010X221A1.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from edi.acknowledge_values import Entity, Envelope


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One triplet of a CAS: why the paid amount differs from the charge."""

    group: str
    reason: str
    cents: int
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class QualifiedValue:
    """A REF: qualifier and value as they came."""

    qualifier: str
    value: str


@dataclass(frozen=True, slots=True)
class QualifiedAmount:
    """An AMT: qualifier and cents. It informs; it never enters a balance."""

    qualifier: str
    cents: int


@dataclass(frozen=True, slots=True)
class RemittanceLine:
    """One 2110: how a service line was decided.

    `procedure` is what the payer paid for; where it changed the code, `original_procedure` is what
    was billed. `line_control` is our REF*6R, empty where the payer dropped it.
    """

    index: int
    procedure_qualifier: str
    procedure: str
    modifiers: tuple[str, ...]
    charge_cents: int
    paid_cents: int
    revenue: str
    units: Decimal
    original_procedure: str
    original_modifiers: tuple[str, ...]
    original_units: Decimal | None
    service_from: dt.date | None
    service_to: dt.date | None
    adjustments: tuple[Adjustment, ...]
    line_control: str
    remarks: tuple[str, ...]
    references: tuple[QualifiedValue, ...]
    amounts: tuple[QualifiedAmount, ...]

    @property
    def gap_cents(self) -> int:
        """Charge less adjustments less paid; 0 when the line balances."""
        return self.charge_cents - sum(a.cents for a in self.adjustments) - self.paid_cents


@dataclass(frozen=True, slots=True)
class RemittanceClaim:
    """One 2100: how a claim was decided.

    `index` counts the claims of the transaction from 0; `segment_index` is where its CLP stands in
    the file. `status` (CLP02) says how it was processed, never whether it was denied.
    """

    index: int
    segment_index: int
    claim_number: str
    status: str
    charge_cents: int
    paid_cents: int
    patient_cents: int
    filing: str
    payer_claim_number: str
    facility: str
    frequency: str
    adjustments: tuple[Adjustment, ...]
    lines: tuple[RemittanceLine, ...]
    patient: Entity | None
    insured: Entity | None
    corrected: Entity | None
    rendering: Entity | None
    crossover_payer: Entity | None
    other_payer: Entity | None
    remarks: tuple[str, ...]
    references: tuple[QualifiedValue, ...]
    amounts: tuple[QualifiedAmount, ...]
    received_on: dt.date | None
    service_from: dt.date | None
    service_to: dt.date | None
    coverage_ends: dt.date | None

    @property
    def is_reversal(self) -> bool:
        """Whether the claim takes back an earlier payment (CLP02 22)."""
        return self.status == "22"

    @property
    def is_forwarded(self) -> bool:
        """Whether the payer sent the claim on (CLP02 19, 20, 21, 23)."""
        return self.status in {"19", "20", "21", "23"}

    @property
    def is_predetermination(self) -> bool:
        """Whether nothing was billed: a pricing answer only (CLP02 25)."""
        return self.status == "25"

    @property
    def gap_cents(self) -> int:
        """Charge less every adjustment at both levels less paid; 0 when the claim balances."""
        line_adjustments = sum(a.cents for line in self.lines for a in line.adjustments)
        own = sum(a.cents for a in self.adjustments)
        return self.charge_cents - own - line_adjustments - self.paid_cents

    @property
    def is_balanced(self) -> bool:
        """Whether the claim and each of its lines balance."""
        return self.gap_cents == 0 and all(line.gap_cents == 0 for line in self.lines)


@dataclass(frozen=True, slots=True)
class ProviderAdjustment:
    """One pair of a PLB: money moved outside any claim. Positive takes money away."""

    index: int
    provider: str
    fiscal_end: dt.date | None
    reason: str
    reference: str
    cents: int


@dataclass(frozen=True, slots=True)
class Payer:
    """Loop 1000A: who pays. `id` is N104, else REF*2U, else TRN03 without its leading digit."""

    name: str
    id: str
    tax_id: str
    address: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Payee:
    """Loop 1000B: who is paid."""

    name: str
    id_qualifier: str
    id: str
    tax_id: str


@dataclass(frozen=True, slots=True)
class Remittance835:
    """One 835 transaction: header, sums and provider adjustments known, claims still to be read.

    `claims` reads on in the stream: take them before the next remittance, each only once.
    """

    envelope: Envelope
    index: int
    trace: str
    payer: Payer
    payee: Payee
    method: str
    credit_or_debit: str
    paid_on: dt.date | None
    produced_on: dt.date | None
    bpr02_cents: int
    clp04_cents: int
    claim_count: int
    plb: tuple[ProviderAdjustment, ...]
    claims: Iterator[RemittanceClaim] = field(default_factory=lambda: iter(()), compare=False)

    @property
    def plb_cents(self) -> int:
        """Sum of the provider adjustments in their X12 sign."""
        return sum(adjustment.cents for adjustment in self.plb)

    @property
    def gap_cents(self) -> int:
        """BPR02 - (sum of CLP04 - sum of PLB); 0 when the check balances.

        Source:
            TR3 005010X221A1 1.10.2.1.
        """
        return self.bpr02_cents - (self.clp04_cents - self.plb_cents)
