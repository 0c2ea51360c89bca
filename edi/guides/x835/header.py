"""The 835 from ST to the payee: payment, trace, payer, payee.

Source:
    TR3 005010X221A1 header, 1000A, 1000B.
"""

from __future__ import annotations

from edi.guide import Element, LoopDef, Seg
from edi.guides.x835.segments import city, date, reference, street

# ST03 is no element of this guide, but many payers send it: it may say what GS08 says.
ST = Seg(
    "ST",
    "transaction start",
    "R",
    1,
    (
        Element("ST01", "transaction set", "R", "ID", 3, 3, "835"),
        Element("ST02", "control number", "R", "AN", 4, 9),
        Element("ST03", "guide", "S", "AN", 1, 35),
    ),
)
PAYMENT = Seg(
    "BPR",
    "payment",
    "R",
    1,
    (
        Element("BPR01", "handling", "R", "ID", 1, 2, "C D H I P U X"),
        Element("BPR02", "payment amount", "R", "R", 1, 10),
        Element("BPR03", "credit or debit", "R", "ID", 1, 1, "C D"),
        Element("BPR04", "payment method", "R", "ID", 3, 3, "ACH BOP CHK FWT NON"),
        Element("BPR05", "payment format", "S", "ID", 1, 10, "CCP CTX"),
        Element("BPR06", "sender's bank id qualifier", "S", "ID", 2, 2, "01 04"),
        Element("BPR07", "sender's bank id", "S", "AN", 3, 12),
        Element("BPR08", "sender's account type", "S", "ID", 1, 3, "DA"),
        Element("BPR09", "sender's account", "S", "AN", 1, 35),
        Element("BPR10", "payer's own id", "S", "AN", 10, 10),
        Element("BPR11", "payer's supplemental code", "S", "AN", 9, 9),
        Element("BPR12", "receiver's bank id qualifier", "S", "ID", 2, 2, "01 04"),
        Element("BPR13", "receiver's bank id", "S", "AN", 3, 12),
        Element("BPR14", "receiver's account type", "S", "ID", 1, 3, "DA SG"),
        Element("BPR15", "receiver's account", "S", "AN", 1, 35),
        Element("BPR16", "payment date", "R", "DT", 8, 8),
    ),
    notes="P0607 C0809 P1213 C1415",
)
TRACE = Seg(
    "TRN",
    "trace",
    "R",
    1,
    (
        Element("TRN01", "trace type", "R", "ID", 1, 2, "1"),
        Element("TRN02", "trace number", "R", "AN", 1, 50),
        Element("TRN03", "originator", "R", "AN", 10, 10),
        Element("TRN04", "originator's supplement", "S", "AN", 1, 50),
    ),
)
CURRENCY = Seg(
    "CUR",
    "currency",
    "S",
    1,
    (
        Element("CUR01", "role", "R", "ID", 2, 3, "PR"),
        Element("CUR02", "currency", "R", "ID", 3, 3),
    ),
)
RECEIVER_ID = reference("receiver's id", "S", 1, "EV")
VERSION_ID = reference("system version", "S", 1, "F2")
PRODUCED_ON = date("production date", "S", 1, "405")

PAYER_NAME = Seg(
    "N1",
    "payer",
    "R",
    1,
    (
        Element("N101", "role", "R", "ID", 2, 3, "PR"),
        Element("N102", "name", "R", "AN", 1, 60),
        Element("N103", "id qualifier", "S", "ID", 1, 2, "XV"),
        Element("N104", "id", "S", "AN", 2, 80),
    ),
    key="N101",
    notes="R0203 P0304",
)
PAYER_REFERENCES = reference("more payer ids", "S", 4, "2U EO HI NF")
PAYER_BUSINESS_CONTACT = Seg(
    "PER",
    "business contact",
    "S",
    1,
    (
        Element("PER01", "function", "R", "ID", 2, 2, "CX"),
        Element("PER02", "name", "S", "AN", 1, 60),
        Element("PER03", "first number's kind", "S", "ID", 2, 2, "EM FX TE"),
        Element("PER04", "first number", "S", "AN", 1, 256),
        Element("PER05", "second number's kind", "S", "ID", 2, 2, "EM EX FX TE"),
        Element("PER06", "second number", "S", "AN", 1, 256),
        Element("PER07", "third number's kind", "S", "ID", 2, 2, "EX"),
        Element("PER08", "third number", "S", "AN", 1, 256),
    ),
    key="PER01",
    notes="P0304 P0506 P0708",
)
PAYER_TECHNICAL_CONTACT = Seg(
    "PER",
    "technical contact",
    "R",
    0,
    (
        Element("PER01", "function", "R", "ID", 2, 2, "BL"),
        Element("PER02", "name", "S", "AN", 1, 60),
        Element("PER03", "first number's kind", "S", "ID", 2, 2, "EM TE UR"),
        Element("PER04", "first number", "S", "AN", 1, 256),
        Element("PER05", "second number's kind", "S", "ID", 2, 2, "EM EX FX TE UR"),
        Element("PER06", "second number", "S", "AN", 1, 256),
        Element("PER07", "third number's kind", "S", "ID", 2, 2, "EM EX FX UR"),
        Element("PER08", "third number", "S", "AN", 1, 256),
    ),
    key="PER01",
    notes="P0304 P0506 P0708",
)
PAYER_WEB_SITE = Seg(
    "PER",
    "web site",
    "S",
    1,
    (
        Element("PER01", "function", "R", "ID", 2, 2, "IC"),
        Element("PER03", "first number's kind", "R", "ID", 2, 2, "UR"),
        Element("PER04", "first number", "R", "AN", 1, 256),
    ),
    key="PER01",
    notes="P0304",
)
PAYEE_NAME = Seg(
    "N1",
    "payee",
    "R",
    1,
    (
        Element("N101", "role", "R", "ID", 2, 3, "PE"),
        Element("N102", "name", "R", "AN", 1, 60),
        Element("N103", "id qualifier", "R", "ID", 1, 2, "FI XV XX"),
        Element("N104", "id", "R", "AN", 2, 80),
    ),
    key="N101",
    notes="R0203 P0304",
)
PAYEE_REFERENCES = reference("more payee ids", "S", 0, "0B D3 PQ TJ")
DELIVERY = Seg(
    "RDM",
    "how the advice is delivered",
    "S",
    1,
    (
        Element("RDM01", "delivery", "R", "ID", 1, 2, "BM EM FT OL"),
        Element("RDM02", "name", "S", "AN", 1, 60),
        Element("RDM03", "number", "S", "AN", 1, 256),
    ),
)

PAYER = LoopDef(
    "1000A",
    "payer",
    "R",
    1,
    (
        PAYER_NAME,
        street("R"),
        city("R"),
        PAYER_REFERENCES,
        PAYER_BUSINESS_CONTACT,
        PAYER_TECHNICAL_CONTACT,
        PAYER_WEB_SITE,
    ),
)
PAYEE = LoopDef(
    "1000B",
    "payee",
    "R",
    1,
    (PAYEE_NAME, street("S"), city("S"), PAYEE_REFERENCES, DELIVERY),
)
HEADER = (
    ST,
    PAYMENT,
    TRACE,
    CURRENCY,
    RECEIVER_ID,
    VERSION_ID,
    PRODUCED_ON,
    PAYER,
    PAYEE,
)
