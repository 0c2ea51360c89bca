"""A real browser before a real server, over a small practice that bills and is answered."""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from access.values import Role
from tests.factories.pages import make_app, seat
from tests.factories.remittances import Billed, Check, Desk, Svc

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from config.actor import Actor
    from config.ids import PracticeId
    from config.tenancy import Database

_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@dataclass(frozen=True)
class Site:
    """A served practice.

    Attributes:
        answered: Number of a claim that was answered and posted.
        waiting: Numbers of claims that wait for their payers.
    """

    url: str
    answered: str
    waiting: tuple[str, ...]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next((found for name in _CHROMIUM if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("NOT TRIED: no Chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=_QUIET)
        yield opened
        opened.close()


@pytest.fixture
def engine_name() -> str:
    """Name one engine: what a browser shows doesn't depend on it."""
    return "sqlite"


@pytest.fixture
def site(
    database: Database,
    actor: Actor,
    practice_id: PracticeId,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Site]:
    desk = Desk(database, actor, tmp_path / "partner")
    answered = desk.bill(Billed(), Billed("80061", 5_200))
    lines = (Svc("99213", 15_000, 9_200, "CO-45 5800"), Svc("80061", 5_200, 0, "CO-50 5200"))
    desk.answer(Check((answered.clp(*lines),)))
    waiting = desk.bill_all([(Billed(),)] * 3)
    seat(monkeypatch, practice_id, Role.BILLER, Role.MANAGER)
    server = make_server("127.0.0.1", 0, make_app(tmp_path, database), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    numbers = tuple(claim.number for claim in waiting)
    yield Site(f"http://127.0.0.1:{server.server_port}", answered.number, numbers)
    server.shutdown()
    thread.join()
    server.server_close()
