"""Reads an 837P as a payer does: batches, claims, lines, who is insured and who is paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edi.amounts import read_cents
from simulator.values import Batch, BillingProvider, Party, SubmittedClaim, SubmittedLine

if TYPE_CHECKING:
    from edi.transaction import Transaction
    from edi.values import Loop, Segment


def read_batch(transaction: Transaction) -> Batch:
    """Return one 837P transaction with its claims in file order."""
    claims = tuple(_read_claim(loop, transaction) for loop in transaction.loops("2300"))
    root = transaction.root
    return Batch(
        transaction_control=transaction.control,
        reference=root.value("BHT", 3),
        submitter=_read_party(_first_name(root.child("1000A"))),
        claims=claims,
    )


def _first_name(loop: Loop | None) -> Segment | None:
    return None if loop is None else loop.first("NM1")


def _read_party(segment: Segment | None) -> Party:
    if segment is None:
        return Party()
    return Party(
        kind=segment[2],
        last_or_organization=segment[3],
        first=segment[4],
        middle=segment[5],
        id_qualifier=segment[8],
        id=segment[9],
    )


def _named(level: Loop | None, name: str) -> Party:
    return _read_party(_first_name(level.child(name) if level is not None else None))


def _read_claim(loop: Loop, transaction: Transaction) -> SubmittedClaim:
    claim = loop.segments[0]
    subscriber, dependent = loop.ancestor("2000B"), loop.ancestor("2000C")
    insured = _named(subscriber, "2010BA")
    payer = _named(subscriber, "2010BB")
    return SubmittedClaim(
        claim_number=claim[1],
        charge_cents=read_cents(claim[2]) or 0,
        place=claim.get(5, 1),
        frequency=claim.get(5, 3),
        responsibility=_value(subscriber, "SBR", 1),
        filing_code=_value(subscriber, "SBR", 9),
        payer_id=payer.id,
        payer_name=payer.last_or_organization,
        payer_claim_number=loop.value("REF", 2, qualifier="F8"),
        billing=_read_billing(loop.ancestor("2000A")),
        subscriber=insured,
        patient=insured if dependent is None else _named(dependent, "2010CA"),
        rendering=_named(loop, "2310B"),
        diagnoses=_read_diagnoses(loop),
        lines=tuple(_read_line(line) for line in loop.children_named("2400")),
        segment_index=claim.index,
        transaction_control=transaction.control,
    )


def _value(loop: Loop | None, segment_id: str, element: int) -> str:
    return "" if loop is None else loop.value(segment_id, element)


def _read_billing(level: Loop | None) -> BillingProvider:
    loop = level.child("2010AA") if level is not None else None
    if loop is None:
        return BillingProvider(Party(), "", "", "", "", "")
    return BillingProvider(
        party=_read_party(loop.first("NM1")),
        tax_id=loop.value("REF", 2, qualifier="EI") or loop.value("REF", 2, qualifier="SY"),
        street=loop.value("N3", 1),
        city=loop.value("N4", 1),
        state=loop.value("N4", 2),
        postal=loop.value("N4", 3),
    )


def _read_diagnoses(loop: Loop) -> tuple[str, ...]:
    """Return the diagnosis codes in order, the principal one first."""
    return tuple(
        segment.get(element, 2)
        for segment in loop.all("HI")
        if segment.get(1, 1) in {"ABK", "ABF"}
        for element in range(1, len(segment) + 1)
    )


def _read_line(loop: Loop) -> SubmittedLine:
    service = loop.first("SV1")
    parts = [*service.components(1), "", ""] if service is not None else ["", ""]
    days = [d for segment in loop.all("DTP", "472") for d in segment[3].split("-")]
    return SubmittedLine(
        qualifier=parts[0],
        procedure=parts[1],
        modifiers=tuple(part for part in parts[2:6] if part),
        charge_cents=(read_cents(service[2]) or 0) if service is not None else 0,
        units=(service[4] or "1") if service is not None else "1",
        line_control=loop.value("REF", 2, qualifier="6R"),
        service_from=days[0] if days else "",
        service_to=days[-1] if days else "",
        prior_patient_cents=_read_prior(loop),
    )


def _read_prior(loop: Loop) -> int | None:
    """Return what the last earlier payer left to the patient, None where none decided."""
    decided = loop.children_named("2430")
    if not decided:
        return None
    return sum(
        read_cents(segment[n]) or 0
        for segment in decided[-1].all("CAS", "PR")
        for n in (3, 6, 9, 12, 15, 18)
    )
