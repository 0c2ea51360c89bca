"""Scenarios: the demo's payers bent so that one thing happens, to all claims."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.values import Fault, Rule, RuleAt

if TYPE_CHECKING:
    from simulator.values import Contract

SCENARIOS = {
    "demo": "five payers with the usual mix of payments, denials and rejections",
    "all-paid": "every claim is accepted and paid by contract",
    "all-denied": "every line is denied (CO-50)",
    "unbalanced-check": "each payment is a dollar more than its claims and PLB say",
    "unbalanced-claim": "one claim of each balanced check does not balance",
    "rejected-999": "every transaction is turned down at the 999",
    "rejected-clearinghouse": "every claim is turned down by the clearinghouse's 277CA",
    "rejected-payer": "every claim is turned down by its payer's 277CA",
    "rejected-late": "every claim is accepted by its payer and rejected days later",
    "reversed": "every paid claim is taken back by a later 835, without correction",
    "corrected": "every paid claim is taken back and paid anew, lower, by a later 835",
}
_RULES = {
    "all-denied": Rule("all-denied", RuleAt.LINE, carc="50"),
    "rejected-999": Rule("rejected-999", RuleAt.TRANSACTION),
    "rejected-clearinghouse": Rule("rejected-clearinghouse", RuleAt.CLEARINGHOUSE, status="21"),
    "rejected-payer": Rule("rejected-payer", RuleAt.PAYER, status="33", entity="IL"),
    "rejected-late": Rule("rejected-late", RuleAt.LATE, status="97"),
    "reversed": Rule("reversed", RuleAt.REVERSAL),
    "corrected": Rule("corrected", RuleAt.REVERSAL, has_correction=True),
}
_FAULTS = {
    "unbalanced-check": Fault.UNBALANCED_CHECK,
    "unbalanced-claim": Fault.UNBALANCED_CLAIM,
}


def bend_contract(contract: Contract, scenario: str) -> Contract:
    """Return the contract as one scenario has it.

    Args:
        contract: The demo's.
        scenario: One of SCENARIOS; anything else is a KeyError.
    """
    SCENARIOS[scenario]
    if scenario == "demo":
        return contract
    plain = _make_plain(contract)
    if scenario in _FAULTS:
        return replace(plain, faults=frozenset({_FAULTS[scenario]}))
    rule = _RULES.get(scenario)
    if rule is None:
        return plain
    if rule.at in {RuleAt.TRANSACTION, RuleAt.CLEARINGHOUSE}:
        return replace(plain, clearinghouse=replace(plain.clearinghouse, rules=(rule,)))
    return replace(plain, payers=tuple(replace(payer, rules=(rule,)) for payer in plain.payers))


def _make_plain(contract: Contract) -> Contract:
    """Return the contract without rules, draws and provider-level money."""
    return replace(
        contract,
        clearinghouse=replace(contract.clearinghouse, rules=()),
        payers=tuple(
            replace(
                payer,
                rules=(),
                unknown_members=(),
                unknown_permille=0,
                qmb_permille=0,
                deductible_met_permille=0,
                provider_level=(),
            )
            for payer in contract.payers
        ),
    )
