"""Signing in through the pages, on both engines."""

from __future__ import annotations

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from access import adapters_passwords
from access.models_people import PersonRecord, StaffSessionRecord
from access.service import check_second_factor, find_signed_in
from access.service.person_secrets import use_totp_code
from access.values import SignInRefusedError, Visitor
from audit.service import writing
from config import clock
from config.settings import Settings, SettingsError
from tests.conftest import OTHER_PRACTICE
from tests.factories.staff import (
    PASSWORD,
    deactivate,
    give_code,
    give_password,
    give_roles,
    make_staff,
    mark,
    read_mark,
    sign_in,
    walk_in,
)
from web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient

    from config.actor import Actor
    from config.tenancy import Database

PAGE = "/account"
NOW = dt.datetime(2026, 9, 15, 14, 0, 5, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


def _settings(**changes: str) -> Settings:
    values = {"mode": "practice", "public_url": "http://localhost:8000"} | changes
    return Settings(Path("home"), Path("keys"), "", "", "", **values)  # type: ignore[arg-type]  # texts only


@pytest.fixture
def app(database: Database) -> Flask:
    return create_app(_settings(), database=database)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def _is_in(client: FlaskClient) -> bool:
    answer = client.get(PAGE)
    assert answer.status_code in (200, 303)
    return answer.status_code == 200


def _cookie(client: FlaskClient, name: str = "cleanclaim") -> str:
    found = client.get_cookie(name)
    return found.value if found else ""


# Both factors


def test_password_and_code_open_a_session(client: FlaskClient, database: Database) -> None:
    staff = make_staff(database, "biller")
    assert not _is_in(client)
    assert give_password(client, staff.email).headers["Location"].startswith("/sign-in/code")
    assert not _is_in(client)
    assert give_code(client, staff.code()).headers["Location"] == "/"
    assert _is_in(client)


def test_half_session_opens_no_page_but_the_codes(client: FlaskClient, database: Database) -> None:
    staff = make_staff(database, "biller")
    give_password(client, staff.email)
    for path in (PAGE, "/practices"):
        assert client.get(path).headers["Location"] == "/sign-in/code"


def test_used_code_does_not_open_again(app: Flask, database: Database) -> None:
    staff = make_staff(database, "coder")
    with clock.frozen_at(NOW):
        walk_in(app.test_client(), staff)
        second = app.test_client()
        give_password(second, staff.email)
        assert give_code(second, staff.code()).status_code == 403
        assert not _is_in(second)
    with clock.frozen_at(NOW + dt.timedelta(seconds=30)):
        assert give_code(second, staff.code()).status_code == 303


def test_code_of_the_step_before_is_refused(client: FlaskClient, database: Database) -> None:
    staff = make_staff(database, "coder")
    with clock.frozen_at(NOW):
        old = staff.code()
    with clock.frozen_at(NOW + dt.timedelta(seconds=30)):
        give_password(client, staff.email)
        assert give_code(client, old).status_code == 403


def test_one_code_raced_fifty_times_is_used_once(database: Database, actor: Actor) -> None:
    staff = make_staff(database, "biller")
    code, now = staff.code(), clock.true_now()

    def use(_: int) -> bool:
        with writing(database, actor, purpose="operations") as session:
            person = session.get_one(PersonRecord, staff.enrolment.person_id)
            return use_totp_code(session, person, code, now=now)

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(use, range(50))) == 1


def test_recovery_code_opens_once(app: Flask, database: Database) -> None:
    staff = make_staff(database, "manager")
    code = staff.enrolment.recovery_codes[3].lower().replace("-", " ")
    statuses = []
    for _ in range(2):
        client = app.test_client()
        give_password(client, staff.email)
        statuses.append(give_code(client, code).status_code)
    assert statuses == [303, 403]


def test_half_session_becomes_one_session_and_no_more(app: Flask, database: Database) -> None:
    staff, client = make_staff(database, "manager"), app.test_client()
    give_password(client, staff.email)
    half = find_signed_in(database, _cookie(client), now=clock.true_now(), today=clock.today())
    assert half is not None
    ends = []
    for code in staff.enrolment.recovery_codes[:2]:
        try:
            full = check_second_factor(
                database,
                half,
                code,
                visitor=Visitor("x"),
                now=clock.true_now(),
                today=clock.today(),
            )
            ends.append(full.token != "")
        except SignInRefusedError:
            ends.append(False)
    assert ends == [True, False]


def test_full_session_gets_no_longer_life_by_another_code(
    client: FlaskClient,
) -> None:
    staff = sign_in(client, "manager")
    answer = give_code(client, staff.enrolment.recovery_codes[0])
    assert answer.status_code == 403


def test_recovery_code_of_somebody_else_is_refused(client: FlaskClient, database: Database) -> None:
    staff, other = make_staff(database, "coder"), make_staff(database, "coder")
    give_password(client, staff.email)
    assert give_code(client, other.enrolment.recovery_codes[0]).status_code == 403


# Enumeration


def test_unknown_wrong_and_deactivated_are_answered_alike(app: Flask, database: Database) -> None:
    staff, gone = make_staff(database, "biller"), make_staff(database, "biller")
    deactivate(database, gone)
    pages = []
    for email, password in (
        ("nobody@example.org", PASSWORD),
        (staff.email, "another password"),
        (gone.email, PASSWORD),
    ):
        answer = give_password(app.test_client(), email, password)
        body = answer.text.replace(email, "")
        body = re.sub(r'(value|nonce)="[^"]{16,}"', "", body)
        names = sorted(name for name, _ in answer.headers if name != "Content-Length")
        pages.append((answer.status_code, body, names))
    assert pages[0] == pages[1] == pages[2]
    assert pages[0][0] == 403


def test_every_try_is_hashed_also_of_nobody(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:

    held: list[str] = []
    real = adapters_passwords.is_password

    def watch(password: str, hashed: str) -> bool:
        held.append(hashed)
        return real(password, hashed)

    monkeypatch.setattr("access.service.signing_in.is_password", watch)
    give_password(client, "nobody@example.org")
    assert held == [adapters_passwords.NOBODYS_HASH]
    assert "m=19456,t=2,p=1" in held[0]


# Sessions


def test_id_that_was_planted_before_is_worth_nothing_after(app: Flask, database: Database) -> None:
    staff, client = make_staff(database, "biller"), app.test_client()
    client.get("/sign-in")
    ids = [_cookie(client)]
    give_password(client, staff.email)
    ids.append(_cookie(client))
    give_code(client, staff.code())
    ids.append(_cookie(client))
    assert len(set(ids)) == 3
    for planted, is_in in zip(ids, (False, False, True), strict=True):
        thief = app.test_client()
        thief.set_cookie("cleanclaim", planted)
        assert _is_in(thief) is is_in


def test_signing_in_anew_ends_the_session_that_was_there(
    app: Flask, client: FlaskClient, database: Database
) -> None:
    sign_in(client, "manager")
    before = _cookie(client)
    assert give_password(client, make_staff(database, "coder").email).status_code == 303
    thief = app.test_client()
    thief.set_cookie("cleanclaim", before)
    assert not _is_in(thief)


def test_signing_out_kills_the_session_on_the_server(app: Flask, client: FlaskClient) -> None:
    sign_in(client)
    kept = _cookie(client)
    assert client.post("/sign-out", data=mark(client)).status_code == 303
    assert _cookie(client) == ""
    thief = app.test_client()
    thief.set_cookie("cleanclaim", kept)
    assert not _is_in(thief)


def test_cookie_is_an_id_and_the_row_its_hash(
    client: FlaskClient, database: Database, actor: Actor
) -> None:
    staff = sign_in(client)
    token = _cookie(client)
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
    with writing(database, actor, purpose="operations") as session:
        rows = session.scalars(select(StaffSessionRecord)).all()
        person = session.get_one(PersonRecord, staff.enrolment.person_id)
    assert len(rows) == 1
    assert token.encode() not in rows[0].token_hash
    assert PASSWORD.encode() not in person.payload
    assert b"argon2" not in person.payload


def test_idle_session_ends_after_fifteen_minutes(client: FlaskClient) -> None:
    with clock.frozen_at(NOW):
        sign_in(client)
    with clock.frozen_at(NOW + 14 * MINUTE):
        assert _is_in(client)
    with clock.frozen_at(NOW + 28 * MINUTE):
        assert _is_in(client)
    with clock.frozen_at(NOW + 43 * MINUTE):
        assert not _is_in(client)


def test_page_that_asks_by_itself_keeps_no_session_alive(client: FlaskClient) -> None:
    with clock.frozen_at(NOW):
        sign_in(client)
    for minutes in (5, 10, 14):
        with clock.frozen_at(NOW + minutes * MINUTE):
            assert client.get(PAGE, headers={"X-Polling": "1"}).status_code == 200
    with clock.frozen_at(NOW + 15 * MINUTE):
        assert not _is_in(client)


def test_session_ends_after_twelve_hours_whatever_is_done(client: FlaskClient) -> None:
    with clock.frozen_at(NOW):
        sign_in(client)
    for minutes in range(10, 12 * 60, 10):
        with clock.frozen_at(NOW + minutes * MINUTE):
            assert _is_in(client), minutes
    with clock.frozen_at(NOW + 12 * 60 * MINUTE):
        assert not _is_in(client)


def test_half_session_ends_after_five_minutes(client: FlaskClient, database: Database) -> None:
    staff = make_staff(database, "biller")
    with clock.frozen_at(NOW):
        give_password(client, staff.email)
    with clock.frozen_at(NOW + 5 * MINUTE):
        assert client.get("/sign-in/code").headers["Location"].startswith("/sign-in?")


# Deactivation and roles


def test_deactivation_ends_sessions_with_the_next_request(
    client: FlaskClient, database: Database
) -> None:
    staff = sign_in(client, "biller")
    assert _is_in(client)
    deactivate(database, staff)
    assert not _is_in(client)
    assert give_password(client, staff.email).status_code == 403


def test_account_that_is_not_active_opens_nothing_even_with_a_session_left(
    client: FlaskClient, database: Database
) -> None:
    staff = sign_in(client, "biller")
    with database.session(None, is_writing=True) as session, session.begin():
        session.get_one(PersonRecord, staff.enrolment.person_id).is_active = False
    assert not _is_in(client)


def test_role_that_was_taken_away_opens_nothing_with_the_next_request(
    client: FlaskClient, database: Database
) -> None:
    staff = sign_in(client, "biller")
    assert client.get("/practices").text.count('aria-current="true"') == 1
    give_roles(database, staff)
    page = client.get("/practices")
    assert "no role in any practice" in page.text


def test_who_works_in_two_practices_chooses_one_of_them(
    client: FlaskClient, database: Database
) -> None:
    staff = make_staff(database, "biller")
    give_roles(database, staff, "coder", practice_id=OTHER_PRACTICE)
    walk_in(client, staff)
    page = client.get("/practices")
    assert 'aria-current="true"' not in page.text
    form = {"practice": str(OTHER_PRACTICE), "csrf_token": read_mark(page)}
    before = _cookie(client)
    assert client.post("/practices", data=form).status_code == 303
    assert _cookie(client) != before
    assert 'aria-current="true"' in client.get("/practices").text


def test_practice_of_others_is_missing_like_one_that_is_not_there(client: FlaskClient) -> None:
    sign_in(client, "biller")
    answers = [
        client.post("/practices", data={"practice": practice, **mark(client)})
        for practice in (str(OTHER_PRACTICE), "01920000-0000-7000-8000-0000000000ff", "x")
    ]
    assert [answer.status_code for answer in answers] == [404] * 3


# Own account


def test_password_is_changed_with_password_and_code_and_ends_other_sessions(
    app: Flask, client: FlaskClient
) -> None:
    with clock.frozen_at(NOW):
        staff = sign_in(client)
    other = app.test_client()
    with clock.frozen_at(NOW + MINUTE):
        walk_in(other, staff)
    with clock.frozen_at(NOW + 2 * MINUTE):
        form = {"password": PASSWORD, "new": "violet harbor 77 spoon", "code": staff.code()}
        wrong = client.post("/account/password", data={**form, "password": "wrong", **mark(client)})
        assert wrong.status_code == 403
        before = _cookie(client)
        done = client.post("/account/password", data={**form, **mark(client)})
        assert done.status_code == 303, done.text
        assert _is_in(client)
        assert _cookie(client) != before
        assert not _is_in(other)
    with clock.frozen_at(NOW + 3 * MINUTE):
        assert give_password(app.test_client(), staff.email).status_code == 403
        answer = give_password(app.test_client(), staff.email, "violet harbor 77 spoon")
        assert answer.status_code == 303


@pytest.mark.parametrize("new", ["short", "password123", "Pat Example", "x" * 300])
def test_guessable_password_is_refused_with_words(client: FlaskClient, new: str) -> None:
    with clock.frozen_at(NOW):
        staff = sign_in(client)
    with clock.frozen_at(NOW + MINUTE):
        form = {"password": PASSWORD, "new": new, "code": staff.code(), **mark(client)}
        answer = client.post("/account/password", data=form)
    assert answer.status_code == 422
    assert "Choose another password" in answer.text


def test_new_recovery_codes_make_the_old_ones_worthless(app: Flask, client: FlaskClient) -> None:
    with clock.frozen_at(NOW):
        staff = sign_in(client)
    with clock.frozen_at(NOW + MINUTE):
        page = client.post("/account/recovery-codes", data={"code": staff.code(), **mark(client)})
    codes = re.findall(r"<code>([A-Z0-9-]{14})</code>", page.text)
    assert len(codes) == 10
    for code, status in ((staff.enrolment.recovery_codes[0], 403), (codes[0], 303)):
        second = app.test_client()
        give_password(second, staff.email)
        assert give_code(second, code).status_code == status


# Forged requests and transport


def test_form_without_its_mark_is_refused(client: FlaskClient, app: Flask) -> None:
    sign_in(client)
    assert client.post("/sign-out").status_code == 400
    stranger = app.test_client()
    foreign = mark(stranger)
    assert client.post("/sign-out", data=foreign).status_code == 400
    assert _is_in(client)


@pytest.mark.parametrize(
    ("header", "value"),
    [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"), ("Origin", "https://x.y")],
)
def test_form_from_elsewhere_is_refused_even_with_its_mark(
    client: FlaskClient, header: str, value: str
) -> None:
    sign_in(client)
    answer = client.post("/sign-out", data=mark(client), headers={header: value})
    assert answer.status_code == 403
    assert _is_in(client)


def test_cookie_on_tls_is_bound_to_host_and_hidden_from_scripts(database: Database) -> None:
    app = create_app(_settings(mode="live", public_url="https://localhost"), database=database)
    answer = app.test_client().get("/sign-in", base_url="https://localhost")
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-cleanclaim=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_live_mode_answers_no_page_without_tls(database: Database) -> None:
    app = create_app(_settings(mode="live", public_url="https://localhost"), database=database)
    client = app.test_client()
    assert client.get("/sign-in").status_code == 426
    assert client.get("/fhir/R4/metadata").status_code == 426
    assert client.get("/healthz").status_code == 200
    assert client.get("/sign-in", headers={"X-Forwarded-Proto": "https"}).status_code == 200


def test_live_mode_does_not_start_without_an_address_on_tls(database: Database) -> None:
    with pytest.raises(SettingsError, match="CLEANCLAIM_PUBLIC_URL"):
        create_app(_settings(mode="live"), database=database)


def test_practice_mode_is_plain_on_this_machine_only(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/sign-in").status_code == 200
    far = {"REMOTE_ADDR": "192.0.2.7"}
    assert client.get("/sign-in", environ_base=far).status_code == 426
    handed_on = {"X-Forwarded-For": "192.0.2.7"}
    assert client.get("/sign-in", headers=handed_on).status_code == 426


def test_unknown_host_is_refused(client: FlaskClient) -> None:
    assert client.get("/sign-in", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("onward", ["//evil.example", "/\\evil.example", "https://evil.example"])
def test_nobody_is_led_elsewhere_after_signing_in(client: FlaskClient, onward: str) -> None:
    page = client.get("/sign-in", query_string={"next": onward})
    assert "evil" not in re.sub(r'name="back" value="[^"]*"', "", page.text)


def test_who_came_for_a_page_gets_there(client: FlaskClient, database: Database) -> None:
    staff = make_staff(database, "biller")
    there = client.get("/account?told=x").headers["Location"]
    page = client.get(there)
    form = {"email": staff.email, "password": PASSWORD, "csrf_token": read_mark(page)}
    answer = client.post("/sign-in", data={**form, "next": "/account?told=x"})
    page = client.get(answer.headers["Location"])
    form = {"code": staff.code(), "csrf_token": read_mark(page), "next": "/account?told=x"}
    assert client.post("/sign-in/code", data=form).headers["Location"] == "/account?told=x"


def test_looking_leaves_no_row(client: FlaskClient, database: Database) -> None:
    for path in ("/", "/sign-in", "/sign-in/code", PAGE):
        client.get(path)
    with database.engine.connect() as connection:
        for table in ("staff_session", "throttle", "audit_entry"):
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0  # noqa: S608  # names above


@pytest.fixture(autouse=True)
def _true_clock() -> Iterator[None]:
    yield
    clock.run_true()
