"""The three balances of an 835: line, claim and check.

Amounts are exact cents. An amount that can't be read is reported where it stands (SNIP 1) and the
balances that need it are left out rather than guessed.

Source:
    TR3 005010X221A1 1.10.2.1 to 1.10.2.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edi.amounts import is_number, read_cents
from edi.values import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from edi.values import Loop, Segment

# Where CAS amounts and PLB amounts stand.
CAS_AMOUNTS = (3, 6, 9, 12, 15, 18)
PLB_AMOUNTS = (4, 6, 8, 10, 12, 14)
_PREDETERMINED = "25"


class _Sum:
    """A sum of amounts that knows when one of them couldn't be read."""

    __slots__ = ("cents", "is_known")

    def __init__(self) -> None:
        self.cents = 0
        self.is_known = True

    def add(self, text: str) -> None:
        """Add an amount; an empty one counts as nothing."""
        if not text:
            return
        cents = read_cents(text)
        if cents is None:
            self.is_known = False
        else:
            self.cents += cents


def sum_adjustments(loop: Loop, total: _Sum) -> None:
    """Add every CAS amount of one loop to the total."""
    for segment in loop.segments:
        if segment.id == "CAS":
            for place in CAS_AMOUNTS:
                total.add(segment[place])


class Balance835:
    """Checks each claim as it is read and the check as a whole at the end."""

    def __init__(self) -> None:
        self._paid = _Sum()

    def see(self, loop: Loop) -> Iterable[Fault]:
        """Return what doesn't balance in one claim (2100) and its lines (2110)."""
        claim = loop.first("CLP")
        if claim is None:
            return
        if claim[2] != _PREDETERMINED:
            self._paid.add(claim[4])
        adjusted = _Sum()
        sum_adjustments(loop, adjusted)
        charged, has_lines = _Sum(), False
        for line in loop.children:
            service = line.first("SVC")
            if service is None:
                continue
            has_lines = True
            own = _Sum()
            sum_adjustments(line, own)
            yield from _check_line(service, own)
            charged.add(service[2])
            adjusted.cents += own.cents
            adjusted.is_known &= own.is_known
        yield from _check_claim(claim, adjusted)
        if has_lines:
            yield from _check_line_charges(claim, charged)
        if not (adjusted.is_known and charged.is_known) or read_cents(claim[3]) is None:
            yield from _check_fractions(loop)

    def _add_unplaced(self, root: Loop) -> None:
        """Count claims that stood where the guide has none: they are paid all the same."""
        for loop in root.walk():
            for segment in loop.segments:
                if segment.id == "CLP" and segment[2] != _PREDETERMINED:
                    self._paid.add(segment[4])

    def end(self, root: Loop) -> Iterable[Fault]:
        """Return what doesn't balance between BPR, the claims and PLB."""
        payment = root.first("BPR")
        if payment is None:
            return
        taken = _Sum()
        for segment in root.all("PLB"):
            for place in PLB_AMOUNTS:
                taken.add(segment[place])
        self._add_unplaced(root)
        paid = read_cents(payment[2])
        if paid is None or not (taken.is_known and self._paid.is_known):
            return
        expected = self._paid.cents - taken.cents
        if paid != expected:
            yield Fault(
                code="check-balance",
                message=(
                    "the payment (BPR02) is not the sum of what the claims were paid (CLP04)"
                    f" less the provider adjustments (PLB): {_gap(paid - expected)}"
                ),
                fix="ask the payer for a corrected 835; nothing of this one may be posted",
                snip=3,
                segment_index=payment.index,
                segment="BPR",
                loop="ST",
                element=2,
            )
        if paid < 0:
            yield Fault(
                code="check-negative",
                message="the payment (BPR02) is below zero",
                fix="ask the payer to carry what it is owed forward (PLB FB)",
                snip=3,
                segment_index=payment.index,
                segment="BPR",
                loop="ST",
                element=2,
            )


def _gap(cents: int) -> str:
    """Say how far apart two sums are; a difference shows nothing of a patient."""
    word = "over" if cents > 0 else "under"
    whole, rest = divmod(abs(cents), 100)
    return f"{whole}.{rest:02d} {word}"


def _check_line(service: Segment, adjusted: _Sum) -> Iterator[Fault]:
    charge, paid = read_cents(service[2]), read_cents(service[3])
    if charge is None or paid is None or not adjusted.is_known:
        return
    gap = charge - adjusted.cents - paid
    if gap:
        yield Fault(
            code="line-balance",
            message=f"charge less adjustments is not what the line was paid: {_gap(-gap)}",
            fix="hold this claim and ask the payer; SVC02 - sum of CAS must be SVC03",
            snip=3,
            segment_index=service.index,
            segment="SVC",
            loop="2110",
            element=3,
        )


def _check_claim(claim: Segment, adjusted: _Sum) -> Iterator[Fault]:
    charge, paid = read_cents(claim[3]), read_cents(claim[4])
    if charge is None or paid is None or not adjusted.is_known:
        return
    gap = charge - adjusted.cents - paid
    if gap:
        yield Fault(
            code="claim-balance",
            message=f"charge less adjustments is not what the claim was paid: {_gap(-gap)}",
            fix="hold this claim and ask the payer; CLP03 - sum of CAS (2100, 2110) must be CLP04",
            snip=3,
            segment_index=claim.index,
            segment="CLP",
            loop="2100",
            element=4,
        )


def _check_line_charges(claim: Segment, charged: _Sum) -> Iterator[Fault]:
    """Warn where lines and claim charge differ: legal when the payer bundled or split."""
    charge = read_cents(claim[3])
    if charge is not None and charged.is_known and charge != charged.cents:
        yield Fault(
            level="warning",
            code="claim-charge",
            message="the charges of the lines don't add up to the claim's charge",
            fix="look for bundled or split lines (SVC06) before posting by line",
            snip=3,
            segment_index=claim.index,
            segment="CLP",
            loop="2100",
            element=3,
        )


_MONEY = {"CLP": (3, 4, 5), "SVC": (2, 3), "CAS": CAS_AMOUNTS}


def _check_fractions(loop: Loop) -> Iterator[Fault]:
    for part in loop.walk():
        for segment in part.segments:
            for place in _MONEY.get(segment.id, ()):
                text = segment[place]
                if text and read_cents(text) is None and is_number(text):
                    yield Fault(
                        code="amount-fraction",
                        message="the amount is finer than a cent",
                        fix="ask the payer for amounts in whole cents",
                        snip=3,
                        segment_index=segment.index,
                        segment=segment.id,
                        loop=part.name,
                        element=place,
                        x12="IK403:6",
                    )
