"""Signing in: a password, then a code; neither alone opens anything.

Before somebody is signed in there is no actor, so these functions open their own units. Whatever
is wrong, the answer is the same and takes the same work: no such person, another's password, a
deactivated account. Every try stands in the log.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

from sqlalchemy import delete, select

from access import rules_throttles as limits
from access.adapters_passwords import NOBODYS_HASH, is_password
from access.models_people import PersonRecord, StaffSessionRecord
from access.rules_passwords import normalise_password
from access.service.person_secrets import open_secrets, use_recovery_code, use_totp_code
from access.service.sessions import (
    PURPOSE,
    Opening,
    draw_token,
    get_roles,
    make_actor,
    start_session,
)
from access.service.throttles import Bucket, charge, give_back
from access.values import INSTALLATION, Level, SignInRefusedError
from audit.service import note, writing
from config.actor import Actor, ActorKind

if TYPE_CHECKING:
    import datetime as dt

    from access.values import SignedIn, Visitor
    from config.tenancy import Database, PracticeSession

EMAIL_CHARACTERS_MAX: Final = 254
PASSWORD_CHARACTERS_MAX: Final = 1024
CODE_CHARACTERS_MAX: Final = 64
_NOBODY: Final = Actor(ActorKind.PERSON, UUID(int=0), "somebody unknown", None)


class _Found(NamedTuple):
    """Who an address belongs to, and the hash that a password is held against.

    Attributes:
        version: Counts the person's secrets; with new ones no browser is known any more.
    """

    actor: Actor
    person_id: UUID | None
    password_hash: str
    version: int = 0


def normalise_email(text: str) -> str:
    """Return an address in the one way in which it is stored; nothing for what can't be one."""
    address = text.strip().casefold()
    return address if address.isprintable() else ""


def check_first_factor(
    database: Database, email: str, password: str, *, visitor: Visitor, now: dt.datetime
) -> str:
    """Hold a password against an account and return the token of a half session.

    Args:
        database: The installation's database.
        email: As typed.
        password: As typed.
        visitor: From where.
        now: The true instant.

    Raises:
        SignInRefusedError: The same for every reason; says how long to wait.

    Source:
        S8 to S11; NIST SP 800-63B-4 sections 3.1.1 and 3.2.2.
    """
    if len(email) > EMAIL_CHARACTERS_MAX or len(password) > PASSWORD_CHARACTERS_MAX:
        raise SignInRefusedError
    address = normalise_email(email)
    found = _find(database, address)
    buckets = _buckets(database, found, address, visitor)
    charge(database, buckets, now=now)
    is_right = is_password(normalise_password(password), found.password_hash)
    with writing(database, found.actor, purpose=PURPOSE) as session:
        if not is_right or found.person_id is None:
            raise SignInRefusedError
        give_back(session, [b for b in buckets if not b.limit.tries_max], now=now)
        note(session, "sign-in.password", person=found.person_id)
        opening = Opening(Level.PASSWORD, visitor.network)
        return start_session(session, found.person_id, opening, now=now)


def _find(database: Database, address: str) -> _Found:
    """Find whose an address is; where nobody's, somebody's row is opened all the same.

    Both ways ask the same of the database and open one payload, so that they take the same time.
    """
    is_theirs = PersonRecord.email == address
    with database.session(None) as session:
        person = session.scalars(
            select(PersonRecord)
            .where(PersonRecord.is_active)
            .order_by(is_theirs.desc(), PersonRecord.id)
            .limit(1)
        ).one_or_none()
        hashed = open_secrets(session, person).password_hash if person is not None else ""
    if person is None or person.email != address:
        return _Found(_NOBODY, None, NOBODYS_HASH)
    actor = Actor(ActorKind.PERSON, person.id, person.name, None)
    return _Found(actor, person.id, hashed, person.row_version)


def _buckets(database: Database, found: _Found, address: str, visitor: Visitor) -> list[Bucket]:
    """Return what a try counts in: a browser that its owner used before has its own bucket."""
    if is_known_device(database, visitor.device, found):
        whose = hashlib.sha256(visitor.device.encode()).hexdigest()
        return [Bucket(limits.DEVICE, f"{found.person_id} {whose}")]
    return [
        Bucket(limits.ACCOUNT, address),
        Bucket(limits.NETWORK, visitor.network),
        Bucket(limits.EVERYBODY, ""),
    ]


class FullSession(NamedTuple):
    """What the browser gets when both factors hold."""

    token: str
    device: str


def check_second_factor(
    database: Database,
    half: SignedIn,
    code: str,
    *,
    visitor: Visitor,
    now: dt.datetime,
    today: dt.date,
) -> FullSession:
    """Hold a code against a half session and turn it into a full one under a new token.

    Args:
        database: The installation's database.
        half: The half session.
        code: The app's code of this moment, or a recovery code, as typed.
        visitor: From where.
        now: The true instant, by which codes go.
        today: The day on which roles are asked for.

    Raises:
        SignInRefusedError: The code doesn't hold or was used, or there were too many tries.
    """
    second = charge_second_factor(database, half, now=now)
    with writing(database, make_actor(half), purpose=PURPOSE) as session:
        person = use_code(session, half, code, now=now)
        # Deleting says who was first where two requests come with two good codes.
        gone = session.get(StaffSessionRecord, half.session_id, with_for_update=True)
        if half.level is not Level.PASSWORD or gone is None:
            raise SignInRefusedError
        session.execute(delete(StaffSessionRecord).where(StaffSessionRecord.id == gone.id))
        practices = list(get_roles(session, person.id, today))
        only = practices[0] if len(practices) == 1 else None
        opening = Opening(Level.FULL, visitor.network, only)
        token = start_session(session, person.id, opening, now=now)
        found = _Found(_NOBODY, person.id, "", person.row_version)
        buckets = [*_buckets(database, found, half.email, visitor), second]
        give_back(session, [b for b in buckets if b.limit.tries_max], now=now)
        note(session, "sign-in", person=person.id)
        return FullSession(token, _make_device(database, found))


def charge_second_factor(database: Database, signed_in: SignedIn, *, now: dt.datetime) -> Bucket:
    """Count a try at a person's codes."""
    bucket = Bucket(limits.SECOND_FACTOR, str(signed_in.person_id))
    charge(database, [bucket], now=now)
    return bucket


def use_code(
    session: PracticeSession, signed_in: SignedIn, code: str, *, now: dt.datetime
) -> PersonRecord:
    """Use up a person's code or recovery code and return their row.

    Raises:
        SignInRefusedError: It is not theirs, not of now, or was used.
    """
    person = session.get(PersonRecord, signed_in.person_id)
    if person is None or not person.is_active or len(code) > CODE_CHARACTERS_MAX:
        raise SignInRefusedError
    if use_totp_code(session, person, code, now=now):
        return person
    if use_recovery_code(session, person.id, code, now=now):
        note(session, "recovery-code.used", person=person.id)
        return person
    raise SignInRefusedError


# Browsers that signed in before. They hold a random id with our own mark on it, so that nothing
# need be stored; all that it gives is a bucket of its own for tries.


def _make_device(database: Database, found: _Found) -> str:
    """Return what a browser keeps to be known again for one person."""
    device = draw_token()
    return f"{device}.{_mark(database, device, found)}"


def is_known_device(database: Database, shown: str, found: _Found) -> bool:
    """Say whether a browser signed in as this person before, with the password they have now."""
    device, _, mark = shown.partition(".")
    expected = _mark(database, device, found)
    return found.person_id is not None and hmac.compare_digest(mark.encode(), expected.encode())


def _mark(database: Database, device: str, found: _Found) -> str:
    assert database.keyring is not None  # noqa: S101  # nobody signs in to a database without keys
    whose = f"{found.person_id} {found.version} {device.encode().hex()}"
    return database.keyring.unique_key(INSTALLATION, "staff_session", "device", whose).hex()
