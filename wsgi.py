"""The WSGI entry point: `gunicorn wsgi:app`."""

from __future__ import annotations

from config.settings import Settings
from web.app import create_app

app = create_app(Settings.from_env())
