"""The totals of a 277CA: charges and counts of what was accepted and rejected, level by level.

Source:
    TR3 005010X214 2200B, 2200C: STC04, QTY, AMT.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edi.amounts import read_cents, read_count
from edi.values import Fault, Loop

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from edi.values import Segment

# Loop that holds the totals, and QTY01 of accepted and rejected, by level.
_LEVELS = {"2000B": ("2200B", "90", "AA"), "2000C": ("2200C", "QA", "QC")}
_FIX = "ask the sender for a corrected 277CA; go by the status of each claim"
_ACCEPTING = frozenset({"A0", "A1", "A2", "A5"})


@dataclass(slots=True)
class _Tally:
    """What the claims below one level add up to."""

    level: Loop
    accepted_count: int = 0
    rejected_count: int = 0
    accepted_cents: int = 0
    rejected_cents: int = 0
    is_known: bool = True

    def count(self, cents: int | None, *, is_accepted: bool) -> None:
        """Count one claim; a claim without a readable amount makes the sums unknown."""
        self.is_known = self.is_known and cents is not None
        if is_accepted:
            self.accepted_count += 1
            self.accepted_cents += cents or 0
        else:
            self.rejected_count += 1
            self.rejected_cents += cents or 0


def is_accepting(status: Segment) -> bool:
    """Return whether an STC lets its claim go on: by its action, else by its category."""
    if status[3]:
        return status[3] == "WQ"
    return status.get(1, 1) in _ACCEPTING


class Balance277CA:
    """Counts claims as they come and compares with the totals at the end."""

    def __init__(self) -> None:
        self._tallies: dict[int, _Tally] = {}

    def see(self, loop: Loop) -> Iterable[Fault]:
        """Count one claim (2200D); report statuses whose action and category disagree."""
        statuses = loop.all("STC")
        is_accepted = bool(statuses) and all(is_accepting(status) for status in statuses)
        cents = read_cents(statuses[0][4]) if statuses else None
        for name in _LEVELS:
            level = loop.ancestor(name)
            if level is not None:
                tally = self._tallies.setdefault(id(level), _Tally(level))
                tally.count(cents, is_accepted=is_accepted)
        for status in statuses:
            yield from _check_action(status)

    def end(self, root: Loop) -> Iterable[Fault]:
        """Return totals that don't add up, first those with claims, then those without."""
        for loop in root.walk():
            if loop.name in _LEVELS:
                self._tallies.setdefault(id(loop), _Tally(loop))
        for tally in self._tallies.values():
            yield from _check_level(tally)


def _check_action(status: Segment) -> Iterator[Fault]:
    category = status.get(1, 1)
    says_yes = category in _ACCEPTING
    says_no = category in {"A3", "A4", "A6", "A7", "A8"}
    if (status[3] == "U" and says_yes) or (status[3] == "WQ" and says_no):
        yield _fault(status, 3, "status-action", "the action (STC03) contradicts the category")


def _check_level(tally: _Tally) -> Iterator[Fault]:
    name, accepted, rejected = _LEVELS[tally.level.name]
    totals = tally.level.child(name)
    if totals is None:
        return
    yield from _check_amounts(totals)
    if not tally.accepted_count and not tally.rejected_count:
        return
    counted = ((accepted, tally.accepted_count), (rejected, tally.rejected_count))
    for code, number in counted:
        quantity = totals.first("QTY", code)
        if quantity is not None and read_count(quantity[2]) not in {None, number}:
            message = f"it says {quantity[2]} claims, {number} are listed"
            yield _fault(quantity, 2, "status-count", message)
    if not tally.is_known:
        return
    for code, cents in (("YU", tally.accepted_cents), ("YY", tally.rejected_cents)):
        amount = totals.first("AMT", code)
        if amount is not None and read_cents(amount[2]) not in {None, cents}:
            yield _fault(amount, 2, "status-amount", "the total is not the sum of its claims")


def _check_amounts(totals: Loop) -> Iterator[Fault]:
    """STC04 of a level is what was accepted plus what was rejected, where both are told."""
    status = totals.first("STC")
    parts = [*totals.all("AMT", "YU"), *totals.all("AMT", "YY")]
    if status is None or not parts:
        return
    whole = read_cents(status[4])
    cents = [read_cents(part[2]) for part in parts]
    known = [amount for amount in cents if amount is not None]
    if whole is not None and len(known) == len(cents) and whole != sum(known):
        yield _fault(status, 4, "status-total", "the total is not accepted plus rejected (AMT)")


def _fault(segment: Segment, element: int, code: str, message: str) -> Fault:
    return Fault(
        code=code,
        message=message,
        fix=_FIX,
        snip=3,
        segment_index=segment.index,
        segment=segment.id,
        loop=None,
        element=element,
    )
