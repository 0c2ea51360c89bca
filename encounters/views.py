"""The pages of messages: which are held and why, raw beside parsed, and replay after a fix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for

from audit.service import reading
from config.finding import MissingError, has_errors
from config.http import (
    app_database,
    app_settings,
    read_page_key,
    request_actor,
    request_purpose,
)
from encounters import pages
from encounters.jobs import process_message
from encounters.values import MessageId, MessageState

if TYPE_CHECKING:
    from uuid import UUID

    from werkzeug.wrappers import Response

blueprint = Blueprint("encounters", __name__, template_folder="templates")


@blueprint.get("/messages")
def list_messages() -> str:
    """Show the messages in a state, newest first."""
    name = request.args.get("state", "")
    if name and name not in set(MessageState):
        raise MissingError("no such state")
    after = read_page_key(request.args.get("after"))
    with reading(app_database(), request_actor(), purpose=request_purpose()) as session:
        page = pages.build_list(session, chosen=MessageState(name) if name else None, after=after)
    return render_template(
        "encounters/list.html", page=page, states=list(pages.STATES), name_state=pages.name_state
    )


@blueprint.get("/messages/<uuid:message_id>")
def show_message(message_id: UUID) -> str:
    """Show a message: findings, raw text and parts."""
    with reading(app_database(), request_actor(), purpose=request_purpose()) as session:
        page = pages.build_message(session, MessageId(message_id))
    return render_template("encounters/show.html", page=page)


@blueprint.post("/messages/<uuid:message_id>/replay")
def replay_message(message_id: UUID) -> Response:
    """Try a held or failed message again; one that is applied already is left alone."""
    findings = process_message(
        app_database(),
        request_actor(),
        MessageId(message_id),
        settings=app_settings(),
        is_replay=True,
    )
    told = "message-held" if has_errors(findings) else "message-applied"
    return redirect(url_for("encounters.show_message", message_id=message_id, told=told), 303)
