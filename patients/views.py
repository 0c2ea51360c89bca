"""The pages of patients: search, and one patient with the coverage cards.

Words that search go by POST: a patient's name belongs into no address, history or log.
"""

from __future__ import annotations

from flask import Blueprint, render_template, request

from audit.service import reading
from config import clock
from config.http import app_database, read_page_key, request_actor, request_purpose
from patients import pages
from patients.values import PatientId

blueprint = Blueprint("patients", __name__, template_folder="templates")


@blueprint.route("/patients", methods=["GET", "POST"])
def list_patients() -> str:
    """Show the patients that were searched for, or all of them by the page."""
    words = request.form.get("words", "")[:100].strip()
    after = read_page_key(request.args.get("after"))
    with reading(app_database(), request_actor(), purpose=request_purpose()) as session:
        page = (
            pages.build_search(session, words)
            if words
            else pages.build_list(session, after=PatientId(after) if after else None)
        )
    return render_template("patients/list.html", page=page, words=words)


@blueprint.get("/patients/<number>")
def show_patient(number: str) -> str:
    """Show a patient."""
    with reading(app_database(), request_actor(), purpose=request_purpose()) as session:
        page = pages.build_patient(session, number, today=clock.today())
    return render_template("patients/show.html", page=page)
