"""Jobs wait longer after each failure, are given up in the end, and can be tried again."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from config import clock
from config.changes import PAUSES, Job, count_failed, drain, record_change, retry_failed
from config.ids import uuid7

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.changes import Change
    from config.ids import PracticeId
    from config.tenancy import Database

NOON = dt.datetime(2026, 9, 15, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with clock.frozen_at(NOON):
        yield


def _record(database: Database, practice_id: PracticeId) -> None:
    with database.session(practice_id, is_writing=True) as session, session.begin():
        record_change(session, "message-kept", uuid7())


def _fail(_change: Change) -> None:
    raise LookupError("Abernathy, born 1950")


def _states(database: Database) -> list[tuple[str, int, str | None]]:
    with database.session(None) as session:
        rows = session.scalars(select(Job).order_by(Job.id)).all()
        return [(row.state, row.attempts, row.failure) for row in rows]


def test_a_failed_job_waits_for_its_pause(database: Database, practice_id: PracticeId) -> None:
    _record(database, practice_id)
    assert drain(database, {"message-kept": [_fail]}) == (0, 1)
    assert drain(database, {"message-kept": [_fail]}) == (0, 0)
    with clock.frozen_at(NOON + PAUSES[0]):
        assert drain(database, {"message-kept": [_fail]}) == (0, 1)
    assert _states(database) == [("waiting", 2, "LookupError")]


def test_a_job_is_given_up_counted_and_tried_again(
    database: Database, practice_id: PracticeId, other_practice_id: PracticeId
) -> None:
    _record(database, practice_id)
    at = NOON
    for pause in (dt.timedelta(), *PAUSES):
        at += pause
        with clock.frozen_at(at):
            assert drain(database, {"message-kept": [_fail]}) == (0, 1)
    assert _states(database) == [("failed", len(PAUSES) + 1, "LookupError")]
    assert count_failed(database, practice_id) == 1
    assert count_failed(database, other_practice_id) == 0
    assert retry_failed(database, other_practice_id) == 0
    assert retry_failed(database, practice_id) == 1
    seen: list[Change] = []
    assert drain(database, {"message-kept": [seen.append]}) == (1, 0)
    assert [change.practice_id for change in seen] == [practice_id]
    assert count_failed(database, practice_id) == 0


def test_one_failing_job_does_not_stop_the_others(
    database: Database, practice_id: PracticeId
) -> None:
    for _ in range(3):
        _record(database, practice_id)
    calls: list[Change] = []

    def fail_first(change: Change) -> None:
        calls.append(change)
        if len(calls) == 1:
            raise LookupError

    assert drain(database, {"message-kept": [fail_first]}) == (2, 1)
    assert [state for state, _, _ in _states(database)] == ["waiting", "done", "done"]


def test_a_kind_without_jobs_is_done_at_once(database: Database, practice_id: PracticeId) -> None:
    _record(database, practice_id)
    assert drain(database, {}) == (1, 0)
