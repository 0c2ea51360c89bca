"""Changes and jobs: how news travels up the house, and work waits for a worker.

A package writes a `change` (kind, subject) in the transaction of what changed; `web.wiring` names
the jobs that later packages do for each kind. Jobs are idempotent and take ids only. This is the
embedded queue: a table that the process drains itself.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, mapped_column

from config import clock, failpoint
from config.db import Base, GlobalRow
from config.ids import PracticeId, uuid7
from config.log import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from config.tenancy import Database, PracticeSession

# How long a job waits after each attempt that failed; after the last one it has failed for good.
PAUSES: Final = (
    dt.timedelta(seconds=1),
    dt.timedelta(seconds=10),
    dt.timedelta(minutes=1),
    dt.timedelta(minutes=10),
    dt.timedelta(hours=1),
)
_log = get_logger(__name__)


class Job(GlobalRow, Base):
    """One piece of work: a job's name and the ids it takes; no PHI.

    Attributes:
        state: `waiting`, `done` or `failed`.
        failure: The name of the last error's class.
        next_at: Not tried before; None where it was never tried.
    """

    __tablename__ = "job"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    practice_id: Mapped[UUID]
    kind: Mapped[str]
    subject_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(default="waiting", index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str | None]
    created_at: Mapped[dt.datetime]
    next_at: Mapped[dt.datetime | None]


@dataclass(frozen=True, slots=True)
class Change:
    """What changed: a kind such as `visit-voided`, and the subject's key."""

    kind: str
    practice_id: PracticeId
    subject_id: UUID


def record_change(session: PracticeSession, kind: str, subject_id: UUID) -> None:
    """Write that something changed, in the transaction of the change itself."""
    session.add(
        Job(
            practice_id=session.own_practice_id,
            kind=kind,
            subject_id=subject_id,
            created_at=clock.now(),
        )
    )


def drain(
    database: Database,
    handlers: Mapping[str, Sequence[Callable[[Change], None]]],
    *,
    is_stopping: Callable[[], bool] = lambda: False,
) -> tuple[int, int]:
    """Do all waiting jobs, oldest first, and return how many were done and how many failed.

    A job that fails is tried again after a pause that grows (`PAUSES`); while the database is away
    or busy it just waits.

    Args:
        database: The installation's database.
        handlers: For each kind of change the jobs to do, each idempotent, each opening its own
            transaction.
        is_stopping: Asked before each job; what is left then waits for the next draining.
    """
    done = failed = 0
    with database.session(None) as session:
        waiting = session.scalars(
            select(Job.id)
            .where(Job.state == "waiting", or_(Job.next_at.is_(None), Job.next_at <= clock.now()))
            .order_by(Job.id)
        ).all()
    for job_id in waiting:
        if is_stopping():
            break
        if _do(database, job_id, handlers):
            done += 1
        else:
            failed += 1
    return done, failed


def _do(
    database: Database,
    job_id: UUID,
    handlers: Mapping[str, Sequence[Callable[[Change], None]]],
) -> bool:
    with database.session(None) as session:
        job = session.get(Job, job_id)
        if job is None or job.state != "waiting":
            return True
        change = Change(job.kind, PracticeId(job.practice_id), job.subject_id)
    failure, is_counted = None, True
    try:
        for handler in handlers.get(change.kind, ()):
            handler(change)
        failpoint.reach("job-done")
    except Exception as error:  # noqa: BLE001  # one job's failure must not stop the others
        failure = type(error).__name__
        is_counted = not isinstance(error, OperationalError)  # the database is away or busy
        _log.error("job-failed", job=change.kind, error=failure)
    with database.session(None, is_writing=True) as session, session.begin():
        job = session.get_one(Job, job_id)
        job.failure = failure
        if failure is None:
            job.state = "done"
        elif is_counted:
            _put_off(job)
    return failure is None


def _put_off(job: Job) -> None:
    """Let a failed job wait longer each time, and give it up after the last pause."""
    if job.attempts >= len(PAUSES):
        job.state = "failed"
        _log.error("job-given-up", job=job.kind, error=job.failure)
    else:
        job.next_at = clock.now() + PAUSES[job.attempts]
    job.attempts += 1


def count_failed(database: Database, practice_id: PracticeId) -> int:
    """Count a practice's jobs that were given up."""
    with database.session(None) as session:
        query = select(func.count()).where(Job.practice_id == practice_id, Job.state == "failed")
        return session.scalar(query) or 0


def retry_failed(database: Database, practice_id: PracticeId) -> int:
    """Let a practice's given-up jobs wait again, from now on, and return how many there were."""
    with database.session(None, is_writing=True) as session, session.begin():
        jobs = session.scalars(
            select(Job).where(Job.practice_id == practice_id, Job.state == "failed")
        ).all()
        for job in jobs:
            job.state, job.attempts, job.next_at = "waiting", 0, None
    return len(jobs)
