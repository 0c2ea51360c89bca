"""Tables of claims, of the files that carry them, and of what payers paid."""

from __future__ import annotations

from claims.models.claim import ClaimEventRow, ClaimLineRow, ClaimRow, ClaimVersionRow
from claims.models.files import BatchClaimRow, BatchRow, ReceivedFileRow
from claims.models.remittance import (
    DenialRow,
    RemittanceAdjustmentRow,
    RemittanceClaimRow,
    RemittanceRow,
)

__all__ = [
    "BatchClaimRow",
    "BatchRow",
    "ClaimEventRow",
    "ClaimLineRow",
    "ClaimRow",
    "ClaimVersionRow",
    "DenialRow",
    "ReceivedFileRow",
    "RemittanceAdjustmentRow",
    "RemittanceClaimRow",
    "RemittanceRow",
]
