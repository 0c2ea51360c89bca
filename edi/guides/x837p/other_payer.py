"""837P, another payer of the claim: 2320 with its subscriber, payer and providers.

Source:
    TR3 005010X222A1, loops 2320 to 2330G.
"""

from __future__ import annotations

from edi.guide import Element, LoopDef, Seg
from edi.guides.x837p.shapes import (
    amount,
    city,
    day,
    firm,
    money,
    number,
    person_or_firm,
    role,
    street,
    yes_no,
)
from edi.guides.x837p.shared import (
    CLAIM_FILING_KINDS,
    MEDICARE_SECONDARY_REASONS,
    PAYER_RANKS,
    RELATIONS,
    adjustments,
)

OTHER_COVERAGE = Seg(
    "SBR",
    "other coverage",
    "R",
    1,
    (
        Element("SBR01", "payer's turn", "R", "ID", 1, 1, PAYER_RANKS),
        Element(
            "SBR02", "patient's relation to this subscriber", "R", "ID", 2, 2, f"{RELATIONS} 18"
        ),
        Element("SBR03", "group or policy number", "S", "AN", 1, 50),
        Element("SBR04", "group name", "S", "AN", 1, 60),
        Element("SBR05", "why Medicare is second", "S", "ID", 1, 3, MEDICARE_SECONDARY_REASONS),
        Element("SBR09", "kind of coverage", "S", "ID", 1, 2, CLAIM_FILING_KINDS),
    ),
)

OTHER_CONSENT = Seg(
    "OI",
    "assignment and release",
    "R",
    1,
    (
        yes_no("OI03", "benefits assigned to the provider", "R", "N W Y"),
        Element("OI04", "who signed for the patient", "S", "ID", 1, 1, "P"),
        Element("OI06", "release of information", "R", "ID", 1, 1, "I Y"),
    ),
)

OUTPATIENT_REMARKS = Seg(
    "MOA",
    "outpatient adjudication",
    "S",
    1,
    (
        Element("MOA01", "reimbursement rate", "S", "R", 1, 10),
        money("MOA02", "payable amount", "S"),
        *(Element(f"MOA{n:02}", f"remark {n - 2}", "S", "AN", 1, 50) for n in range(3, 8)),
        money("MOA08", "end-stage renal disease payment", "S"),
        money("MOA09", "professional component not payable", "S"),
    ),
)

OTHER_SUBSCRIBER = LoopDef(
    "2330A",
    "other subscriber",
    "R",
    1,
    (
        person_or_firm("IL", "other subscriber", identifier="II MI", is_needed=True),
        street("S"),
        city("S"),
        number("SY", "social security number"),
    ),
)

OTHER_PAYER_NAME = LoopDef(
    "2330B",
    "other payer",
    "R",
    1,
    (
        firm("PR", "other payer", identifier="PI XV", is_needed=True),
        street("S"),
        city("S"),
        day("573", "day of payment"),
        number("2U EI FY NF", "further payer id", "S", 2),
        number("G1", "prior authorization"),
        number("9F", "referral number"),
        number("T4", "claim was adjusted"),
        number("F8", "payer's claim number"),
    ),
)

OTHER_PAYER_PROVIDERS = (
    LoopDef(
        "2330C",
        "other payer's referring provider",
        "S",
        2,
        (role("DN P3", "referring provider", "1"), number("0B 1G G2", "further id", "R", 3)),
    ),
    LoopDef(
        "2330D",
        "other payer's rendering provider",
        "S",
        1,
        (role("82", "rendering provider", "1 2"), number("0B 1G G2 LU", "further id", "R", 3)),
    ),
    LoopDef(
        "2330E",
        "other payer's service facility",
        "S",
        1,
        (role("77", "service facility", "2"), number("0B G2 LU", "further id", "R", 3)),
    ),
    LoopDef(
        "2330F",
        "other payer's supervising provider",
        "S",
        1,
        (role("DQ", "supervising provider", "1"), number("0B 1G G2 LU", "further id", "R", 3)),
    ),
    LoopDef(
        "2330G",
        "other payer's billing provider",
        "S",
        1,
        (role("85", "billing provider", "1 2"), number("G2 LU", "further id", "R", 2)),
    ),
)

OTHER_PAYER = LoopDef(
    "2320",
    "other payer's coverage",
    "S",
    10,
    (
        OTHER_COVERAGE,
        adjustments("claim adjustments"),
        amount("D", "paid by this payer"),
        amount("A8", "not covered"),
        amount("EAF", "left for the patient"),
        OTHER_CONSENT,
        OUTPATIENT_REMARKS,
        OTHER_SUBSCRIBER,
        OTHER_PAYER_NAME,
        *OTHER_PAYER_PROVIDERS,
    ),
)
