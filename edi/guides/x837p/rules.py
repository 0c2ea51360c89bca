"""What must balance or agree within one professional claim.

Amounts are exact cents. An amount that can't be read is reported where it stands, and the sums that
need it are left out rather than guessed.

Source:
    TR3 005010X222A1 1.4.4 (balancing), 2300 CLM02, 2400 LX01 and SV107.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from edi.amounts import read_cents
from edi.values import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from edi.values import Loop, Segment

_ADJUSTMENT_AMOUNTS = range(3, 19, 3)


class ClaimRules:
    """The whole-loop checks of an 837P; keeps nothing from one claim to the next."""

    def see(self, loop: Loop) -> Iterable[Fault]:
        """Return what doesn't hold in a subscriber (2010BA) or a claim (2300)."""
        if loop.name == "2010BA":
            yield from check_member_id(loop)
            return
        yield from check_patient_level(loop)
        yield from check_total_charge(loop)
        yield from check_lines(loop)
        others = loop.children_named("2320")
        if others:
            yield from check_payer_ranks(loop, others)
            yield from check_other_payers(loop, others)

    def end(self, root: Loop) -> Iterable[Fault]:
        """Return nothing: an 837P has no totals over its claims."""
        del root
        return ()


def check_member_id(subscriber: Loop) -> Iterator[Fault]:
    """Return a fault if a person has no member id."""
    name = subscriber.first("NM1")
    if name is not None and name[2] == "1" and not name[9]:
        yield _fault(
            name,
            subscriber,
            "member-id-missing",
            "A subscriber who is a person needs a member id (NM109).",
            fix="Put the member id of the insurance card in NM109, with NM108 MI.",
            place=(9, 2, "IK403:I9"),
        )


def check_patient_level(claim: Loop) -> Iterator[Fault]:
    """Warn if a claim stands with a subscriber who isn't said to be the patient.

    Source:
        TR3 005010X222A1 2000B SBR02.
    """
    level = claim.parent
    if level is None or level.name != "2000B":
        return
    coverage = level.first("SBR")
    if coverage is not None and coverage[2] != "18":
        yield replace(
            _fault(
                coverage,
                level,
                "patient-level",
                "Claims stand here with the subscriber, but SBR02 doesn't say that the subscriber"
                " is the patient.",
                fix="Put 18 in SBR02, or send the claim under a patient level (HL 23).",
                place=(2, 4, "IK403:I9"),
            ),
            level="warning",
        )


def check_total_charge(claim: Loop) -> Iterator[Fault]:
    """Return a fault if the claim total is not the sum of its lines, or a charge is negative.

    Source:
        TR3 005010X222A1 2300 CLM02.
    """
    head = claim.segments[0]
    total = read_cents(head[2])
    charges = []
    for line in claim.children_named("2400"):
        service = line.first("SV1")
        cents = None if service is None else read_cents(service[2])
        charges.append(cents)
        if service is not None and cents is not None and cents < 0:
            yield _fault(
                service,
                line,
                "charge-negative",
                "A line charge may not be negative.",
                fix="Leave the line out, or replace the claim (frequency 7).",
                place=(2, 2, "IK403:7"),
            )
    known = [cents for cents in charges if cents is not None]
    if total is not None and len(known) == len(charges) and sum(known) != total:
        yield _fault(
            head,
            claim,
            "charge-total",
            "The total charge (CLM02) is not the sum of the line charges (SV102).",
            fix="Correct the total, or the line that is wrong or missing.",
            place=(2, 3, None),
        )


def check_lines(claim: Loop) -> Iterator[Fault]:
    """Return faults of line numbers and of pointers to diagnoses that aren't there."""
    diagnoses = next(
        (len(s) for s in claim.segments if s.id == "HI" and s.get(1, 1) in ("ABK", "BK")), 0
    )
    for number, line in enumerate(claim.children_named("2400"), 1):
        head = line.segments[0]
        if head[1] != str(number):
            yield _fault(
                head,
                line,
                "line-number",
                f"LX01 must be {number}: lines count up from 1 in each claim.",
                fix=f"Put {number} in LX01.",
                place=(1, 2, "IK403:7"),
            )
        service = line.first("SV1")
        if service is None:
            continue
        for component, pointer in enumerate(service.components(7), 1):
            is_number = pointer.isdecimal() and len(pointer) <= 2
            if is_number and not 1 <= int(pointer) <= diagnoses:
                yield _fault(
                    service,
                    line,
                    "pointer-without-diagnosis",
                    f"The line points to a diagnosis that the claim doesn't have; it has"
                    f" {diagnoses}.",
                    fix="Add the diagnosis to HI, or correct the pointer.",
                    place=(7, 2, "IK403:7"),
                    component=component,
                )


def check_payer_ranks(claim: Loop, others: list[Loop]) -> Iterator[Fault]:
    """Return a fault for each payer whose turn (SBR01) another payer of the claim has."""
    subscriber = claim.ancestor("2000B")
    seen = {subscriber.value("SBR", 1)} if subscriber is not None else set()
    for other in others:
        head = other.segments[0]
        rank = head[1]
        if rank in seen and rank not in ("", "U"):
            yield _fault(
                head,
                other,
                "payer-rank-repeated",
                "Two payers of the claim have the same turn (SBR01).",
                fix="Give each payer its own turn: P, S, T, A to H.",
                place=(1, 3, None),
            )
        seen.add(rank)


def check_other_payers(claim: Loop, others: list[Loop]) -> Iterator[Fault]:
    """Return what doesn't balance in the decisions of payers that went before.

    Per line and payer: charge = paid + adjustments. Per payer that says what it paid on the claim:
    total charge = paid + adjustments of the claim + its adjustments on the lines.

    Source:
        TR3 005010X222A1 1.4.4.2.
    """
    payers = {other: _find_payer_id(other) for other in others}
    line_adjustments: dict[str, int | None] = {}
    for line in claim.children_named("2400"):
        decided = _sum_decisions(line)
        charge = read_cents(line.value("SV1", 2))
        for payer, (decision, paid, adjusted) in decided.items():
            head = decision.segments[0]
            if payer not in payers.values():
                yield _fault(
                    head,
                    decision,
                    "other-payer-unknown",
                    "SVD01 names a payer that the claim doesn't have.",
                    fix="Put the payer's id (NM109 of its loop 2330B) in SVD01.",
                    place=(1, 3, None),
                )
            if None not in (charge, paid, adjusted) and charge != (paid or 0) + (adjusted or 0):
                yield _fault(
                    head,
                    decision,
                    "other-payer-line-total",
                    "The line charge is not what this payer paid and adjusted.",
                    fix="Copy payment (SVD02) and all adjustments (CAS) from the payer's 835.",
                    place=(2, 3, None),
                )
            before = line_adjustments.get(payer, 0)
            both_known = before is not None and adjusted is not None
            line_adjustments[payer] = (before or 0) + (adjusted or 0) if both_known else None
    for other in others:
        yield from _check_other_total(claim, other, line_adjustments.get(payers[other], 0))


def _check_other_total(claim: Loop, other: Loop, on_lines: int | None) -> Iterator[Fault]:
    paid = other.first("AMT", "D")
    if paid is None:
        return
    total, paid_cents = read_cents(claim.segments[0][2]), read_cents(paid[2])
    on_claim = _sum_adjustments(other)
    if total is None or paid_cents is None or on_claim is None or on_lines is None:
        return
    if total != paid_cents + on_claim + on_lines:
        yield _fault(
            paid,
            other,
            "other-payer-claim-total",
            "The total charge is not what this payer paid and adjusted on the claim and its lines.",
            fix="Copy payment (AMT*D) and all adjustments (CAS) from the payer's 835; no amount may"
            " stand at both claim and line.",
            place=(2, 3, None),
        )


def _sum_decisions(line: Loop) -> dict[str, tuple[Loop, int | None, int | None]]:
    """Return per payer (SVD01) its first decision, what it paid and adjusted on a line."""
    decided: dict[str, tuple[Loop, int | None, int | None]] = {}
    for decision in line.children_named("2430"):
        head = decision.segments[0]
        paid, adjusted = read_cents(head[2]), _sum_adjustments(decision)
        first, paid_before, adjusted_before = decided.get(head[1], (decision, 0, 0))
        decided[head[1]] = (first, _add(paid_before, paid), _add(adjusted_before, adjusted))
    return decided


def _sum_adjustments(loop: Loop) -> int | None:
    """Return the sum of a loop's own CAS amounts, None if one can't be read."""
    total: int | None = 0
    for segment in loop.all("CAS"):
        for element in _ADJUSTMENT_AMOUNTS:
            if segment[element]:
                total = _add(total, read_cents(segment[element]))
    return total


def _add(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a + b


def _find_payer_id(other: Loop) -> str:
    name = other.child("2330B")
    return "" if name is None else name.value("NM1", 9)


def _fault(  # noqa: PLR0913 what a fault has to say
    segment: Segment,
    loop: Loop,
    code: str,
    message: str,
    *,
    fix: str,
    place: tuple[int, int, str | None],
    component: int | None = None,
) -> Fault:
    """Return a fault; `place` is element, SNIP type and X12 code."""
    element, snip, x12 = place
    return Fault(
        code=code,
        message=message,
        fix=fix,
        snip=snip,
        segment_index=segment.index,
        segment=segment.id,
        loop=loop.name,
        element=element,
        component=component,
        x12=x12,
    )
