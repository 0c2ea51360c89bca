"""Tries as rows: charged before they are made, given back when they succeed.

A try that has to wait is not counted, so that hammering at a door makes nobody's wait longer.
These rows hold nothing but keyed hashes, so they are written without an entry in the log; the
refusal itself is recorded where it happens.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from access import rules_throttles as rules
from access.models_people import ThrottleRecord
from access.values import INSTALLATION, SignInRefusedError
from config.db import retrying
from config.sealed import keyring_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from access.rules_throttles import Limit
    from config.tenancy import Database, PracticeSession

_FORGET_AFTER = dt.timedelta(days=90)


class Bucket(NamedTuple):
    """What is counted: a limit, and whose tries."""

    limit: Limit
    whose: str


def charge(database: Database, buckets: Sequence[Bucket], *, now: dt.datetime) -> None:
    """Count one try in every bucket, before it is made.

    Args:
        database: The installation's database.
        buckets: Wide ones too, such as the network's.
        now: The true instant.

    Raises:
        SignInRefusedError: The try has to wait, and was not counted.
    """
    seconds = retrying(lambda: _charge(database, buckets, now))
    if seconds:
        raise SignInRefusedError(seconds)


def _charge(database: Database, buckets: Sequence[Bucket], now: dt.datetime) -> int:
    with database.session(None, is_writing=True) as session, session.begin():
        keyed = _sorted(session, buckets)
        # Asked first, so that a flood of made-up accounts leaves no rows once it has to wait.
        seen = session.scalars(
            select(ThrottleRecord).where(ThrottleRecord.bucket_key.in_(list(keyed)))
        )
        if seconds := max((_wait(row, now) for row in seen), default=0):
            return seconds
        rows = [(keyed[key].limit, _lock(session, key, now)) for key in keyed]
        if seconds := max(_wait(row, now) for _, row in rows):
            return seconds
        for limit, row in rows:
            _count(limit, row, now)
        return 0


def _sorted(session: PracticeSession, buckets: Iterable[Bucket]) -> dict[bytes, Bucket]:
    """Return the buckets by key, always in the same order, so that two tries never deadlock."""
    keyring = keyring_of(session)
    keyed = {
        keyring.unique_key(INSTALLATION, "throttle", bucket.limit.name, bucket.whose): bucket
        for bucket in buckets
    }
    return dict(sorted(keyed.items()))


def _wait(row: ThrottleRecord, now: dt.datetime) -> int:
    return max(0, math.ceil((row.until - now).total_seconds()))


def _lock(session: PracticeSession, key: bytes, now: dt.datetime) -> ThrottleRecord:
    query = (
        select(ThrottleRecord)
        .where(ThrottleRecord.bucket_key == key)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = session.scalars(query).one_or_none()
    if row is None:
        try:
            with session.begin_nested():
                session.add(ThrottleRecord(bucket_key=key, tries=0, until=now, tried_at=now))
        except IntegrityError:
            pass  # another process just made it
        row = session.scalars(query).one()
    return row


def _count(limit: Limit, row: ThrottleRecord, now: dt.datetime) -> None:
    is_forgotten = (
        limit.quiet_seconds and (now - row.tried_at).total_seconds() > limit.quiet_seconds
    )
    row.tries = 1 if is_forgotten else row.tries + 1
    row.until = now + dt.timedelta(seconds=rules.compute_delay(limit, row.tries))
    row.tried_at = now


def give_back(session: PracticeSession, buckets: Sequence[Bucket], *, now: dt.datetime) -> None:
    """Take back a try that succeeded, in the caller's transaction.

    A bucket of one account is emptied; one of many loses this try only.
    """
    for key, bucket in _sorted(session, buckets).items():
        row = session.get(ThrottleRecord, key, with_for_update=True)
        if row is None:
            continue
        if bucket.limit.tries_max:
            session.delete(row)
        else:
            row.tries = max(0, row.tries - 1)
            row.until = now
    session.execute(delete(ThrottleRecord).where(ThrottleRecord.tried_at < now - _FORGET_AFTER))
