"""The shell of every page: language, shortcuts, security headers, errors with an id only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from access.values import Role
from tests.factories.pages import make_app, seat

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from config.ids import PracticeId
    from config.tenancy import Database


@pytest.fixture
def client(
    database: Database, practice_id: PracticeId, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> FlaskClient:
    seat(monkeypatch, practice_id, Role.BILLER)
    return make_app(tmp_path, database).test_client()


def _mark(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_scripts_run_only_with_the_nonce_of_their_own_answer(client: FlaskClient) -> None:
    nonces = set()
    for _ in range(2):
        answer = client.get("/home")
        policy = answer.headers["Content-Security-Policy"]
        nonce = re.search(r"script-src 'nonce-([^']+)'", policy)
        assert nonce is not None
        assert "'unsafe" not in policy
        tags = re.findall(r"<script[^>]*>", answer.text)
        assert tags
        assert all(f'nonce="{nonce[1]}"' in tag for tag in tags)
        nonces.add(nonce[1])
    assert len(nonces) == 2


@pytest.mark.parametrize("path", ["/home", "/nothing-here", "/fhir/R4/metadata", "/static/keys.js"])
def test_every_answer_carries_the_security_headers(client: FlaskClient, path: str) -> None:
    with client.get(path, headers={"Accept": "text/html"}) as answer:
        headers = answer.headers
    policy = headers["Content-Security-Policy"]
    for part in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert part in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    if not path.startswith("/static"):
        assert headers["Cache-Control"] == "no-store"


def test_the_browsers_language_is_taken_and_the_chosen_one_stays(client: FlaskClient) -> None:
    assert '<html lang="en">' in client.get("/home").text
    spanish = client.get("/home", headers={"Accept-Language": "es-US"}).text
    assert '<html lang="es">' in spanish
    assert "Lo que le espera" in spanish
    form = {"language": "es", "back": "/claims?queue=held", "csrf_token": _mark(spanish)}
    answer = client.post("/language", data=form)
    assert answer.headers["Location"] == "/claims?queue=held"
    assert '<html lang="es">' in client.get("/home", headers={"Accept-Language": "en"}).text


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_language_switch_leads_to_no_other_site(client: FlaskClient, back: str) -> None:
    form = {"language": "es", "back": back, "csrf_token": _mark(client.get("/home").text)}
    assert client.post("/language", data=form).headers["Location"] == "/"


def test_shortcuts_can_be_switched_off_and_remapped(client: FlaskClient) -> None:
    mark = _mark(client.get("/preferences").text)
    client.post("/preferences", data={"shortcuts": "off", "csrf_token": mark})
    assert 'data-keys="off"' in client.get("/home").text
    client.post("/preferences", data={"shortcuts": "on", "key-j": "s", "csrf_token": mark})
    page = client.get("/home").text
    assert 'data-keys="on"' in page
    assert 'data-keymap="s:j"' in page


def test_one_letter_for_two_actions_is_refused_and_what_was_typed_stays(
    client: FlaskClient,
) -> None:
    mark = _mark(client.get("/preferences").text)
    answer = client.post("/preferences", data={"key-j": "k", "csrf_token": mark})
    assert answer.status_code == 422
    assert "Give each action one letter of its own." in answer.text
    assert re.search(r'id="key-j"[^>]*value="k"', answer.text)


def test_a_missing_page_says_so_in_both_languages_with_an_id_and_nothing_else(
    client: FlaskClient,
) -> None:
    english = client.get("/nothing/KIRKPATRICK", headers={"Accept": "text/html"})
    assert english.status_code == 404
    assert "There is nothing under this address" in english.text
    assert re.search(r"<code>[0-9a-f]{16}</code>", english.text)
    assert "Traceback" not in english.text
    spanish = client.get("/nothing", headers={"Accept": "text/html", "Accept-Language": "es"})
    assert "No hay nada en esta dirección" in spanish.text


def test_a_machine_gets_no_page(client: FlaskClient) -> None:
    answer = client.get("/nothing", headers={"Accept": "application/json"})
    assert answer.content_type == "application/problem+json"


def test_navigation_shows_only_what_the_role_may_open(
    database: Database, practice_id: PracticeId, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat(monkeypatch, practice_id, Role.FRONT_DESK)
    client = make_app(tmp_path, database).test_client()
    page = client.get("/home").text
    assert 'href="/patients"' in page
    assert 'href="/ledger"' not in page
    assert client.get("/ledger").status_code == 403
