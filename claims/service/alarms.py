"""The filing alarm: claims whose deadline is near or past and that no payer has taken yet.

Source:
    P8, R11, R12; House: DESIGN 7.10. Only the payer's acceptance proves timely filing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, or_, select

from claims.models import ClaimRow
from claims.rules.filing import ALARM_DAYS
from claims.values import ClaimId, ClaimState, OwnerRole

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from config.tenancy import PracticeSession


@dataclass(frozen=True, slots=True)
class FilingAlarm:
    """A claim that must reach its payer soon, or should have."""

    claim_id: ClaimId
    number: str
    state: ClaimState
    owner_role: OwnerRole
    file_by: dt.date

    @property
    def key(self) -> tuple[dt.date, ClaimId]:
        """Return its place in the list, behind which the next page begins."""
        return self.file_by, self.claim_id


@dataclass(frozen=True, slots=True)
class FilingAlarms:
    """How many claims are under alarm, and the earliest of their deadlines."""

    count: int
    earliest: dt.date | None


def list_filing_alarms(
    session: PracticeSession,
    today: dt.date,
    *,
    after: tuple[dt.date, ClaimId] | None = None,
    limit: int = 100,
) -> list[FilingAlarm]:
    """Return claims under alarm, the earliest deadline first; only plain columns are read.

    Args:
        session: An open session.
        today: The day.
        after: The `key` of the last alarm of the page before.
        limit: How many at most.
    """
    query = (
        select(ClaimRow.id, ClaimRow.number, ClaimRow.state, ClaimRow.owner_role, ClaimRow.file_by)
        .where(_is_alarmed(today))
        .order_by(ClaimRow.file_by, ClaimRow.id)
        .limit(limit)
    )
    if after is not None:
        day, key = after
        query = query.where(
            or_(ClaimRow.file_by > day, and_(ClaimRow.file_by == day, ClaimRow.id > key))
        )
    return [
        FilingAlarm(ClaimId(key), number, ClaimState(state), OwnerRole(owner), file_by)
        for key, number, state, owner, file_by in session.execute(query)
        if file_by is not None
    ]


def count_filing_alarms(session: PracticeSession, today: dt.date) -> FilingAlarms:
    """Count the claims under alarm."""
    counted = select(func.count(), func.min(ClaimRow.file_by)).where(_is_alarmed(today))
    count, earliest = session.execute(counted).one()
    return FilingAlarms(count, earliest)


def _is_alarmed(today: dt.date) -> ColumnElement[bool]:
    return and_(
        ClaimRow.accepted_by_payer_on.is_(None),
        ClaimRow.file_by <= today + dt.timedelta(days=ALARM_DAYS),
        ClaimRow.state != ClaimState.VOIDED,
    )
