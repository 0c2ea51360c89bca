from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from access.api import blueprint
from access.service import add_client, find_actor_by_token
from audit.service import writing
from config import clock
from config.settings import Settings
from tests.factories.access import make_assertion, make_form, make_jwks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from config.actor import Actor
    from config.tenancy import Database


@pytest.fixture
def caller(database: Database) -> Iterator[FlaskClient]:
    """Return a client of an application that has this endpoint only."""
    app = Flask(__name__)
    app.extensions["cleanclaim.database"] = database
    app.extensions["cleanclaim.settings"] = Settings(Path("home"), Path("keys"), "", "", "")
    app.register_blueprint(blueprint)
    with app.test_client() as caller:
        yield caller


@pytest.fixture
def client_id(database: Database, actor: Actor) -> str:
    with writing(database, actor, purpose="operations") as session:
        return add_client(session, "EHR", jwks=make_jwks(), now=clock.now()).client_id


def test_assertion_is_exchanged_for_a_token(
    caller: FlaskClient, client_id: str, database: Database
) -> None:
    assertion = make_assertion(client_id, int(time.time()))
    answer = caller.post("/oauth/token", data=make_form(assertion))
    assert answer.status_code == 200, answer.text
    body = answer.get_json()
    assert (body["token_type"], body["expires_in"]) == ("bearer", 300)
    assert answer.headers["Cache-Control"] == "no-store"
    assert find_actor_by_token(database, body["access_token"], now=clock.now()) is not None


def test_practice_mode_takes_assertions_of_the_real_day(
    caller: FlaskClient, client_id: str, database: Database
) -> None:
    clock.start_on(dt.date(2026, 9, 15))
    try:
        assertion = make_assertion(client_id, int(time.time()))
        answer = caller.post("/oauth/token", data=make_form(assertion))
        assert answer.status_code == 200, answer.text
        token = answer.get_json()["access_token"]
        assert find_actor_by_token(database, token, now=clock.now()) is not None
    finally:
        clock.run_true()


def test_refusals_speak_oauth(caller: FlaskClient, client_id: str) -> None:
    stale = make_assertion(client_id, int(time.time()) - 3600)
    refused = caller.post("/oauth/token", data=make_form(stale))
    assert (refused.status_code, refused.get_json()["error"]) == (401, "invalid_client")
    assert "expired" in refused.get_json()["error_description"]
    empty = caller.post("/oauth/token")
    assert (empty.status_code, empty.get_json()["error"]) == (400, "unsupported_grant_type")
    form = make_form(make_assertion(client_id, int(time.time())))
    twice = caller.post("/oauth/token", data={**form, "scope": ["a", "b"]})
    assert (twice.status_code, twice.get_json()["error"]) == (400, "invalid_request")
    assert caller.get("/oauth/token").status_code == 405
