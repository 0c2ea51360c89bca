"""The token endpoint of the API: a signed assertion in, a short-lived token out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, jsonify, request

from access import service
from access.values import TOKEN_PATH, TokenRefusedError
from config import clock
from config.http import app_database, app_settings

if TYPE_CHECKING:
    from flask import Response

blueprint: Final = Blueprint("access", __name__)


@blueprint.post(TOKEN_PATH)
def issue_token() -> Response:
    """Answer a client's request for a token.

    Source:
        RFC 6749 sections 5.1 and 5.2.
    """
    try:
        token = service.issue_token(
            app_database(),
            _read_form(),
            token_url=app_settings().public_url.rstrip("/") + TOKEN_PATH,
            now=clock.now(),
            peer_now=clock.true_now(),
        )
    except TokenRefusedError as refused:
        answer = jsonify(error=refused.error, error_description=refused.description)
        answer.status_code = refused.status
    else:
        answer = jsonify(
            access_token=token.token,
            token_type="bearer",  # noqa: S106  # the kind of token
            expires_in=token.expires_in,
            scope=token.scope,
        )
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Pragma"] = "no-cache"
    return answer


def _read_form() -> dict[str, str]:
    """Return the form's fields; a field that is there twice is refused (RFC 6749 section 3.2)."""
    lists = request.form.to_dict(flat=False)
    if any(len(values) > 1 for values in lists.values()):
        raise TokenRefusedError("invalid_request", "a field is there twice")
    return {name: values[0] for name, values in lists.items()}
