"""People of a practice: added, given roles, reset and deactivated; and their own account."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import or_, select

from access import rules_codes as codes
from access.adapters_passwords import hash_password, is_breached, is_password
from access.models_people import MembershipRecord, PersonRecord
from access.rules_passwords import check_password, normalise_password
from access.rules_throttles import ACCOUNT, SECOND_FACTOR
from access.service.person_secrets import (
    Secrets,
    draw_totp_secret,
    open_secrets,
    replace_recovery_codes,
    seal_secrets,
)
from access.service.sessions import PURPOSE, end_sessions, get_roles, make_actor, renew
from access.service.signing_in import charge_second_factor, normalise_email, use_code
from access.service.throttles import Bucket, give_back
from access.values import Enrolment, Person, PersonId, Role, SignInRefusedError
from audit.service import note, writing
from config.finding import Finding, MissingError, RefusedError
from config.ids import uuid7

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable
    from uuid import UUID

    from access.values import SignedIn
    from config.tenancy import Database, PracticeSession

_EMAIL: Final = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,190}")
NAME_CHARACTERS_MAX: Final = 80


class Newcomer(NamedTuple):
    """Somebody to be added.

    Attributes:
        password: Their first one; None where they have an account in this installation.
    """

    email: str
    name: str
    roles: frozenset[Role]
    password: str | None = None


def may_sign_in(session: PracticeSession, email: str) -> bool:
    """Say whether an address has an account in this installation; for who adds people."""
    statement = select(PersonRecord.id).where(
        PersonRecord.email == normalise_email(email), PersonRecord.is_active
    )
    return session.scalars(statement).one_or_none() is not None


def add_person(
    session: PracticeSession, newcomer: Newcomer, *, now: dt.datetime, today: dt.date
) -> Enrolment | None:
    """Give somebody exactly these roles in the session's practice; make their account if need be.

    Args:
        session: A writing session of the practice.
        newcomer: Who, and with which roles.
        now: The true instant.
        today: The first day of new roles.

    Returns:
        What is shown once; None where the person had an account, whose secrets stay as they are.

    Raises:
        RefusedError: Findings about address, name, roles or password.
    """
    email = normalise_email(newcomer.email)
    person = session.scalars(select(PersonRecord).where(PersonRecord.email == email)).one_or_none()
    enrolment = None
    findings = _check_newcomer(newcomer, email)
    if person is None or not person.is_active:
        findings += _check_name(newcomer.name.strip())
        findings += _check_new_password(newcomer.password or "", email, newcomer.name)
    if findings:
        raise RefusedError(findings)
    if person is None:
        person = PersonRecord(
            id=uuid7(), email=email, name=newcomer.name.strip(), is_active=False, created_at=now
        )
    if not person.is_active:
        person.is_active, person.deactivated_at = True, None
        enrolment = _enrol(session, person, newcomer.password or "")
    set_roles(session, PersonId(person.id), newcomer.roles, today=today)
    note(session, "person.added", person=person.id, roles=" ".join(sorted(newcomer.roles)))
    return enrolment


def _check_newcomer(newcomer: Newcomer, email: str) -> list[Finding]:
    findings = []
    if not _EMAIL.fullmatch(email):
        findings.append(
            Finding("email-form", "email", "expected an address such as ann@example.org", "mend it")
        )
    if not newcomer.roles:
        findings.append(
            Finding("role-missing", "role", "the person has no role", "give at least one role")
        )
    return findings


def _check_name(name: str) -> list[Finding]:
    if name and name.isprintable() and len(name) <= NAME_CHARACTERS_MAX:
        return []
    return [
        Finding(
            "person-name",
            "name",
            f"expected 1 to {NAME_CHARACTERS_MAX} printable characters",
            "give the name by which an auditor knows the person",
        )
    ]


def _check_new_password(password: str, email: str, name: str) -> list[Finding]:
    normal = normalise_password(password)
    own_words = [*re.split(r"[@.+_-]", email), *name.split(), "cleanclaim"]
    return check_password(normal, is_breached=is_breached(normal), own_words=own_words)


def _enrol(session: PracticeSession, person: PersonRecord, password: str) -> Enrolment:
    secret = draw_totp_secret()
    person.totp_step = 0
    seal_secrets(session, person, Secrets(hash_password(normalise_password(password)), secret))
    session.add(person)
    session.flush()
    return Enrolment(
        person_id=PersonId(person.id),
        totp_uri=codes.write_uri(person.email, secret),
        totp_secret=codes.write_secret(secret),
        recovery_codes=replace_recovery_codes(session, person.id),
    )


def set_roles(
    session: PracticeSession, person_id: PersonId, roles: Iterable[Role], *, today: dt.date
) -> None:
    """Let a person have exactly these roles in the session's practice from now on."""
    wanted = set(roles)
    rows = session.scalars(
        select(MembershipRecord).where(
            MembershipRecord.practice_id == session.own_practice_id,
            MembershipRecord.person_id == person_id,
        )
    ).all()
    for row in rows:
        row.is_active = Role(row.role) in wanted
        if row.is_active and row.to_on is not None:
            row.from_on, row.to_on = today, None
    for role in wanted - {Role(row.role) for row in rows}:
        session.add(
            MembershipRecord(
                id=uuid7(),
                practice_id=session.own_practice_id,
                person_id=person_id,
                role=role,
                from_on=today,
                to_on=None,
            )
        )
    session.flush()
    note(session, "roles.set", person=person_id, roles=" ".join(sorted(wanted)))


def list_people(session: PracticeSession, *, today: dt.date) -> list[Person]:
    """Return everybody who has or had a role in the session's practice, by name."""
    practice_id = session.own_practice_id
    people = session.scalars(
        select(PersonRecord).where(
            PersonRecord.id.in_(
                select(MembershipRecord.person_id).where(
                    MembershipRecord.practice_id == practice_id
                )
            )
        )
    ).all()
    found = [
        Person(
            id=PersonId(person.id),
            email=person.email,
            name=person.name,
            roles=get_roles(session, person.id, today).get(practice_id, frozenset()),
            is_active=person.is_active,
        )
        for person in people
    ]
    return sorted(found, key=lambda person: (person.name.casefold(), person.email))


def _get_member(session: PracticeSession, email: str) -> PersonRecord:
    person = session.scalars(
        select(PersonRecord)
        .join(MembershipRecord, MembershipRecord.person_id == PersonRecord.id)
        .where(
            PersonRecord.email == normalise_email(email),
            MembershipRecord.practice_id == session.own_practice_id,
        )
        .distinct()
    ).one_or_none()
    if person is None:
        raise MissingError("nobody in this practice has that address")
    return person


def _works_elsewhere(session: PracticeSession, person_id: UUID, today: dt.date) -> bool:
    """Say whether another practice gave the person a role that is in force or still to come."""
    statement = select(MembershipRecord.id).where(
        MembershipRecord.person_id == person_id,
        MembershipRecord.practice_id != session.own_practice_id,
        MembershipRecord.is_active,
        or_(MembershipRecord.to_on.is_(None), MembershipRecord.to_on >= today),
    )
    return session.scalars(statement.limit(1)).first() is not None


def deactivate_person(
    session: PracticeSession, email: str, *, now: dt.datetime, today: dt.date
) -> Person:
    """Take a person's roles in the session's practice away at once, and their sessions.

    Who works in no other practice can't sign in any more.

    Raises:
        MissingError: Nobody in the practice has that address.

    Source:
        S5; 45 CFR 164.308(a)(3)(ii)(C).
    """
    person = _get_member(session, email)
    set_roles(session, PersonId(person.id), (), today=today)
    end_sessions(session, person.id)
    if not _works_elsewhere(session, person.id, today):
        person.is_active, person.deactivated_at = False, now
        session.flush()
    note(session, "person.deactivated", person=person.id)
    return Person(
        PersonId(person.id), person.email, person.name, frozenset(), is_active=person.is_active
    )


def reset_person(
    session: PracticeSession, email: str, password: str, *, now: dt.datetime, today: dt.date
) -> Enrolment:
    """Give a person a new password and new codes, where they lost theirs; ends their sessions.

    Raises:
        MissingError: Nobody in the practice has that address.
        RefusedError: The password is refused; or the person works in another practice too, into
            which one practice's administrator would come this way.
    """
    person = _get_member(session, email)
    findings = _check_new_password(password, person.email, person.name)
    if not person.is_active or _works_elsewhere(session, person.id, today):
        findings.append(
            Finding(
                "person-elsewhere",
                "email",
                "this account is deactivated, or belongs to another practice too",
                "people add makes a deactivated account anew; one of several practices is reset "
                "once the others have deactivated it",
            )
        )
    if findings:
        raise RefusedError(findings)
    end_sessions(session, person.id)
    buckets = [Bucket(ACCOUNT, person.email), Bucket(SECOND_FACTOR, str(person.id))]
    give_back(session, buckets, now=now)
    enrolment = _enrol(session, person, password)
    note(session, "person.reset", person=person.id)
    return enrolment


# A person's own account


def change_password(
    database: Database, signed_in: SignedIn, proof: tuple[str, str], new: str, *, now: dt.datetime
) -> str:
    """Change a person's own password, end all their sessions and return a new one's token.

    Args:
        database: The installation's database.
        signed_in: Who.
        proof: The present password and a code.
        new: The new password.
        now: The true instant.

    Raises:
        SignInRefusedError: Password or code don't hold.
        RefusedError: Findings about the new password.
    """
    present, code = proof
    charge_second_factor(database, signed_in, now=now)
    with database.session(None) as session:
        secrets = open_secrets(session, session.get_one(PersonRecord, signed_in.person_id))
    is_right = is_password(normalise_password(present), secrets.password_hash)
    findings = _check_new_password(new, signed_in.email, signed_in.name) if is_right else []
    hashed = "" if findings else hash_password(normalise_password(new))
    with writing(database, make_actor(signed_in), purpose=PURPOSE) as session:
        if not is_right:
            raise SignInRefusedError
        if findings:
            raise RefusedError(findings)
        person = use_code(session, signed_in, code, now=now)
        seal_secrets(session, person, Secrets(hashed, secrets.totp_secret))
        token = renew(session, signed_in, now=now, practice_id=signed_in.practice_id)
        end_sessions(session, signed_in.person_id, but=token)
        _forgive_codes(session, signed_in, now=now)
        note(session, "password.changed", person=person.id)
        return token


def make_recovery_codes(
    database: Database, signed_in: SignedIn, code: str, *, now: dt.datetime
) -> tuple[str, tuple[str, ...]]:
    """Give a person new recovery codes for a code of their app; the old ones are worthless.

    Returns:
        The session's new token, and the codes, shown once.

    Raises:
        SignInRefusedError: The code doesn't hold.
    """
    charge_second_factor(database, signed_in, now=now)
    with writing(database, make_actor(signed_in), purpose=PURPOSE) as session:
        person = use_code(session, signed_in, code, now=now)
        drawn = replace_recovery_codes(session, person.id)
        token = renew(session, signed_in, now=now, practice_id=signed_in.practice_id)
        _forgive_codes(session, signed_in, now=now)
        note(session, "recovery-codes.made", person=person.id)
        return token, drawn


def _forgive_codes(session: PracticeSession, signed_in: SignedIn, *, now: dt.datetime) -> None:
    give_back(session, [Bucket(SECOND_FACTOR, str(signed_in.person_id))], now=now)
