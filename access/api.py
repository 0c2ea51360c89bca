"""Access tokens for API clients: SMART Backend Services over HTTP."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from access import service
from config import clock
from config.http import app_database, app_settings

blueprint = Blueprint("access", __name__)


@blueprint.post("/oauth/token")
def issue_token() -> Response:
    """Give a client a token for its signed assertion, or say why not.

    Source:
        RFC 6749 sections 4.4 and 5.2; RFC 7523; SMART App Launch 2.2, Backend Services.
    """
    token_url = f"{app_settings().public_url}/oauth/token"
    try:
        token = service.issue_token(
            app_database(), request.form.to_dict(), token_url=token_url, now=clock.now()
        )
    except service.TokenRefusedError as refused:
        response = jsonify({"error": refused.error, "error_description": refused.description})
        response.status_code = refused.status
        return response
    return jsonify(
        {
            "access_token": token.token,
            "token_type": "bearer",
            "expires_in": token.expires_in,
            "scope": token.scope,
        }
    )
