"""The 277CA above the claims: who answers (2000A), to whom (2000B), for which provider (2000C).

Source:
    TR3 005010X214 BHT, 2000A to 2200C. 2000C, 2200C and 2000D are situational.
"""

from __future__ import annotations

from edi.guide import Element, LoopDef, Seg
from edi.guides.x277ca.claim import PATIENT
from edi.guides.x277ca.segments import (
    AMOUNT,
    EFFECTIVE_DATE,
    FULL_NAMES,
    GIVEN_NAMES,
    count,
    date,
    entity,
    level,
    reference,
    status,
    total,
    trace,
)

BEGINNING = Seg(
    "BHT",
    "beginning",
    "R",
    1,
    (
        Element("BHT01", "structure", "R", "ID", 4, 4, "0085"),
        Element("BHT02", "purpose", "R", "ID", 2, 2, "08"),
        Element("BHT03", "reference", "R", "AN", 1, 50),
        Element("BHT04", "date", "R", "DT", 8, 8),
        Element("BHT05", "time", "R", "TM", 4, 8),
        Element("BHT06", "type", "R", "ID", 2, 2, "TH"),
    ),
)

PROVIDER = LoopDef(
    "2000C",
    "provider level",
    "S",
    0,
    (
        level("provider level", "19", "0 1"),
        LoopDef(
            "2100C",
            "billing provider",
            "R",
            1,
            (entity("provider", "85", "1 2", "FI SV XX", FULL_NAMES),),
        ),
        LoopDef(
            "2200C",
            "provider status",
            "S",
            1,
            (
                trace("provider trace", "1 2"),
                status("provider status", "S", "36 40 41 77 82 85 87 AY PR", may_have=(AMOUNT,)),
                reference("provider's other id", "0B 1G G2 LU SY TJ"),
                count("accepted claims", "QA"),
                count("rejected claims", "QC"),
                total("accepted amount", "YU"),
                total("rejected amount", "YY"),
            ),
        ),
        PATIENT,
    ),
)

RECEIVER = LoopDef(
    "2000B",
    "receiver level",
    "R",
    1,
    (
        level("receiver level", "21", "0 1"),
        LoopDef("2100B", "receiver", "R", 1, (entity("receiver", "41", "1 2", "46", GIVEN_NAMES),)),
        LoopDef(
            "2200B",
            "batch status",
            "R",
            1,
            (
                trace("batch reference", "2"),
                status("batch status", "R", "36 40 41 AY PR", may_have=(EFFECTIVE_DATE, AMOUNT)),
                count("accepted claims", "90"),
                count("rejected claims", "AA"),
                total("accepted amount", "YU"),
                total("rejected amount", "YY"),
            ),
        ),
        PROVIDER,
    ),
)

INFORMATION_SOURCE = LoopDef(
    "2000A",
    "source level",
    "R",
    0,
    (
        level("source level", "20", "1", is_top=True),
        LoopDef("2100A", "source", "R", 1, (entity("source", "AY PR", "2", "46 FI PI XV", ()),)),
        LoopDef(
            "2200A",
            "transmission",
            "R",
            0,
            (
                trace("transmission trace", "1"),
                date("received", "R", "050", "D8"),
                date("processed", "R", "009", "D8"),
            ),
        ),
        RECEIVER,
    ),
)
