"""Batching: ready claims of one trading partner become one 837P file, each claim in one only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from claims import queries
from claims.adapters.to_837p import Envelope, write_837p
from claims.models import BatchClaimRow, BatchRow, ClaimRow
from claims.service.moving import move_claim
from claims.values import BatchId, ClaimId, ClaimState
from config.blobs import store_blob
from config.counters import next_number
from config.ids import uuid7
from practice import service as practice

if TYPE_CHECKING:
    import datetime as dt

    from config.actor import Actor
    from config.tenancy import PracticeSession
    from practice.values import Partner, PartnerId

CLAIMS_MAX: Final = 500


def batch_claims(
    session: PracticeSession, actor: Actor, partner_id: PartnerId, *, at: dt.datetime
) -> BatchId | None:
    """Put a partner's ready claims, oldest first and at most `CLAIMS_MAX`, into one 837P file.

    The file's bytes are stored as they will be sent; its interchange control number is the
    partner's next and never comes again.

    Returns:
        The batch, or None where no claim is ready.
    """
    partner = practice.get_partner(session, partner_id)
    payer_ids = [p.id for p in practice.list_payers(session) if p.partner_id == partner_id]
    rows = session.scalars(
        select(ClaimRow)
        .where(ClaimRow.state == ClaimState.READY, ClaimRow.payer_id.in_(payer_ids))
        .order_by(ClaimRow.number)
        .limit(CLAIMS_MAX)
        .with_for_update()
    ).all()
    if not rows:
        return None
    contents = queries.get_contents(session, [ClaimId(row.id) for row in rows])
    envelope = _take_envelope(session, partner, at)
    data, controls = write_837p([contents[ClaimId(row.id)] for row in rows], partner, envelope)
    batch = BatchRow(
        id=uuid7(),
        partner_id=partner_id,
        interchange_control=envelope.interchange_control,
        group_control=envelope.group_control,
        reference=envelope.reference,
        file_name=f"{partner.code}-{envelope.interchange_control:09d}.837",
        blob_id=store_blob(session, "x12", data),
        state="written",
        claims=len(rows),
        total_cents=sum(row.total_cents for row in rows),
        created_at=at,
        sent_at=None,
    )
    session.add(batch)
    session.flush()
    for row, control in zip(rows, controls, strict=True):
        session.add(
            BatchClaimRow(
                id=uuid7(),
                batch_id=batch.id,
                claim_id=row.id,
                version=row.version,
                transaction_control=control,
                open_claim_id=row.id,
            )
        )
        move_claim(
            session, actor, row, ClaimState.BATCHED, kind="batched", at=at, blob_id=batch.blob_id
        )
    session.flush()
    return BatchId(batch.id)


def _take_envelope(session: PracticeSession, partner: Partner, at: dt.datetime) -> Envelope:
    control = next_number(session, f"interchange/{partner.code}")
    return Envelope(
        interchange_control=control,
        group_control=control,
        reference=f"{partner.code.upper()}{control:09d}"[:30],
        at=at,
    )


def mark_sent(
    session: PracticeSession, actor: Actor, batch_id: BatchId, *, at: dt.datetime
) -> None:
    """Note that a batch's file lies at the partner; its claims are sent."""
    batch = session.get_one(BatchRow, (session.own_practice_id, batch_id))
    if batch.state != "written":
        return
    batch.state, batch.sent_at = "sent", at
    places = queries.list_batch_claim_rows(session, batch.id)
    claims = queries.lock_claim_rows(session, (place.claim_id for place in places))
    for carried in places:
        claim = claims[carried.claim_id]
        move_claim(
            session, actor, claim, ClaimState.SENT, kind="sent", at=at, blob_id=batch.blob_id
        )


def release_batch(session: PracticeSession, batch: BatchRow, state: str) -> None:
    """Close a batch: its claims may lie in another one again."""
    batch.state = state
    for carried in queries.list_batch_claim_rows(session, batch.id):
        carried.open_claim_id = None
    session.flush()
