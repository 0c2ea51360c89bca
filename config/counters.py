"""Counters: per practice and name, each number given out once and in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import UniqueConstraint, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped

from config.db import Base
from config.tenancy import PracticeRow

if TYPE_CHECKING:
    from config.tenancy import PracticeSession


class Counter(PracticeRow, Base):
    """The last number given out under a name, such as `claim` or `interchange/99001`."""

    __tablename__ = "counter"
    __table_args__ = (UniqueConstraint("practice_id", "name"),)

    name: Mapped[str]
    last: Mapped[int]


def next_number(session: PracticeSession, name: str, *, count: int = 1) -> int:
    """Take the next `count` numbers under a name and return the first.

    The numbers are taken with the transaction: rolled back, they are given out again.
    """
    query = select(Counter).where(Counter.name == name).with_for_update()
    counter = session.scalars(query).one_or_none()
    if counter is None:
        _start(session, name)
        counter = session.scalars(query).one()
    first = counter.last + 1
    counter.last += count
    session.flush()
    return first


def _start(session: PracticeSession, name: str) -> None:
    """Make a counter's row; where another process just made it, that one counts."""
    savepoint = session.begin_nested()
    try:
        session.add(Counter(practice_id=session.own_practice_id, name=name, last=0))
        session.flush()
    except IntegrityError:
        savepoint.rollback()
    else:
        savepoint.commit()
