"""The 277CA's patient level: 2000D, the claims of a patient (2200D) and their lines (2220D).

Source:
    TR3 005010X214 2000D to 2220D.
"""

from __future__ import annotations

from edi.guide import Composite, Element, LoopDef, Seg
from edi.guides.x277ca.segments import (
    AMOUNT,
    EFFECTIVE_DATE,
    FREE_TEXT,
    FULL_NAMES,
    date,
    entity,
    level,
    reference,
    status,
    trace,
)

ENTITIES = (
    "03 1P 1Z 40 41 71 72 73 77 82 85 87 DK DN DQ FA GB HK IL LI MSC PR PRP QB QC QD SEP TL TTP TU"
)

SERVICE = Seg(
    "SVC",
    "service line",
    "R",
    1,
    (
        Composite(
            "SVC01",
            "procedure",
            "R",
            (
                Element("SVC01-1", "qualifier", "R", "ID", 2, 2, "AD ER HC HP IV NU WK"),
                Element("SVC01-2", "code", "R", "AN", 1, 48),
                Element("SVC01-3", "first modifier", "S", "AN", 2, 2),
                Element("SVC01-4", "second modifier", "S", "AN", 2, 2),
                Element("SVC01-5", "third modifier", "S", "AN", 2, 2),
                Element("SVC01-6", "fourth modifier", "S", "AN", 2, 2),
            ),
        ),
        Element("SVC02", "charge", "R", "R", 1, 10),
        Element("SVC04", "revenue code", "S", "AN", 1, 48),
        Element("SVC07", "units billed", "S", "R", 1, 15),
    ),
)

CLAIM = LoopDef(
    "2200D",
    "claim",
    "S",
    0,
    (
        trace("claim number", "2"),
        status("claim status", "R", ENTITIES, may_have=(EFFECTIVE_DATE, AMOUNT, FREE_TEXT)),
        reference("payer claim number", "1K"),
        reference("clearinghouse claim number", "D9"),
        reference("bill type", "BLT"),
        date("service dates", "R", "472", "D8 RD8"),
        LoopDef(
            "2220D",
            "service line",
            "S",
            0,
            (
                SERVICE,
                status("line status", "R", ENTITIES, may_have=(EFFECTIVE_DATE, FREE_TEXT)),
                reference("line control number", "FJ"),
                reference("prescription number", "XZ"),
                date("line dates", "S", "472", "D8 RD8"),
            ),
        ),
    ),
)

PATIENT = LoopDef(
    "2000D",
    "patient level",
    "S",
    0,
    (
        level("patient level", "PT", "0"),
        LoopDef("2100D", "patient", "R", 1, (entity("patient", "QC", "1", "II MI", FULL_NAMES),)),
        CLAIM,
    ),
)
