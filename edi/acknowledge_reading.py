"""TA1, 999 and 277CA as values: what the other side says of what we sent.

Reading never judges the file: `edi.check` does. What can't be read is empty here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from edi.acknowledge_values import (
    Acknowledgement,
    Acknowledgement277,
    Acknowledgement999,
    ClaimStatus277,
    ElementError,
    Entity,
    Envelope,
    LineStatus277,
    ProviderStatus277,
    SegmentError,
    Status,
    StatusCode,
    Totals277,
    TransactionAnswer,
)
from edi.amounts import read_cents, read_count, read_date, read_period
from edi.reader import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edi.transaction import Transaction
    from edi.values import Interchange, Loop, Segment

_277CA = "005010X214"
# Where an STC holds its composites, and an AK9 and IK5 their error codes.
_STATUS_PLACES = (1, 10, 11)


def read_ta1(stream: BinaryIO) -> tuple[Acknowledgement, ...]:
    """Return every TA1 of a file, in file order.

    Args:
        stream: The file, opened in binary.

    Source:
        X12.5 TA1.
    """
    reader = read(stream)
    for transaction in reader:
        transaction.skip()
    return tuple(
        Acknowledgement(
            envelope=_read_interchange(interchange),
            interchange_control=segment[1],
            interchange_date=read_date(segment[2]),
            interchange_time=segment[3],
            code=segment[4],
            note=segment[5],
        )
        for interchange in reader.interchanges
        for segment in interchange.acknowledgements
    )


def read_999(stream: BinaryIO) -> tuple[Acknowledgement999, ...]:
    """Return every 999 of a file, in file order.

    Source:
        TR3 005010X231A1.
    """
    return tuple(_read_999(transaction) for transaction in read(stream) if transaction.st == "999")


def read_277ca(stream: BinaryIO) -> tuple[Acknowledgement277, ...]:
    """Return every 277CA of a file, in file order; other 277s are passed over.

    Source:
        TR3 005010X214.
    """
    found: list[Acknowledgement277] = []
    for transaction in read(stream):
        if transaction.st == "277" and transaction.guide == _277CA:
            found.extend(_read_277ca(transaction))
    return tuple(found)


def read_envelope(transaction: Transaction) -> Envelope:
    """Return the control numbers and parties of a transaction."""
    group = transaction.group.header
    return _read_interchange(
        transaction.interchange,
        group_control=transaction.group.control,
        transaction_control=transaction.control,
        written="" if group is None else group[4],
    )


def _read_interchange(
    interchange: Interchange,
    *,
    group_control: str = "",
    transaction_control: str = "",
    written: str = "",
) -> Envelope:
    sender_qualifier, sender = interchange.sender
    receiver_qualifier, receiver = interchange.receiver
    return Envelope(
        sender_qualifier=sender_qualifier,
        sender=sender,
        receiver_qualifier=receiver_qualifier,
        receiver=receiver,
        interchange_control=interchange.control,
        group_control=group_control,
        transaction_control=transaction_control,
        written_on=read_date(written or interchange.header[9]),
        is_test=interchange.is_test,
    )


def read_entity(segment: Segment | None) -> Entity | None:
    """Return an NM1 as a value."""
    if segment is None:
        return None
    return Entity(
        role=segment[1],
        kind=segment[2],
        last_or_organization=segment[3],
        first=segment[4],
        middle=segment[5],
        suffix=segment[7],
        id_qualifier=segment[8],
        id=segment[9],
    )


# --------------------------------------------------------------------- 999


def _read_999(transaction: Transaction) -> Acknowledgement999:
    root = transaction.tree()
    header, trailer = root.first("AK1"), root.first("AK9")
    return Acknowledgement999(
        envelope=read_envelope(transaction),
        functional_id="" if header is None else header[1],
        group_control="" if header is None else header[2],
        version="" if header is None else header[3],
        code="" if trailer is None else trailer[1],
        transactions_in_group=_count(trailer, 2),
        transactions_received=_count(trailer, 3),
        transactions_accepted=_count(trailer, 4),
        group_errors=_codes(trailer, 5, 9),
        transactions=tuple(_read_answer(loop) for loop in root.children_named("2000")),
    )


def _count(segment: Segment | None, element: int) -> int:
    return 0 if segment is None else read_count(segment[element]) or 0


def _codes(segment: Segment | None, first: int, last: int) -> tuple[str, ...]:
    if segment is None:
        return ()
    return tuple(code for n in range(first, last + 1) if (code := segment[n]))


def _read_answer(loop: Loop) -> TransactionAnswer:
    trailer = loop.first("IK5") or loop.first("AK5")
    return TransactionAnswer(
        transaction=loop.value("AK2", 1),
        control=loop.value("AK2", 2),
        guide=loop.value("AK2", 3),
        code="" if trailer is None else trailer[1],
        codes=_codes(trailer, 2, 6),
        errors=tuple(_read_segment_error(error) for error in loop.children_named("2100")),
    )


def _read_segment_error(loop: Loop) -> SegmentError:
    unit = _business_unit(loop)
    name, _, value = unit.partition(":")
    return SegmentError(
        segment=loop.value("IK3", 1),
        position=_count(loop.first("IK3"), 2),
        loop=loop.value("IK3", 3),
        code=loop.value("IK3", 4),
        business_unit=unit,
        claim_number=value if name == "CLM01" else "",
        elements=tuple(
            _read_element_error(segment)
            for element in loop.children_named("2110")
            for segment in element.all("IK4")
        ),
    )


def _business_unit(loop: Loop) -> str:
    """Return the context that names the business unit as "CLM01:1234", or ""."""
    for segment in loop.all("CTX"):
        for context in segment.repeats(1):
            name, _, value = context.partition(segment.delimiters.component)
            if value and not name.startswith("SITUATIONAL"):
                return f"{name}:{value}"
    return ""


def _read_element_error(segment: Segment) -> ElementError:
    return ElementError(
        element=read_count(segment.get(1, 1)) or 0,
        component=read_count(segment.get(1, 2)),
        repetition=read_count(segment.get(1, 3)),
        reference=segment[2],
        code=segment[3],
        value=segment[4],
    )


# ------------------------------------------------------------------- 277CA


def _read_277ca(transaction: Transaction) -> Iterator[Acknowledgement277]:
    root = transaction.tree()
    envelope = read_envelope(transaction)
    reference = root.value("BHT", 3)
    for source in root.children_named("2000A"):
        yield _read_source(source, envelope, reference)


def _read_source(source: Loop, envelope: Envelope, reference: str) -> Acknowledgement277:
    named = source.child("2100A")
    entity = read_entity(named.first("NM1") if named else None)
    sent = source.child("2200A")
    receiver = source.child("2000B")
    batch = receiver.child("2200B") if receiver else None
    receiver_name = receiver.child("2100B") if receiver else None
    levels = receiver.children_named("2000C") if receiver else []
    return Acknowledgement277(
        envelope=envelope,
        reference=reference,
        source=entity,
        trace=sent.value("TRN", 2) if sent else "",
        received_on=read_date(sent.value("DTP", 3, qualifier="050")) if sent else None,
        processed_on=read_date(sent.value("DTP", 3, qualifier="009")) if sent else None,
        receiver=read_entity(receiver_name.first("NM1") if receiver_name else None),
        batch_reference=batch.value("TRN", 2) if batch else "",
        statuses=_read_statuses(batch) if batch else (),
        totals=_read_totals(batch, "90", "AA"),
        providers=tuple(_read_provider(level) for level in levels),
        claims=tuple(
            _read_claim(claim, patient, level, entity)
            for level in levels
            for patient in level.children_named("2000D")
            for claim in patient.children_named("2200D")
        ),
    )


def _read_statuses(loop: Loop) -> tuple[Status, ...]:
    return tuple(
        Status(
            codes=tuple(
                StatusCode(segment.get(place, 1), segment.get(place, 2), segment.get(place, 3))
                for place in _STATUS_PLACES
                if segment[place]
            ),
            effective_on=read_date(segment[2]),
            action=segment[3],
            amount_cents=read_cents(segment[4]),
            text=segment[12],
        )
        for segment in loop.all("STC")
    )


def _read_totals(loop: Loop | None, accepted: str, rejected: str) -> Totals277:
    if loop is None:
        return Totals277()
    return Totals277(
        accepted_count=read_count(loop.value("QTY", 2, qualifier=accepted)),
        rejected_count=read_count(loop.value("QTY", 2, qualifier=rejected)),
        accepted_cents=read_cents(loop.value("AMT", 2, qualifier="YU")),
        rejected_cents=read_cents(loop.value("AMT", 2, qualifier="YY")),
    )


def _read_provider(level: Loop) -> ProviderStatus277:
    named, told = level.child("2100C"), level.child("2200C")
    return ProviderStatus277(
        provider=read_entity(named.first("NM1") if named else None),
        trace=told.value("TRN", 2) if told else "",
        statuses=_read_statuses(told) if told else (),
        totals=_read_totals(told, "QA", "QC"),
    )


def _read_claim(claim: Loop, patient: Loop, level: Loop, source: Entity | None) -> ClaimStatus277:
    patient_name, provider_name = patient.child("2100D"), level.child("2100C")
    first, last = read_period(claim.value("DTP", 3, qualifier="472"))
    return ClaimStatus277(
        claim_number=claim.value("TRN", 2),
        patient=read_entity(patient_name.first("NM1") if patient_name else None),
        provider=read_entity(provider_name.first("NM1") if provider_name else None),
        source=source,
        statuses=_read_statuses(claim),
        payer_claim_number=claim.value("REF", 2, qualifier="1K"),
        clearinghouse_claim_number=claim.value("REF", 2, qualifier="D9"),
        bill_type=claim.value("REF", 2, qualifier="BLT"),
        service_from=first,
        service_to=last,
        lines=tuple(_read_line(line) for line in claim.children_named("2220D")),
    )


def _read_line(line: Loop) -> LineStatus277:
    service = line.first("SVC")
    parts = service.components(1) if service else []
    return LineStatus277(
        procedure=parts[1] if len(parts) > 1 else "",
        modifiers=tuple(part for part in parts[2:6] if part),
        billed_cents=read_cents(service[2]) if service else None,
        line_control=line.value("REF", 2, qualifier="FJ"),
        statuses=_read_statuses(line),
    )
