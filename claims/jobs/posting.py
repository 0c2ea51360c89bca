"""Posting remittances: one transaction for the check, one a claim, one for what is left.

The remittance's row says where a posting that was cut short goes on; each step is booked under a
key of its own and so at most once.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

import edi
from audit.service import note, reading, writing
from claims.models import ReceivedFileRow, RemittanceRow
from claims.service.posting import post_claim
from claims.service.remittances import finish_posting, start_posting
from claims.values import RemittanceId
from config import failpoint
from config.blobs import read_blob

if TYPE_CHECKING:
    import datetime as dt

    from config.actor import Actor
    from config.tenancy import Database, PracticeSession


@dataclass(frozen=True, slots=True)
class PostedReport:
    """What posting one remittance did."""

    remittance_id: RemittanceId
    posted: int
    quarantined: int


def post_remittances(database: Database, actor: Actor, *, at: dt.datetime) -> list[PostedReport]:
    """Post every remittance that waits or whose posting was cut short, oldest first."""
    with reading(database, actor, purpose="payment") as session:
        waiting = session.scalars(
            select(RemittanceRow.id)
            .where(RemittanceRow.state.in_(("waiting", "posting")))
            .order_by(RemittanceRow.id)
        ).all()
    return [post_remittance(database, actor, RemittanceId(key), at=at) for key in waiting]


def post_remittance(
    database: Database, actor: Actor, remittance_id: RemittanceId, *, at: dt.datetime
) -> PostedReport:
    """Post one remittance, from where an earlier run stopped."""
    with reading(database, actor, purpose="payment") as session:
        row = _get(session, remittance_id)
        place, start, state = row.place, row.next_claim, row.state
        file = session.get_one(ReceivedFileRow, (session.own_practice_id, row.file_id))
        content = read_blob(session, file.blob_id)
    counts = {"posted": 0, "quarantined": 0}
    if state not in ("waiting", "posting"):
        return PostedReport(remittance_id, 0, 0)
    failpoint.reach("remittance-started")
    with writing(database, actor, purpose="payment") as session:
        start_posting(session, actor, _get(session, remittance_id, is_locked=True), on=at.date())
        note(session, "remittance.posting-started", remittance=remittance_id)
        failpoint.reach("remittance-receipt-posted")
    remittance = next(r for r in edi.read_835(io.BytesIO(content)) if r.index == place)
    for answered in remittance.claims:
        if answered.index < start:
            continue
        with writing(database, actor, purpose="payment") as session:
            row = _get(session, remittance_id, is_locked=True)
            state = post_claim(session, actor, row, answered, at=at)
            row.next_claim = max(row.next_claim, answered.index + 1)
            failpoint.reach("remittance-claim-posted")
        failpoint.reach("remittance-claim-committed")
        counts[state] = counts.get(state, 0) + 1
    with writing(database, actor, purpose="payment") as session:
        row = _get(session, remittance_id, is_locked=True)
        finish_posting(session, actor, row, remittance.plb, on=at.date())
        note(session, "remittance.posted", remittance=remittance_id)
        failpoint.reach("remittance-plb-posted")
    return PostedReport(remittance_id, counts["posted"], counts["quarantined"])


def _get(
    session: PracticeSession, remittance_id: RemittanceId, *, is_locked: bool = False
) -> RemittanceRow:
    return session.get_one(
        RemittanceRow,
        (session.own_practice_id, remittance_id),
        with_for_update=is_locked or None,
    )
