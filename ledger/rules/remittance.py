"""From a payer's adjustments to decisions: write off, leave open, move on, or ask a person.

Nothing is written off but what stands in a dated table; nothing becomes the patient's but
deductible, coinsurance and copay, and of those only what the patient may be billed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from config.finding import Finding, Level
from config.money import Money
from ledger.rules.balances import check_line_balances, check_lines_paid
from ledger.rules.patient_share import COST_SHARES, compute_patient_ceiling
from ledger.rules.tables import find_write_off
from ledger.values.accounts import Account
from ledger.values.remittance import (
    Cas,
    ClaimDecisions,
    Decision,
    LineOutcome,
    Treatment,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.values.remittance import (
        RemitClaim,
        RemitLine,
    )

# Amounts that a line's open balance bounds; what exceeds it was settled before (R52).
_MOVING: Final = frozenset(
    {
        Treatment.WRITE_OFF,
        Treatment.LOWERED,
        Treatment.PATIENT,
        Treatment.NEXT_PAYER,
        Treatment.ASK,
        Treatment.OPEN,
    }
)
_UNPROCESSED: Final = "MA130"
_NO_DECISION: Final = {
    "22": ("claim-is-reversal", "it takes back an earlier answer", "reverse that posting"),
    "25": ("claim-is-estimate", "it only says what would be paid", "file it, post nothing"),
}


def decide_claim(claim: RemitClaim) -> ClaimDecisions:
    """Decide what becomes of every amount that a payer adjusted.

    For an answer without service lines, give the claim's own lines with `paid` equal to `charge`
    and no adjustments: the claim's adjustments are spread over them.

    Args:
        claim: A claim whose lines and total balance; one that doesn't is not decided.

    Returns:
        Decisions in line order; an error finding means that nothing may be posted.

    Source:
        House: DESIGN 7.2, 7.5, 7.6; P1 (CLP02 never decides), P2, P3, P4; R44, R52.
    """
    if claim.status in _NO_DECISION:
        code, message, fix = _NO_DECISION[claim.status]
        return ClaimDecisions((), (), (), (Finding(code, "CLP02", message, fix),))
    if not claim.lines:
        finding = Finding(
            "claim-without-lines",
            "CLP",
            "the answer names no line that can be posted to",
            "match it to the claim's own lines",
        )
        return ClaimDecisions((), (), (), (finding,))
    lines = spread_claim_adjustments(claim)
    spread = replace(claim, lines=lines, adjustments=())
    if findings := [*check_line_balances(spread), *check_lines_paid(spread)]:
        return ClaimDecisions((), (), (), tuple(findings))
    decisions: list[Decision] = []
    outcomes: list[LineOutcome] = []
    for index, line in enumerate(lines):
        decided = _decide_line(claim, line, index)
        decisions += decided
        outcomes.append(_compute_outcome(claim, line, index, decided))
    return ClaimDecisions(
        lines, tuple(decisions), tuple(outcomes), tuple(_list_warnings(claim, decisions, outcomes))
    )


def spread_claim_adjustments(claim: RemitClaim) -> tuple[RemitLine, ...]:
    """Return the lines with the claim's own adjustments spread over what each was paid.

    The parts add up to the cent: what rounding leaves goes to the lines with the largest rest.
    """
    lines = list(claim.lines)
    for cas in claim.adjustments:
        parts = _split(cas.amount.cents, [max(line.paid.cents, 0) for line in lines])
        lines = [
            replace(
                line,
                paid=line.paid - Money(part, cas.amount.currency),
                adjustments=(
                    *line.adjustments,
                    Cas(cas.group, cas.carc, Money(part, cas.amount.currency)),
                ),
            )
            if part
            else line
            for line, part in zip(lines, parts, strict=True)
        ]
    return tuple(lines)


def _split(cents: int, weights: Sequence[int]) -> list[int]:
    total = sum(weights)
    if total == 0:
        return [cents, *[0] * (len(weights) - 1)]
    parts = [abs(cents) * weight // total for weight in weights]
    rests = sorted(
        range(len(weights)), key=lambda place: (-(abs(cents) * weights[place] % total), place)
    )
    for place in rests[: abs(cents) - sum(parts)]:
        parts[place] += 1
    return [part if cents >= 0 else -part for part in parts]


def _decide_line(claim: RemitClaim, line: RemitLine, index: int) -> list[Decision]:
    before = line.charge if line.open_balance is None else line.open_balance
    open_cents = before.cents - line.paid.cents
    decisions: list[Decision] = []
    # The patient's share first: a second payer repeats the first one's write-offs, not its share.
    for cas in sorted(line.adjustments, key=lambda cas: cas.group != "PR"):
        decision = _decide(claim, line, index, cas)
        if decision.treatment in _MOVING and cas.amount.cents > 0:
            fits = min(cas.amount.cents, max(open_cents, 0))
            decisions += _bound(decision, fits)
            open_cents -= fits
        else:
            decisions.append(decision)
            if decision.treatment in _MOVING:
                open_cents -= cas.amount.cents
    return decisions


def _bound(decision: Decision, cents: int) -> list[Decision]:
    """Split a decision into what the line still has open and what was settled before."""
    currency = decision.amount.currency
    rest = decision.amount.cents - cents
    bounded = [replace(decision, amount=Money(cents, currency))] if cents else []
    if rest:
        bounded.append(
            replace(
                decision,
                amount=Money(rest, currency),
                treatment=Treatment.REPEATED,
                account=None,
                rule="remittance/repeated",
                source="House: R52, never written off below nil",
            )
        )
    return bounded


def _decide(claim: RemitClaim, line: RemitLine, index: int, cas: Cas) -> Decision:
    remarks = frozenset((*line.remarks, *claim.remarks))
    kept = Decision(
        index, cas, cas.amount, Treatment.OPEN, None, "remittance/open", "House: DESIGN 7.5, P2"
    )
    if _UNPROCESSED in remarks:
        source = "X12 RARC MA130; House: P6"
        return replace(kept, rule="remittance/unprocessed", source=source)
    if cas.code == "OA-23" and claim.sequence > 1:
        return replace(
            kept,
            treatment=Treatment.PRIOR_PAYER,
            rule="remittance/prior-payer",
            source="X12 CARC 23; House: R43",
        )
    if cas.group == "PR":
        return _decide_patient(claim, index, cas, remarks)
    if cas.code == "OA-209":
        return _decide_barred(claim, index, cas, remarks)
    return _decide_write_off(claim, line, kept, remarks)


def _decide_write_off(
    claim: RemitClaim, line: RemitLine, kept: Decision, remarks: frozenset[str]
) -> Decision:
    cas = kept.cas
    row = find_write_off((cas.group, cas.carc), claim.payer, remarks, claim.served_on)
    if row is None:
        return kept
    if row.rate_max is not None and not _is_within(cas.amount, line.paid, row.rate_max):
        return replace(kept, rule=f"{row.name}-rate", source=row.source)
    return replace(
        kept,
        treatment=Treatment.WRITE_OFF,
        account=row.account,
        rule=row.name,
        source=row.source,
    )


def _is_within(amount: Money, paid: Money, rate_max: int) -> bool:
    """Say whether an amount is at most the rate of what was paid before it, to the next cent."""
    return amount.cents * 10_000 <= rate_max * (paid.cents + amount.cents) + 10_000


def _decide_patient(claim: RemitClaim, index: int, cas: Cas, remarks: frozenset[str]) -> Decision:
    if cas.carc not in COST_SHARES:
        rule = {"100": "ask/paid-to-patient", "45": "ask/above-allowed"}.get(cas.carc, "ask/pr")
        return Decision(index, cas, cas.amount, Treatment.ASK, None, rule, "House: P4, DESIGN 7.6")
    if claim.next_payer_id is not None:
        return Decision(
            index,
            cas,
            cas.amount,
            Treatment.NEXT_PAYER,
            None,
            "patient-share/next-payer",
            "House: DESIGN 7.6",
        )
    ceiling = compute_patient_ceiling(cas, claim.payer, remarks, on=claim.served_on)
    treatment = Treatment.PATIENT if ceiling.account is None else Treatment.LOWERED
    return Decision(
        index, cas, cas.amount, treatment, ceiling.account, ceiling.rule, ceiling.source
    )


def _decide_barred(claim: RemitClaim, index: int, cas: Cas, remarks: frozenset[str]) -> Decision:
    """OA-209 may go to a later payer, never to the patient; QMB ends it (P3)."""
    source = "X12 CARC 209; House: P3"
    if claim.next_payer_id is not None:
        return Decision(
            index,
            cas,
            cas.amount,
            Treatment.NEXT_PAYER,
            None,
            "patient-share/next-payer",
            source,
        )
    share = replace(cas, group="PR")
    ceiling = compute_patient_ceiling(share, claim.payer, remarks, on=claim.served_on)
    if ceiling.account is Account.QMB:
        return Decision(
            index, cas, cas.amount, Treatment.LOWERED, Account.QMB, ceiling.rule, ceiling.source
        )
    return Decision(index, cas, cas.amount, Treatment.OPEN, None, "remittance/open", source)


def _compute_outcome(
    claim: RemitClaim, line: RemitLine, index: int, decided: Sequence[Decision]
) -> LineOutcome:
    sums = dict.fromkeys(Treatment, Money(0, line.paid.currency))
    contractual = Money(0, line.paid.currency)
    for decision in decided:
        sums[decision.treatment] = sums[decision.treatment] + decision.amount
        if decision.account is Account.CONTRACTUAL:
            contractual = contractual + decision.amount
    waiting = sums[Treatment.OPEN] + sums[Treatment.ASK]
    return LineOutcome(
        index,
        line.paid,
        sums[Treatment.WRITE_OFF] + sums[Treatment.LOWERED],
        sums[Treatment.OPEN],
        sums[Treatment.ASK],
        sums[Treatment.PATIENT],
        sums[Treatment.NEXT_PAYER],
        is_denied=line.paid.cents <= 0 and waiting.cents > 0,
        underpaid=_compute_underpaid(claim, line, contractual),
    )


def _compute_underpaid(claim: RemitClaim, line: RemitLine, contractual: Money) -> Money:
    """Return by how much a contractual adjustment takes more than the contract does (P2)."""
    nil = Money(0, line.charge.currency)
    if line.expected_allowed is None or not contractual or claim.sequence > 1:
        return nil
    short = line.expected_allowed - (line.charge - contractual)
    return short if short.cents > 0 else nil


def _list_warnings(
    claim: RemitClaim, decisions: Sequence[Decision], outcomes: Sequence[LineOutcome]
) -> list[Finding]:
    warnings = [
        Finding(
            "underpaid",
            f"line {outcome.index + 1}",
            f"the payer allowed {outcome.underpaid} less than the contract",
            "compare with the contract and dispute it",
            Level.WARNING,
        )
        for outcome in outcomes
        if outcome.underpaid
    ]
    warnings += [
        Finding(
            "sequestration-rate",
            f"line {decision.line_index + 1}",
            "the sequestration is more than the rate of its date",
            "leave it open and ask the payer",
            Level.WARNING,
        )
        for decision in decisions
        if decision.rule.endswith("-rate")
    ]
    if _UNPROCESSED in claim.remarks:
        warnings.append(
            Finding(
                "unprocessed",
                "CLP",
                "the payer could not process the claim: it has no appeal rights",
                "correct it and send it as a new claim within the filing limit",
                Level.WARNING,
            )
        )
    return warnings
