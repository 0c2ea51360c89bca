"""837P, service line: 2400 with its drug, providers, other payers' decisions and forms.

Source:
    TR3 005010X222A1, loops 2400 to 2440.
"""

from __future__ import annotations

from edi.guide import Composite, Element, LoopDef, Seg
from edi.guides.x837p.line_segments import (
    COUNTS,
    DATES,
    EQUIPMENT,
    EQUIPMENT_CERTIFICATION,
    NEED_CERTIFICATE,
    NUMBERS,
    PURCHASED_SERVICE,
    REPRICING,
    SERVICE,
    TEST_RESULT,
)
from edi.guides.x837p.shapes import (
    amount,
    city,
    condition,
    contact,
    day,
    firm,
    identifier_pair,
    money,
    note,
    number,
    payer_number,
    person,
    person_or_firm,
    place,
    role,
    specialty,
    street,
    yes_no,
)
from edi.guides.x837p.shared import (
    AMBULANCE_CONDITIONS,
    AMBULANCE_RIDE,
    ATTACHMENT,
    CONTRACT,
    FILE_INFORMATION,
    adjustments,
    procedure,
)

DRUG = LoopDef(
    "2410",
    "drug",
    "S",
    1,
    (
        Seg(
            "LIN",
            "drug or product code",
            "R",
            1,
            (
                Element("LIN02", "code list", "R", "ID", 2, 2, "EN EO HI N4 ON UK UP"),
                Element("LIN03", "drug or product code", "R", "AN", 1, 48),
            ),
        ),
        Seg(
            "CTP",
            "drug quantity",
            "R",
            1,
            (
                Element("CTP04", "quantity", "R", "R", 1, 15),
                Composite(
                    "CTP05",
                    "unit",
                    "R",
                    (Element("CTP05-1", "unit", "R", "ID", 2, 2, "F2 GR ME ML UN"),),
                ),
            ),
        ),
        number("VY XZ", "prescription number"),
    ),
)

PROVIDERS = (
    LoopDef(
        "2420A",
        "rendering provider",
        "S",
        1,
        (
            person_or_firm("82", "rendering provider"),
            specialty("PE", "rendering provider specialty"),
            payer_number("0B 1G G2 LU", "further id", 20),
        ),
    ),
    LoopDef(
        "2420B",
        "provider of purchased service",
        "S",
        1,
        (
            role(
                "QB",
                "provider of purchased service",
                "1 2",
                *identifier_pair("XX", is_needed=False),
            ),
            payer_number("0B 1G G2", "further id", 20),
        ),
    ),
    LoopDef(
        "2420C",
        "service facility",
        "S",
        1,
        (
            firm("77", "service facility", identifier="XX"),
            street("R"),
            city("R"),
            payer_number("G2 LU", "further id", 3),
        ),
    ),
    LoopDef(
        "2420D",
        "supervising provider",
        "S",
        1,
        (person("DQ", "supervising provider"), payer_number("0B 1G G2 LU", "further id", 20)),
    ),
    LoopDef(
        "2420E",
        "ordering provider",
        "S",
        1,
        (
            person("DK", "ordering provider"),
            street("S"),
            city("S"),
            payer_number("0B 1G G2", "further id", 20),
            contact("S", 1, first="EM FX TE", more="EM EX FX TE"),
        ),
    ),
    LoopDef(
        "2420F",
        "referring provider",
        "S",
        2,
        (person("DN P3", "referring provider"), payer_number("0B 1G G2", "further id", 20)),
    ),
    LoopDef(
        "2420G",
        "ambulance pick-up",
        "S",
        1,
        (place("PW", "ambulance pick-up", may_be_named=False), street("R"), city("R")),
    ),
    LoopDef(
        "2420H",
        "ambulance drop-off",
        "S",
        1,
        (place("45", "ambulance drop-off", may_be_named=True), street("R"), city("R")),
    ),
)

OTHER_PAYER_DECISION = LoopDef(
    "2430",
    "other payer's decision",
    "S",
    15,
    (
        Seg(
            "SVD",
            "other payer's decision",
            "R",
            1,
            (
                Element("SVD01", "payer id", "R", "AN", 2, 80),
                money("SVD02", "paid", "R"),
                procedure("SVD03"),
                Element("SVD05", "paid units", "R", "R", 1, 15),
                Element("SVD06", "bundled into line", "S", "N0", 1, 6),
            ),
        ),
        adjustments("line adjustments"),
        day("573", "day of payment", "R"),
        amount("EAF", "left for the patient"),
    ),
)

FORM = LoopDef(
    "2440",
    "form",
    "S",
    0,
    (
        Seg(
            "LQ",
            "form",
            "R",
            1,
            (
                Element("LQ01", "code list", "R", "ID", 1, 3, "AS UT"),
                Element("LQ02", "form", "R", "AN", 1, 30),
            ),
        ),
        Seg(
            "FRM",
            "answer on the form",
            "R",
            99,
            (
                Element("FRM01", "question", "R", "AN", 1, 20),
                yes_no("FRM02", "answer yes or no", "S", "N W Y"),
                Element("FRM03", "answer in words", "S", "AN", 1, 50),
                Element("FRM04", "answer as a date", "S", "DT", 8, 8),
                Element("FRM05", "answer in percent", "S", "R", 1, 6),
            ),
            notes="R02030405",
        ),
    ),
)

LINE = LoopDef(
    "2400",
    "service line",
    "R",
    50,
    (
        Seg(
            "LX",
            "service line",
            "R",
            1,
            (Element("LX01", "line number", "R", "N0", 1, 6),),
        ),
        SERVICE,
        EQUIPMENT,
        NEED_CERTIFICATE,
        ATTACHMENT,
        AMBULANCE_RIDE,
        EQUIPMENT_CERTIFICATION,
        AMBULANCE_CONDITIONS,
        condition("70", "hospice employee", 1, "N Y", "65", 1),
        condition("09", "equipment conditions", 1, "N Y", "38 ZV", 2),
        *DATES,
        *COUNTS,
        TEST_RESULT,
        CONTRACT,
        *NUMBERS,
        amount("T", "sales tax"),
        amount("F4", "postage"),
        FILE_INFORMATION,
        note("ADD DCP", "line note"),
        note("TPO", "third party note"),
        PURCHASED_SERVICE,
        REPRICING,
        DRUG,
        *PROVIDERS,
        OTHER_PAYER_DECISION,
        FORM,
    ),
)
