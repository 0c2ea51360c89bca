"""FHIR R4 at /fhir/R4: bundles and single resources in, resources out, and what it all can do."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from audit.service import note, reading, writing
from config import clock
from config.http import app_database, app_settings, request_actor, request_purpose
from encounters import service
from encounters.jobs import answer_fhir
from encounters.service import FhirRequest
from gateways.fhir import service as fhir
from gateways.fhir.values import FhirProblem

if TYPE_CHECKING:
    from config.actor import Actor
    from encounters.service import FhirAnswer, Kept
    from gateways.fhir.values import ParsedBundle

blueprint = Blueprint("fhir", __name__, url_prefix="/fhir/R4")

VERSION: Final = "0.1.0"
_CONTROL_ID_MAX: Final = 199
_JSON_ONLY: Final = "send FHIR R4 as JSON, with Content-Type: application/fhir+json"


@blueprint.get("/metadata")
def show_metadata() -> Response:
    """Answer the CapabilityStatement."""
    url = app_settings().public_url
    statement = fhir.build_capability_statement(
        base_url=f"{url}/fhir/R4",
        token_url=f"{url}/oauth/token",
        date=clock.today().isoformat(),
        software_version=VERSION,
    )
    return _respond(200, fhir.to_json(statement))


@blueprint.get("/.well-known/smart-configuration")
def show_smart_configuration() -> Response:
    """Answer where and how a client gets its token."""
    url = app_settings().public_url
    found = fhir.build_smart_configuration(
        base_url=f"{url}/fhir/R4", token_url=f"{url}/oauth/token"
    )
    return Response(fhir.to_json(found), 200, content_type="application/json")


@blueprint.post("")
@blueprint.post("/")
def take_bundle() -> Response:
    """Take in a transaction or batch Bundle."""
    if not _is_json():
        return _refuse(415, "not-supported", _JSON_ONLY)
    raw = _read_body()
    return _take_in(raw, fhir.parse_bundle(raw))


@blueprint.post("/<resource_type>")
def take_resource(resource_type: str) -> Response:
    """Take in one resource; `If-None-Exist` leaves one that is known as it is."""
    if not fhir.is_known_type(resource_type):
        return _refuse(404, "not-supported", "R4 has no resource type of that name")
    if not _is_json():
        return _refuse(415, "not-supported", _JSON_ONLY)
    raw = _read_body()
    condition = request.headers.get("If-None-Exist", "")
    parsed = fhir.parse_resource(raw, resource_type=resource_type, if_none_exist=condition or None)
    return _take_in(raw, parsed, FhirRequest(request_actor().id, resource_type, condition))


@blueprint.get("/<resource_type>/<resource_id>")
def show_resource(resource_type: str, resource_id: str) -> Response:
    """Answer a resource that this client sent, with its version as ETag."""
    actor = request_actor()
    if not actor.may(f"fhir.{resource_type}.r"):
        _note_refusal(actor)
        return _refuse(403, "forbidden", "this client's scopes do not allow reading that type")
    with reading(app_database(), actor, purpose=request_purpose()) as session:
        body, version, written_at = service.read_resource(
            session, resource_type, resource_id, client_id=actor.id
        )
        content = fhir.to_json(body)
    response = _respond(200, content)
    response.headers["ETag"] = f'W/"{version}"'
    response.last_modified = written_at
    return response


def _is_json() -> bool:
    """Say whether the body is announced as JSON, in one of the names that FHIR allows."""
    return request.mimetype in ("application/fhir+json", "application/json", "text/json")


def _read_body() -> bytes:
    """Return the body whole; one sent in chunks is cut at the server's bound without a word.

    Raises:
        RequestEntityTooLarge: It is larger than a message may be.
    """
    raw = request.get_data(cache=False)
    if len(raw) > app_settings().message_bytes_max:
        raise RequestEntityTooLarge
    return raw


def _take_in(raw: bytes, parsed: ParsedBundle, sent: FhirRequest | None = None) -> Response:
    """Keep the bytes first, then apply them; a repeat gets the answer that was given before."""
    actor = request_actor()
    forbidden = _list_forbidden(parsed, actor)
    if forbidden:
        _note_refusal(actor)
        return _respond(403, fhir.to_json(fhir.build_outcome(forbidden)))
    if unclear := _list_unclear_conditions(parsed):
        return _respond(400, fhir.to_json(fhir.build_outcome(unclear)))
    kept, known = _keep(raw, parsed, actor, sent or FhirRequest(actor.id))
    if known is not None:
        return _respond(known.status, known.body.encode())
    answered = answer_fhir(app_database(), actor, kept.message_id, raw)
    return _respond(answered.answer.status, answered.answer.body.encode())


def _keep(
    raw: bytes, parsed: ParsedBundle, actor: Actor, sent: FhirRequest
) -> tuple[Kept, FhirAnswer | None]:
    control_id = (parsed.bundle.identifier if parsed.bundle else None) or ""
    envelope = service.Envelope(
        control_id[:_CONTROL_ID_MAX],
        actor.name,
        "FHIR",
        clock.now(),
        repeat_key=_name_repeat(raw, sent),
        request=sent,
    )
    with writing(app_database(), actor, purpose=request_purpose()) as session:
        kept = service.keep_message(session, envelope, raw)
        known = service.answer_again(session, kept.message_id) if kept.is_repeat else None
    return kept, known


def _name_repeat(raw: bytes, sent: FhirRequest) -> str:
    """Name what makes a body the same one again: client, bytes, address and condition."""
    digest = hashlib.sha256(raw).hexdigest()
    return f"{sent.client_id}|{sent.resource_type}|{sent.if_none_exist}|{digest}"


def _list_forbidden(parsed: ParsedBundle, actor: Actor) -> list[FhirProblem]:
    entries = parsed.bundle.entries if parsed.bundle else ()
    return [
        FhirProblem(
            "error",
            "forbidden",
            entry.expression,
            f"this client's scopes do not allow writing {entry.resource_type}",
            entry.index,
        )
        for entry in entries
        if not actor.may(f"fhir.{entry.resource_type}.{'u' if entry.method == 'PUT' else 'c'}")
    ]


def _list_unclear_conditions(parsed: ParsedBundle) -> list[FhirProblem]:
    """Refuse an `If-None-Exist` that we can't search by: passed over, it would make doubles."""
    entries = parsed.bundle.entries if parsed.bundle else ()
    return [
        FhirProblem(
            "error",
            "not-supported",
            f"{entry.expression.removesuffix('.resource')}.request.ifNoneExist"
            if entry.expression.endswith(".resource")
            else "If-None-Exist",
            "Expected a search by identifier=system|value.",
            entry.index,
        )
        for entry in entries
        if entry.if_none_exist is not None and fhir.read_if_none_exist(entry.if_none_exist) is None
    ]


def _note_refusal(actor: Actor) -> None:
    with writing(app_database(), actor, purpose=request_purpose()) as session:
        note(session, "access.refused", endpoint=request.endpoint or "")


def _respond(status: int, body: bytes) -> Response:
    return Response(body, status, content_type=fhir.CONTENT_TYPE)


def _refuse(status: int, code: str, words: str) -> Response:
    return _respond(
        status, fhir.to_json(fhir.build_outcome([FhirProblem("error", code, "", words)]))
    )
