"""Dated tables: which adjustments are written off, what of a patient's share may be billed, PLB.

A row holds from its first to its last service date. What stands in no row is never written off.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.values.accounts import Account
from practice.values import PayerKind

if TYPE_CHECKING:
    from ledger.values.remittance import PayerTerms

_HIPAA: Final = dt.date(2003, 10, 16)  # the 835 is the only form an electronic answer may have
_MEDICARE: Final = frozenset({PayerKind.MEDICARE, PayerKind.MEDICARE_ADVANTAGE})
_SUPPLEMENTS: Final = frozenset(
    {PayerKind.COMMERCIAL, PayerKind.HMO, PayerKind.BLUE, PayerKind.TRICARE}
)
_QMB_REMARKS: Final = frozenset({"N781", "N782", "N783"})
_BUDGET: Final = "2 U.S.C. 901a(6): Medicare payments, reduced after the patient's share"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """When a row holds: each set that isn't empty must be met.

    Attributes:
        kinds: Kinds of payer.
        programs: Any of these programs holds for the patient or claim.
        remarks: Any of these RARCs stands on the line or claim; meets `programs` too.
        may_bill: The payer row's own ceiling.
    """

    from_date: dt.date
    to_date: dt.date | None = None
    kinds: frozenset[PayerKind] = frozenset()
    programs: frozenset[str] = frozenset()
    remarks: frozenset[str] = frozenset()
    may_bill: str = ""

    def holds(self, terms: PayerTerms, remarks: frozenset[str], on: dt.date) -> bool:
        """Say whether the row holds for a payer, its remarks and a service date."""
        is_in_force = self.from_date <= on and (self.to_date is None or on <= self.to_date)
        is_its_payer = not self.kinds or terms.kind in self.kinds
        is_its_rule = not self.may_bill or terms.may_bill_patient == self.may_bill
        return is_in_force and is_its_payer and is_its_rule and self._is_marked(terms, remarks)

    def _is_marked(self, terms: PayerTerms, remarks: frozenset[str]) -> bool:
        if not (self.programs or self.remarks):
            return True
        return bool(self.programs & terms.programs or self.remarks & remarks)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOffRow:
    """A pair of group and CARC that is written off by itself.

    Attributes:
        rate_max: The most of what was paid before it that it may be, in hundredths of a percent;
            None where any amount is.
    """

    name: str
    group: str
    carc: str
    scope: Scope
    account: Account
    rate_max: int | None = None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CeilingRow:
    """A rule that lowers what of a patient's share may be billed (DESIGN 7.6).

    Attributes:
        carcs_billable: The PR reasons that may still be billed; all others may not.
    """

    name: str
    scope: Scope
    carcs_billable: frozenset[str]
    account: Account
    source: str


def _sequestration(
    name: str, from_date: dt.date, to_date: dt.date | None, rate: int
) -> WriteOffRow:
    scope = Scope(from_date=from_date, to_date=to_date, kinds=_MEDICARE)
    return WriteOffRow(
        name=name,
        group="CO",
        carc="253",
        scope=scope,
        account=Account.SEQUESTRATION,
        rate_max=rate,
        source=_BUDGET,
    )


WRITE_OFFS: Final = (
    WriteOffRow(
        name="write-off/co-45",
        group="CO",
        carc="45",
        scope=Scope(from_date=_HIPAA),
        account=Account.CONTRACTUAL,
        source="X12 CARC 45 with group CO: above what the contract allows; House: P2",
    ),
    # Suspended from 2020-05-01 to 2022-03-31 (CARES Act 3709 and its extensions).
    _sequestration("write-off/co-253-2013", dt.date(2013, 4, 1), dt.date(2020, 4, 30), 200),
    _sequestration("write-off/co-253-2022-1", dt.date(2022, 4, 1), dt.date(2022, 6, 30), 100),
    _sequestration("write-off/co-253-2022-2", dt.date(2022, 7, 1), None, 200),
    WriteOffRow(
        name="write-off/co-237-mips",
        group="CO",
        carc="237",
        scope=Scope(from_date=dt.date(2019, 1, 1), kinds=_MEDICARE, remarks=frozenset({"N807"})),
        account=Account.INCENTIVE,
        source="42 CFR 414.1405: payment adjustment of the merit-based incentive programme",
    ),
    WriteOffRow(
        name="write-off/co-24-capitated",
        group="CO",
        carc="24",
        scope=Scope(from_date=_HIPAA, programs=frozenset({"capitated"})),
        account=Account.CAPITATION,
        source="House: P2; the capitation contract. From Medicare it means: bill the plan",
    ),
)

CEILINGS: Final = (
    CeilingRow(
        name="patient-share/qmb",
        scope=Scope(
            from_date=dt.date(1997, 8, 5),
            kinds=_MEDICARE,
            programs=frozenset({"qmb"}),
            remarks=_QMB_REMARKS,
        ),
        carcs_billable=frozenset(),
        account=Account.QMB,
        source="42 U.S.C. 1396a(n)(3)(B)",
    ),
    CeilingRow(
        # A supplement pays after Medicare; what it leaves is Medicare's cost share still.
        name="patient-share/qmb-supplement",
        scope=Scope(from_date=dt.date(1997, 8, 5), kinds=_SUPPLEMENTS, programs=frozenset({"qmb"})),
        carcs_billable=frozenset(),
        account=Account.QMB,
        source="42 U.S.C. 1396a(n)(3)(B)",
    ),
    CeilingRow(
        name="patient-share/medicaid",
        scope=Scope(from_date=_HIPAA, kinds=frozenset({PayerKind.MEDICAID})),
        carcs_billable=frozenset({"3"}),
        account=Account.MEDICAID,
        source="42 CFR 447.15",
    ),
    CeilingRow(
        name="patient-share/workers-comp",
        scope=Scope(from_date=_HIPAA, kinds=frozenset({PayerKind.WORKERS_COMP})),
        carcs_billable=frozenset(),
        account=Account.WORKERS_COMP,
        source="State workers' compensation acts; House: DESIGN 7.6",
    ),
    CeilingRow(
        name="patient-share/va",
        scope=Scope(from_date=dt.date(2019, 6, 6), programs=frozenset({"va"})),
        carcs_billable=frozenset(),
        account=Account.VETERANS,
        source="38 CFR 17.4035: payment in full; House: P3",
    ),
    CeilingRow(
        name="patient-share/no-surprises",
        scope=Scope(
            from_date=dt.date(2022, 1, 1),
            programs=frozenset({"no-surprises"}),
            remarks=frozenset({"N830"}),
        ),
        carcs_billable=frozenset({"1", "2", "3"}),
        account=Account.NO_SURPRISES,
        source="45 CFR 149.410, 149.420",
    ),
    CeilingRow(
        name="patient-share/capitated",
        scope=Scope(from_date=_HIPAA, programs=frozenset({"capitated"})),
        carcs_billable=frozenset({"3"}),
        account=Account.CAPITATION,
        source="The capitation contract; House: DESIGN 7.6",
    ),
    CeilingRow(
        name="patient-share/payer-none",
        scope=Scope(from_date=_HIPAA, may_bill="none"),
        carcs_billable=frozenset(),
        account=Account.PAYER_RULE,
        source="The practice's payer table",
    ),
    CeilingRow(
        name="patient-share/payer-copay",
        scope=Scope(from_date=_HIPAA, may_bill="copay"),
        carcs_billable=frozenset({"3"}),
        account=Account.PAYER_RULE,
        source="The practice's payer table",
    ),
)

# Money between a payer and the practice that is no claim's (PLB03-1); what stands here neither as
# income nor as a cost waits in payer clearing under its control number (R46 to R48).
PLB_ACCOUNTS: Final = {
    "50": Account.PENALTY,
    "51": Account.PENALTY,
    "72": Account.PAYER_CLEARING,
    "90": Account.PENALTY,
    "AP": Account.PAYER_CLEARING,
    "B2": Account.PAYER_CLEARING,
    "BN": Account.INCENTIVE_INCOME,
    "CR": Account.INTEREST_INCOME,
    "CS": Account.PAYER_CLEARING,
    "CT": Account.CAPITATION_INCOME,
    "E3": Account.PAYER_WITHHOLD,
    "FB": Account.PAYER_CLEARING,
    "IP": Account.INCENTIVE_INCOME,
    "IR": Account.TAX_WITHHELD,
    "J1": Account.PAYER_CLEARING,
    "L3": Account.PENALTY,
    "L6": Account.INTEREST_INCOME,
    "LE": Account.LEVY,
    "LS": Account.PAYER_CLEARING,
    "OB": Account.PAYER_CLEARING,
    "PI": Account.PAYER_CLEARING,
    "RA": Account.PAYER_CLEARING,
    "WO": Account.PAYER_CLEARING,
    "WU": Account.PAYER_CLEARING,
}


def find_write_off(
    code: tuple[str, str], terms: PayerTerms, remarks: frozenset[str], on: dt.date
) -> WriteOffRow | None:
    """Return the row that lets a pair of group and CARC be written off, or None."""
    for row in WRITE_OFFS:
        if (row.group, row.carc) == code and row.scope.holds(terms, remarks, on):
            return row
    return None


def list_ceilings(
    terms: PayerTerms, remarks: frozenset[str], on: dt.date
) -> tuple[CeilingRow, ...]:
    """Return every row that limits what of a patient's share may be billed."""
    return tuple(row for row in CEILINGS if row.scope.holds(terms, remarks, on))
