"""The clock: the only place that asks what time it is.

Entry rooms ask it; services and rules take the date as an argument. In practice mode it may start
on another day (`CLEANCLAIM_DATE`) and runs on from there.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date


class _Clock:
    """The process's one clock; tests freeze it, practice mode shifts it."""

    offset = timedelta(0)
    frozen: datetime | None = None


def now() -> datetime:
    """Return the present instant in UTC."""
    if _Clock.frozen is not None:
        return _Clock.frozen
    return datetime.now(UTC) + _Clock.offset  # noqa: TID251  # the one home of the system clock


def true_now() -> datetime:
    """Return the instant that other machines' clocks show, whatever day practice mode plays."""
    return now() - (_Clock.offset if _Clock.frozen is None else timedelta(0))


def today() -> date:
    """Return the present day in UTC."""
    return now().date()


def start_on(day: date) -> None:
    """Shift the clock so that today is `day` at the present time of day."""
    real = datetime.now(UTC)  # noqa: TID251  # the one home of the system clock
    _Clock.offset = timedelta(days=(day - real.date()).days)


def run_true() -> None:
    """Take away any shift: the clock shows the real time again."""
    _Clock.offset = timedelta(0)


@contextmanager
def frozen_at(instant: datetime) -> Iterator[None]:
    """Hold the clock still at an aware instant, for tests and replays."""
    before, _Clock.frozen = _Clock.frozen, instant
    try:
        yield
    finally:
        _Clock.frozen = before
