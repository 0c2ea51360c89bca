"""What the simulator works with: contracts, submitted claims, decisions, results of a run.

All are frozen. Amounts are integer cents, shares are permille (out of 1,000) or basis points (out
of 10,000), so that no sum ever meets a float.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Stage(StrEnum):
    """The rounds that `simulator.service.run` plays, in the order of a claim's life."""

    ACKNOWLEDGE = "acknowledge"
    ADJUDICATE = "adjudicate"
    REVERSE = "reverse"


class Fault(StrEnum):
    """Wrongs that only a scenario does: no contract for the demo has one."""

    UNBALANCED_CHECK = "unbalanced-check"
    UNBALANCED_CLAIM = "unbalanced-claim"


class RuleAt(StrEnum):
    """Where a rule strikes: at which door a claim or line is stopped, or what happens to it.

    LATE is a payer's second 277CA, days after it accepted the claim: rejected after all.
    """

    TRANSACTION = "999"
    CLEARINGHOUSE = "clearinghouse"
    PAYER = "payer"
    LATE = "late"
    CLAIM = "claim"
    LINE = "line"
    REVERSAL = "reversal"


@dataclass(frozen=True, slots=True)
class When:
    """Facts of a claim that a rule asks for; an empty field asks nothing.

    `procedures`, `places` and `modifiers` name whole values, `diagnosis`, `member` and
    `claim_number` are beginnings of them.
    """

    procedures: frozenset[str] = frozenset()
    modifiers: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    diagnosis: str = ""
    member: str = ""
    claim_number: str = ""
    frequencies: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rule:
    """One way in which this payer or clearinghouse stops, denies or takes back.

    Attributes:
        permille: Share of the claims (or lines) that `when` finds which it strikes, by seed.
        is_once: A claim it has struck passes the next time it is sent.
        group, carc, remarks: Of the denial, for rules at claim or line.
        category, status, entity: Of the STC, for rules at clearinghouse or payer.
        has_correction: For reversals: whether a corrected claim follows.
    """

    name: str
    at: RuleAt
    when: When = field(default_factory=When)
    permille: int = 1000
    is_once: bool = False
    group: str = "CO"
    carc: str = ""
    remarks: tuple[str, ...] = ()
    category: str = "A7"
    status: str = ""
    entity: str = ""
    claim_status: str = ""
    has_correction: bool = False
    correction_permille: int = 900


@dataclass(frozen=True, slots=True)
class ProviderLevel:
    """Money that this payer moves outside claims each time it pays: one PLB pair.

    `cents` has the X12 sign: positive takes money away, negative (interest) adds.
    """

    reason: str
    cents: int
    reference: str = ""
    permille: int = 1000


@dataclass(frozen=True, slots=True)
class PayerContract:
    """What one payer pays: fees, cost share, habits.

    A code without a fee of its own is allowed at `default_permille` of its charge, so that any
    code is payable. `copay_cents` is taken once per claim from its first visit line (procedure in
    `copay_procedures` or, where that is empty, its first line). `deductible_permille` is the share
    of an allowed amount that goes to the deductible, `deductible_met_permille` the share of members
    who met theirs earlier in the year.
    """

    payer_id: str
    name: str
    kind: str
    filing: str
    tax_id: str
    street: str
    city: str
    state: str
    postal: str
    default_permille: int
    fees_cents: dict[str, int] = field(default_factory=dict)
    deductible_cents: int = 0
    deductible_permille: int = 1000
    deductible_met_permille: int = 0
    coinsurance_permille: int = 0
    copay_cents: int = 0
    copay_procedures: frozenset[str] = frozenset()
    sequestration_permille: int = 0
    qmb_members: tuple[str, ...] = ()
    qmb_permille: int = 0
    unknown_members: tuple[str, ...] = ()
    unknown_permille: int = 0
    rules: tuple[Rule, ...] = ()
    provider_level: tuple[ProviderLevel, ...] = ()


@dataclass(frozen=True, slots=True)
class Clearinghouse:
    """Who stands between: its names in the envelope and its own rules."""

    name: str
    id: str
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Contract:
    """Everything the simulator knows beside the 837 bytes."""

    clearinghouse: Clearinghouse
    payers: tuple[PayerContract, ...]
    faults: frozenset[Fault] = frozenset()

    def find_payer(self, payer_id: str) -> PayerContract | None:
        """Return the payer whose id stands in 2010BB NM109, or None."""
        return next((payer for payer in self.payers if payer.payer_id == payer_id), None)


@dataclass(frozen=True, slots=True)
class Party:
    """A person or organisation of the claim as the 837 named it."""

    kind: str = ""
    last_or_organization: str = ""
    first: str = ""
    middle: str = ""
    id_qualifier: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class BillingProvider:
    """Who bills and is paid: 2010AA."""

    party: Party
    tax_id: str
    street: str
    city: str
    state: str
    postal: str


@dataclass(frozen=True, slots=True)
class SubmittedLine:
    """One 2400 of an 837P.

    `prior_patient_cents` is what earlier payers left to the patient (PR of its 2430), None where
    no earlier payer decided this line.
    """

    qualifier: str
    procedure: str
    modifiers: tuple[str, ...]
    charge_cents: int
    units: str
    line_control: str
    service_from: str
    service_to: str
    prior_patient_cents: int | None = None


@dataclass(frozen=True, slots=True)
class SubmittedClaim:
    """One 2300 of an 837P with who it is for, from and against.

    `filing_code` is SBR09; `responsibility` SBR01 (P, S, T …). Dates are CCYYMMDD as sent.
    """

    claim_number: str
    charge_cents: int
    place: str
    frequency: str
    responsibility: str
    filing_code: str
    payer_id: str
    payer_name: str
    payer_claim_number: str
    billing: BillingProvider
    subscriber: Party
    patient: Party
    rendering: Party
    diagnoses: tuple[str, ...]
    lines: tuple[SubmittedLine, ...]
    segment_index: int
    transaction_control: str
    received_on: str = ""

    @property
    def member_id(self) -> str:
        """The id that the payer knows the member by (2010BA NM109)."""
        return self.subscriber.id


@dataclass(frozen=True, slots=True)
class Batch:
    """One ST of an 837P: its references and its claims."""

    transaction_control: str
    reference: str
    submitter: Party
    claims: tuple[SubmittedClaim, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """One adjustment that the payer makes: a CAS triplet."""

    group: str
    carc: str
    cents: int


@dataclass(frozen=True, slots=True)
class LineDecision:
    """What the payer decides about one line; charge = sum of cuts + paid. `rule` denied it."""

    line: SubmittedLine
    allowed_cents: int
    paid_cents: int
    cuts: tuple[Cut, ...]
    remarks: tuple[str, ...]
    rule: str = ""


@dataclass(frozen=True, slots=True)
class ClaimDecision:
    """What the payer decides about one claim; a claim-level decision has no lines."""

    claim: SubmittedClaim
    status: str
    payer_claim_number: str
    paid_cents: int
    patient_cents: int
    cuts: tuple[Cut, ...]
    lines: tuple[LineDecision, ...]
    remarks: tuple[str, ...]
    deductible_used_cents: int
    struck_rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plb:
    """One provider-level pair as it will be written; positive takes money away."""

    reason: str
    reference: str
    cents: int


@dataclass(frozen=True, slots=True)
class Check:
    """One payment to one payee: what goes into an ST.

    `bpr02_cents` stands apart from the claims so that a scenario can make it wrong; `carried_cents`
    is what the payee owes after it and the next check will take.
    """

    trace: str
    payee: BillingProvider
    decisions: tuple[ClaimDecision, ...]
    plb: tuple[Plb, ...]
    bpr02_cents: int
    carried_cents: int = 0


@dataclass(frozen=True, slots=True)
class Route:
    """Envelope ids of both ends, as the practice's own 837 gave them."""

    practice: tuple[str, str]
    house: tuple[str, str]
    practice_group: str
    house_group: str
    is_test: bool


@dataclass(frozen=True, slots=True)
class RemittanceSummary:
    """One 835 that was written, in figures."""

    payer_id: str
    trace: str
    file: Path
    bpr02_cents: int
    clp04_cents: int
    plb_cents: int
    claim_count: int


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run read and wrote; paths are in the practice's inbox folder."""

    stage: Stage
    today: dt.date
    files_read: tuple[Path, ...]
    files_written: tuple[Path, ...]
    claims_accepted: tuple[str, ...] = ()
    claims_rejected: tuple[str, ...] = ()
    remittances: tuple[RemittanceSummary, ...] = ()
