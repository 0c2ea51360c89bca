"""The job that tells a visit's claims what became of the visit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.service import reading, writing
from claims.service.visit_news import is_claimed, take_visit_news
from config import clock
from config.actor import worker
from encounters.values import VisitId

if TYPE_CHECKING:
    from config.changes import Change
    from config.tenancy import Database


def note_visit_news(database: Database, change: Change) -> None:
    """Look at the claims of a visit after any change of the visit or of its coding."""
    actor, visit_id = worker(change.practice_id), VisitId(change.subject_id)
    with reading(database, actor, purpose="payment") as session:
        if not is_claimed(session, visit_id):
            return
    with writing(database, actor, purpose="payment") as session:
        take_visit_news(session, actor, visit_id, at=clock.now())
