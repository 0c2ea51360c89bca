"""Edits of charges, totals and units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from claims.rules.scrub.facts import error
from config.money import Money

if TYPE_CHECKING:
    from claims.rules.scrub.facts import ScrubFacts
    from claims.values import ClaimContent
    from config.finding import Finding

CENTS_MAX: Final = 99_999_999_99  # ten digits, the point not counted


def check_total_charge(content: ClaimContent, _facts: ScrubFacts) -> list[Finding]:
    """Check that the claim's total is the sum of its lines, and not zero.

    Source:
        R9; TR3 005010X222A1 2300 CLM02.
    """
    where = "2300/CLM02"
    findings = []
    if content.total != Money.total(line.charge for line in content.lines):
        findings.append(
            error(
                "charge-total",
                where,
                "the claim's total is not the sum of its lines",
                "Build the claim again; if it stays, report it: totals are counted by us.",
            )
        )
    if content.total.cents == 0:
        findings.append(
            error(
                "charge-zero",
                where,
                "a chargeable claim can't have a total of zero",
                "Give the procedures their prices in the charge master.",
            )
        )
    if content.total.cents > CENTS_MAX:
        findings.append(
            error(
                "charge-digits",
                where,
                "an amount has at most ten digits",
                "Correct the price or the units.",
            )
        )
    return findings


def check_line_charges(content: ClaimContent, _facts: ScrubFacts) -> list[Finding]:
    """Check that no line has a negative charge.

    Source:
        TR3 005010X222A1 2400 SV102.
    """
    return [
        error(
            "charge-negative",
            f"2400[{line.number}]/SV102",
            "a charge can't be negative",
            "Correct the price; what is taken back belongs into the ledger, not on a claim.",
        )
        for line in content.lines
        if line.charge.cents < 0
    ]


def check_units(content: ClaimContent, _facts: ScrubFacts) -> list[Finding]:
    """Check that each line has units.

    Source:
        R25; TR3 005010X222A1 2400 SV104.
    """
    return [
        error(
            "units-zero",
            f"2400[{line.number}]/SV104",
            "expected one unit or more",
            "Say how many units were given.",
        )
        for line in content.lines
        if line.units <= 0
    ]
