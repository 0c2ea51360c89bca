"""Reads the claims of an 837P far enough to answer each in a 277CA.

A claim goes on unless the checker found an error in it that the 999 doesn't speak of: a balance,
a situation, a code (SNIP 3 and beyond).
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, BinaryIO

from edi.acknowledge_277ca import BatchAnswer, ClaimAnswer, ProviderAnswer
from edi.acknowledge_999 import SNIP_MAX, is_guide_unknown, is_turned_down
from edi.acknowledge_values import Entity, StatusCode
from edi.amounts import read_cents
from edi.reader import read

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence

    from edi.report import InterchangeReport, TransactionReport
    from edi.transaction import Transaction
    from edi.values import Fault, Group, Loop, Segment

# STC01: received; and, for a claim with an error, what kind of error (507 category, 508 code).
RECEIVED = StatusCode("A1", "19", "")
_UNBALANCED = StatusCode("A7", "178", "")
_INVALID = StatusCode("A7", "21", "")
_BALANCE_SNIP = 3


def answer_batches(
    received: InterchangeReport,
    stream: BinaryIO | None,
    *,
    at: dt.datetime,
    more_faults: Sequence[Fault] = (),
) -> Iterator[tuple[Group, BatchAnswer]]:
    """Yield an answer for each 837P of an interchange that the 999 lets in."""
    if stream is None:
        return
    reports = {
        (group.group.control, each.control, each.first_index): each
        for group in received.groups
        for each in group.transactions
        if each.st == "837"
    }
    stream.seek(0)
    for transaction in read(stream):
        key = (transaction.group.control, transaction.control, transaction.header.index)
        report = reports.get(key)
        more = [f for f in more_faults if f.transaction == transaction.control]
        if report is None or is_turned_down(report, more) or is_guide_unknown(report):
            continue
        if transaction.interchange.control == received.interchange.control:
            answer = answer_batch(transaction, report, at=at)
            if answer.providers:
                yield transaction.group, answer


def answer_batch(
    transaction: Transaction, report: TransactionReport, *, at: dt.datetime
) -> BatchAnswer:
    """Return what to say of one 837P: its claims accepted or rejected one by one."""
    providers: dict[str, tuple[Entity, list[ClaimAnswer]]] = {}
    errors = sorted(
        (fault.segment_index, fault.snip)
        for fault in report.faults
        if fault.level == "error" and fault.snip > SNIP_MAX and fault.segment_index
    )
    for claim in transaction.loops("2300"):
        provider = read_billing_provider(claim)
        _, claims = providers.setdefault(provider.id, (provider, []))
        claims.append(_answer_claim(claim, errors, at))
    root = transaction.root
    return BatchAnswer(
        source=_read_party(root.child("1000B"), "AY"),
        receiver=_read_party(root.child("1000A"), "41"),
        batch_reference=root.value("BHT", 3),
        trace=f"{transaction.interchange.control}{transaction.control}",
        code=StatusCode("A1", "19", "AY"),
        received_on=at.date(),
        providers=tuple(ProviderAnswer(p, tuple(c)) for p, c in providers.values()),
    )


def _read_party(loop: Loop | None, role: str) -> Entity:
    segment = loop.first("NM1") if loop is not None else None
    if segment is None:
        return Entity(role, "2", "UNKNOWN", "", "", "", "46", "UNKNOWN")
    kind = "2" if role == "AY" else segment[2]
    return Entity(role, kind, segment[3], segment[4], segment[5], "", "46", segment[9])


def read_billing_provider(claim: Loop) -> Entity:
    """Return who bills a claim (2010AA), the tax id standing in for a missing NPI."""
    level = claim.ancestor("2000A")
    named = level.child("2010AA") if level is not None else None
    segment = named.first("NM1") if named is not None else None
    if named is None or segment is None:
        return Entity("85", "2", "UNKNOWN", "", "", "", "FI", "UNKNOWN")
    qualifier, identifier = segment[8], segment[9]
    if not identifier:
        qualifier, identifier = "FI", named.value("REF", 2, qualifier="EI") or "UNKNOWN"
    return Entity(
        "85", segment[2], segment[3], segment[4], segment[5], segment[7], qualifier, identifier
    )


def read_patient(claim: Loop) -> Entity:
    """Return the patient of a claim with the member id that the payer knows."""
    subscriber = claim.ancestor("2000B")
    insured = _find_name(subscriber, "2010BA")
    patient = _find_name(claim.ancestor("2000C"), "2010CA") or insured
    member = insured[9] if insured is not None else ""
    if patient is None:
        return Entity("QC", "1", "UNKNOWN", "", "", "", "MI", member or "UNKNOWN")
    return Entity(
        "QC",
        "1",
        patient[3],
        patient[4],
        patient[5],
        patient[7],
        "MI",
        patient[9] or member or "UNKNOWN",
    )


def _find_name(level: Loop | None, name: str) -> Segment | None:
    loop = level.child(name) if level is not None else None
    return loop.first("NM1") if loop is not None else None


def read_service_dates(claim: Loop) -> tuple[str, str]:
    """Return first and last day of service over the lines of a claim, "" where none is told."""
    days: list[str] = []
    for loop in (claim, *claim.children_named("2400")):
        for segment in loop.all("DTP", "472"):
            days.extend(segment[3].split("-"))
    dates = [day for day in days if len(day) == 8]
    return (min(dates), max(dates)) if dates else ("", "")


def _answer_claim(claim: Loop, errors: list[tuple[int, int]], at: dt.datetime) -> ClaimAnswer:
    header = claim.segments[0]
    last = max(segment.index for loop in claim.walk() for segment in loop.segments)
    first_day, last_day = read_service_dates(claim)
    today = f"{at:%Y%m%d}"
    return ClaimAnswer(
        claim_number=header[1],
        charge_cents=read_cents(header[2]) or 0,
        patient=read_patient(claim),
        codes=(_judge(header.index, last, errors),),
        service_from=first_day or today,
        service_to=last_day or today,
        clearinghouse_claim_number=claim.value("REF", 2, qualifier="D9"),
    )


def _judge(first: int, last: int, errors: list[tuple[int, int]]) -> StatusCode:
    """Return the status of a claim that spans these segments."""
    found: Iterable[tuple[int, int]] = errors[bisect_left(errors, (first, 0)) :]
    snips = [snip for index, snip in found if index <= last]
    if not snips:
        return RECEIVED
    return _UNBALANCED if _BALANCE_SNIP in snips else _INVALID
