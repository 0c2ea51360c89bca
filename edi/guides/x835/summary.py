"""The 835 after its claims: money that the payer moves outside them.

Source:
    TR3 005010X221A1 summary PLB.
"""

from __future__ import annotations

from edi.guide import Composite, Element, Seg

REASONS = (
    "50 51 72 90 AH AM AP B2 B3 BD BN C5 CR CS CT CV CW DM E3 FB FC GO HM IP IR IS J1 L3 L6 LE LS"
    " OA OB PI PL RA RE SL TL WO WU"
)
PROVIDER_ADJUSTMENT = Seg(
    "PLB",
    "provider adjustment",
    "S",
    0,
    (
        Element("PLB01", "provider id", "R", "AN", 1, 50),
        Element("PLB02", "fiscal period end", "R", "DT", 8, 8),
        Composite(
            "PLB03",
            "first adjustment",
            "R",
            (
                Element("PLB03-1", "reason", "R", "ID", 2, 2, REASONS),
                Element("PLB03-2", "reference", "S", "AN", 1, 50),
            ),
        ),
        Element("PLB04", "first amount", "R", "R", 1, 10),
        Composite(
            "PLB05",
            "second adjustment",
            "S",
            (
                Element("PLB05-1", "reason", "R", "ID", 2, 2, REASONS),
                Element("PLB05-2", "reference", "S", "AN", 1, 50),
            ),
        ),
        Element("PLB06", "second amount", "S", "R", 1, 10),
        Composite(
            "PLB07",
            "third adjustment",
            "S",
            (
                Element("PLB07-1", "reason", "R", "ID", 2, 2, REASONS),
                Element("PLB07-2", "reference", "S", "AN", 1, 50),
            ),
        ),
        Element("PLB08", "third amount", "S", "R", 1, 10),
        Composite(
            "PLB09",
            "fourth adjustment",
            "S",
            (
                Element("PLB09-1", "reason", "R", "ID", 2, 2, REASONS),
                Element("PLB09-2", "reference", "S", "AN", 1, 50),
            ),
        ),
        Element("PLB10", "fourth amount", "S", "R", 1, 10),
        Composite(
            "PLB11",
            "fifth adjustment",
            "S",
            (
                Element("PLB11-1", "reason", "R", "ID", 2, 2, REASONS),
                Element("PLB11-2", "reference", "S", "AN", 1, 50),
            ),
        ),
        Element("PLB12", "fifth amount", "S", "R", 1, 10),
        Composite(
            "PLB13",
            "sixth adjustment",
            "S",
            (
                Element("PLB13-1", "reason", "R", "ID", 2, 2, REASONS),
                Element("PLB13-2", "reference", "S", "AN", 1, 50),
            ),
        ),
        Element("PLB14", "sixth amount", "S", "R", 1, 10),
    ),
    notes="P0506 P0708 P0910 P1112 P1314",
)
