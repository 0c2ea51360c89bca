"""What runs beside a server: the thread that does waiting jobs; and how a server is told to end."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from config.changes import drain
from config.log import get_logger
from web.wiring import load_handlers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

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
                drain(self._database, self._handlers, is_stopping=self._stop_asked.is_set)
            except Exception as error:  # noqa: BLE001  # the next round tries again
                _log.error("draining-failed", error=type(error).__name__)
            self._stop_asked.wait(_PAUSE_SECONDS)

    def stop(self) -> None:
        """Ask the thread to end and wait for the job it is at."""
        self._stop_asked.set()
        self.join(timeout=30)


@contextmanager
def interrupted_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl-C does, so that what runs in it is stopped in order.

    Only the first counts: a second one must not interrupt the stopping itself.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's
        return

    def interrupt(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
