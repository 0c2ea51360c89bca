"""Professional claim, 837P 005010X222A1.

The tables read like the guide: header, billing provider, subscriber, patient, claim, other payer,
line. `rules` holds what must balance or agree within a claim.

Source:
    TR3 005010X222A1 (names and wording are ours).
"""

from __future__ import annotations

from edi.guide import Guide, LoopDef
from edi.guides.parts import SE_SEGMENT
from edi.guides.x837p.billing import BILLING_LEVEL
from edi.guides.x837p.header import PURPOSE, RECEIVER, START, SUBMITTER
from edi.guides.x837p.rules import ClaimRules

GUIDE = Guide(
    "005010X222A1",
    "837",
    "HC",
    "professional claim",
    LoopDef(
        "ST",
        "transaction",
        "R",
        1,
        (START, PURPOSE, SUBMITTER, RECEIVER, BILLING_LEVEL, SE_SEGMENT),
    ),
    claim_segment="CLM",
    editions=("005010X222A2", "005010X222"),
    balance=ClaimRules,
    balance_loops=("2010BA", "2300"),
)
