"""Makes valid 837P files of any size: made-up people, the same bytes for the same arguments."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO

import edi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edi.writer import SegmentData

_AT = datetime(2026, 9, 15, 8, 30, tzinfo=UTC)
_GUIDE = "005010X222A1"
_NAMES = ("ABERNATHY", "BLOOMFIELD", "CARRUTHERS", "DELACROIX", "ELLINGTON", "FAIRWEATHER")
_FIRST_NAMES = ("AMARANTA", "BENEDICT", "CLEMENTINE", "DEMETRIUS")
_DIAGNOSES = ("E119", "I10", "J0190", "M545", "R51", "Z0000")
_PROCEDURES = ("99213", "99214", "36415", "93000", "81003")


def write_claims(out: BinaryIO, *, claims: int, lines: int = 3) -> None:
    """Write one interchange with one 837P transaction.

    Args:
        out: Where the bytes go.
        claims: How many claims; every fourth is a dependent's.
        lines: Service lines a claim, 1 to 50.
    """
    transaction = edi.NewTransaction(
        st="837", control="0001", guide=_GUIDE, segments=_list_segments(claims, lines)
    )
    group = edi.NewGroup(
        functional_id="HC",
        sender="CLEANCLAIM",
        receiver="PAYER",
        at=_AT,
        control=1,
        version=_GUIDE,
        transactions=[transaction],
    )
    interchange = edi.NewInterchange(
        sender=("ZZ", "CLEANCLAIM"), receiver=("ZZ", "PAYER"), at=_AT, control=1, groups=[group]
    )
    edi.write_to(interchange, out)


def _list_segments(claims: int, lines: int) -> Iterator[SegmentData]:
    yield ("BHT", "0019", "00", "BATCH1", "20260915", "0830", "CH")
    yield ("NM1", "41", "2", "CLEANCLAIM PRACTICE", "", "", "", "", "46", "999999999")
    yield ("PER", "IC", "BILLING OFFICE", "TE", "5555550100")
    yield ("NM1", "40", "2", "EVERGREEN HEALTH", "", "", "", "", "46", "99999")
    yield ("HL", "1", "", "20", "1")
    yield ("PRV", "BI", "PXC", "207Q00000X")
    yield ("NM1", "85", "2", "CLEANCLAIM PRACTICE", "", "", "", "", "XX", "1234567893")
    yield ("N3", "1 MAIN STREET")
    yield ("N4", "SPRINGFIELD", "IL", "627010001")
    yield ("REF", "EI", "999999999")
    level = 1
    for number in range(1, claims + 1):
        has_dependent = number % 4 == 0
        level += 1
        yield from _list_subscriber(number, level, has_dependent=has_dependent)
        if has_dependent:
            level += 1
            yield from _list_dependent(number, level)
        yield from _list_claim(number, lines)


def _list_subscriber(number: int, level: int, *, has_dependent: bool) -> Iterator[SegmentData]:
    yield ("HL", str(level), "1", "22", "1" if has_dependent else "0")
    yield ("SBR", "P", "" if has_dependent else "18", f"GROUP{number % 90:02}", *[""] * 5, "CI")
    name, first = _NAMES[number % 6], _FIRST_NAMES[number % 4]
    yield ("NM1", "IL", "1", name, first, "Q", "", "", "MI", f"MEMBER{number:07}")
    yield ("N3", f"{number % 900 + 1} OAK AVENUE")
    yield ("N4", "SPRINGFIELD", "IL", "627020001")
    yield ("DMG", "D8", f"19{40 + number % 55}0{number % 9 + 1}1{number % 10}", "FM"[number % 2])
    yield ("NM1", "PR", "2", "EVERGREEN HEALTH", "", "", "", "", "PI", "99999")


def _list_dependent(number: int, level: int) -> Iterator[SegmentData]:
    yield ("HL", str(level), str(level - 1), "23", "0")
    yield ("PAT", "19")
    yield ("NM1", "QC", "1", _NAMES[number % 6], _FIRST_NAMES[(number + 1) % 4])
    yield ("N3", f"{number % 900 + 1} OAK AVENUE")
    yield ("N4", "SPRINGFIELD", "IL", "627020001")
    yield ("DMG", "D8", f"20{number % 20 + 5:02}0{number % 9 + 1}2{number % 9}", "MF"[number % 2])


def _list_claim(number: int, lines: int) -> Iterator[SegmentData]:
    charges = [75 + (number + line) % 60 for line in range(lines)]
    total = str(sum(charges))
    yield ("CLM", f"CLM{number:08}", total, "", "", ("11", "B", "1"), "Y", "A", "Y", "Y")
    yield ("REF", "D9", f"{number:012}")
    yield ("HI", ("ABK", _DIAGNOSES[number % 6]), ("ABF", _DIAGNOSES[(number + 1) % 6]))
    yield ("NM1", "82", "1", "WINTERBOTTOM", "OPHELIA", "", "", "", "XX", "1234567893")
    yield ("PRV", "PE", "PXC", "207Q00000X")
    for line, charge in enumerate(charges, 1):
        code = _PROCEDURES[(number + line) % 5]
        yield ("LX", str(line))
        procedure = ("HC", code, "25") if line == 1 else ("HC", code)
        yield (
            "SV1",
            procedure,
            str(charge),
            "UN",
            "1",
            "",
            "",
            ("1", "2") if line == 1 else ("1",),
        )
        yield ("DTP", "472", "D8", f"202609{number % 14 + 1:02}")
        yield ("REF", "6R", f"{number:08}{line:02}")
