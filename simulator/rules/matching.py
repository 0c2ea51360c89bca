"""Which rule of a contract strikes which claim or line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rules.draws import is_drawn
from simulator.values import RuleAt

if TYPE_CHECKING:
    from collections.abc import Iterable

    from simulator.values import Rule, SubmittedClaim, SubmittedLine, When


def _fits_claim(when: When, claim: SubmittedClaim) -> bool:
    facts = (
        not when.places or claim.place in when.places,
        not when.frequencies or claim.frequency in when.frequencies,
        claim.member_id.startswith(when.member),
        claim.claim_number.startswith(when.claim_number),
        not when.diagnosis or any(d.startswith(when.diagnosis) for d in claim.diagnoses),
    )
    return all(facts)


def _fits_line(when: When, line: SubmittedLine) -> bool:
    return (not when.procedures or line.procedure in when.procedures) and (
        not when.modifiers or bool(when.modifiers.intersection(line.modifiers))
    )


def _fits_any_line(when: When, claim: SubmittedClaim) -> bool:
    return any(_fits_line(when, line) for line in claim.lines)


def find_claim_rule(
    rules: Iterable[Rule],
    claim: SubmittedClaim,
    *,
    at: RuleAt,
    seed: int,
    struck: frozenset[tuple[str, str]] = frozenset(),
) -> Rule | None:
    """Return the first rule at this door that strikes the claim, or None.

    Args:
        rules: In the order of the contract.
        claim: The claim as submitted.
        at: The door: transaction, clearinghouse, payer, claim or reversal.
        seed: The run's seed.
        struck: Pairs (rule name, claim number) of earlier strikes, for rules that strike once.
    """
    for rule in rules:
        if rule.at is not at or not _fits_claim(rule.when, claim):
            continue
        if not _fits_any_line(rule.when, claim):
            continue
        if rule.is_once and (rule.name, claim.claim_number) in struck:
            continue
        if is_drawn(seed, rule.name, claim.claim_number, permille=rule.permille):
            return rule
    return None


def find_line_rule(
    rules: Iterable[Rule],
    claim: SubmittedClaim,
    line: SubmittedLine,
    *,
    seed: int,
    struck: frozenset[tuple[str, str]] = frozenset(),
) -> Rule | None:
    """Return the first rule that denies this line, or None."""
    for rule in rules:
        if rule.at is not RuleAt.LINE:
            continue
        if not (_fits_claim(rule.when, claim) and _fits_line(rule.when, line)):
            continue
        if rule.is_once and (rule.name, claim.claim_number) in struck:
            continue
        names = (rule.name, claim.claim_number, line.line_control or line.procedure)
        if is_drawn(seed, *names, permille=rule.permille):
            return rule
    return None
