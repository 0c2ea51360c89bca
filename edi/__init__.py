"""X12 5010 for health care: read, check, write. Standard library only, imports nothing of ours."""

from __future__ import annotations

from edi.guides import find_guide
from edi.reader import Reader, read
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
    "Delimiters",
    "Fault",
    "Group",
    "Interchange",
    "Loop",
    "NewGroup",
    "NewInterchange",
    "NewTransaction",
    "Reader",
    "Repeat",
    "Segment",
    "Transaction",
    "UnsendableError",
    "find_guide",
    "read",
    "write",
    "write_to",
]
