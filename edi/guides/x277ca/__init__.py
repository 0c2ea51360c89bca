"""277CA claim acknowledgement, 005010X214: which claims go on to be adjudicated.

Source:
    TR3 005010X214. Table facts compared with pyx12's map of the same guide, which wrongly demands
    the provider and patient levels: a batch that is turned down at the receiver level has neither.
"""

from __future__ import annotations

from edi.guide import Guide, LoopDef
from edi.guides.parts import SE_SEGMENT, st_segment
from edi.guides.x277ca.balance import Balance277CA
from edi.guides.x277ca.source import BEGINNING, INFORMATION_SOURCE

GUIDE = Guide(
    "005010X214",
    "277",
    "HN",
    "claim acknowledgement",
    LoopDef(
        "ST",
        "transaction",
        "R",
        1,
        (st_segment("277", "005010X214"), BEGINNING, INFORMATION_SOURCE, SE_SEGMENT),
    ),
    claim_segment="",
    balance=Balance277CA,
    balance_loops=("2200D",),
)
