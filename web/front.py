"""The front page, and the page by which a machine asks whether the service is well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, g, jsonify, redirect, render_template, url_for
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from config import clock
from config.http import app_database, app_settings

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

blueprint = Blueprint("front", __name__)


@blueprint.get("/")
def show_front() -> str | Response:
    """Say what this installation is; who is signed in goes on to their home."""
    if g.get("actor") is not None:
        return redirect(url_for("office.show_home"))
    settings = app_settings()
    return render_template("front.html", mode=settings.mode, url=settings.public_url)


@blueprint.get("/healthz")
def show_health() -> tuple[Response, int]:
    """Say whether the database answers; 503 where it doesn't."""
    try:
        with app_database().engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return jsonify({"status": "down", "database": "unreachable"}), 503
    return jsonify({"status": "up", "date": clock.today().isoformat()}), 200
