"""The chart of accounts: what money can be, by name, with the side on which it grows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Account(StrEnum):
    """An account of the book; its keys (payer, remittance…) stand on the entries."""

    INSURANCE_AR = "insurance-ar"
    PATIENT_AR = "patient-ar"
    TRANSFER = "transfer"
    CHARGES = "charges"
    CONTRACTUAL = "contractual"
    SEQUESTRATION = "sequestration"
    INCENTIVE = "incentive"
    CAPITATION = "capitation"
    QMB = "qmb"
    MEDICAID = "medicaid"
    WORKERS_COMP = "workers-comp"
    VETERANS = "veterans"
    NO_SURPRISES = "no-surprises"
    PAYER_RULE = "payer-rule"
    SMALL_BALANCE = "small-balance"
    CHARITY = "charity"
    COURTESY = "courtesy"
    TIMELY_FILING = "timely-filing"
    DENIAL = "denial"
    BAD_DEBT = "bad-debt"
    REMITTANCE_CLEARING = "remittance-clearing"
    PAYER_CLEARING = "payer-clearing"
    EFT_IN_TRANSIT = "eft-in-transit"
    UNDEPOSITED = "undeposited"
    BANK = "bank"
    UNAPPLIED = "unapplied"
    REFUNDS_PAYABLE = "refunds-payable"
    INTEREST_INCOME = "interest-income"
    CAPITATION_INCOME = "capitation-income"
    INCENTIVE_INCOME = "incentive-income"
    PENALTY = "penalty"
    PAYER_WITHHOLD = "payer-withhold"
    TAX_WITHHELD = "tax-withheld"
    LEVY = "levy"
    OPENING = "opening"


class Side(StrEnum):
    """The two sides of the book."""

    DEBIT = "debit"
    CREDIT = "credit"


class AccountKind(StrEnum):
    """What kind of account it is, as a balance sheet or an income statement groups it."""

    ASSET = "asset"
    LIABILITY = "liability"
    REVENUE = "revenue"
    ADJUSTMENT = "adjustment"
    EXPENSE = "expense"
    CLEARING = "clearing"
    EQUITY = "equity"


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """An account's name for people, its kind, and the side on which it grows."""

    name: str
    kind: AccountKind
    normal_side: Side


def _asset(name: str) -> AccountInfo:
    return AccountInfo(name, AccountKind.ASSET, Side.DEBIT)


def _adjustment(name: str) -> AccountInfo:
    return AccountInfo(name, AccountKind.ADJUSTMENT, Side.DEBIT)


def _revenue(name: str) -> AccountInfo:
    return AccountInfo(name, AccountKind.REVENUE, Side.CREDIT)


def _liability(name: str) -> AccountInfo:
    return AccountInfo(name, AccountKind.LIABILITY, Side.CREDIT)


CHART: Final[Mapping[Account, AccountInfo]] = MappingProxyType(
    {
        Account.INSURANCE_AR: _asset("Owed by insurers"),
        Account.PATIENT_AR: _asset("Owed by patients"),
        Account.TRANSFER: AccountInfo(
            "Moved between payers (always nil)", AccountKind.CLEARING, Side.DEBIT
        ),
        Account.CHARGES: _revenue("Charges"),
        Account.CONTRACTUAL: _adjustment("Contractual adjustments"),
        Account.SEQUESTRATION: _adjustment("Sequestration"),
        Account.INCENTIVE: _adjustment("Payer's quality adjustments"),
        Account.CAPITATION: _adjustment("Covered by capitation"),
        Account.QMB: _adjustment("Written off: Qualified Medicare Beneficiary"),
        Account.MEDICAID: _adjustment("Written off: Medicaid pays in full"),
        Account.WORKERS_COMP: _adjustment("Written off: workers' compensation"),
        Account.VETERANS: _adjustment("Written off: VA community care"),
        Account.NO_SURPRISES: _adjustment("Written off: No Surprises Act"),
        Account.PAYER_RULE: _adjustment("Written off: payer's rule on billing patients"),
        Account.SMALL_BALANCE: _adjustment("Small balances"),
        Account.CHARITY: _adjustment("Charity care"),
        Account.COURTESY: _adjustment("Courtesy discounts"),
        Account.TIMELY_FILING: _adjustment("Written off: filed too late"),
        Account.DENIAL: _adjustment("Written off: denied"),
        Account.BAD_DEBT: _adjustment("Bad debt"),
        Account.REMITTANCE_CLEARING: AccountInfo(
            "Remittance clearing", AccountKind.CLEARING, Side.CREDIT
        ),
        Account.PAYER_CLEARING: AccountInfo(
            "Payer takebacks and offsets", AccountKind.CLEARING, Side.DEBIT
        ),
        Account.EFT_IN_TRANSIT: _asset("Payments on the way to the bank"),
        Account.UNDEPOSITED: _asset("Cash and checks not yet deposited"),
        Account.BANK: _asset("Bank"),
        Account.UNAPPLIED: _liability("Patients' unapplied money"),
        Account.REFUNDS_PAYABLE: _liability("Refunds owed"),
        Account.INTEREST_INCOME: _revenue("Interest from payers"),
        Account.CAPITATION_INCOME: _revenue("Capitation"),
        Account.INCENTIVE_INCOME: _revenue("Incentive payments"),
        Account.PENALTY: AccountInfo("Payers' penalties", AccountKind.EXPENSE, Side.DEBIT),
        Account.PAYER_WITHHOLD: _asset("Withheld by payers"),
        Account.TAX_WITHHELD: _asset("Tax withheld by payers"),
        Account.LEVY: AccountInfo("Levies", AccountKind.EXPENSE, Side.DEBIT),
        Account.OPENING: AccountInfo("Opening balances", AccountKind.EQUITY, Side.CREDIT),
    }
)

ADJUSTMENTS: Final = frozenset(
    account for account, info in CHART.items() if info.kind is AccountKind.ADJUSTMENT
)
RECEIVABLES: Final = frozenset({Account.INSURANCE_AR, Account.PATIENT_AR})
