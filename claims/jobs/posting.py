"""Posting remittances: one transaction for the check, one a claim, one for what is left.

The remittance's row says where a posting that was cut short goes on; each step is booked under a
key of its own and so at most once.
"""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import select

import edi
from audit.service import note, reading, writing
from claims.models import ReceivedFileRow, RemittanceRow
from claims.service.posting import DEFERRED, post_claim
from claims.service.registering import release_held
from claims.service.remittances import (
    finish_posting,
    list_quarantined_places,
    list_settled_places,
    start_posting,
)
from claims.values import RemittanceId
from config import failpoint
from config.actor import Actor
from config.blobs import read_blob
from config.tenancy import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.tenancy import PracticeSession


@dataclass(frozen=True, slots=True)
class PostedReport:
    """What posting one remittance did in this run."""

    remittance_id: RemittanceId
    posted: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class _Run:
    """One run over one remittance.

    Attributes:
        content: The 835 file.
        place: Which transaction of it.
        settled: Claims that an earlier run settled.
    """

    database: Database
    actor: Actor
    remittance_id: RemittanceId
    at: dt.datetime
    content: bytes
    place: int
    settled: frozenset[int]


def post_remittances(database: Database, actor: Actor, *, at: dt.datetime) -> list[PostedReport]:
    """Post every remittance that waits or whose posting was cut short, oldest first."""
    with writing(database, actor, purpose="payment") as session:
        release_held(session)
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
    """Post one remittance, from where an earlier run stopped; one that is posted stays as it is."""
    with reading(database, actor, purpose="payment") as session:
        row = _get(session, remittance_id)
        if row.state not in ("waiting", "posting"):
            return PostedReport(remittance_id, 0, 0)
        run = _start_run(session, (database, actor, at), row)
    failpoint.reach("remittance-started")
    with writing(database, actor, purpose="payment") as session:
        start_posting(session, actor, _get(session, remittance_id, is_locked=True), on=at.date())
        note(session, "remittance.posting-started", remittance=remittance_id)
        failpoint.reach("remittance-receipt-posted")
    outcomes = dict(_post_claims(run, _find_reversals(run)))
    done = {place for place, outcome in outcomes.items() if outcome != DEFERRED}
    if len(done) < len(outcomes):
        outcomes |= _post_claims(replace(run, settled=run.settled | done), {})
    counts = Counter(outcomes.values())
    with writing(database, actor, purpose="payment") as session:
        row = _get(session, remittance_id, is_locked=True)
        finish_posting(session, actor, row, _read_provider_adjustments(run), on=at.date())
        note(session, "remittance.posted", remittance=remittance_id)
        failpoint.reach("remittance-plb-posted")
    return PostedReport(remittance_id, counts["posted"], counts["quarantined"])


def retry_quarantined(database: Database, actor: Actor, *, at: dt.datetime) -> list[PostedReport]:
    """Try the quarantined claims of all posted remittances once more, oldest first.

    What they waited for may have come since: the patient's guarantor, the claim that is answered,
    the reversal of an earlier answer that came in a later file.
    """
    with reading(database, actor, purpose="payment") as session:
        waiting = list_quarantined_places(session)
        runs = [
            _start_run(session, (database, actor, at), _get(session, remittance_id))
            for remittance_id in waiting
        ]
    reports = []
    for run in runs:
        places = waiting[run.remittance_id]
        outcomes = dict(_post_claims(run, {}, only=places))
        counts = Counter(outcomes.values())
        reports.append(PostedReport(run.remittance_id, counts["posted"], counts["quarantined"]))
    return reports


def _start_run(
    session: PracticeSession, who: tuple[Database, Actor, dt.datetime], row: RemittanceRow
) -> _Run:
    database, actor, at = who
    file = session.get_one(ReceivedFileRow, (session.own_practice_id, row.file_id))
    remittance_id = RemittanceId(row.id)
    settled = frozenset(list_settled_places(session, remittance_id))
    content = read_blob(session, file.blob_id)
    return _Run(database, actor, remittance_id, at, content, row.place, settled)


def _find_reversals(run: _Run) -> dict[str, int]:
    """Return for each claim number that the check takes back, the place of the last reversal."""
    with _open(run) as remittance:
        return {c.claim_number: c.index for c in remittance.claims if c.is_reversal}


def _post_claims(
    run: _Run, reversals: dict[str, int], *, only: frozenset[int] | None = None
) -> Iterator[tuple[int, str]]:
    """Post the claims in the file's order, each in a transaction of its own.

    Args:
        run: The run.
        reversals: Claim numbers that the check takes back, and where.
        only: Places of claims to try once more, nothing else.

    Yields:
        A claim's place and what became of it.
    """
    with _open(run) as remittance:
        for answered in remittance.claims:
            if (answered.index in run.settled) if only is None else (answered.index not in only):
                continue
            with writing(run.database, run.actor, purpose="payment") as session:
                row = _get(session, run.remittance_id, is_locked=True)
                outcome = post_claim(
                    session,
                    run.actor,
                    row,
                    answered,
                    at=run.at,
                    is_reversed_later=reversals.get(answered.claim_number, -1) > answered.index,
                    is_retry=only is not None,
                )
                row.next_claim = max(row.next_claim, answered.index + 1)
                failpoint.reach("remittance-claim-posted")
            failpoint.reach("remittance-claim-committed")
            yield answered.index, outcome


def _read_provider_adjustments(run: _Run) -> tuple[edi.ProviderAdjustment, ...]:
    with _open(run) as remittance:
        return remittance.plb


@contextmanager
def _open(run: _Run) -> Iterator[edi.Remittance835]:
    """Yield the run's remittance while the file that it is read from stays open."""
    remittances = edi.read_835(io.BytesIO(run.content))
    for remittance in remittances:
        if remittance.index == run.place:
            yield remittance
            return


def _get(
    session: PracticeSession, remittance_id: RemittanceId, *, is_locked: bool = False
) -> RemittanceRow:
    return session.get_one(
        RemittanceRow,
        (session.own_practice_id, remittance_id),
        with_for_update=is_locked or None,
    )
