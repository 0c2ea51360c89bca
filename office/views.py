"""The home page, and finding by what people read out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for

from audit.service import reading
from claims import service as claims
from config import clock
from config.http import app_database, request_actor, request_purpose
from config.ids import is_readable_number
from office import pages

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

blueprint = Blueprint("office", __name__, template_folder="templates")


@blueprint.get("/home")
def show_home() -> str:
    """Show the queues with their counts."""
    actor = request_actor()
    with reading(app_database(), actor, purpose=request_purpose()) as session:
        page = pages.build_home(session, actor, today=clock.today())
    return render_template("office/home.html", page=page)


@blueprint.post("/find")
def find() -> Response:
    """Open the claim or patient of a number; other words search patients, still by POST."""
    number = request.form.get("words", "").strip().upper()[:100]
    if is_readable_number(number):
        if request_actor().may("claims.read"):
            with reading(app_database(), request_actor(), purpose=request_purpose()) as session:
                found = claims.find_claim_by_number(session, number)
            if found is not None:
                return redirect(url_for("claims.show_claim", number=number), 303)
        return redirect(url_for("patients.show_patient", number=number), 303)
    return redirect(url_for("patients.list_patients"), 307)
