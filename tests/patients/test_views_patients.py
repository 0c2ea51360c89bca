"""The pages of patients: found by name, birth date or number; the card as it is in force."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import pytest

from access.values import Role
from audit.service import writing
from config import clock
from config.people import PersonName
from patients import service
from practice import service as practice
from tests.factories.pages import make_app, seat
from tests.factories.patients import make_entry, make_patient
from tests.factories.practice import make_payer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from config.actor import Actor
    from config.ids import PracticeId
    from config.tenancy import Database

NOW = dt.datetime(2026, 9, 15, 15, tzinfo=dt.UTC)


@pytest.fixture
def client(
    database: Database, practice_id: PracticeId, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FlaskClient]:
    seat(monkeypatch, practice_id, Role.FRONT_DESK)
    with clock.frozen_at(NOW):
        yield make_app(tmp_path, database).test_client()


@pytest.fixture
def number(database: Database, actor: Actor) -> str:
    with writing(database, actor, purpose="payment") as session:
        payer_id = practice.save_payer(session, make_payer())
        details = make_patient(
            name=PersonName("Featherstone", "Marguerite"), birth_date=dt.date(1980, 2, 29)
        )
        patient = service.register_patient(session, details, today=NOW.date())
        entry = make_entry(payer_id, to_date=dt.date(2026, 8, 31))
        service.add_coverage(session, patient.id, entry, today=NOW.date())
    return patient.number


@pytest.mark.parametrize(
    "words", ["Feather", "marguerite", "1980-02-29", "2/29/1980 feather", "number"]
)
def test_patient_is_found_and_the_words_stay_in_the_field(
    client: FlaskClient, number: str, words: str
) -> None:
    mark = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/patients").text)
    assert mark is not None
    words = number.lower() if words == "number" else words
    page = client.post("/patients", data={"words": words, "csrf_token": mark[1]}).text
    assert f'href="/patients/{number}"' in page
    assert "1 patient found" in page
    assert f'value="{words}"' in page


def test_nobody_found_says_how_else_to_ask(client: FlaskClient, number: str) -> None:
    del number
    mark = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/patients").text)
    assert mark is not None
    page = client.post("/patients", data={"words": "Nobody", "csrf_token": mark[1]}).text
    assert "Nobody was found" in page


def test_card_that_has_ended_is_not_shown_as_in_force(client: FlaskClient, number: str) -> None:
    page = client.get(f"/patients/{number}").text
    assert "Marguerite Featherstone" in page
    assert re.search(r'<span class="tag ?">ended</span>', page)
    assert "in force" not in page
    assert "Featherstone" not in re.search(r"<title>.*?</title>", page, re.DOTALL)[0]  # type: ignore[index]  # every page has a title


def test_claims_of_a_patient_are_linked_only_for_who_may_open_them(
    client: FlaskClient, number: str, practice_id: PracticeId, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Claims of this patient" not in client.get(f"/patients/{number}").text
    seat(monkeypatch, practice_id, Role.BILLER)
    assert "Claims of this patient" in client.get(f"/patients/{number}").text
