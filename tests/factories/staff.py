"""People who sign in through the real pages, for tests of whatever lies behind them."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from access import service as access
from access.rules_codes import compute_code, compute_step
from access.values import Enrolment, Role
from audit.service import writing
from config import clock
from config.actor import Actor, ActorKind
from config.ids import uuid7
from tests.conftest import PRACTICE

if TYPE_CHECKING:
    import datetime as dt

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from config.ids import PracticeId
    from config.tenancy import Database

PASSWORD = "orbit lantern 41 gravel"  # synthetic  # noqa: S105  # a test's


@dataclass(frozen=True)
class Staff:
    """Somebody with an account, and what they keep to sign in."""

    email: str
    name: str
    enrolment: Enrolment
    password: str = PASSWORD

    def code(self) -> str:
        """Return what their authenticator shows now."""
        return self.code_at(clock.true_now())

    def code_at(self, now: dt.datetime) -> str:
        """Return what their authenticator shows at an instant."""
        padded = self.enrolment.totp_secret + "=" * (-len(self.enrolment.totp_secret) % 8)
        step = compute_step(int(now.timestamp()))
        return compute_code(base64.b32decode(padded), step)


def _administrator(practice_id: PracticeId) -> Actor:
    return Actor(ActorKind.SERVICE, uuid7(), "administrator", practice_id, frozenset({"*"}))


def make_staff(
    database: Database,
    *roles: Role | str,
    practice_id: PracticeId = PRACTICE,
    email: str = "",
) -> Staff:
    """Make an account with roles in a practice; the roles alone where it is known."""
    address = email or f"staff-{uuid7().hex[-12:]}@example.org"
    newcomer = access.Newcomer(address, "Pat Example", frozenset(map(Role, roles)), PASSWORD)
    with writing(database, _administrator(practice_id), purpose="operations") as session:
        enrolment = access.add_person(session, newcomer, now=clock.true_now(), today=clock.today())
    assert enrolment is not None, "this address has an account"
    return Staff(address, "Pat Example", enrolment)


def give_roles(
    database: Database, staff: Staff, *roles: Role | str, practice_id: PracticeId = PRACTICE
) -> None:
    """Let somebody have exactly these roles in a practice."""
    newcomer = access.Newcomer(staff.email, staff.name, frozenset(map(Role, roles)))
    with writing(database, _administrator(practice_id), purpose="operations") as session:
        if roles:
            access.add_person(session, newcomer, now=clock.true_now(), today=clock.today())
        else:
            access.set_roles(session, staff.enrolment.person_id, (), today=clock.today())


def deactivate(database: Database, staff: Staff, *, practice_id: PracticeId = PRACTICE) -> None:
    with writing(database, _administrator(practice_id), purpose="operations") as session:
        access.deactivate_person(session, staff.email, now=clock.true_now(), today=clock.today())


def read_mark(page: TestResponse) -> str:
    """Return the mark that a page's forms carry."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, page.text
    return found.group(1)


def mark(client: FlaskClient) -> dict[str, str]:
    """Return what every form must send along, for the client's present session."""
    page = client.get("/account")
    if page.status_code != 200:
        page = client.get("/sign-in")
    return {"csrf_token": read_mark(page)}


def give_password(client: FlaskClient, email: str, password: str = PASSWORD) -> TestResponse:
    """Send the first form of signing in."""
    page = client.get("/sign-in")
    form = {"csrf_token": read_mark(page), "email": email, "password": password}
    return client.post("/sign-in", data=form)


def give_code(client: FlaskClient, code: str) -> TestResponse:
    """Send the second form of signing in."""
    page = client.get("/sign-in/code")
    return client.post("/sign-in/code", data={"csrf_token": read_mark(page), "code": code})


def walk_in(client: FlaskClient, staff: Staff) -> None:
    """Sign in somebody who has an account, through both forms."""
    first = give_password(client, staff.email, staff.password)
    assert first.status_code == 303, first.text
    second = give_code(client, staff.code())
    assert second.status_code == 303, second.text


def sign_in(
    client: FlaskClient, role: Role | str = Role.BILLER, *, practice_id: PracticeId = PRACTICE
) -> Staff:
    """Sign a new person of a role in, through both forms; the client keeps the session.

    Forms sent afterwards need `**mark(client)` among their data.
    """
    database: Database = client.application.extensions["cleanclaim.database"]
    staff = make_staff(database, role, practice_id=practice_id)
    walk_in(client, staff)
    return staff
