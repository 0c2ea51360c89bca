"""The 835 as values, streamed claim by claim.

A first pass learns what stands at the end (PLB) and what the claims add up to, so that a caller
knows whether the check balances before it takes the first claim; a second hands out the claims.
Both hold one claim at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, BinaryIO

from edi.acknowledge_reading import read_entity, read_envelope
from edi.acknowledge_values import Envelope
from edi.amounts import read_cents, read_date, read_quantity
from edi.reader import read
from edi.remittance_values import (
    Adjustment,
    Payee,
    Payer,
    ProviderAdjustment,
    QualifiedAmount,
    QualifiedValue,
    Remittance835,
    RemittanceClaim,
    RemittanceLine,
)
from edi.values import Segment

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from edi.acknowledge_values import Entity
    from edi.transaction import Transaction
    from edi.values import Loop

_PREDETERMINED = "25"
_HEADER_IDS = frozenset(("BPR", "TRN", "DTM", "N1", "N3", "N4", "REF", "PLB"))


def read_835(stream: BinaryIO) -> Iterator[Remittance835]:
    """Yield each 835 of a file, its sums known, its claims still to be read.

    Args:
        stream: The file, opened in binary and seekable; read twice from where it stands.

    Yields:
        Remittances in file order. Take `claims` before asking for the next one; what isn't taken
        is passed over, and asking for it later is a ClaimsPassedError.

    Source:
        TR3 005010X221A1.
    """
    start = stream.tell()
    summaries = [
        _Summary(read_envelope(transaction)).learn(transaction)
        for transaction in read(stream)
        if transaction.st == "835"
    ]
    stream.seek(start)
    transactions = (each for each in read(stream) if each.st == "835")
    turn = _Turn()
    for index, (summary, transaction) in enumerate(zip(summaries, transactions, strict=True)):
        turn.index = index
        yield summary.to_remittance(index, _read_claims(transaction, index, turn))
    turn.index = -1


class ClaimsPassedError(RuntimeError):
    """Claims were asked for after the stream had moved on: the caller's mistake, never the file's.

    Take `remittance.claims` before asking for the next remittance.
    """


@dataclass(slots=True)
class _Turn:
    """Which remittance the stream is at, -1 after the last."""

    index: int = 0


def _read_claims(transaction: Transaction, index: int, turn: _Turn) -> Iterator[RemittanceClaim]:
    if turn.index != index:
        raise ClaimsPassedError("the claims of this remittance were passed over; read it again")
    for place, loop in enumerate(transaction.loops("2100")):
        yield _read_claim(place, loop)
        if turn.index != index:
            raise ClaimsPassedError("the claims of this remittance were passed over; read it again")


# ------------------------------------------------------------- first pass


@dataclass(slots=True)
class _Summary:
    """Everything of an 835 but its claims."""

    envelope: Envelope
    header: dict[str, Segment] = field(default_factory=dict)
    plb: list[ProviderAdjustment] = field(default_factory=list)
    clp04_cents: int = 0
    claim_count: int = 0
    party: str = ""

    def learn(self, transaction: Transaction) -> _Summary:
        """Read over the transaction's segments and keep what is needed."""
        is_header = True
        for segment in transaction.segments:
            if segment.id == "CLP":
                self.claim_count += 1
                if segment[2] != _PREDETERMINED:
                    self.clp04_cents += read_cents(segment[4]) or 0
            elif segment.id == "PLB":
                self._add_provider_adjustments(segment)
            elif segment.id == "LX":
                is_header = False
            elif is_header:
                self._keep(segment)
        return self

    def _keep(self, segment: Segment) -> None:
        """Keep a header segment under its id, party (PR, PE) and qualifier."""
        if segment.id not in _HEADER_IDS:
            return
        if segment.id == "N1":
            self.party = segment[1]
        qualifier = segment[1] if segment.id in {"REF", "DTM"} else ""
        self.header.setdefault(f"{self.party} {segment.id} {qualifier}".strip(), segment)

    def _add_provider_adjustments(self, segment: Segment) -> None:
        for place in range(3, 15, 2):
            cents = read_cents(segment[place + 1])
            if cents is None:
                continue
            self.plb.append(
                ProviderAdjustment(
                    index=len(self.plb),
                    provider=segment[1],
                    fiscal_end=read_date(segment[2]),
                    reason=segment.get(place, 1),
                    reference=segment.get(place, 2),
                    cents=cents,
                )
            )

    def _get(self, key: str, element: int) -> str:
        segment = self.header.get(key)
        return "" if segment is None else segment[element]

    def _payer(self) -> Payer:
        originator = self._get("TRN", 3)
        own = self._get("PR N1", 4) or self._get("PR REF 2U", 2)
        parts = (("PR N3", 1), ("PR N3", 2), ("PR N4", 1), ("PR N4", 2), ("PR N4", 3))
        return Payer(
            name=self._get("PR N1", 2),
            id=own or originator[1:],
            tax_id=originator[1:],
            address=tuple(text for key, element in parts if (text := self._get(key, element))),
        )

    def _payee(self) -> Payee:
        qualifier, identifier = self._get("PE N1", 3), self._get("PE N1", 4)
        tax_id = identifier if qualifier == "FI" else self._get("PE REF TJ", 2)
        return Payee(self._get("PE N1", 2), qualifier, identifier, tax_id)

    def to_remittance(self, index: int, claims: Iterator[RemittanceClaim]) -> Remittance835:
        """Return the value, with the claims that are still to be read."""
        return Remittance835(
            envelope=self.envelope,
            index=index,
            trace=self._get("TRN", 2),
            payer=self._payer(),
            payee=self._payee(),
            method=self._get("BPR", 4),
            credit_or_debit=self._get("BPR", 3),
            paid_on=read_date(self._get("BPR", 16)),
            produced_on=read_date(self._get("DTM 405", 2)),
            bpr02_cents=read_cents(self._get("BPR", 2)) or 0,
            clp04_cents=self.clp04_cents,
            claim_count=self.claim_count,
            plb=tuple(self.plb),
            claims=claims,
        )


# ------------------------------------------------------------ second pass


def _read_claim(index: int, loop: Loop) -> RemittanceClaim:
    claim = loop.segments[0]
    first, last = _service_dates(loop, "232", "233")
    return RemittanceClaim(
        index=index,
        segment_index=claim.index,
        claim_number=claim[1],
        status=claim[2],
        charge_cents=read_cents(claim[3]) or 0,
        paid_cents=read_cents(claim[4]) or 0,
        patient_cents=read_cents(claim[5]) or 0,
        filing=claim[6],
        payer_claim_number=claim[7],
        facility=claim[8],
        frequency=claim[9],
        adjustments=_read_adjustments(loop),
        lines=tuple(_read_line(n, line) for n, line in enumerate(loop.children_named("2110"))),
        patient=_entity(loop, "QC"),
        insured=_entity(loop, "IL"),
        corrected=_entity(loop, "74"),
        rendering=_entity(loop, "82"),
        crossover_payer=_entity(loop, "TT"),
        other_payer=_entity(loop, "PR"),
        remarks=_read_claim_remarks(loop),
        references=_read_references(loop),
        amounts=_read_amounts(loop),
        received_on=read_date(loop.value("DTM", 2, qualifier="050")),
        service_from=first,
        service_to=last,
        coverage_ends=read_date(loop.value("DTM", 2, qualifier="036")),
    )


def _entity(loop: Loop, role: str) -> Entity | None:
    return read_entity(loop.first("NM1", role))


def _service_dates(loop: Loop, first: str, last: str) -> tuple[dt.date | None, dt.date | None]:
    start = read_date(loop.value("DTM", 2, qualifier=first))
    end = read_date(loop.value("DTM", 2, qualifier=last))
    return start, end or start


def _read_adjustments(loop: Loop) -> tuple[Adjustment, ...]:
    """Return every CAS triplet that has a reason or an amount, however they are spread."""
    return tuple(
        Adjustment(segment[1], segment[n], read_cents(segment[n + 1]) or 0, _units(segment[n + 2]))
        for segment in loop.segments
        if segment.id == "CAS"
        for n in range(2, 20, 3)
        if segment[n] or segment[n + 1]
    )


def _units(text: str) -> Decimal | None:
    return read_quantity(text) if text else None


def _read_claim_remarks(loop: Loop) -> tuple[str, ...]:
    codes: list[str] = []
    for segment in loop.segments:
        if segment.id == "MOA":
            codes.extend(segment[n] for n in range(3, 8))
        elif segment.id == "MIA":
            codes.extend(segment[n] for n in (5, 20, 21, 22, 23))
    return tuple(code for code in codes if code)


def _read_references(loop: Loop) -> tuple[QualifiedValue, ...]:
    return tuple(QualifiedValue(segment[1], segment[2]) for segment in loop.all("REF"))


def _read_amounts(loop: Loop) -> tuple[QualifiedAmount, ...]:
    return tuple(
        QualifiedAmount(segment[1], read_cents(segment[2]) or 0) for segment in loop.all("AMT")
    )


def _read_procedure(segment: Segment, element: int) -> tuple[str, str, tuple[str, ...]]:
    parts = [*segment.components(element), "", ""]
    return parts[0], parts[1], tuple(part for part in parts[2:6] if part)


def _read_line(index: int, loop: Loop) -> RemittanceLine:
    service = loop.segments[0]
    qualifier, procedure, modifiers = _read_procedure(service, 1)
    _, original, original_modifiers = _read_procedure(service, 6)
    first, last = _service_dates(loop, "150", "151")
    if first is None:
        first, last = _service_dates(loop, "472", "472")
    return RemittanceLine(
        index=index,
        procedure_qualifier=qualifier,
        procedure=procedure,
        modifiers=modifiers,
        charge_cents=read_cents(service[2]) or 0,
        paid_cents=read_cents(service[3]) or 0,
        revenue=service[4],
        units=_units(service[5]) or Decimal(0 if service[5] else 1),
        original_procedure=original,
        original_modifiers=original_modifiers,
        original_units=_units(service[7]),
        service_from=first,
        service_to=last,
        adjustments=_read_adjustments(loop),
        line_control=loop.value("REF", 2, qualifier="6R"),
        remarks=tuple(segment[2] for segment in loop.all("LQ") if segment[2]),
        references=_read_references(loop),
        amounts=_read_amounts(loop),
    )
