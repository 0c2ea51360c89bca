"""837P, claim: 2300 with its dates, numbers, diagnoses and providers. Its payers and lines follow.

The same definition serves claims of subscribers (2000B) and of patients (2000C).

Source:
    TR3 005010X222A1, loops 2300 to 2310F.
"""

from __future__ import annotations

from dataclasses import replace

from edi.guide import Composite, Element, LoopDef, Seg
from edi.guides.x837p.line import LINE
from edi.guides.x837p.other_payer import OTHER_PAYER
from edi.guides.x837p.shapes import (
    amount,
    city,
    condition,
    day,
    firm,
    money,
    note,
    number,
    person,
    person_or_firm,
    place,
    specialty,
    street,
    telephone,
    yes_no,
)
from edi.guides.x837p.shared import (
    AMBULANCE_CONDITIONS,
    AMBULANCE_RIDE,
    ATTACHMENT,
    CONTRACT,
    FILE_INFORMATION,
)

CLAIM_HEAD = Seg(
    "CLM",
    "claim",
    "R",
    1,
    (
        Element("CLM01", "claim number", "R", "AN", 1, 38),
        money("CLM02", "total charge", "R"),
        Composite(
            "CLM05",
            "place and frequency",
            "R",
            (
                Element("CLM05-1", "place of service", "R", "AN", 1, 2),
                Element("CLM05-2", "code list of the place", "R", "ID", 1, 2, "B"),
                Element("CLM05-3", "claim frequency", "R", "ID", 1, 1),
            ),
        ),
        yes_no("CLM06", "provider's signature on file", "R"),
        Element("CLM07", "accepts assignment", "R", "ID", 1, 1, "A B C"),
        yes_no("CLM08", "benefits assigned to the provider", "R", "N W Y"),
        Element("CLM09", "release of information", "R", "ID", 1, 1, "I Y"),
        Element("CLM10", "who signed for the patient", "S", "ID", 1, 1, "P"),
        Composite(
            "CLM11",
            "related causes",
            "S",
            (
                Element("CLM11-1", "first cause", "R", "ID", 2, 3, "AA EM OA"),
                Element("CLM11-2", "second cause", "S", "ID", 2, 3, "AA EM OA"),
                Element("CLM11-4", "state of the accident", "S", "ID", 2, 2),
                Element("CLM11-5", "country of the accident", "S", "ID", 2, 3),
            ),
        ),
        Element("CLM12", "special program", "S", "ID", 2, 3, "02 03 05 09"),
        Element("CLM20", "reason for delay", "S", "ID", 1, 2, "1 2 3 4 5 6 7 8 9 10 11 15"),
    ),
)

DATES = (
    day("431", "onset of illness"),
    day("454", "initial treatment"),
    day("304", "last seen"),
    day("453", "acute manifestation"),
    day("439", "accident"),
    day("484", "last menstrual period"),
    day("455", "last x-ray"),
    day("471", "vision or hearing prescription"),
    day("314 360 361", "disability", formats="D8 RD8"),
    day("297", "last worked"),
    day("296", "may return to work"),
    day("435", "admission"),
    day("096", "discharge"),
    day("090 091", "care taken over or handed over", "S", 2),
    day("444", "first contact (property and casualty)"),
    day("050", "received by repricer"),
)

NUMBERS = (
    number("4N", "reason for no authorization"),
    number("F5", "Medicare crossover"),
    number("EW", "mammography certification"),
    number("9F", "referral number"),
    number("G1", "prior authorization"),
    number("F8", "payer's claim number"),
    number("X4", "CLIA number"),
    number("9A", "repriced claim number"),
    number("9C", "adjusted repriced claim number"),
    number("LX", "investigational device number"),
    number("D9", "clearinghouse's claim number"),
    number("EA", "medical record number"),
    number("P4", "demonstration project"),
    number("1J", "care plan oversight"),
)

SPINAL_CARE = Seg(
    "CR2",
    "spinal manipulation",
    "S",
    1,
    (
        Element("CR208", "patient's condition", "R", "ID", 1, 1, "A C D E F G M"),
        Element("CR210", "description", "S", "AN", 1, 80),
        Element("CR211", "further description", "S", "AN", 1, 80),
    ),
)


def _code_list(name: str, max_count: int, codes: tuple[str, str], size: int) -> Seg:
    """Return an HI: up to `size` codes, the first with its own qualifiers."""
    first, more = codes
    return Seg(
        "HI",
        name,
        "S",
        max_count,
        tuple(
            Composite(
                f"HI{n:02}",
                f"{name} {n}",
                "R" if n == 1 else "S",
                (
                    Element(f"HI{n:02}-1", "code list", "R", "ID", 1, 3, first if n == 1 else more),
                    Element(f"HI{n:02}-2", f"{name} {n}", "R", "AN", 1, 30),
                ),
            )
            for n in range(1, size + 1)
        ),
        key="HI01-1",
    )


DIAGNOSES = replace(_code_list("diagnosis", 1, ("ABK BK", "ABF BF"), 12), usage="R")
ANESTHESIA_PROCEDURES = _code_list("anesthesia related procedure", 1, ("BP", "BO"), 2)
CONDITIONS = _code_list("condition", 2, ("BG", "BG"), 12)

REPRICING = Seg(
    "HCP",
    "repricing",
    "S",
    1,
    (
        Element("HCP01", "method", "R", "ID", 2, 2, "00 01 02 03 04 05 07 08 09 10 11 12 13 14"),
        money("HCP02", "repriced amount", "R"),
        money("HCP03", "saving", "S"),
        Element("HCP04", "repricer", "S", "AN", 1, 50),
        Element("HCP05", "per diem or flat rate", "S", "R", 1, 9),
        Element("HCP06", "patient group code", "S", "AN", 1, 50),
        money("HCP07", "patient group amount", "S"),
        Element("HCP13", "reason for rejection", "S", "ID", 2, 2, "T1 T2 T3 T4 T5 T6"),
        Element("HCP14", "policy compliance", "S", "ID", 1, 2, "1 2 3 4 5"),
        Element("HCP15", "exception", "S", "ID", 1, 2, "1 2 3 4 5 6"),
    ),
    notes="R0113 P0910 P1112",
)

PROVIDERS = (
    LoopDef(
        "2310A",
        "referring provider",
        "S",
        2,
        (person("DN P3", "referring provider"), number("0B 1G G2", "further id", "S", 3)),
    ),
    LoopDef(
        "2310B",
        "rendering provider",
        "S",
        1,
        (
            person_or_firm("82", "rendering provider"),
            specialty("PE", "rendering provider specialty"),
            number("0B 1G G2 LU", "further id", "S", 4),
        ),
    ),
    LoopDef(
        "2310C",
        "service facility",
        "S",
        1,
        (
            firm("77", "service facility", identifier="XX"),
            street("R"),
            city("R"),
            number("0B G2 LU", "further id", "S", 3),
            telephone("service facility contact"),
        ),
    ),
    LoopDef(
        "2310D",
        "supervising provider",
        "S",
        1,
        (person("DQ", "supervising provider"), number("0B 1G G2 LU", "further id", "S", 4)),
    ),
    LoopDef(
        "2310E",
        "ambulance pick-up",
        "S",
        1,
        (place("PW", "ambulance pick-up", may_be_named=False), street("R"), city("R")),
    ),
    LoopDef(
        "2310F",
        "ambulance drop-off",
        "S",
        1,
        (place("45", "ambulance drop-off", may_be_named=True), street("R"), city("R")),
    ),
)

CLAIM = LoopDef(
    "2300",
    "claim",
    "S",
    100,
    (
        CLAIM_HEAD,
        *DATES,
        ATTACHMENT,
        CONTRACT,
        amount("F5", "paid by the patient"),
        *NUMBERS,
        FILE_INFORMATION,
        note("ADD CER DCP DGN TPO", "claim note"),
        AMBULANCE_RIDE,
        SPINAL_CARE,
        AMBULANCE_CONDITIONS,
        condition("E1 E2 E3", "vision conditions", 3, "N Y", "L1 L2 L3 L4 L5", 5),
        condition("75", "homebound", 1, "Y", "IH", 1),
        condition("ZZ", "EPSDT referral", 1, "N Y", "AV NU S2 ST", 3),
        DIAGNOSES,
        ANESTHESIA_PROCEDURES,
        CONDITIONS,
        REPRICING,
        *PROVIDERS,
        OTHER_PAYER,
        LINE,
    ),
)
