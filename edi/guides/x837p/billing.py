"""837P, billing provider: 2000A with its address, pay-to address and pay-to plan.

Source:
    TR3 005010X222A1, loops 2000A to 2010AC.
"""

from __future__ import annotations

from edi.guide import Element, LoopDef, Seg
from edi.guides.x837p.shapes import (
    city,
    contact,
    firm,
    number,
    person_or_firm,
    role,
    specialty,
    street,
)
from edi.guides.x837p.subscriber import SUBSCRIBER_LEVEL

BILLING_PROVIDER = LoopDef(
    "2010AA",
    "billing provider",
    "R",
    1,
    (
        person_or_firm("85", "billing provider"),
        street("R"),
        city("R"),
        number("EI SY", "tax id", "R"),
        number("0B 1G", "license or UPIN", "S", 2),
        contact("S", 2, first="EM FX TE", more="EM EX FX TE"),
    ),
)

PAY_TO_ADDRESS = LoopDef(
    "2010AB",
    "pay-to address",
    "S",
    1,
    (role("87", "pay-to address", "1 2"), street("R"), city("R")),
)

PAY_TO_PLAN = LoopDef(
    "2010AC",
    "pay-to plan",
    "S",
    1,
    (
        firm("PE", "pay-to plan", identifier="PI XV", is_needed=True),
        street("R"),
        city("R"),
        number("2U FY NF", "further plan id"),
        number("EI", "plan tax id", "R"),
    ),
)

BILLING_LEVEL = LoopDef(
    "2000A",
    "billing provider level",
    "R",
    0,
    (
        Seg(
            "HL",
            "billing provider level",
            "R",
            1,
            (
                Element("HL01", "level number", "R", "AN", 1, 12),
                Element("HL03", "kind of level", "R", "ID", 1, 2, "20"),
                Element("HL04", "has levels below", "R", "ID", 1, 1, "1"),
            ),
            key="HL03",
        ),
        specialty("BI", "billing provider specialty"),
        Seg(
            "CUR",
            "foreign currency",
            "S",
            1,
            (
                Element("CUR01", "role", "R", "ID", 2, 3, "85"),
                Element("CUR02", "currency", "R", "ID", 3, 3),
            ),
        ),
        BILLING_PROVIDER,
        PAY_TO_ADDRESS,
        PAY_TO_PLAN,
        SUBSCRIBER_LEVEL,
    ),
)
