"""X12 5010 for health care: read, check, write. Standard library only, imports nothing of ours."""

from __future__ import annotations

from edi.acknowledge import Answer, acknowledge
from edi.acknowledge_277ca import BatchAnswer, ClaimAnswer, ProviderAnswer, to_277ca
from edi.acknowledge_reading import read_277ca, read_999, read_ta1
from edi.acknowledge_values import (
    Acknowledgement,
    Acknowledgement277,
    Acknowledgement999,
    ClaimStatus277,
    Entity,
    Envelope,
    Status,
    StatusCode,
)
from edi.check import check
from edi.guides import find_guide
from edi.reader import Reader, read
from edi.remittance import read_835
from edi.remittance_values import (
    Adjustment,
    ProviderAdjustment,
    Remittance835,
    RemittanceClaim,
    RemittanceLine,
)
from edi.report import CheckReport, FileReport, GroupReport, InterchangeReport, TransactionReport
from edi.transaction import Transaction
from edi.values import Delimiters, Fault, Group, Interchange, Loop, Segment
from edi.writer import (
    NewGroup,
    NewInterchange,
    NewTransaction,
    Repeat,
    UnsendableError,
    write,
    write_to,
)

__all__ = [
    "Acknowledgement",
    "Acknowledgement277",
    "Acknowledgement999",
    "Adjustment",
    "Answer",
    "BatchAnswer",
    "CheckReport",
    "ClaimAnswer",
    "ClaimStatus277",
    "Delimiters",
    "Entity",
    "Envelope",
    "Fault",
    "FileReport",
    "Group",
    "GroupReport",
    "Interchange",
    "InterchangeReport",
    "Loop",
    "NewGroup",
    "NewInterchange",
    "NewTransaction",
    "ProviderAdjustment",
    "ProviderAnswer",
    "Reader",
    "Remittance835",
    "RemittanceClaim",
    "RemittanceLine",
    "Repeat",
    "Segment",
    "Status",
    "StatusCode",
    "Transaction",
    "TransactionReport",
    "UnsendableError",
    "acknowledge",
    "check",
    "find_guide",
    "read",
    "read_277ca",
    "read_835",
    "read_999",
    "read_ta1",
    "to_277ca",
    "write",
    "write_to",
]
