"""The one table of who may do what names everything there is, and nothing else."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import click
import pytest
from flask import Blueprint

from config.settings import Settings
from web import cli, policy, wiring
from web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask


def _settings(folder: Path) -> Settings:
    url = f"sqlite:///{folder / 'home' / 'none.db'}"
    return Settings(folder / "home", folder / "keys", url, url, url)


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    # No request is made, so no database is needed.
    return create_app(_settings(tmp_path), database=_no_database())


def _no_database() -> Any:  # noqa: ANN401  # stands where a database would
    return object()


def _commands() -> Iterator[str]:
    for name, (place, _) in cli.PLACES.items():
        module, _, attribute = place.partition(":")
        yield from _walk(name, getattr(import_module(module), attribute))


def _walk(path: str, command: click.Command) -> Iterator[str]:
    if not isinstance(command, click.Group):
        yield path
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from _walk(f"{path} {name}", found)


def test_every_endpoint_has_its_line_and_every_line_its_endpoint(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(policy.ENDPOINTS)


def test_every_command_has_its_line_and_every_line_its_command() -> None:
    assert set(_commands()) == set(policy.COMMANDS)


def test_every_job_has_its_line_and_every_line_its_job(tmp_path: Path) -> None:
    handlers = wiring.load_handlers(_no_database(), _settings(tmp_path))
    assert set(handlers) == set(policy.JOBS)


def test_every_rule_names_a_purpose() -> None:
    rules = [*policy.ENDPOINTS.values(), *policy.COMMANDS.values(), *policy.JOBS.values()]
    assert {rule.purpose for rule in rules} <= {"payment", "operations", "audit", "treatment"}


def test_unlisted_endpoint_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = Blueprint("planted", __name__)
    planted.add_url_rule("/planted", "show_all", lambda: "everything")
    monkeypatch.setattr(wiring, "load_blueprints", lambda: [planted])
    with pytest.raises(policy.PolicyError, match=r"planted\.show_all"):
        create_app(_settings(tmp_path), database=_no_database())


def test_unlisted_command_does_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    table = {name: rule for name, rule in policy.COMMANDS.items() if name != "edi check"}
    monkeypatch.setattr(policy, "COMMANDS", table)
    with pytest.raises(policy.PolicyError, match="edi check"):
        cli.run(["edi", "check", "nothing.837"])


def test_unlisted_job_is_refused() -> None:
    with pytest.raises(policy.PolicyError, match="planted-kind"):
        policy.check_jobs([*policy.JOBS, "planted-kind"])
