"""From decisions to a check: what is paid, what is moved at provider level, what is carried on.

A check is never below zero: what the payee owes is carried forward (PLB FB) to the next one.

Source:
    TR3 005010X221A1 1.10.2.1, 1.10.2.12.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.rules.draws import draw_number, is_drawn
from simulator.values import Check, Cut, Fault, Plb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.values import BillingProvider, ClaimDecision, LineDecision, PayerContract

_WRONG_CENTS = 100


def make_check(
    payer: PayerContract,
    payee: BillingProvider,
    decisions: Sequence[ClaimDecision],
    *,
    seed: int,
    run_name: str,
    carried_cents: int,
) -> Check:
    """Return a check that balances.

    Args:
        payer: Whose money it is.
        payee: Who bills these claims.
        decisions: In the order of the 835.
        seed: The run's seed.
        run_name: Day and stage; with seed, payer and payee it makes the trace number.
        carried_cents: What the payee owes from earlier checks, 0 or more.
    """
    names = (payer.payer_id, payee.party.id, run_name)
    paid = sum(d.paid_cents for d in decisions)
    plb = [
        Plb(level.reason, level.reference, level.cents)
        for level in payer.provider_level
        if is_drawn(seed, "plb", level.reason, *names, permille=level.permille)
    ]
    trace = f"{payer.payer_id}{draw_number(seed, 'trace', *names, below=10**9):09d}"
    net = paid - sum(pair.cents for pair in plb)
    taken = min(carried_cents, max(net, 0))
    if taken:
        plb.append(Plb("FB", trace, taken))
        net -= taken
    owed = carried_cents - taken
    if net < 0:
        plb.append(Plb("FB", trace, net))
        owed -= net
        net = 0
    return Check(trace, payee, tuple(decisions), tuple(plb), net, owed)


def spoil_check(check: Check, faults: frozenset[Fault]) -> Check:
    """Return the check as a scenario wants it wrong; without faults, unchanged."""
    if Fault.UNBALANCED_CLAIM in faults:
        check = replace(check, decisions=_spoil_first(check.decisions))
    if Fault.UNBALANCED_CHECK in faults:
        check = replace(check, bpr02_cents=check.bpr02_cents + _WRONG_CENTS)
    return check


def _spoil_first(decisions: Sequence[ClaimDecision]) -> tuple[ClaimDecision, ...]:
    """Return the decisions with one adjustment of one paid line a dollar too high."""
    spoiled = list(decisions)
    for place, decision in enumerate(spoiled):
        if decision.paid_cents > 0 and decision.lines:
            first, *rest = decision.lines
            spoiled[place] = replace(decision, lines=(_spoil_line(first), *rest))
            break
    return tuple(spoiled)


def _spoil_line(line: LineDecision) -> LineDecision:
    return replace(line, cuts=(*line.cuts, Cut("OA", "94", _WRONG_CENTS)))
