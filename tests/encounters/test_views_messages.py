"""The pages of messages: a held one with its findings, raw beside parsed, replayed after a fix."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from access.values import Role
from audit.service import writing
from encounters import service
from encounters.jobs import process_message
from encounters.jobs.taking import hl7_envelope
from gateways.hl7.building import write_planned
from practice import service as practice
from tests.factories.hl7 import PLAN
from tests.factories.pages import make_app, seat
from tests.factories.practice import make_location, make_payer, make_practice, make_provider

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from config.actor import Actor
    from config.ids import PracticeId
    from config.tenancy import Database
    from encounters.values import MessageId


@pytest.fixture
def client(
    database: Database,
    actor: Actor,
    practice_id: PracticeId,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> FlaskClient:
    with writing(database, actor, purpose="operations") as session:
        practice.save_practice(session, make_practice(practice_id))
    seat(monkeypatch, practice_id, Role.BILLER)
    return make_app(tmp_path, database).test_client()


def _take(client: FlaskClient, actor: Actor, raw: bytes) -> MessageId:
    app = client.application
    database = app.extensions["cleanclaim.database"]
    with writing(database, actor, purpose="payment") as session:
        kept = service.keep_message(session, hl7_envelope(raw), raw)
    process_message(
        database, actor, kept.message_id, settings=app.extensions["cleanclaim.settings"]
    )
    return kept.message_id


def _mark(page: str) -> dict[str, str]:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return {"csrf_token": found[1]}


def test_held_message_shows_its_findings_and_is_applied_by_replay_after_the_fix(
    client: FlaskClient, actor: Actor, database: Database
) -> None:
    key = _take(client, actor, write_planned(PLAN).replace(b"ROOM 1^^^MAIN", b"MAIN"))
    assert f"/messages/{key}" in client.get("/messages?state=held").text
    page = client.get(f"/messages/{key}").text
    assert "What is in the way" in page
    assert "payer-unknown" in page
    assert "<code>PID-5</code>" in page
    again = client.post(f"/messages/{key}/replay", data=_mark(page))
    assert "is still held" in client.get(again.headers["Location"]).text
    with writing(database, actor, purpose="operations") as session:
        practice.save_payer(session, make_payer(payer_code="60054", name="Acme Health"))
        practice.save_provider(session, make_provider(npi="1234567893"))
        practice.save_location(session, make_location(code="MAIN"))
    for _ in range(2):  # the second time it is applied already, and stays so
        answer = client.post(f"/messages/{key}/replay", data=_mark(page))
        applied = client.get(answer.headers["Location"]).text
        assert "The message was replayed and applied." in applied
        assert "Replay this message" not in applied


def test_what_a_message_holds_is_written_as_text_never_as_markup(
    client: FlaskClient, actor: Actor
) -> None:
    raw = b"MSH|^~\\&|EHR|CLINIC|||20260915||ADT^A04|<script>alert(1)</script>|P|2.5.1\r"
    page = client.get(f"/messages/{_take(client, actor, raw)}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_who_may_not_write_intake_may_not_replay(
    client: FlaskClient, actor: Actor, practice_id: PracticeId, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = _take(client, actor, write_planned(PLAN))
    mark = _mark(client.get(f"/messages/{key}").text)
    seat(monkeypatch, practice_id, Role.MANAGER)
    assert client.post(f"/messages/{key}/replay", data=mark).status_code == 403
