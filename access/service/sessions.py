"""Sessions of people: found by the hash of a token, looked up anew at every request.

Nothing is remembered between requests: who was deactivated, lost a role or signed out is out with
the next one, on every worker.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import os
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import column, delete, or_, select, table, update

from access.models_people import MembershipRecord, PersonRecord, StaffSessionRecord
from access.values import (
    Level,
    PersonId,
    Role,
    SignedIn,
    SignInRefusedError,
    StaffSessionId,
    Workplace,
)
from audit.service import note, writing
from config.actor import Actor, ActorKind
from config.db import retrying
from config.finding import MissingError
from config.ids import PracticeId, uuid7

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from config.tenancy import Database, PracticeSession

IDLE: Final = dt.timedelta(minutes=15)
ABSOLUTE: Final = dt.timedelta(hours=12)
HALF: Final = dt.timedelta(minutes=5)
TOKEN_BYTES: Final = 32
PURPOSE: Final = "operations"
# How far behind the row may be about the last request: not every page costs a writing.
_SEEN_EVERY: Final = dt.timedelta(seconds=30)

_PRACTICE: Final = table("practice", column("id", PersonRecord.id.type), column("name"))


def hash_token(token: str) -> bytes:
    """Return what the row keeps of a token: 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def draw_token() -> str:
    """Draw a token of 256 bits for a browser."""
    return base64.urlsafe_b64encode(os.urandom(TOKEN_BYTES)).rstrip(b"=").decode("ascii")


def make_actor(
    signed_in: SignedIn, permissions: frozenset[str] = frozenset(), *, is_in_practice: bool = True
) -> Actor:
    """Return the actor behind a session, with what the policy table gives their roles."""
    practice_id = signed_in.practice_id if is_in_practice else None
    return Actor(ActorKind.PERSON, signed_in.person_id, signed_in.name, practice_id, permissions)


class Opening(NamedTuple):
    """How a session begins.

    Attributes:
        since: Where it goes on from another one: when that began.
    """

    level: Level
    network: str
    practice_id: UUID | None = None
    since: dt.datetime | None = None


def start_session(
    session: PracticeSession, person_id: UUID, opening: Opening, *, now: dt.datetime
) -> str:
    """Start a session under a new token and return the token; sweep away what has expired."""
    token = draw_token()
    session.execute(
        delete(StaffSessionRecord).where(
            or_(
                StaffSessionRecord.created_at < now - ABSOLUTE,
                StaffSessionRecord.last_seen_at < now - IDLE,
            )
        )
    )
    session.add(
        StaffSessionRecord(
            id=uuid7(),
            token_hash=hash_token(token),
            person_id=person_id,
            practice_id=opening.practice_id,
            level=opening.level,
            network=opening.network,
            created_at=opening.since or now,
            last_seen_at=now,
        )
    )
    session.flush()
    return token


def find_signed_in(
    database: Database,
    token: str,
    *,
    now: dt.datetime,
    today: dt.date,
    is_activity: bool = True,
) -> SignedIn | None:
    """Return whose session a token is, if it is alive.

    Args:
        database: The installation's database.
        token: What the browser's cookie holds.
        now: The true instant.
        today: The day on which roles are asked for.
        is_activity: False where a page asks by itself: that keeps no session alive.

    Returns:
        None where there is none, it ended or expired, or the person is deactivated. Without a
        role in its practice any more, it has no practice.

    Source:
        S5, S12, S13.
    """
    with database.session(None) as session:
        found = session.execute(
            select(StaffSessionRecord, PersonRecord)
            .join(PersonRecord, PersonRecord.id == StaffSessionRecord.person_id)
            .where(StaffSessionRecord.token_hash == hash_token(token), PersonRecord.is_active)
        ).one_or_none()
        if found is None:
            return None
        record, person = found
        if not _is_alive(record, now):
            return None
        roles = _roles_in(session, person.id, record.practice_id, today)
    if is_activity and now - record.last_seen_at >= _SEEN_EVERY:
        retrying(lambda: _note_seen(database, record.id, now))
    return SignedIn(
        session_id=StaffSessionId(record.id),
        person_id=PersonId(person.id),
        email=person.email,
        name=person.name,
        level=Level(record.level),
        practice_id=PracticeId(record.practice_id) if record.practice_id and roles else None,
        roles=roles,
    )


def _is_alive(record: StaffSessionRecord, now: dt.datetime) -> bool:
    absolute = ABSOLUTE if record.level == Level.FULL else HALF
    age, idle = now - record.created_at, now - record.last_seen_at
    # Ages below nil: the clock was set back; such a session would live for too long.
    slack = dt.timedelta(minutes=-1)
    return slack <= age < absolute and slack <= idle < IDLE


def _note_seen(database: Database, session_id: UUID, now: dt.datetime) -> None:
    with database.session(None, is_writing=True) as session, session.begin():
        session.execute(
            update(StaffSessionRecord)
            .where(StaffSessionRecord.id == session_id)
            .values(last_seen_at=now)
        )


def _roles_in(
    session: Session, person_id: UUID, practice_id: UUID | None, today: dt.date
) -> frozenset[Role]:
    if practice_id is None:
        return frozenset()
    return get_roles(session, person_id, today).get(PracticeId(practice_id), frozenset())


def get_roles(
    session: Session, person_id: UUID, today: dt.date
) -> dict[PracticeId, frozenset[Role]]:
    """Return a person's roles on a day, by practice."""
    rows = session.scalars(
        select(MembershipRecord).where(
            MembershipRecord.person_id == person_id,
            MembershipRecord.is_active,
            MembershipRecord.from_on <= today,
            or_(MembershipRecord.to_on.is_(None), MembershipRecord.to_on >= today),
        )
    )
    found: dict[PracticeId, set[Role]] = {}
    for row in rows:
        found.setdefault(PracticeId(row.practice_id), set()).add(Role(row.role))
    return {practice_id: frozenset(roles) for practice_id, roles in found.items()}


def list_workplaces(database: Database, person_id: UUID, *, today: dt.date) -> list[Workplace]:
    """Return the practices in which a person has a role on a day, by name."""
    with database.session(None) as session:
        roles = get_roles(session, person_id, today)
        names = session.execute(
            select(_PRACTICE.c.id, _PRACTICE.c.name).where(_PRACTICE.c.id.in_(list(roles)))
        )
        found = [Workplace(row.id, row.name, roles[row.id]) for row in names]
    return sorted(found, key=lambda place: (place.name.casefold(), place.practice_id))


def choose_practice(
    database: Database,
    signed_in: SignedIn,
    practice_id: UUID,
    *,
    now: dt.datetime,
    today: dt.date,
) -> str:
    """Move a session to one of the person's practices and return its new token.

    Raises:
        MissingError: No such practice, or the person has no role in it: both look alike.
    """
    with database.session(None) as session:
        roles = get_roles(session, signed_in.person_id, today)
    if signed_in.level is not Level.FULL or practice_id not in roles:
        raise MissingError("there is no such practice")
    chosen = PracticeId(practice_id)
    actor = Actor(ActorKind.PERSON, signed_in.person_id, signed_in.name, chosen)
    with writing(database, actor, purpose=PURPOSE) as session:
        token = renew(session, signed_in, now=now, practice_id=chosen)
        note(session, "practice.chosen", person=signed_in.person_id)
        return token


def renew(
    session: PracticeSession,
    signed_in: SignedIn,
    *,
    now: dt.datetime,
    practice_id: PracticeId | None,
) -> str:
    """Put a session under a new token, which alone is good from now on; it gets no longer life.

    Raises:
        SignInRefusedError: Somebody ended it in the meantime.
    """
    record = session.get(StaffSessionRecord, signed_in.session_id, with_for_update=True)
    if record is None:
        raise SignInRefusedError
    session.delete(record)
    session.flush()
    opening = Opening(Level(record.level), record.network, practice_id, record.created_at)
    return start_session(session, record.person_id, opening, now=now)


def sign_out(database: Database, signed_in: SignedIn) -> None:
    """End a session at once."""
    actor = make_actor(signed_in)
    with writing(database, actor, purpose=PURPOSE) as session:
        session.execute(
            delete(StaffSessionRecord).where(StaffSessionRecord.id == signed_in.session_id)
        )
        note(session, "sign-out", person=signed_in.person_id)


def end_sessions(session: PracticeSession, person_id: UUID, *, but: str = "") -> None:
    """End all sessions of a person but one token's, in the caller's transaction."""
    session.execute(
        delete(StaffSessionRecord).where(
            StaffSessionRecord.person_id == person_id,
            StaffSessionRecord.token_hash != hash_token(but),
        )
    )
