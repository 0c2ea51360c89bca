"""Settings: read once from the environment, each documented in docs/settings.md.

Secrets never come from the environment: they lie in files in `CLEANCLAIM_KEYS`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from environs import Env, EnvError

MODES: Final = ("practice", "live")


class SettingsError(ValueError):
    """A setting is missing or wrong; the message names it and says what to set."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation is told from outside.

    Attributes:
        home: Folder of the installation's state (`CLEANCLAIM_HOME`).
        keys: Folder of its secrets, never inside `home` (`CLEANCLAIM_KEYS`).
        database: SQLAlchemy URL of the application's role (`CLEANCLAIM_DATABASE`).
        database_owner: URL of the role that owns the schema (`CLEANCLAIM_DATABASE_OWNER`).
        database_system: URL for named cross-practice jobs (`CLEANCLAIM_DATABASE_SYSTEM`).
        mode: `practice` or `live` (`CLEANCLAIM_MODE`).
        date: In practice mode the day on which the clock starts (`CLEANCLAIM_DATE`).
        log_level: `DEBUG`, `INFO`, `WARNING` or `ERROR` (`CLEANCLAIM_LOG_LEVEL`).
        message_bytes_max: Largest message taken in (`CLEANCLAIM_MESSAGE_BYTES_MAX`).
        public_url: Where others reach the application (`CLEANCLAIM_PUBLIC_URL`).
        failpoint: In practice mode, where a test lets the process die (`CLEANCLAIM_FAILPOINT`).
    """

    home: Path
    keys: Path
    database: str
    database_owner: str
    database_system: str
    mode: str = "practice"
    date: dt.date | None = None
    log_level: str = "INFO"
    message_bytes_max: int = 10 * 1024 * 1024
    public_url: str = "http://localhost:8000"
    failpoint: str = ""

    @classmethod
    def from_env(cls, *, home: str = "var/home", keys: str = "") -> Self:
        """Read the environment.

        Args:
            home: Where the state lies unless `CLEANCLAIM_HOME` says otherwise.
            keys: Where the secrets lie unless `CLEANCLAIM_KEYS` says otherwise; the account's own
                configuration folder by default.

        Raises:
            SettingsError: A value can't be used; the message says which and what to do.
        """
        env = Env(prefix="CLEANCLAIM_")
        try:
            folder = Path(env.str("HOME", home)).absolute()
            secrets = env.str("KEYS", keys) or "~/.config/cleanclaim/keys"
            database = env.str("DATABASE", f"sqlite:///{folder}/cleanclaim.db")
            settings = cls(
                home=folder,
                keys=Path(secrets).expanduser().absolute(),
                database=database,
                database_owner=env.str("DATABASE_OWNER", database),
                database_system=env.str("DATABASE_SYSTEM", database),
                mode=env.str("MODE", "practice"),
                date=env.date("DATE", None),
                log_level=env.str("LOG_LEVEL", "INFO").upper(),
                message_bytes_max=env.int("MESSAGE_BYTES_MAX", 10 * 1024 * 1024),
                public_url=env.str("PUBLIC_URL", "http://localhost:8000"),
                failpoint=env.str("FAILPOINT", ""),
            )
        except EnvError as error:
            raise SettingsError(str(error)) from error
        settings.check()
        return settings

    def check(self) -> None:
        """Refuse settings that can't stand together.

        Raises:
            SettingsError: Says which and what to do.
        """
        if self.mode not in MODES:
            raise SettingsError("CLEANCLAIM_MODE must be practice or live")
        if self.date is not None and self.mode == "live":
            raise SettingsError(
                "CLEANCLAIM_DATE shifts the clock: only for CLEANCLAIM_MODE=practice"
            )
        if self.failpoint and self.mode == "live":
            raise SettingsError("CLEANCLAIM_FAILPOINT is only for CLEANCLAIM_MODE=practice")
        if self.log_level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise SettingsError("CLEANCLAIM_LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR")
        if self.keys.resolve().is_relative_to(self.home.resolve()):
            raise SettingsError(
                "CLEANCLAIM_KEYS lies inside CLEANCLAIM_HOME: whoever takes the data would take "
                "the keys along; move the keys elsewhere"
            )
