"""837P, service line: the segments that stand in 2400 itself.

Source:
    TR3 005010X222A1, loop 2400.
"""

from __future__ import annotations

from edi.guide import Composite, Element, Seg
from edi.guides.x837p.shapes import (
    day,
    money,
    number,
    payer_number,
    yes_no,
)
from edi.guides.x837p.shared import (
    PROCEDURE_KINDS,
    procedure,
)

SERVICE = Seg(
    "SV1",
    "service",
    "R",
    1,
    (
        procedure("SV101"),
        money("SV102", "charge", "R"),
        Element("SV103", "unit", "R", "ID", 2, 2, "MJ UN"),
        Element("SV104", "number of units", "R", "R", 1, 15),
        Element("SV105", "place of service", "S", "AN", 1, 2),
        Composite(
            "SV107",
            "diagnosis pointers",
            "R",
            tuple(
                Element(
                    f"SV107-{n}",
                    f"pointer {n}",
                    "R" if n == 1 else "S",
                    "N0",
                    1,
                    2,
                    "1 2 3 4 5 6 7 8 9 10 11 12",
                )
                for n in range(1, 5)
            ),
        ),
        yes_no("SV109", "emergency", "S", "Y"),
        yes_no("SV111", "EPSDT", "S", "Y"),
        yes_no("SV112", "family planning", "S", "Y"),
        Element("SV115", "copay waived", "S", "ID", 1, 1, "0"),
    ),
)

EQUIPMENT = Seg(
    "SV5",
    "durable medical equipment",
    "S",
    1,
    (
        Composite(
            "SV501",
            "equipment",
            "R",
            (
                Element("SV501-1", "code list", "R", "ID", 2, 2, "HC"),
                Element("SV501-2", "procedure code", "R", "AN", 1, 48),
            ),
        ),
        Element("SV502", "unit", "R", "ID", 2, 2, "DA"),
        Element("SV503", "days of need", "R", "R", 1, 15),
        money("SV504", "rental price", "R"),
        money("SV505", "purchase price", "R"),
        Element("SV506", "rental period", "R", "ID", 1, 1, "1 4 6"),
    ),
)

NEED_CERTIFICATE = Seg(
    "PWK",
    "certificate of medical necessity",
    "S",
    1,
    (
        Element("PWK01", "kind of report", "R", "ID", 2, 2, "CT"),
        Element("PWK02", "how it is sent", "R", "ID", 1, 2, "AB AD AF AG NS"),
    ),
    # Told from other attachments by how it is sent: "CT" may also be an ordinary attachment.
    key="PWK02",
)

EQUIPMENT_CERTIFICATION = Seg(
    "CR3",
    "equipment certification",
    "S",
    1,
    (
        Element("CR301", "kind of certification", "R", "ID", 1, 1, "I R S"),
        Element("CR302", "unit", "R", "ID", 2, 2, "MO"),
        Element("CR303", "months of need", "R", "R", 1, 15),
    ),
)

DATES = (
    day("472", "service date", "R", formats="D8 RD8"),
    day("471", "prescription"),
    day("607", "certification renewed"),
    day("463", "therapy began"),
    day("461", "last certified"),
    day("304", "last seen"),
    day("738 739", "test", "S", 2),
    day("011", "shipped"),
    day("455", "last x-ray"),
    day("454", "initial treatment"),
)


def _count(code: str, name: str) -> Seg:
    return Seg(
        "QTY",
        name,
        "S",
        1,
        (
            Element("QTY01", "what is counted", "R", "ID", 2, 2, code),
            Element("QTY02", name, "R", "R", 1, 15),
        ),
        key="QTY01",
    )


COUNTS = (_count("PT", "ambulance patients"), _count("FL", "obstetric anesthesia units"))

TEST_RESULT = Seg(
    "MEA",
    "test result",
    "S",
    5,
    (
        Element("MEA01", "kind of measurement", "R", "ID", 2, 2, "OG TR"),
        Element("MEA02", "what was measured", "R", "ID", 1, 3, "HT R1 R2 R3 R4"),
        Element("MEA03", "result", "R", "R", 1, 20),
    ),
)

NUMBERS = (
    number("9B", "repriced line number"),
    number("9D", "adjusted repriced line number"),
    payer_number("G1", "prior authorization", 5),
    number("6R", "line control number"),
    number("EW", "mammography certification"),
    number("X4", "CLIA number"),
    number("F4", "referring laboratory's CLIA number"),
    number("BT", "immunization batch"),
    payer_number("9F", "referral number", 5),
)

PURCHASED_SERVICE = Seg(
    "PS1",
    "purchased service",
    "S",
    1,
    (
        Element("PS101", "provider it was bought from", "R", "AN", 1, 50),
        money("PS102", "price", "R"),
    ),
)

REPRICING = Seg(
    "HCP",
    "repricing",
    "S",
    1,
    (
        Element("HCP01", "method", "R", "ID", 2, 2, "00 01 02 03 04 05 06 07 08 09 10 11 12 13 14"),
        money("HCP02", "repriced amount", "R"),
        money("HCP03", "saving", "S"),
        Element("HCP04", "repricer", "S", "AN", 1, 50),
        Element("HCP05", "per diem or flat rate", "S", "R", 1, 9),
        Element("HCP06", "patient group code", "S", "AN", 1, 50),
        money("HCP07", "patient group amount", "S"),
        Element("HCP09", "code list", "S", "ID", 2, 2, PROCEDURE_KINDS),
        Element("HCP10", "approved procedure", "S", "AN", 1, 48),
        Element("HCP11", "unit", "S", "ID", 2, 2, "MJ UN"),
        Element("HCP12", "approved units", "S", "R", 1, 15),
        Element("HCP13", "reason for rejection", "S", "ID", 2, 2, "T1 T2 T3 T4 T5 T6"),
        Element("HCP14", "policy compliance", "S", "ID", 1, 2, "1 2 3 4 5"),
        Element("HCP15", "exception", "S", "ID", 1, 2, "1 2 3 4 5 6"),
    ),
    notes="R0113 P0910 P1112",
)
