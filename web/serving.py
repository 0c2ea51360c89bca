"""Serving the application by gunicorn: one process, many threads, jobs beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gunicorn.app.base import BaseApplication

from audit import service as audit
from gateways.fhir.service import warm_up
from web.app import create_app
from web.background import JobThread

if TYPE_CHECKING:
    from flask import Flask

    from config.settings import Settings
    from config.tenancy import Database

_THREADS: Final = 8


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """Gunicorn, told by us instead of by a file."""

    def __init__(self, settings: Settings, options: dict[str, Any]) -> None:
        self._settings = settings
        self._options = options | {"worker_exit": lambda _server, _worker: self._stop_beside()}
        self._beside: list[audit.IntegratorThread | JobThread] = []
        super().__init__()

    def load_config(self) -> None:
        """Take the options."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Make the application in the worker process, with its jobs beside it."""
        app = create_app(self._settings)
        database: Database = app.extensions["cleanclaim.database"]
        warm_up()
        self._beside = [
            JobThread(database, self._settings),
            audit.IntegratorThread(database, audit.load_signing_key(self._settings.keys)),
        ]
        for thread in self._beside:
            thread.start()
        return app

    def _stop_beside(self) -> None:
        """End the job at hand, then seal what the last requests and jobs left to the log."""
        for thread in self._beside:
            thread.stop()


def serve_application(settings: Settings, *, host: str, port: int) -> None:
    """Serve until the process is told to stop."""
    _Server(
        settings,
        {
            "bind": f"{host}:{port}",
            "workers": 1,
            "threads": _THREADS,
            "worker_class": "gthread",
            "accesslog": None,
            "loglevel": "warning",
            "worker_tmp_dir": None,
            "timeout": 120,
            "limit_request_line": 4094,
            "control_socket_disable": True,
        },
    ).run()
