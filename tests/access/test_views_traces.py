"""What signing in leaves behind: an entry for every try, no row for looking, no time to read."""

from __future__ import annotations

import hashlib
import json
import math
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from access.values import INSTALLATION
from audit.models import AuditEntry
from audit.service import open_entry
from audit.values import EntryRow, EventClass
from config.settings import Settings
from config.tenancy import CORE_REASON
from tests.factories.staff import give_code, give_password, make_staff, sign_in
from web import policy
from web.app import create_app
from web.policy import Way

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Flask
    from flask.testing import FlaskClient

    from config.tenancy import Database


@pytest.fixture
def app(database: Database) -> Flask:
    settings = Settings(Path("home"), Path("keys"), "", "", "")
    return create_app(settings, database=database)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def _entries(database: Database) -> list[str]:
    """Return the entries that belong to no practice, in words."""
    statement = select(AuditEntry).where(AuditEntry.practice_id == INSTALLATION)
    with database.session(None) as session:
        rows = session.scalars(statement.order_by(AuditEntry.id)).all()
        return [json.dumps(open_entry(session, _to_row(row))) for row in rows]


def _to_row(row: AuditEntry) -> EntryRow:
    kind = EventClass(row.event_class)
    return EntryRow(row.id, row.practice_id, row.utc_ms, kind, row.kid, row.ciphertext)


def test_every_try_stands_in_the_log_and_no_secret(client: FlaskClient, database: Database) -> None:
    staff = make_staff(database, "biller")
    give_password(client, "nobody@example.org", "orbit planted secret")
    give_password(client, staff.email, "orbit planted secret")
    give_password(client, staff.email)
    give_code(client, "000000")
    code = staff.code()
    give_code(client, code)
    entries = _entries(database)
    assert len(entries) == 5
    for entry, word in zip(entries, ("refused", "refused", "sign-in.password"), strict=False):
        assert word in entry
    assert "refused" in entries[3]
    assert '"sign-in"' in entries[4]
    assert "somebody unknown" in entries[0]
    assert all(staff.enrolment.person_id.hex in entry for entry in entries[1:])
    told = "".join(entries)
    assert not any(word in told for word in ("nobody@", "planted", code, staff.password))


# Rows that a request writes about itself.
_ABOUT_REQUESTS = {"audit_entry", "audit_pending", "wrapped_key", "staff_session"}


def _digest(database: Database) -> dict[str, str]:
    """Return a digest of each table that a page might have changed."""
    from web.wiring import load_metadata  # noqa: PLC0415  # with the tables of all packages

    found = {}
    with database.system_engine.connect() as connection:
        for table in load_metadata().sorted_tables:
            if table.name in _ABOUT_REQUESTS:
                continue
            rows = connection.execute(
                select(table), execution_options={CORE_REASON: "a test compares whole tables"}
            )
            text_of_rows = "\n".join(sorted(map(repr, rows)))
            found[table.name] = hashlib.sha256(text_of_rows.encode()).hexdigest()
    return found


@pytest.mark.parametrize("role", ["biller", "manager", "auditor"])
def test_reading_any_page_changes_nothing(app: Flask, database: Database, role: str) -> None:
    client = app.test_client()
    sign_in(client, role)
    before = _digest(database)
    for route in app.url_map.iter_rules():
        rule = policy.rule_of_endpoint(route.endpoint)
        if rule.way is Way.DESK and "GET" in (route.methods or ()) and "<" not in route.rule:
            client.get(
                route.rule, query_string={"q": "' OR 1=1 --", "sort": "id;DROP", "after": ""}
            )
    assert _digest(database) == before


# Source: S11. Two samples of answers' times are told apart by Kolmogorov and Smirnov's test.
_SAMPLES = 2000


def compute_ks(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the chance of a gap as wide as this between two samples of one kind."""
    one, two = sorted(first), sorted(second)
    gap, at_one, at_two = 0.0, 0, 0
    while at_one < len(one) and at_two < len(two):
        if one[at_one] <= two[at_two]:
            at_one += 1
        else:
            at_two += 1
        gap = max(gap, abs(at_one / len(one) - at_two / len(two)))
    scale = math.sqrt(len(one) * len(two) / (len(one) + len(two)))
    lamda = (scale + 0.12 + 0.11 / scale) * gap
    terms = (2.0 * (1 if n % 2 else -1) * math.exp(-2 * (n * lamda) ** 2) for n in range(1, 101))
    return min(1.0, max(0.0, sum(terms)))


def test_samples_of_two_kinds_are_told_apart() -> None:
    same = [math.sin(n) for n in range(500)]
    assert compute_ks(same, [math.sin(n + 0.5) for n in range(500)]) > 0.5
    assert compute_ks(same, [value + 0.3 for value in same]) < 0.001


@pytest.mark.long
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_time_tells_nothing_of_who_is_known(app: Flask, database: Database) -> None:
    staff = make_staff(database, "biller")
    times: dict[str, list[float]] = {staff.email: [], "nobody@example.org": []}
    for n in range(_SAMPLES):
        for email, taken in list(times.items())[:: 1 if n % 2 else -1]:
            with database.engine.begin() as connection:
                connection.execute(text("DELETE FROM throttle"))
            client = app.test_client()
            start = time.perf_counter()
            give_password(client, email, "wrong")
            taken.append(time.perf_counter() - start)
    known, unknown = times.values()
    assert abs(statistics.median(known) - statistics.median(unknown)) < 0.005
    assert compute_ks(known, unknown) > 0.01
