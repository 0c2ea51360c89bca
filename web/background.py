"""What runs beside a server: the thread that does waiting jobs."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from config.changes import drain
from config.log import get_logger
from web.wiring import load_handlers

if TYPE_CHECKING:
    from config.settings import Settings
    from config.tenancy import Database

_PAUSE_SECONDS: Final = 0.2
_log = get_logger(__name__)


class JobThread(threading.Thread):
    """Does waiting jobs, one after the other, until stopped."""

    def __init__(self, database: Database, settings: Settings) -> None:
        super().__init__(name="jobs", daemon=True)
        self._database = database
        self._handlers = load_handlers(database, settings)
        self._stop_asked = threading.Event()

    def run(self) -> None:
        """Drain, pause, and drain again."""
        while not self._stop_asked.is_set():
            try:
                drain(self._database, self._handlers)
            except Exception as error:  # noqa: BLE001  # the next round tries again
                _log.error("draining-failed", error=type(error).__name__)
            self._stop_asked.wait(_PAUSE_SECONDS)

    def stop(self) -> None:
        """Ask the thread to end and wait for the job it is at."""
        self._stop_asked.set()
        self.join(timeout=30)
