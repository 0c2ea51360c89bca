"""How a simulated payer decides a claim: denials, allowed amount, cost share, payment.

Written apart from everything that Cleanclaim expects of a payer, so that a comparison of the two
means something. Every decision balances: charge = cuts + paid, per line and per claim.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from simulator.rules.draws import draw_number, is_drawn, take_share
from simulator.rules.matching import find_claim_rule, find_line_rule
from simulator.values import (
    ClaimDecision,
    Cut,
    LineDecision,
    Rule,
    RuleAt,
)

if TYPE_CHECKING:
    from simulator.values import (
        PayerContract,
        SubmittedClaim,
        SubmittedLine,
    )

# CLP02 by SBR01. Source: TR3 005010X221A1 2100 CLP02.
_PROCESSED_AS = {"P": "1", "S": "2", "T": "3"}
# RARCs that tell a provider not to collect cost share from a QMB. Source: CMS, PR with N781-N783.
_QMB_REMARKS = {"1": "N781", "2": "N782", "3": "N783"}
_MEMBER_UNKNOWN = "31"


@dataclass(slots=True)
class _Purse:
    """What is left to take from the patient on this claim."""

    deductible_cents: int
    copay_cents: int


@dataclass(frozen=True, slots=True)
class Chance:
    """What decides beside claim and contract: the seed and what was struck before.

    `allowed_permille` scales every allowed amount: a correction pays by it.
    """

    seed: int
    struck: frozenset[tuple[str, str]] = frozenset()
    allowed_permille: int = 1000


def number_claim(seed: int, payer: PayerContract, claim: SubmittedClaim) -> str:
    """Return the payer's own number for this claim: the same in its 277CA and its 835."""
    names = ("icn", payer.payer_id, claim.claim_number, claim.frequency)
    return f"{payer.payer_id[-2:]}{draw_number(seed, *names, below=10**10):010d}"


def _allow(payer: PayerContract, line: SubmittedLine, chance: Chance) -> int:
    fee = payer.fees_cents.get(line.procedure)
    if fee is None:
        allowed = take_share(line.charge_cents, payer.default_permille)
    else:
        tenths = count_tenths(line.units)
        allowed = fee * tenths // 10
    return min(line.charge_cents, take_share(allowed, chance.allowed_permille))


def count_tenths(units: str) -> int:
    """Return units in tenths ("1" is 10, "2.5" is 25); what isn't a number counts as one unit."""
    whole, _, rest = units.partition(".")
    if not whole.isdigit() or (rest and not rest.isdigit()):
        return 10
    return int(whole) * 10 + int((rest + "0")[0])


def _deny(line: SubmittedLine, rule: Rule) -> LineDecision:
    cuts = (Cut(rule.group, rule.carc, line.charge_cents),) if line.charge_cents else ()
    return LineDecision(line, 0, 0, cuts, rule.remarks, rule.name)


def _takes_copay(payer: PayerContract, line: SubmittedLine) -> bool:
    return not payer.copay_procedures or line.procedure in payer.copay_procedures


def _share_cost(
    payer: PayerContract, line: SubmittedLine, allowed: int, purse: _Purse
) -> tuple[list[Cut], int]:
    """Return the patient's cuts of this line and what the payer owes before its own cuts."""
    left = allowed
    cuts = []
    copay = min(left, purse.copay_cents) if _takes_copay(payer, line) else 0
    purse.copay_cents -= copay
    left -= copay
    deductible = min(take_share(left, payer.deductible_permille), purse.deductible_cents)
    purse.deductible_cents -= deductible
    left -= deductible
    coinsurance = take_share(left, payer.coinsurance_permille)
    left -= coinsurance
    for carc, cents in (("1", deductible), ("2", coinsurance), ("3", copay)):
        if cents:
            cuts.append(Cut("PR", carc, cents))
    return cuts, left


def _price(
    payer: PayerContract, line: SubmittedLine, purse: _Purse, *, is_qmb: bool, chance: Chance
) -> LineDecision:
    allowed = _allow(payer, line, chance)
    cuts = []
    if line.charge_cents != allowed:
        cuts.append(Cut("CO", "45", line.charge_cents - allowed))
    shares, left = _share_cost(payer, line, allowed, purse)
    sequestered = take_share(left, payer.sequestration_permille)
    if sequestered:
        cuts.append(Cut("CO", "253", sequestered))
    remarks = tuple(_QMB_REMARKS[cut.carc] for cut in shares) if is_qmb else ()
    return LineDecision(line, allowed, left - sequestered, (*cuts, *shares), remarks)


def _price_secondary(line: SubmittedLine, first: LineDecision) -> LineDecision:
    """Pay what an earlier payer left to the patient, at most what this payer would have paid."""
    open_cents = line.prior_patient_cents or 0
    paid = min(open_cents, first.paid_cents)
    cuts = []
    if line.charge_cents != open_cents:
        cuts.append(Cut("OA", "23", line.charge_cents - open_cents))
    if open_cents != paid:
        cuts.append(Cut("PR", "2", open_cents - paid))
    return replace(first, paid_cents=paid, cuts=tuple(cuts), remarks=())


def _close(claim: SubmittedClaim, number: str, lines: tuple[LineDecision, ...]) -> ClaimDecision:
    cuts = [cut for line in lines for cut in line.cuts]
    return ClaimDecision(
        claim=claim,
        status=_PROCESSED_AS.get(claim.responsibility, "1"),
        payer_claim_number=number,
        paid_cents=sum(line.paid_cents for line in lines),
        patient_cents=sum(cut.cents for cut in cuts if cut.group == "PR"),
        cuts=(),
        lines=lines,
        remarks=(),
        deductible_used_cents=sum(c.cents for c in cuts if (c.group, c.carc) == ("PR", "1")),
        struck_rules=tuple(dict.fromkeys(line.rule for line in lines if line.rule)),
    )


def _refuse_member(claim: SubmittedClaim, number: str) -> ClaimDecision:
    """Decide without lines: nobody of this id is insured here (CLP02 4, claim level only)."""
    cut = Cut("PR", _MEMBER_UNKNOWN, claim.charge_cents)
    return replace(
        _close(claim, number, ()), status="4", patient_cents=claim.charge_cents, cuts=(cut,)
    )


def _is_member(claim: SubmittedClaim, starts: tuple[str, ...]) -> bool:
    return bool(starts) and claim.member_id.startswith(starts)


def _is_unknown(claim: SubmittedClaim, payer: PayerContract, seed: int) -> bool:
    return _is_member(claim, payer.unknown_members) or is_drawn(
        seed, "unknown", payer.payer_id, claim.member_id, permille=payer.unknown_permille
    )


def _is_qmb(claim: SubmittedClaim, payer: PayerContract, seed: int) -> bool:
    return _is_member(claim, payer.qmb_members) or is_drawn(
        seed, "qmb", payer.payer_id, claim.member_id, permille=payer.qmb_permille
    )


def find_deductible(payer: PayerContract, member_id: str, *, used_cents: int, seed: int) -> int:
    """Return what this member still has to bear of the year's deductible, 0 or more."""
    names = ("deductible", payer.payer_id, member_id)
    if is_drawn(seed, *names, permille=payer.deductible_met_permille):
        return 0
    return max(0, payer.deductible_cents - used_cents)


def decide_claim(
    claim: SubmittedClaim,
    payer: PayerContract,
    *,
    deductible_left_cents: int,
    chance: Chance,
) -> ClaimDecision:
    """Decide one claim by this payer's contract.

    Args:
        claim: As submitted; it need not be well-formed, only read.
        payer: The contract of the payer in 2010BB.
        deductible_left_cents: What the member still has to bear this year, 0 or more.
        chance: Seed and memory.

    Returns:
        A decision that balances at line and claim. Denials come with CLP02 1, 2 or 3 and a group
        and reason per line; 4 says only that the member wasn't found.
    """
    number = number_claim(chance.seed, payer, claim)
    if _is_unknown(claim, payer, chance.seed):
        return _refuse_member(claim, number)
    rule = find_claim_rule(
        payer.rules, claim, at=RuleAt.CLAIM, seed=chance.seed, struck=chance.struck
    )
    if rule is not None:
        bare = replace(rule, remarks=())
        denied = _close(claim, number, tuple(_deny(line, bare) for line in claim.lines))
        return replace(denied, remarks=rule.remarks, status=rule.claim_status or denied.status)
    purse = _Purse(deductible_left_cents, payer.copay_cents)
    is_qmb = _is_qmb(claim, payer, chance.seed)
    lines = [_decide_line(claim, line, payer, purse, chance, is_qmb=is_qmb) for line in claim.lines]
    return _close(claim, number, tuple(lines))


def _decide_line(
    claim: SubmittedClaim,
    line: SubmittedLine,
    payer: PayerContract,
    purse: _Purse,
    chance: Chance,
    *,
    is_qmb: bool,
) -> LineDecision:
    rule = find_line_rule(payer.rules, claim, line, seed=chance.seed, struck=chance.struck)
    if rule is not None:
        return _deny(line, rule)
    priced = _price(payer, line, purse, is_qmb=is_qmb, chance=chance)
    return priced if line.prior_patient_cents is None else _price_secondary(line, priced)


def deny_duplicate(claim: SubmittedClaim, payer: PayerContract, *, seed: int) -> ClaimDecision:
    """Deny a claim that was paid before and came again as an original (CO-18)."""
    rule = Rule(name="duplicate", at=RuleAt.CLAIM, group="CO", carc="18")
    number = number_claim(seed, payer, claim)
    return _close(claim, number, tuple(_deny(line, rule) for line in claim.lines))


def reverse_decision(decision: ClaimDecision) -> ClaimDecision:
    """Return the reversal (CLP02 22): every amount of the decision with its sign turned.

    Source:
        TR3 005010X221A1 1.10.2.8.
    """
    return replace(
        decision,
        claim=replace(decision.claim, charge_cents=-decision.claim.charge_cents),
        status="22",
        paid_cents=-decision.paid_cents,
        patient_cents=0,
        cuts=tuple(replace(cut, cents=-cut.cents) for cut in decision.cuts),
        lines=tuple(_reverse_line(line) for line in decision.lines),
        deductible_used_cents=-decision.deductible_used_cents,
    )


def _reverse_line(line: LineDecision) -> LineDecision:
    return replace(
        line,
        line=replace(line.line, charge_cents=-line.line.charge_cents),
        allowed_cents=-line.allowed_cents,
        paid_cents=-line.paid_cents,
        cuts=tuple(replace(cut, cents=-cut.cents) for cut in line.cuts),
    )
