"""Jobs of coding: what it does about news of visits that are coded already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.service import writing
from coding import service
from config import clock
from config.actor import worker
from encounters.values import VisitId

if TYPE_CHECKING:
    from config.changes import Change
    from config.settings import Settings
    from config.tenancy import Database


def take_visit_news(database: Database, settings: Settings, change: Change) -> None:
    """Look again at a visit's coding after `visit-changed`, `visit-voided` or `visit-excused`."""
    actor = worker(change.practice_id)
    with writing(database, actor, purpose="payment") as session:
        service.take_visit_news(
            session,
            actor,
            VisitId(change.subject_id),
            folder=settings.home / "codes",
            now=clock.now(),
        )
