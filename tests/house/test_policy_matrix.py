"""The matrix of the policy table, executed whole on both engines.

Every address and method is called by nobody, by half a session, by every role, by somebody whose
role lies in another practice, and by a program with a token; what must come back is computed from
the table alone. Addresses that name a row get a key that nobody has: whoever may ask is told that
there is nothing, as for another practice's row.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from access import service as access
from access.values import Role
from audit.service import writing
from config import clock
from config.settings import Settings
from tests.conftest import OTHER_PRACTICE
from tests.factories.access import make_assertion, make_form, make_jwks
from tests.factories.staff import give_password, make_staff, mark, read_mark, sign_in
from web import policy
from web.app import create_app
from web.policy import Stage, Way

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from werkzeug.routing import Rule as Route
    from werkzeug.test import TestResponse

    from config.actor import Actor
    from config.tenancy import Database

NOBODYS_KEY = UUID("01920000-0000-7000-8000-0000000000fe")
# Ends the session of who asks, so it is called by a client of its own.
SIGN_OUT = "access_pages.sign_out"


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Flask:
    settings = Settings(tmp_path / "home", tmp_path / "keys", "", "", "")
    return create_app(settings, database=database)


@dataclass(frozen=True)
class Caller:
    """Somebody at the door.

    Attributes:
        stage: How far they have signed in; None for a program.
        permissions: What the table gives their roles.
        form: What their forms carry.
    """

    name: str
    client: FlaskClient
    stage: Stage | None
    permissions: frozenset[str]
    form: dict[str, str]
    headers: dict[str, str]

    def call(self, path: str, method: str) -> TestResponse:
        data = dict(self.form) if method != "GET" else None
        return self.client.open(path, method=method, data=data, headers=self.headers)

    def may(self, permission: str | None) -> bool:
        return permission is None or "*" in self.permissions or permission in self.permissions


def _person(app: Flask, role: Role) -> Caller:
    client = app.test_client()
    sign_in(client, role)
    held = policy.ROLES[role]
    return Caller(role, client, Stage.PRACTICE, held, mark(client), {})


def _nobody(app: Flask) -> Caller:
    client = app.test_client()
    return Caller("nobody", client, Stage.OPEN, frozenset(), mark(client), {})


def _half(app: Flask, database: Database) -> Caller:
    client = app.test_client()
    give_password(client, make_staff(database, "manager").email)
    form = {"csrf_token": read_mark(client.get("/sign-in/code"))}
    return Caller("half", client, Stage.HALF, frozenset(), form, {})


def _program(app: Flask, database: Database, actor: Actor) -> Caller:
    with writing(database, actor, purpose="operations") as session:
        known = access.add_client(session, "EHR", jwks=make_jwks(), now=clock.now())
    client = app.test_client()
    assertion = make_assertion(known.client_id, int(time.time()))
    token = client.post("/oauth/token", data=make_form(assertion)).get_json()["access_token"]
    held = frozenset({"intake.write", "intake.read"})
    return Caller("program", client, None, held, {}, {"Authorization": f"Bearer {token}"})


def _cells(app: Flask) -> Iterator[tuple[Route, str, str]]:
    """Yield every route, a path for it, and each of its methods."""
    for route in sorted(app.url_map.iter_rules(), key=lambda r: (r.endpoint, r.rule)):
        path = re.sub(r"<[^>]*>", str(NOBODYS_KEY), route.rule)
        for method in sorted((route.methods or set()) - {"HEAD", "OPTIONS"}):
            yield route, path, method


def _expect(rule: policy.Rule, caller: Caller) -> Callable[[TestResponse], bool]:
    """Return what must hold of the answer, by the table alone."""
    if rule.way is Way.TOKEN:
        if rule.permission is None:
            return _is_let_in
        if caller.stage is not None:
            return lambda answer: answer.status_code == 401
        return _is_let_in if caller.may(rule.permission) else _is_forbidden
    if rule.stage is Stage.OPEN:
        return _is_answered
    stage = caller.stage or Stage.OPEN
    if not stage.reaches(rule.stage):
        step = {Stage.HALF: "/sign-in/code", Stage.PERSON: "/practices"}.get(stage, "/sign-in?")
        return lambda answer: (
            answer.status_code == 303 and answer.headers["Location"].startswith(step)
        )
    return _is_answered if caller.may(rule.permission) else _is_forbidden


def _is_let_in(answer: TestResponse) -> bool:
    return answer.status_code not in (401, 403) and answer.status_code < 500


def _is_answered(answer: TestResponse) -> bool:
    """Say whether the page itself answered: not with a refusal, nor with a step of signing in."""
    to = answer.headers.get("Location", "")
    return answer.status_code < 500 and answer.status_code != 401 and not to.startswith("/sign-in?")


def _is_forbidden(answer: TestResponse) -> bool:
    return answer.status_code == 403


def _run(app: Flask, caller: Caller) -> list[str]:
    """Call everything and return what came back otherwise than the table says."""
    wrong = []
    for route, path, method in _cells(app):
        rule = policy.rule_of_endpoint(route.endpoint)
        if route.endpoint in ALONE and caller.stage not in (None, Stage.OPEN):
            continue
        if method != "GET" and rule.way is Way.DESK and caller.stage is None:
            continue  # a program has no forms: it is refused for want of a mark, see below
        answer = caller.call(path, method)
        if not _expect(rule, caller)(answer):
            where = answer.headers.get("Location", "")
            wrong.append(f"{caller.name} {method} {path}: {answer.status_code} {where}")
    return wrong


# These move the session of who asks on; each has tests of its own.
ALONE = {SIGN_OUT, "access_pages.sign_in", "access_pages.check_code"}


@pytest.mark.parametrize("role", list(Role))
def test_every_role_is_answered_as_the_table_says(app: Flask, role: Role) -> None:
    assert _run(app, _person(app, role)) == []


def test_nobody_is_sent_to_sign_in_and_half_a_session_to_the_code(
    app: Flask, database: Database
) -> None:
    assert _run(app, _nobody(app)) + _run(app, _half(app, database)) == []


def test_program_opens_no_page_and_no_person_the_interfaces(
    app: Flask, database: Database, actor: Actor
) -> None:
    program = _program(app, database, actor)
    assert _run(app, program) == []
    for route, path, method in _cells(app):
        if policy.rule_of_endpoint(route.endpoint).way is Way.DESK and method != "GET":
            assert program.call(path, method).status_code == 400, path


def test_changing_request_without_a_mark_is_refused_on_every_page(app: Flask) -> None:
    client = app.test_client()
    sign_in(client, Role.MANAGER)
    for route, path, method in _cells(app):
        if policy.rule_of_endpoint(route.endpoint).way is Way.DESK and method != "GET":
            assert client.open(path, method=method).status_code == 400, path


def test_row_of_another_practice_looks_like_none(app: Flask) -> None:
    """The role holds in the other practice alone, so that its keys are no secret there."""
    client = app.test_client()
    sign_in(client, Role.BILLER, practice_id=OTHER_PRACTICE)
    for route, path, method in _cells(app):
        rule = policy.rule_of_endpoint(route.endpoint)
        if method != "GET" or "<" not in route.rule or rule.way is not Way.DESK:
            continue
        if rule.permission not in policy.ROLES[Role.BILLER]:
            continue
        assert client.get(path).status_code == 404, path


def test_address_that_takes_forms_and_looks_alike_changes_nothing(app: Flask) -> None:
    """A search is sent as a form so that no name stands in an address; it needs no more."""
    for route in app.url_map.iter_rules():
        rule = policy.rule_of_endpoint(route.endpoint)
        methods = (route.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.way is Way.DESK and len(methods) > 1:
            assert (rule.permission or "").endswith(".read"), route


def test_every_permission_of_a_page_is_somebodys() -> None:
    held = frozenset().union(*policy.ROLES.values())
    wanted = {
        rule.permission
        for rule in policy.ENDPOINTS.values()
        if rule.way is Way.DESK and rule.permission is not None
    }
    assert wanted <= held
    assert set(policy.ROLES) == set(Role)


def test_no_role_holds_what_is_to_be_kept_apart() -> None:
    for role, held in policy.ROLES.items():
        for one, other in policy.APART:
            assert not {one, other} <= held, role
    changing = {
        name for name in policy.ROLES[Role.AUDITOR] if not name.endswith((".read", ".export"))
    }
    assert changing == set()


def test_every_answer_carries_the_headers(app: Flask) -> None:
    for route, path, method in _cells(app):
        answer = app.test_client().open(path, method=method)
        content = answer.headers["Content-Security-Policy"]
        for part in ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
            assert part in content, path
        assert "unsafe" not in content
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        if route.endpoint != "static":
            assert "no-store" in answer.headers["Cache-Control"], path


def test_nonce_is_another_one_in_every_answer(app: Flask) -> None:
    found = [
        re.findall(
            r"'nonce-([\w-]+)'",
            app.test_client().get("/sign-in").headers["Content-Security-Policy"],
        )
        for _ in range(3)
    ]
    assert len({nonces[0] for nonces in found}) == 3


def test_every_form_carries_its_mark() -> None:
    root = Path(__file__).parents[2]
    re.compile(r"<form[^>]*method=.post.*?</form>", re.DOTALL)
    bare = [
        f"{path.relative_to(root)}: {form[:80]}"
        for path in root.glob("*/templates/**/*.html")
        for form in re.findall(
            r"<form[^>]*method=.post.*?</form>", path.read_text("utf-8"), re.DOTALL
        )
        if "csrf_token()" not in form
    ]
    assert bare == []
