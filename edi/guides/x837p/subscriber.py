"""837P, subscriber: 2000B with the insured person, the payer, and the claims or the patients.

Source:
    TR3 005010X222A1, loops 2000B to 2010BB.
"""

from __future__ import annotations

from edi.guide import Element, LoopDef, Seg
from edi.guides.x837p.claim import CLAIM
from edi.guides.x837p.patient import PATIENT_LEVEL
from edi.guides.x837p.shapes import (
    city,
    firm,
    number,
    person_or_firm,
    street,
    telephone,
)
from edi.guides.x837p.shared import (
    BIRTH_AND_SEX,
    CLAIM_FILING_KINDS,
    MEDICARE_SECONDARY_REASONS,
    PAYER_RANKS,
    PREGNANCY_AND_DEATH,
)

SUBSCRIBER = LoopDef(
    "2010BA",
    "subscriber",
    "R",
    1,
    (
        # The member id is required of persons only; edi.guides.x837p.rules sees to that.
        person_or_firm("IL", "subscriber", identifier="II MI"),
        street("S"),
        city("S"),
        Seg("DMG", "birth and sex", "S", 1, BIRTH_AND_SEX),
        number("SY", "social security number"),
        number("Y4", "property and casualty claim number"),
        telephone("property and casualty contact"),
    ),
)

PAYER = LoopDef(
    "2010BB",
    "payer",
    "R",
    1,
    (
        firm("PR", "payer", identifier="PI XV", is_needed=True),
        street("S"),
        city("S"),
        number("2U EI FY NF", "further payer id", "S", 3),
        number("G2 LU", "billing provider's number at the payer", "S", 2),
    ),
)

SUBSCRIBER_LEVEL = LoopDef(
    "2000B",
    "subscriber level",
    "R",
    0,
    (
        Seg(
            "HL",
            "subscriber level",
            "R",
            1,
            (
                Element("HL01", "level number", "R", "AN", 1, 12),
                Element("HL02", "level above", "R", "AN", 1, 12),
                Element("HL03", "kind of level", "R", "ID", 1, 2, "22"),
                Element("HL04", "has levels below", "R", "ID", 1, 1, "0 1"),
            ),
            key="HL03",
        ),
        Seg(
            "SBR",
            "coverage",
            "R",
            1,
            (
                Element("SBR01", "payer's turn", "R", "ID", 1, 1, PAYER_RANKS),
                Element("SBR02", "patient's relation to the subscriber", "S", "ID", 2, 2, "18"),
                Element("SBR03", "group or policy number", "S", "AN", 1, 50),
                Element("SBR04", "group name", "S", "AN", 1, 60),
                Element(
                    "SBR05", "why Medicare is second", "S", "ID", 1, 3, MEDICARE_SECONDARY_REASONS
                ),
                Element("SBR09", "kind of coverage", "S", "ID", 1, 2, CLAIM_FILING_KINDS),
            ),
        ),
        Seg("PAT", "patient facts", "S", 1, PREGNANCY_AND_DEATH, notes="P0506 P0708"),
        SUBSCRIBER,
        PAYER,
        CLAIM,
        PATIENT_LEVEL,
    ),
)
