"""The application: one function that puts it together, and what every request passes through."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flask import Flask, request

from config import clock, log
from config.keyring import Keyring
from config.tenancy import Database
from web import admission, policy, shell, wiring
from web.front import blueprint as front
from web.refusing import answer_error

if TYPE_CHECKING:
    from flask import Response

    from config.settings import Settings

_MARGIN_BYTES: Final = 64 * 1024

CONTENT_POLICY: Final = (
    "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "object-src 'none'"
)
HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def open_database(settings: Settings) -> Database:
    """Open the installation's database with its keys.

    Raises:
        config.key_files.KeyFileError: A key is missing or weak; says how to make one.
    """
    keyring = Keyring.load(settings.keys, home=settings.home)
    return Database(settings.database, keyring=keyring, system_url=settings.database_system)


def create_app(settings: Settings, *, database: Database | None = None) -> Flask:
    """Put the application together.

    Args:
        settings: Read and checked.
        database: Given by tests; opened from the settings otherwise.

    Raises:
        web.policy.PolicyError: An endpoint stands in no line of the policy table.
    """
    log.set_up(settings.log_level)
    if settings.date is not None:
        clock.start_on(settings.date)
    app = Flask(__name__)
    app.config.update(
        MAX_CONTENT_LENGTH=settings.message_bytes_max + _MARGIN_BYTES,
        MAX_FORM_MEMORY_SIZE=512 * 1024,
        PROPAGATE_EXCEPTIONS=False,
    )
    app.extensions["cleanclaim.settings"] = settings
    database = database or open_database(settings)
    app.extensions["cleanclaim.database"] = database
    admission.set_up(app, settings, getattr(database, "keyring", None))
    app.extensions["cleanclaim.build"] = _build_mark(app)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = timedelta(days=365)
    shell.set_up(app)
    app.register_blueprint(front)
    for blueprint in wiring.load_blueprints():
        app.register_blueprint(blueprint)
    policy.check_endpoints(rule.endpoint for rule in app.url_map.iter_rules())
    app.before_request(admission.admit)
    app.before_request(shell.refuse_broken_text)
    app.after_request(_dress)
    app.register_error_handler(Exception, answer_error)
    return app


def _dress(response: Response) -> Response:
    """Put the security headers on every answer; scripts run only with this answer's nonce."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    policy_text = CONTENT_POLICY
    if response.mimetype == "text/html":
        policy_text += (
            f"; script-src 'nonce-{shell.nonce()}'; style-src 'self'; img-src 'self'; "
            "connect-src 'self'"
        )
    response.headers.setdefault("Content-Security-Policy", policy_text)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=63072000")
    if response.status_code == 401 and response.mimetype != "text/html":
        response.headers["WWW-Authenticate"] = 'Bearer realm="cleanclaim"'
    return response


def _build_mark(app: Flask) -> str:
    """Return what tells this build of the static files from another."""
    digest = hashlib.sha256()
    for path in sorted(Path(str(app.static_folder)).rglob("*")):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
