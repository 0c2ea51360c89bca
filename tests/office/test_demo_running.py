"""The demo replaces demos and nothing else: never an installation's data, above all its keys."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click
import pytest

from config.key_files import make_key_files
from config.settings import Settings
from office.demo.running import clear

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("CLEANCLAIM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CLEANCLAIM_KEYS", str(tmp_path / "keys"))
    return Settings.from_env()


def test_keys_of_an_installation_are_never_taken_away(settings: Settings) -> None:
    made = {path: path.read_bytes() for path in make_key_files(settings.keys)}
    with pytest.raises(click.ClickException, match="CLEANCLAIM_KEYS"):
        clear(settings)
    assert {path: path.read_bytes() for path in made} == made


def test_earlier_demo_stays_whole_where_the_keys_are_not_its_own(settings: Settings) -> None:
    clear(settings)
    (settings.home / "summary.json").touch()
    (settings.keys / ".cleanclaim-demo").unlink()
    make_key_files(settings.keys)
    with pytest.raises(click.ClickException, match="CLEANCLAIM_KEYS"):
        clear(settings)
    assert (settings.home / "summary.json").exists()


def test_data_of_an_installation_are_never_taken_away(settings: Settings) -> None:
    settings.home.mkdir()
    (settings.home / "cleanclaim.db").touch()
    with pytest.raises(click.ClickException, match="CLEANCLAIM_HOME"):
        clear(settings)
    assert (settings.home / "cleanclaim.db").exists()


def test_earlier_demo_is_replaced_with_its_keys(settings: Settings) -> None:
    clear(settings)
    (old,) = [path for path in make_key_files(settings.keys) if path.name == "root.key"]
    clear(settings)
    assert not old.exists()
    make_key_files(settings.keys)


def test_no_demo_runs_among_real_patients(settings: Settings) -> None:
    with pytest.raises(click.ClickException, match="CLEANCLAIM_MODE"):
        clear(replace(settings, mode="live"))
    assert not settings.home.exists()
