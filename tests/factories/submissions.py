"""Makes 837P files as a practice sends them: for tests of whoever answers them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import edi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edi.writer import SegmentData

AT = dt.datetime(2026, 9, 15, 8, 0, tzinfo=dt.UTC)
NPI = "1234567893"


@dataclass(frozen=True)
class Line:
    procedure: str = "99213"
    charge: str = "150"
    modifiers: tuple[str, ...] = ()
    units: str = "1"
    control: str = ""
    day: str = "20260914"


@dataclass(frozen=True)
class Claim:
    number: str
    payer: str = "99001"
    member: str = "MBR0001"
    lines: tuple[Line, ...] = (Line(),)
    frequency: str = "1"
    responsibility: str = "P"
    filing: str = "CI"
    diagnosis: str = "E119"
    total: str = ""
    payer_claim_number: str = ""
    last: str = "EXAMPLE"
    first: str = "PATIENT"
    dependent: str = ""

    @property
    def charge(self) -> str:
        cents = sum(edi_cents(line.charge) for line in self.lines)
        return self.total or f"{cents / 100:.2f}".rstrip("0").rstrip(".")


@dataclass(frozen=True)
class Batch:
    claims: Sequence[Claim] = field(default_factory=tuple)
    control: str = "0001"
    reference: str = "BATCH1"


def edi_cents(text: str) -> int:
    whole, _, rest = text.partition(".")
    return int(whole) * 100 + int((rest + "00")[:2])


def make_837p(
    *batches: Batch, control: int = 1, is_ta1_requested: bool = False, receiver: str = "SIMCLEAR"
) -> bytes:
    """Return an 837P file with one ST for each batch."""
    made = edi.NewInterchange(
        sender=("ZZ", "PRACTICE"),
        receiver=("ZZ", receiver),
        at=AT,
        control=control,
        is_ta1_requested=is_ta1_requested,
        groups=[
            edi.NewGroup(
                functional_id="HC",
                sender="PRACTICE",
                receiver=receiver,
                at=AT,
                control=control,
                version="005010X222A1",
                transactions=[
                    edi.NewTransaction(
                        st="837",
                        control=batch.control,
                        guide="005010X222A1",
                        segments=tuple(_batch(batch)),
                    )
                    for batch in batches
                ],
            )
        ],
    )
    return edi.write(made)


def _batch(batch: Batch) -> Iterator[SegmentData]:
    yield ("BHT", "0019", "00", batch.reference, "20260915", "0800", "CH")
    yield ("NM1", "41", "2", "EXAMPLE PRACTICE", "", "", "", "", "46", "PRACTICE")
    yield ("PER", "IC", "BILLING", "TE", "5555550199")
    yield ("NM1", "40", "2", "SIMULATED CLEARINGHOUSE", "", "", "", "", "46", "SIMCLEAR")
    yield ("HL", "1", "", "20", "1")
    yield ("NM1", "85", "2", "EXAMPLE PRACTICE", "", "", "", "", "XX", NPI)
    yield ("N3", "1 TEST STREET")
    yield ("N4", "AUSTIN", "TX", "787011234")
    yield ("REF", "EI", "990000001")
    number = 2
    for claim in batch.claims:
        yield from _subscriber(claim, number)
        number += 1
        if claim.dependent:
            yield ("HL", str(number), str(number - 1), "23", "0")
            yield ("PAT", "19")
            yield ("NM1", "QC", "1", claim.last, claim.dependent)
            yield ("N3", "2 TEST STREET")
            yield ("N4", "AUSTIN", "TX", "787011234")
            yield ("DMG", "D8", "20150601", "F")
            number += 1
        yield from _claim(claim)


def _subscriber(claim: Claim, number: int) -> Iterator[SegmentData]:
    relation = "" if claim.dependent else "18"
    yield ("HL", str(number), "1", "22", "1" if claim.dependent else "0")
    yield ("SBR", claim.responsibility, relation, "", "", "", "", "", "", claim.filing)
    yield ("NM1", "IL", "1", claim.last, claim.first, "", "", "", "MI", claim.member)
    yield ("N3", "2 TEST STREET")
    yield ("N4", "AUSTIN", "TX", "787011234")
    yield ("DMG", "D8", "19800101", "F")
    yield ("NM1", "PR", "2", "PAYER", "", "", "", "", "PI", claim.payer)


def _claim(claim: Claim) -> Iterator[SegmentData]:
    place = ("11", "B", claim.frequency)
    yield ("CLM", claim.number, claim.charge, "", "", place, "Y", "A", "Y", "Y")
    if claim.payer_claim_number:
        yield ("REF", "F8", claim.payer_claim_number)
    yield ("HI", ("ABK", claim.diagnosis))
    yield ("NM1", "82", "1", "DOCTOR", "EXAMPLE", "", "", "", "XX", NPI)
    yield ("PRV", "PE", "PXC", "207Q00000X")
    for place_in_claim, line in enumerate(claim.lines, 1):
        yield ("LX", str(place_in_claim))
        procedure = ("HC", line.procedure, *line.modifiers)
        yield ("SV1", procedure, line.charge, "UN", line.units, "", "", ("1",))
        yield ("DTP", "472", "D8", line.day)
        yield ("REF", "6R", line.control or f"{claim.number}L{place_in_claim}")
