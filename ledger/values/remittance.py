"""A payer's answer in cents, and what is decided about each of its amounts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from config.finding import Finding
from config.money import Money
from ledger.values.accounts import Account
from ledger.values.postings import About
from practice.values import PayerKind


@dataclass(frozen=True, slots=True)
class Cas:
    """One claim adjustment: positive takes away from what is paid (835 CAS)."""

    group: str
    carc: str
    amount: Money

    @property
    def code(self) -> str:
        """Return group and reason as `CO-45`."""
        return f"{self.group}-{self.carc}"


@dataclass(frozen=True, slots=True)
class PayerTerms:
    """What of the payer decides about an adjustment.

    Attributes:
        may_bill_patient: The payer row's own ceiling: `pr`, `copay` or `none`.
        programs: `qmb`, `capitated`, `no-surprises`, `va`: what holds for this patient and claim.
    """

    payer_id: UUID
    kind: PayerKind
    may_bill_patient: str = "pr"
    programs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RemitLine:
    """One service line of a claim's answer.

    Attributes:
        about: The keys of our own charge line.
        charge: SVC02; `paid` SVC03.
        remarks: RARCs of the line (LQ*HE).
        expected_allowed: What the contract allows for it, where there is one.
        open_balance: What the payer still owed on the line before this answer; None: the charge.
    """

    about: About
    charge: Money
    paid: Money
    adjustments: tuple[Cas, ...] = ()
    remarks: tuple[str, ...] = ()
    expected_allowed: Money | None = None
    open_balance: Money | None = None


@dataclass(frozen=True, slots=True)
class RemitClaim:
    """A payer's answer to one claim (CLP).

    Attributes:
        status: CLP02; tells who paid in which order, never whether it was denied (P1).
        adjustments: The claim's own CAS, which stand on no line.
        remarks: RARCs of the claim (MOA, MIA).
        served_on: The service date, which picks the rows of dated tables.
        next_payer_id: The payer that is billed after this one, if any.
        sequence: 1 for the first payer's answer, 2 for the second's.
    """

    status: str
    charge: Money
    paid: Money
    lines: tuple[RemitLine, ...]
    payer: PayerTerms
    served_on: dt.date
    adjustments: tuple[Cas, ...] = ()
    remarks: tuple[str, ...] = ()
    next_payer_id: UUID | None = None
    sequence: int = 1


class Treatment(StrEnum):
    """What becomes of an adjusted amount.

    `OPEN` stays with the payer and goes on the denial list; `ASK` stays too and waits for a
    person ("patient?"); `LOWERED` is a patient's share that the patient may not be billed;
    `PRIOR_PAYER` and `REPEATED` were settled before and move nothing.
    """

    WRITE_OFF = "write-off"
    OPEN = "open"
    NEXT_PAYER = "next-payer"
    PATIENT = "patient"
    ASK = "ask"
    LOWERED = "lowered"
    PRIOR_PAYER = "prior-payer"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one amount of one line.

    Attributes:
        line_index: From 0, in the order of the claim's lines.
        account: Where it is written off to, for `WRITE_OFF` and `LOWERED`.
        rule: The table row that decided, `table/row`.
        source: Law, code list or contract behind the row.
    """

    line_index: int
    cas: Cas
    amount: Money
    treatment: Treatment
    account: Account | None
    rule: str
    source: str


@dataclass(frozen=True, slots=True)
class LineOutcome:
    """How a line stands after the answer.

    Attributes:
        is_denied: Nothing paid and something left open by other than a patient's share (P1).
        underpaid: By how much the allowed amount stays below the contract's; nil without one.
    """

    index: int
    paid: Money
    written_off: Money
    left_open: Money
    asked: Money
    patient: Money
    next_payer: Money
    is_denied: bool
    underpaid: Money


@dataclass(frozen=True, slots=True)
class ClaimDecisions:
    """All decisions about one claim's answer.

    Attributes:
        lines: The lines as posted: claim-level adjustments are spread over them.
        findings: Warnings to show; an error means that the claim is not to be posted.
    """

    lines: tuple[RemitLine, ...]
    decisions: tuple[Decision, ...]
    outcomes: tuple[LineOutcome, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Plb:
    """One provider-level adjustment in its X12 sign: positive takes money away from the check.

    Attributes:
        code: PLB03-1.
        control_id: PLB03-2 as an opaque key (`ledger.service.control_key`).
    """

    code: str
    control_id: UUID
    amount: Money


@dataclass(frozen=True, slots=True)
class PatientCeiling:
    """The most of a patient's share that may be billed, and the rule that says so.

    Attributes:
        account: Where what is above the ceiling goes; None where nothing lowers it.
    """

    amount: Money
    account: Account | None
    rule: str
    source: str
