"""The three balances that an 835 must prove before it posts: line, claim and check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.finding import Finding
from config.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.values.remittance import RemitClaim


def check_line_balances(claim: RemitClaim) -> list[Finding]:
    """Return a finding for each line where charge less adjustments isn't what was paid.

    Source:
        TR3 005010X221A1 1.10.2.1; House: R41, R42.
    """
    return [
        Finding(
            "line-balance",
            f"CLP/SVC {number}",
            f"charge {line.charge} less adjustments {taken} is not the paid {line.paid}",
            "the claim waits: ask the payer for a corrected remittance",
        )
        for number, line in enumerate(claim.lines, 1)
        if (taken := Money.total(cas.amount for cas in line.adjustments)) != line.charge - line.paid
    ]


def check_claim_balance(claim: RemitClaim) -> list[Finding]:
    """Return findings if the claim's charge, adjustments and payment, or its lines, don't tie.

    Source:
        TR3 005010X221A1 1.10.2.2; House: R41, R42.
    """
    findings = []
    every_cas = (*claim.adjustments, *(cas for line in claim.lines for cas in line.adjustments))
    taken = Money.total(cas.amount for cas in every_cas)
    if claim.charge - taken != claim.paid:
        findings.append(
            Finding(
                "claim-balance",
                "CLP",
                f"charge {claim.charge} less adjustments {taken} is not the paid {claim.paid}",
                "the claim waits: ask the payer for a corrected remittance",
            )
        )
    charged = Money.total(line.charge for line in claim.lines)
    if claim.lines and charged != claim.charge:
        findings.append(
            Finding(
                "claim-lines",
                "CLP03",
                f"the lines charge {charged}, the claim {claim.charge}",
                "the claim waits: match its lines by hand",
            )
        )
    return findings


def check_lines_paid(claim: RemitClaim) -> list[Finding]:
    """Return a finding if what the lines were paid, all adjustments spread, isn't CLP04.

    Source:
        TR3 005010X221A1 1.10.2.1, balancing of claim and lines.
    """
    paid = Money.total(line.paid for line in claim.lines)
    if paid == claim.paid:
        return []
    return [
        Finding(
            "claim-balance",
            "CLP04",
            f"the lines were paid {paid}, the claim {claim.paid}",
            "the claim waits: match its lines by hand",
        )
    ]


def check_remittance_balance(
    bpr02: Money, claims_paid: Iterable[Money], plb: Iterable[Money]
) -> list[Finding]:
    """Return findings if the check isn't what its claims and provider adjustments make.

    Args:
        bpr02: Total paid (BPR02).
        claims_paid: CLP04 of every claim.
        plb: Every PLB amount in its X12 sign: positive takes money away.

    Source:
        TR3 005010X221A1 1.10.2.3; House: DESIGN 7.4, R41.
    """
    findings = []
    if bpr02.cents < 0:
        findings.append(
            Finding("remittance-negative", "BPR02", "a payment below nil", "ask the payer")
        )
    made = Money.total(claims_paid) - Money.total(plb)
    if made != bpr02:
        findings.append(
            Finding(
                "remittance-balance",
                "BPR02",
                f"claims less provider adjustments make {made}, the check says {bpr02}",
                "nothing of it posts: ask the payer for a corrected remittance",
            )
        )
    return findings


def check_remittance_identity(
    bpr02: Money, *, posted: Money, quarantined: Money, plb: Money
) -> list[Finding]:
    """Return a finding unless BPR02 = posted + quarantined less the sum of PLB.

    Source:
        House: DESIGN 7.4.
    """
    if posted + quarantined - plb == bpr02:
        return []
    return [
        Finding(
            "remittance-identity",
            "BPR02",
            f"{posted} posted and {quarantined} waiting less PLB {plb} is not {bpr02}",
            "stop posting this remittance and report it",
        )
    ]
