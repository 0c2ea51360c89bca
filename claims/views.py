"""The pages of claims: worklists, a claim, denials, remittances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from audit.service import reading
from claims import pages_claim, pages_lists, pages_remittance
from claims.values import RemittanceId
from config import clock
from config.finding import MissingError
from config.http import app_database, read_page_key, request_actor, request_purpose

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from uuid import UUID

    from config.tenancy import PracticeSession

blueprint = Blueprint("claims", __name__, template_folder="templates")


@blueprint.get("/claims")
def list_claims() -> str:
    """Show a queue of the worklist, or one patient's claims."""
    patient, after = request.args.get("patient", ""), request.args.get("after", "")
    with _reading() as session:
        page = (
            pages_lists.build_claims_of_patient(session, patient, after=after)
            if patient
            else pages_lists.build_claims(session, request.args.get("queue", ""), after=after)
        )
    return render_template("claims/list.html", page=page)


@blueprint.get("/claims/<number>")
def show_claim(number: str) -> str:
    """Show a claim."""
    with _reading() as session:
        page = pages_claim.build_claim(session, number, at=clock.now())
    return render_template("claims/show.html", page=page)


@blueprint.get("/claims/<number>/fields")
def show_fields(number: str) -> str:
    """Show where each element of a claim's 837 came from."""
    with _reading() as session:
        page = pages_claim.build_fields(session, number, at=clock.now())
    return render_template("claims/fields.html", page=page)


@blueprint.get("/denials")
def list_denials() -> str:
    """Show the open denials."""
    with _reading() as session:
        page = pages_lists.build_denials(session, after=request.args.get("after", ""))
    return render_template("claims/denials.html", page=page)


@blueprint.get("/remittances")
def list_remittances() -> str:
    """Show the checks and transfers that payers told of."""
    after = read_page_key(request.args.get("after"))
    with _reading() as session:
        page = pages_remittance.build_list(session, request.args.get("view", ""), after=after)
    return render_template("claims/remittances.html", page=page)


@blueprint.get("/remittances/<uuid:remittance_id>")
def show_remittance(remittance_id: UUID) -> str:
    """Show a remittance with its claims."""
    after = request.args.get("after", "-1")
    if not after.removeprefix("-").isdecimal():
        raise MissingError("the address names no page")
    with _reading() as session:
        page = pages_remittance.build_remittance(
            session, RemittanceId(remittance_id), after=int(after)
        )
    return render_template("claims/remittance.html", page=page)


def _reading() -> AbstractContextManager[PracticeSession]:
    return reading(app_database(), request_actor(), purpose=request_purpose())
