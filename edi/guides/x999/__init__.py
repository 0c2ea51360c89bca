"""999 implementation acknowledgement, 005010X231A1: how a group was taken in.

Source:
    TR3 005010X231A1. Table facts compared with pyx12's map of the same guide.
"""

from __future__ import annotations

from edi.guide import Guide
from edi.guides.x999.balance import Balance999
from edi.guides.x999.tables import TRANSACTION

GUIDE = Guide(
    "005010X231A1",
    "999",
    "FA",
    "implementation acknowledgement",
    TRANSACTION,
    editions=("005010X231",),
    balance=Balance999,
    balance_loops=("2000",),
)
