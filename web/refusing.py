"""Answering errors: in FHIR's words, as problem+json, or as a page with nothing but an id."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from flask import Response, g, jsonify, render_template, request
from flask_babel import lazy_gettext
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from config import log
from config.finding import MissingError, RefusedError
from gateways.fhir import service as fhir
from gateways.fhir.values import FhirProblem
from web import policy
from web.policy import Way

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.finding import Finding

_log = log.get_logger(__name__)

_WORDS: Final = {
    400: "the request can't be read",
    401: "a valid access token is needed; get one at /oauth/token",
    403: "this client's scopes do not allow that",
    404: "there is nothing here under that address",
    405: "that method is not possible here",
    413: "the body is larger than this installation takes",
    415: "send application/fhir+json",
}

# What a person reads: what happened, and what they can do.
_PAGES: Final = {
    401: (
        lazy_gettext("Sign in to see this page"),
        lazy_gettext("You are not signed in, or your session has ended. Nothing was changed."),
    ),
    403: (
        lazy_gettext("Your role doesn't open this page"),
        lazy_gettext("Ask your office manager if you need it for your work."),
    ),
    404: (
        lazy_gettext("There is nothing under this address"),
        lazy_gettext("It may have been mistyped. Search, or start from home."),
    ),
    413: (
        lazy_gettext("That is larger than we can take"),
        lazy_gettext("Send it in smaller parts."),
    ),
    422: (
        lazy_gettext("That could not be done"),
        lazy_gettext("Nothing was changed."),
    ),
    503: (
        lazy_gettext("The database doesn't answer"),
        lazy_gettext("Try again in a minute. Nothing was changed."),
    ),
}
_OTHER: Final = (
    lazy_gettext("Something failed here"),
    lazy_gettext("Nothing was changed. If it happens again, report the id below."),
)
_BAD: Final = (
    lazy_gettext("That request can't be answered"),
    lazy_gettext("Go back and try it another way."),
)


def answer_error(error: Exception) -> Response:
    """Answer any error in words; never a value, a trace or a name of somebody."""
    if isinstance(error, HTTPException):
        status = error.code or 500
        return refuse(status, "processing", _WORDS.get(status, error.name.lower()))
    if isinstance(error, MissingError):
        return refuse(404, "not-found")
    if isinstance(error, RefusedError):
        words = "; ".join(f.message for f in error.findings)
        return refuse(422, "business-rule", words, findings=error.findings)
    error_id = secrets.token_hex(8)
    is_database = isinstance(error, SQLAlchemyError)
    _log.error(
        "request-failed",
        error=type(error).__name__,
        error_id=error_id,
        kind="database" if is_database else "application",
        endpoint=request.endpoint or "",
    )
    words = f"something failed here; error id {error_id}"
    return refuse(503 if is_database else 500, "exception", words, error_id=error_id)


def refuse(
    status: int,
    code: str,
    words: str = "",
    *,
    error_id: str = "",
    findings: Sequence[Finding] = (),
) -> Response:
    """Answer in the form that the caller's part of the site speaks."""
    words = words or _WORDS[status]
    if request.path.startswith("/fhir/"):
        outcome = fhir.build_outcome([FhirProblem("error", code, "", words)])
        return Response(fhir.to_json(outcome), status, content_type=fhir.CONTENT_TYPE)
    if _wants_page():
        title, text = _PAGES.get(status, _BAD if status < 500 else _OTHER)
        g.setdefault("actor", g.get("refused_actor"))
        page = render_template(
            "error.html",
            status=status,
            title=title,
            text=text,
            error_id=error_id or secrets.token_hex(8),
            findings=findings,
        )
        return Response(page, status, content_type="text/html; charset=utf-8")
    response = jsonify({"type": "about:blank", "title": words, "status": status})
    response.status_code = status
    response.content_type = "application/problem+json"
    return response


def _wants_page() -> bool:
    """Say whether a person asks: by the endpoint's way, or as a browser under no known address."""
    if request.endpoint is not None:
        return policy.rule_of_endpoint(request.endpoint).way is Way.DESK
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"
