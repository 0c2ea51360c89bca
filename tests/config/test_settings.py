from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import Settings, SettingsError

ROOT = Path(__file__).parents[2]


def test_defaults_keep_keys_apart_from_data(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "KEYS", "DATABASE", "MODE", "DATE"):
        monkeypatch.delenv(f"CLEANCLAIM_{name}", raising=False)
    settings = Settings.from_env()
    assert settings.home.name == "home"
    assert settings.database.startswith("sqlite:///")
    assert not settings.keys.is_relative_to(settings.home)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("MODE", "production", "CLEANCLAIM_MODE"),
        ("LOG_LEVEL", "LOUD", "CLEANCLAIM_LOG_LEVEL"),
        ("DATE", "yesterday", "DATE"),
        ("MESSAGE_BYTES_MAX", "many", "MESSAGE_BYTES_MAX"),
    ],
)
def test_a_wrong_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(f"CLEANCLAIM_{name}", value)
    with pytest.raises(SettingsError, match=says):
        Settings.from_env()


def test_keys_inside_the_data_folder_stop_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CLEANCLAIM_HOME", str(tmp_path))
    monkeypatch.setenv("CLEANCLAIM_KEYS", str(tmp_path / "keys"))
    with pytest.raises(SettingsError, match="inside CLEANCLAIM_HOME"):
        Settings.from_env()


def test_a_shifted_clock_is_for_practice_mode_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEANCLAIM_MODE", "live")
    monkeypatch.setenv("CLEANCLAIM_DATE", "2026-09-15")
    with pytest.raises(SettingsError, match="CLEANCLAIM_DATE"):
        Settings.from_env()
