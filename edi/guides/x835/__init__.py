"""835 claim payment, 005010X221A1: what a payer paid, what it didn't, and why.

Source:
    TR3 005010X221A1. Table facts compared with pyx12's map of the same guide.
"""

from __future__ import annotations

from edi.guide import Guide, LoopDef
from edi.guides.parts import SE_SEGMENT
from edi.guides.x835.balance import Balance835
from edi.guides.x835.claim import HEADER_NUMBER
from edi.guides.x835.header import HEADER
from edi.guides.x835.summary import PROVIDER_ADJUSTMENT

GUIDE = Guide(
    "005010X221A1",
    "835",
    "HP",
    "claim payment",
    LoopDef(
        "ST",
        "transaction",
        "R",
        1,
        (*HEADER, HEADER_NUMBER, PROVIDER_ADJUSTMENT, SE_SEGMENT),
    ),
    claim_segment="CLP",
    editions=("005010X221",),
    balance=Balance835,
    balance_loops=("2100",),
)
