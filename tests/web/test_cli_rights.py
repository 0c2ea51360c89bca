"""A command runs by its own line in the policy table, however its arguments look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from access import service as access
from audit.service import writing
from office.demo.seeding import DEMO_PRACTICE
from tests.factories.installation import make_installation
from web.cli import run

if TYPE_CHECKING:
    from pathlib import Path

    from config.actor import Actor
    from tests.factories.installation import Installation

NAME = DEMO_PRACTICE.name


@pytest.fixture
def reader(
    tmp_path: Path,
    database_urls: tuple[str, str],
    key_folder: Path,
    actor: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> Installation:
    """An installation in which this machine's user may look at claims, and no more."""
    made = make_installation(tmp_path, database_urls[0], keys=key_folder, actor=actor)
    with made.opened() as database, writing(database, actor, purpose="operations") as session:
        access.add_service_account(
            session,
            os_user=access.current_os_user(),
            name="reader",
            permissions=frozenset({"claims.read"}),
        )
    for name, value in made.environment().items():
        monkeypatch.setenv(name, value)
    return made


@pytest.mark.usefixtures("reader")
def test_what_the_account_may_do_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["claims", "status"]) == 0
    assert "No claims yet" in capsys.readouterr().out


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    "arguments",
    [
        ["statements", "run"],
        ["statements", "run", "--out", "--help"],
        ["claims", "--", "batch"],
        ["--practice", "claims", "--practice", NAME, "statements", "run"],
        ["--practice", NAME, "--practice", NAME, "ledger", "balance"],
        [f"--practice={NAME}", "remit", "post"],
    ],
)
def test_no_argument_talks_a_command_past_its_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 1
    assert "may not do that" in capsys.readouterr().err
