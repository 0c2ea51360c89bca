"""The 999 from ST to SE: one group, its transactions, their segments, their elements.

CTX has two uses that differ by what its first component says (a situation that demanded
something, or the name and value of the business unit); the guide has them side by side, so one
table serves both.

Source:
    TR3 005010X231A1.
"""

from __future__ import annotations

from edi.guide import Composite, Element, LoopDef, Seg
from edi.guides.parts import SE_SEGMENT, st_segment

SEGMENT_ERRORS = "1 2 3 4 5 6 7 8 I4 I6 I7 I8 I9"
ELEMENT_ERRORS = "1 2 3 4 5 6 7 8 9 10 12 13 I6 I9 I10 I11 I12 I13"
TRANSACTION_ERRORS = "1 2 3 4 5 6 7 8 9 10 11 12 13 15 16 17 18 19 23 24 25 26 27 I5 I6"
GROUP_ERRORS = "1 2 3 4 5 6 10 11 12 13 14 15 16 17 18 19 23 24 25 26"

GROUP = Seg(
    "AK1",
    "group answered",
    "R",
    1,
    (
        Element("AK101", "group id", "R", "ID", 2, 2, "AG BE HB HC HI HN HP HR HS PI RA"),
        Element("AK102", "group control number", "R", "N0", 1, 9),
        Element("AK103", "version", "S", "AN", 1, 12),
    ),
)
TRANSACTION_START = Seg(
    "AK2",
    "transaction answered",
    "R",
    1,
    (
        Element("AK201", "transaction set", "R", "ID", 3, 3),
        Element("AK202", "transaction control number", "R", "AN", 4, 9),
        Element("AK203", "guide", "S", "AN", 1, 35),
    ),
)
SEGMENT_ERROR = Seg(
    "IK3",
    "segment in error",
    "R",
    1,
    (
        Element("IK301", "segment", "R", "ID", 2, 3),
        Element("IK302", "position in the transaction", "R", "N0", 1, 10),
        Element("IK303", "bounded loop", "S", "AN", 1, 4),
        Element("IK304", "segment error", "S", "ID", 1, 3, SEGMENT_ERRORS),
    ),
)
CONTEXT = Seg(
    "CTX",
    "context",
    "S",
    10,
    (
        Composite(
            "CTX01",
            "context",
            "R",
            (
                Element("CTX01-1", "name", "R", "AN", 1, 35),
                Element("CTX01-2", "value", "S", "AN", 1, 35),
            ),
            repeat=10,
        ),
        Element("CTX02", "segment", "S", "ID", 2, 3),
        Element("CTX03", "position in the transaction", "S", "N0", 1, 10),
        Element("CTX04", "bounded loop", "S", "AN", 1, 4),
        Composite(
            "CTX05",
            "position in the segment",
            "S",
            (
                Element("CTX05-1", "element", "R", "N0", 1, 2),
                Element("CTX05-2", "component", "S", "N0", 1, 2),
                Element("CTX05-3", "repetition", "S", "N0", 1, 4),
            ),
        ),
        Composite(
            "CTX06",
            "data element",
            "S",
            (
                Element("CTX06-1", "data element", "R", "N0", 1, 4),
                Element("CTX06-2", "second data element", "S", "N0", 1, 4),
            ),
        ),
    ),
)
ELEMENT_ERROR = Seg(
    "IK4",
    "element in error",
    "R",
    1,
    (
        Composite(
            "IK401",
            "position in the segment",
            "R",
            (
                Element("IK401-1", "element", "R", "N0", 1, 2),
                Element("IK401-2", "component", "S", "N0", 1, 2),
                Element("IK401-3", "repetition", "S", "N0", 1, 4),
            ),
        ),
        Element("IK402", "data element", "S", "N0", 1, 4),
        Element("IK403", "element error", "R", "ID", 1, 3, ELEMENT_ERRORS),
        Element("IK404", "copy of the bad value", "S", "AN", 1, 99),
    ),
)
TRANSACTION_END = Seg(
    "IK5",
    "answer to the transaction",
    "R",
    1,
    (
        Element("IK501", "answer", "R", "ID", 1, 1, "A E M R W X"),
        Element("IK502", "transaction error", "S", "ID", 1, 3, TRANSACTION_ERRORS),
        Element("IK503", "transaction error", "S", "ID", 1, 3, TRANSACTION_ERRORS),
        Element("IK504", "transaction error", "S", "ID", 1, 3, TRANSACTION_ERRORS),
        Element("IK505", "transaction error", "S", "ID", 1, 3, TRANSACTION_ERRORS),
        Element("IK506", "transaction error", "S", "ID", 1, 3, TRANSACTION_ERRORS),
    ),
)
GROUP_END = Seg(
    "AK9",
    "answer to the group",
    "R",
    1,
    (
        Element("AK901", "answer", "R", "ID", 1, 1, "A E M P R W X"),
        Element("AK902", "transactions in the group", "R", "N0", 1, 6),
        Element("AK903", "transactions received", "R", "N0", 1, 6),
        Element("AK904", "transactions accepted", "R", "N0", 1, 6),
        Element("AK905", "group error", "S", "ID", 1, 3, GROUP_ERRORS),
        Element("AK906", "group error", "S", "ID", 1, 3, GROUP_ERRORS),
        Element("AK907", "group error", "S", "ID", 1, 3, GROUP_ERRORS),
        Element("AK908", "group error", "S", "ID", 1, 3, GROUP_ERRORS),
        Element("AK909", "group error", "S", "ID", 1, 3, GROUP_ERRORS),
    ),
)

TRANSACTION = LoopDef(
    "ST",
    "transaction",
    "R",
    1,
    (
        st_segment("999", "005010X231A1 005010X231"),
        GROUP,
        LoopDef(
            "2000",
            "transaction answered",
            "S",
            0,
            (
                TRANSACTION_START,
                LoopDef(
                    "2100",
                    "segment in error",
                    "S",
                    0,
                    (
                        SEGMENT_ERROR,
                        CONTEXT,
                        LoopDef("2110", "element in error", "S", 0, (ELEMENT_ERROR, CONTEXT)),
                    ),
                ),
                TRANSACTION_END,
            ),
        ),
        GROUP_END,
        SE_SEGMENT,
    ),
)
