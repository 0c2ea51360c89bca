"""Segments that every guide has: where a transaction starts and where it ends."""

from __future__ import annotations

from edi.guide import Element, Seg


def st_segment(st: str, versions: str) -> Seg:
    """Return the ST of a guide: `st` is ST01, `versions` what ST03 may say, parted by blanks."""
    return Seg(
        "ST",
        "transaction start",
        "R",
        1,
        (
            Element("ST01", "transaction set", "R", "ID", 3, 3, st),
            Element("ST02", "control number", "R", "AN", 4, 9),
            Element("ST03", "guide", "R", "AN", 1, 35, versions),
        ),
    )


SE_SEGMENT = Seg(
    "SE",
    "transaction end",
    "R",
    1,
    (
        Element("SE01", "number of segments", "R", "N0", 1, 10),
        Element("SE02", "control number", "R", "AN", 4, 9),
    ),
)
