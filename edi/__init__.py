"""X12 5010 for health care: read, check, write. Standard library only, imports nothing of ours."""

from __future__ import annotations

from edi.check import check
from edi.guides import find_guide
from edi.reader import Reader, read
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
    "CheckReport",
    "Delimiters",
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
    "Reader",
    "Repeat",
    "Segment",
    "Transaction",
    "TransactionReport",
    "UnsendableError",
    "check",
    "find_guide",
    "read",
    "write",
    "write_to",
]
