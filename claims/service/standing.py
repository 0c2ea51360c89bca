"""Which answers of a payer to a claim stand, and which of our lines each is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import select

from claims.models import (
    ClaimLineRow,
    RemittanceAdjustmentRow,
    RemittanceClaimRow,
    RemittanceRow,
)
from ledger import service as ledger
from ledger.values.postings import EntryKind, PostingId
from ledger.values.remittance import Treatment

if TYPE_CHECKING:
    from claims.models import ClaimRow
    from config.tenancy import PracticeSession
    from practice.values import PayerId

_SETTLING: Final = frozenset({EntryKind.PAYMENT, EntryKind.TO_PATIENT, EntryKind.TO_NEXT_PAYER})
_WAITING: Final = frozenset({Treatment.OPEN.value, Treatment.ASK.value})


@dataclass(frozen=True, slots=True)
class Standing:
    """An answer that stands.

    Attributes:
        charge_line_ids: The lines that it is about.
        renewable: Those of them that it denied: nothing was paid or passed on, something is open,
            so another answer to them may come without a reversal.
    """

    row: RemittanceClaimRow
    charge_line_ids: frozenset[UUID]
    renewable: frozenset[UUID]


def list_standing(session: PracticeSession, claim: ClaimRow, payer_id: PayerId) -> list[Standing]:
    """Return a payer's answers to a claim that weren't taken back, newest first."""
    rows = session.scalars(
        select(RemittanceClaimRow)
        .join(
            RemittanceRow,
            (RemittanceRow.practice_id == RemittanceClaimRow.practice_id)
            & (RemittanceRow.id == RemittanceClaimRow.remittance_id),
        )
        .where(
            RemittanceClaimRow.claim_id == claim.id,
            RemittanceClaimRow.state == "posted",
            RemittanceClaimRow.reason == "",
            RemittanceRow.payer_id == payer_id,
        )
        .order_by(RemittanceClaimRow.id.desc())
    ).all()
    return [_read_standing(session, row) for row in rows]


def _read_standing(session: PracticeSession, row: RemittanceClaimRow) -> Standing:
    adjusted = session.execute(
        select(ClaimLineRow.charge_line_id, RemittanceAdjustmentRow.treatment)
        .join(
            RemittanceAdjustmentRow,
            (RemittanceAdjustmentRow.practice_id == ClaimLineRow.practice_id)
            & (RemittanceAdjustmentRow.claim_line_id == ClaimLineRow.id),
        )
        .where(RemittanceAdjustmentRow.remittance_claim_id == row.id)
    ).all()
    entries = (
        ledger.get_posting(session, PostingId(row.posting_id)).entries if row.posting_id else ()
    )
    booked = {e.about.charge_line_id for e in entries if e.about.charge_line_id is not None}
    moved = {e.about.charge_line_id for e in entries if e.kind in _SETTLING}
    waiting = {key for key, treatment in adjusted if treatment in _WAITING}
    return Standing(
        row,
        frozenset(booked | {key for key, _ in adjusted}),
        frozenset(waiting - moved),
    )
