"""The application: one function that puts it together, and what every request passes through."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from flask import Flask, Response, g, jsonify, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from access import service as access
from audit import service as audit
from config import clock, log
from config.finding import MissingError, RefusedError
from config.keyring import Keyring
from config.tenancy import Database
from gateways.fhir import service as fhir
from gateways.fhir.values import FhirProblem
from web import policy, wiring
from web.front import blueprint as front

if TYPE_CHECKING:
    from config.settings import Settings

_log = log.get_logger(__name__)
_MARGIN_BYTES: Final = 64 * 1024

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'",
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
        TRUSTED_HOSTS=None,
        PROPAGATE_EXCEPTIONS=False,
    )
    app.extensions["cleanclaim.settings"] = settings
    app.extensions["cleanclaim.database"] = database or open_database(settings)
    app.register_blueprint(front)
    for blueprint in wiring.load_blueprints():
        app.register_blueprint(blueprint)
    policy.check_endpoints(rule.endpoint for rule in app.url_map.iter_rules())
    app.before_request(_admit)
    app.after_request(_dress)
    app.register_error_handler(Exception, _answer_error)
    return app


def _admit() -> Response | None:
    """Let a request pass only by its line in the policy table."""
    if request.endpoint is None:
        return None  # no such page: the error handler answers
    rule = policy.rule_of_endpoint(request.endpoint)
    g.purpose = rule.purpose
    if rule.permission is None:
        return None
    database: Database = request_database()
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    actor = None
    if scheme.lower() == "bearer" and token:
        actor = access.find_actor_by_token(database, token.strip(), now=clock.now())
    if actor is None:
        return _refuse(401, "login", "a valid access token is needed; get one at /oauth/token")
    if not actor.may(rule.permission):
        with audit.writing(database, actor, purpose=rule.purpose) as session:
            audit.note(session, "access.refused", endpoint=request.endpoint)
        return _refuse(403, "forbidden", "this client's scopes do not allow that")
    g.actor = actor
    return None


def request_database() -> Database:
    """Return the database of the application that serves this request."""
    from config.http import app_database  # noqa: PLC0415  # only inside a request

    return app_database()


def _dress(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="cleanclaim"'
    return response


def _answer_error(error: Exception) -> Response:
    """Answer any error in words; never a value, a trace or a name of somebody."""
    if isinstance(error, HTTPException):
        status = error.code or 500
        return _refuse(status, "processing", _WORDS.get(status, error.name.lower()))
    if isinstance(error, MissingError):
        return _refuse(404, "not-found", _WORDS[404])
    if isinstance(error, RefusedError):
        return _refuse(422, "business-rule", "; ".join(f.message for f in error.findings))
    error_id = secrets.token_hex(8)
    kind = "database" if isinstance(error, SQLAlchemyError) else "application"
    _log.error(
        "request-failed",
        error=type(error).__name__,
        error_id=error_id,
        kind=kind,
        endpoint=request.endpoint or "",
    )
    status = 503 if isinstance(error, SQLAlchemyError) else 500
    return _refuse(status, "exception", f"something failed here; error id {error_id}")


_WORDS: Final = {
    400: "the request can't be read",
    404: "there is nothing here under that address",
    405: "that method is not possible here",
    413: "the body is larger than this installation takes",
    415: "send application/fhir+json",
}


def _refuse(status: int, code: str, words: str) -> Response:
    """Answer in the form that the caller's part of the site speaks."""
    if request.path.startswith("/fhir/"):
        outcome = fhir.build_outcome([FhirProblem("error", code, "", words)])
        return Response(fhir.to_json(outcome), status, content_type=fhir.CONTENT_TYPE)
    response = jsonify({"type": "about:blank", "title": words, "status": status})
    response.status_code = status
    response.content_type = "application/problem+json"
    return response
