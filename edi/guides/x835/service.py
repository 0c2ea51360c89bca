"""The 835 line by line: 2110.

Source:
    TR3 005010X221A1 2110.
"""

from __future__ import annotations

from edi.guide import Composite, Element, LoopDef, Seg
from edi.guides.x835.segments import adjustment, amount, date, quantity, reference

SERVICE_PAYMENT = Seg(
    "SVC",
    "service payment",
    "R",
    1,
    (
        Composite(
            "SVC01",
            "procedure",
            "R",
            (
                Element("SVC01-1", "qualifier", "R", "ID", 2, 2, "AD ER HC HP IV N4 N6 NU UI WK"),
                Element("SVC01-2", "code", "R", "AN", 1, 48),
                Element("SVC01-3", "first modifier", "S", "AN", 2, 2),
                Element("SVC01-4", "second modifier", "S", "AN", 2, 2),
                Element("SVC01-5", "third modifier", "S", "AN", 2, 2),
                Element("SVC01-6", "fourth modifier", "S", "AN", 2, 2),
            ),
        ),
        Element("SVC02", "charge", "R", "R", 1, 10),
        Element("SVC03", "paid", "R", "R", 1, 10),
        Element("SVC04", "revenue code", "S", "AN", 1, 48),
        Element("SVC05", "units paid", "S", "R", 1, 15),
        Composite(
            "SVC06",
            "procedure billed",
            "S",
            (
                Element("SVC06-1", "qualifier", "R", "ID", 2, 2, "AD ER HC HP IV N4 NU WK"),
                Element("SVC06-2", "code", "R", "AN", 1, 48),
                Element("SVC06-3", "first modifier", "S", "AN", 2, 2),
                Element("SVC06-4", "second modifier", "S", "AN", 2, 2),
                Element("SVC06-5", "third modifier", "S", "AN", 2, 2),
                Element("SVC06-6", "fourth modifier", "S", "AN", 2, 2),
                Element("SVC06-7", "description", "S", "AN", 1, 80),
            ),
        ),
        Element("SVC07", "units billed", "S", "R", 1, 15),
    ),
)
REMARK = Seg(
    "LQ",
    "remark",
    "S",
    99,
    (
        Element("LQ01", "code list", "R", "ID", 1, 3, "HE RX"),
        Element("LQ02", "remark code", "R", "AN", 1, 30),
    ),
    notes="C0102",
)

SERVICE = LoopDef(
    "2110",
    "service payment",
    "S",
    999,
    (
        SERVICE_PAYMENT,
        date("service dates", "S", 2, "150 151 472"),
        adjustment("service adjustment"),
        reference("service ids", "S", 8, "1S APC BB E9 G1 G3 LU RB"),
        reference("line control number", "S", 1, "6R"),
        reference("rendering provider's ids", "S", 10, "0B 1A 1B 1C 1D 1G 1H 1J D3 G2 HPI SY TJ"),
        reference("policy", "S", 5, "0K"),
        amount("service amounts", 9, "B6 KH T T2 ZK ZL ZM ZN ZO"),
        quantity("service quantities", 6, "ZK ZL ZM ZN ZO"),
        REMARK,
    ),
)
