"""Tries are counted before they are made, on both engines."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from access import rules_throttles as rules
from access import service as access
from access.models_people import ThrottleRecord
from access.service.throttles import Bucket, charge
from access.values import SignInRefusedError, Visitor
from audit.service import writing
from tests.factories.staff import PASSWORD, make_staff

if TYPE_CHECKING:
    from config.actor import Actor
    from config.tenancy import Database

NOW = dt.datetime(2026, 9, 15, 14, 0, 5, tzinfo=dt.UTC)
SOMEWHERE = Visitor("192.0.2.0/24")


def _at(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


def _try(database: Database, email: str, password: str, seconds: float, **visitor: str) -> str:
    """Try a password and say how it ended: in, no, or wait."""
    try:
        access.check_first_factor(
            database, email, password, visitor=replace(SOMEWHERE, **visitor), now=_at(seconds)
        )
    except SignInRefusedError as refused:
        return "wait" if refused.wait_seconds else "no"
    return "in"


def test_sixth_try_waits_and_the_right_password_waits_too(database: Database) -> None:
    staff = make_staff(database, "biller")
    ends = [_try(database, staff.email, "wrong", 0) for _ in range(6)]
    assert ends == ["no"] * 5 + ["wait"]
    assert _try(database, staff.email, PASSWORD, 0) == "wait"
    assert _try(database, staff.email, PASSWORD, 2) == "in"


def test_unknown_account_waits_like_a_known_one(database: Database) -> None:
    ends = [_try(database, "nobody@example.org", "wrong", 0) for _ in range(7)]
    assert ends == ["no"] * 5 + ["wait"] * 2


def test_browser_that_its_owner_used_is_not_locked_out_by_strangers(database: Database) -> None:
    staff = make_staff(database, "manager")
    device = _device(database, staff.email, staff.code_at(NOW), now=NOW)
    ends = {_try(database, staff.email, "wrong", 60) for _ in range(20)}
    assert ends == {"no", "wait"}
    assert _try(database, staff.email, PASSWORD, 60) == "wait"
    assert _try(database, staff.email, PASSWORD, 60, device=device) == "in"
    other = make_staff(database, "manager")
    for _ in range(6):
        _try(database, other.email, "wrong", 60)
    assert _try(database, other.email, PASSWORD, 60, device=device) == "wait"
    assert _try(database, staff.email, PASSWORD, 60, device=device[:-1] + "x") == "wait"


def _device(database: Database, email: str, code: str, *, now: dt.datetime) -> str:
    token = access.check_first_factor(database, email, PASSWORD, visitor=SOMEWHERE, now=now)
    half = access.find_signed_in(database, token, now=now, today=now.date())
    assert half is not None
    full = access.check_second_factor(
        database, half, code, visitor=SOMEWHERE, now=now, today=now.date()
    )
    return full.device


def test_stolen_device_mark_gets_no_more_tries_than_anybody(database: Database) -> None:
    staff = make_staff(database, "manager")
    device = _device(database, staff.email, staff.code_at(NOW), now=NOW)
    ends = [_try(database, staff.email, "wrong", 60, device=device) for _ in range(7)]
    assert ends == ["no"] * 5 + ["wait"] * 2


def test_spraying_many_accounts_is_capped_by_network_and_for_all(database: Database) -> None:
    ends = [_try(database, f"user{n}@example.org", "wrong", 0) for n in range(40)]
    assert ends.count("no") == rules.NETWORK.free
    assert _try(database, "other@example.org", "wrong", 0, network="198.51.100.0/24") == "no"
    limit = rules.Limit("everybody-small", free=10, delay_seconds_max=60, quiet_seconds=600)
    done = 0
    for _ in range(40):
        try:
            charge(database, [Bucket(limit, "")], now=NOW)
        except SignInRefusedError:
            break
        done += 1
    assert done == 10
    assert _waits(database, [Bucket(limit, "")], _at(0.5))
    assert not _waits(database, [Bucket(limit, "")], _at(601))


def _waits(database: Database, buckets: list[Bucket], now: dt.datetime) -> bool:
    try:
        charge(database, buckets, now=now)
    except SignInRefusedError:
        return True
    return False


def test_parallel_tries_find_no_gap(database: Database) -> None:
    bucket = Bucket(rules.ACCOUNT, "ann@example.org")
    with ThreadPoolExecutor(10) as pool:
        waits = list(pool.map(lambda _: _waits(database, [bucket], NOW), range(50)))
    assert waits.count(False) == rules.ACCOUNT.free


def test_codes_are_tried_five_times_and_then_wait(database: Database) -> None:
    staff = make_staff(database, "biller")
    token = access.check_first_factor(database, staff.email, PASSWORD, visitor=SOMEWHERE, now=NOW)
    half = access.find_signed_in(database, token, now=NOW, today=NOW.date())
    assert half is not None
    waits = []
    for typed in ["000000"] * 5 + [staff.code_at(NOW)]:
        with pytest.raises(SignInRefusedError) as refused:
            access.check_second_factor(
                database, half, typed, visitor=SOMEWHERE, now=NOW, today=NOW.date()
            )
        waits.append(refused.value.wait_seconds)
    assert waits == [0] * 5 + [1]


def test_signing_in_forgets_the_failures(database: Database) -> None:
    staff = make_staff(database, "biller")
    for _ in range(4):
        _try(database, staff.email, "wrong", 0)
    _device(database, staff.email, staff.code_at(NOW), now=NOW)
    ends = [_try(database, staff.email, "wrong", 1) for _ in range(6)]
    assert ends == ["no"] * 5 + ["wait"]


def test_administrators_reset_ends_the_wait_and_the_old_secrets(
    database: Database, actor: Actor
) -> None:
    staff = make_staff(database, "biller")
    for _ in range(6):
        _try(database, staff.email, "wrong", 0)
    with writing(database, actor, purpose="operations") as session:
        access.reset_person(session, staff.email, "meadow 12 trumpet", now=NOW, today=NOW.date())
    assert _try(database, staff.email, PASSWORD, 0) == "no"
    assert _try(database, staff.email, "meadow 12 trumpet", 0) == "in"


def test_new_secrets_make_every_browser_a_stranger(database: Database, actor: Actor) -> None:
    """A browser that failed a hundred times is not shut out for good: a reset opens it too."""
    staff = make_staff(database, "manager")
    device = _device(database, staff.email, staff.code_at(NOW), now=NOW)
    for n in range(100):
        _try(database, staff.email, "wrong", n * 100_000, device=device)
    late = 200 * 100_000
    assert _try(database, staff.email, PASSWORD, late, device=device) == "wait"
    with writing(database, actor, purpose="operations") as session:
        access.reset_person(session, staff.email, "meadow 12 trumpet", now=NOW, today=NOW.date())
    assert _try(database, staff.email, "meadow 12 trumpet", late, device=device) == "in"


def test_flood_of_made_up_accounts_leaves_no_rows_once_it_waits(database: Database) -> None:
    for n in range(60):
        _try(database, f"flood{n}@example.org", "wrong", 0)
    with database.session(None) as session:
        rows = session.scalar(select(func.count()).select_from(ThrottleRecord))
    assert rows == rules.NETWORK.free + 2


def test_overlong_input_costs_no_hash(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_password: str, _hash: str) -> bool:
        raise AssertionError("hashed")

    monkeypatch.setattr("access.service.signing_in.is_password", refuse)
    assert _try(database, "a@example.org", "x" * 5000, 0) == "no"
    assert _try(database, "a" * 300, "x", 0) == "no"


@pytest.mark.parametrize("email", ["a\x00@example.org", "\ud800@example.org", "", "' OR 1=1 --"])
def test_address_that_is_none_is_answered_like_any_other(database: Database, email: str) -> None:
    assert _try(database, email, "wrong\x00\ud800", 0) == "no"
