"""837P, table 1: start, submitter (1000A), receiver (1000B).

Source:
    TR3 005010X222A1, loops 1000A and 1000B.
"""

from __future__ import annotations

from edi.guide import Element, LoopDef, Seg
from edi.guides.parts import st_segment
from edi.guides.x837p.shapes import (
    contact,
    firm,
    identifier_pair,
    role,
)

START = st_segment("837", "005010X222A1 005010X222A2 005010X222")

PURPOSE = Seg(
    "BHT",
    "purpose",
    "R",
    1,
    (
        Element("BHT01", "hierarchy", "R", "ID", 4, 4, "0019"),
        Element("BHT02", "original or reissue", "R", "ID", 2, 2, "00 18"),
        Element("BHT03", "batch number", "R", "AN", 1, 50),
        Element("BHT04", "date made", "R", "DT", 8, 8),
        Element("BHT05", "time made", "R", "TM", 4, 8),
        Element("BHT06", "claims or encounters", "R", "ID", 2, 2, "31 CH RP"),
    ),
)

SUBMITTER = LoopDef(
    "1000A",
    "submitter",
    "R",
    1,
    (
        role(
            "41",
            "submitter",
            "1 2",
            Element("NM103", "last name or organization", "R", "AN", 1, 60),
            Element("NM104", "first name", "S", "AN", 1, 35),
            Element("NM105", "middle name", "S", "AN", 1, 25),
            *identifier_pair("46", is_needed=True),
        ),
        contact("R", 2, first="EM FX TE", more="EM EX FX TE"),
    ),
)

RECEIVER = LoopDef(
    "1000B",
    "receiver",
    "R",
    1,
    (firm("40", "receiver", identifier="46", is_needed=True),),
)
