"""Segments and code lists that several loops of the 837P have in common.

Source:
    TR3 005010X222A1, loops 2000B to 2430.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edi.guide import Composite, Element, Seg
from edi.guides.x837p.shapes import condition, money, yes_no

if TYPE_CHECKING:
    from edi.guide import Usage

PROCEDURE_KINDS = "ER HC IV WK"


def adjustments(name: str) -> Seg:
    """Return a CAS: one group code with up to six reasons, amounts and quantities."""
    triplets: list[Element] = []
    for n, first in enumerate(range(2, 20, 3), 1):
        usage: Usage = "R" if n == 1 else "S"
        triplets += (
            Element(f"CAS{first:02}", f"reason {n}", usage, "ID", 1, 5),
            money(f"CAS{first + 1:02}", f"amount {n}", usage),
            Element(f"CAS{first + 2:02}", f"quantity {n}", "S", "R", 1, 15),
        )
    return Seg(
        "CAS",
        name,
        "S",
        5,
        (Element("CAS01", "group", "R", "ID", 1, 2, "CO CR OA PI PR"), *triplets),
        notes=(
            "L050607 C0605 C0705 L080910 C0908 C1008 L111213 C1211 C1311"
            " L141516 C1514 C1614 L171819 C1817 C1917"
        ),
    )


def procedure(ref: str) -> Composite:
    """Return a procedure code with its modifiers and description."""
    return Composite(
        ref,
        "procedure",
        "R",
        (
            Element(f"{ref}-1", "code list", "R", "ID", 2, 2, PROCEDURE_KINDS),
            Element(f"{ref}-2", "procedure code", "R", "AN", 1, 48),
            *(Element(f"{ref}-{n}", f"modifier {n - 2}", "S", "AN", 2, 2) for n in range(3, 7)),
            Element(f"{ref}-7", "description", "S", "AN", 1, 80),
        ),
    )


ATTACHMENT = Seg(
    "PWK",
    "attachment",
    "S",
    10,
    (
        Element(
            "PWK01",
            "kind of report",
            "R",
            "ID",
            2,
            2,
            "03 04 05 06 07 08 09 10 11 13 15 21 A3 A4 AM AS B2 B3 B4 BR BS BT CB CK CT D2 DA DB"
            " DG DJ DS EB HC HR I5 IR LA M1 MT NN OB OC OD OE OX OZ P4 P5 PE PN PO PQ PY PZ RB RR"
            " RT RX SG V5 XP",
        ),
        Element("PWK02", "how it is sent", "R", "ID", 1, 2, "AA BM EL EM FT FX"),
        Element("PWK05", "kind of number", "S", "ID", 1, 2, "AC"),
        Element("PWK06", "attachment number", "S", "AN", 2, 80),
    ),
    notes="P0506",
)

CONTRACT = Seg(
    "CN1",
    "contract",
    "S",
    1,
    (
        Element("CN101", "kind of contract", "R", "ID", 2, 2, "01 02 03 04 05 06 09"),
        money("CN102", "contract amount", "S"),
        Element("CN103", "contract percentage", "S", "R", 1, 6),
        Element("CN104", "contract code", "S", "AN", 1, 50),
        Element("CN105", "discount percentage", "S", "R", 1, 6),
        Element("CN106", "contract version", "S", "AN", 1, 30),
    ),
)

AMBULANCE_RIDE = Seg(
    "CR1",
    "ambulance ride",
    "S",
    1,
    (
        Element("CR101", "unit of weight", "S", "ID", 2, 2, "LB"),
        Element("CR102", "patient weight", "S", "R", 1, 10),
        Element("CR104", "reason for transport", "R", "ID", 1, 1, "A B C D E"),
        Element("CR105", "unit of distance", "R", "ID", 2, 2, "DH"),
        Element("CR106", "distance", "R", "R", 1, 15),
        Element("CR109", "purpose of round trip", "S", "AN", 1, 80),
        Element("CR110", "purpose of stretcher", "S", "AN", 1, 80),
    ),
    notes="P0102 P0506",
)

AMBULANCE_CONDITIONS = condition(
    "07", "ambulance conditions", 3, "N Y", "01 04 05 06 07 08 09 12", 5
)

FILE_INFORMATION = Seg(
    "K3",
    "state-required data",
    "S",
    10,
    (Element("K301", "data in a fixed format", "R", "AN", 1, 80),),
)

PREGNANCY_AND_DEATH = (
    Element("PAT05", "date format", "S", "ID", 2, 3, "D8"),
    Element("PAT06", "date of death", "S", "AN", 1, 35, format_ref="PAT05"),
    Element("PAT07", "unit of weight", "S", "ID", 2, 2, "01"),
    Element("PAT08", "weight", "S", "R", 1, 10),
    yes_no("PAT09", "pregnant", "S", "Y"),
)

BIRTH_AND_SEX = (
    Element("DMG01", "date format", "R", "ID", 2, 3, "D8"),
    Element("DMG02", "date of birth", "R", "AN", 1, 35, format_ref="DMG01"),
    Element("DMG03", "sex", "R", "ID", 1, 1, "F M U"),
)

RELATIONS = "01 19 20 21 39 40 53 G8"
PAYER_RANKS = "A B C D E F G H P S T U"
MEDICARE_SECONDARY_REASONS = "12 13 14 15 16 41 42 43 47"
CLAIM_FILING_KINDS = "11 12 13 14 15 16 17 AM BL CH CI DS FI HM LM MA MB MC OF TV VA WC ZZ"
