"""FHIR resources as received: stored under our ids, read back, and the answers kept for repeats."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from config.finding import MissingError
from config.ids import uuid7
from config.sealed import keyring_of, seal, unseal
from encounters.models import FhirResourceRow
from encounters.service.messages import get_row
from encounters.values import MessageDetails, MessageId, MessageState
from gateways.fhir.service import build_kept_raw, build_outcome, read_if_none_exist, to_json
from gateways.fhir.values import EntryResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.tenancy import PracticeSession
    from gateways.fhir.values import FhirEntry, Json, JsonObject


@dataclass(frozen=True, slots=True)
class FhirAnswer:
    """What a sender was or is answered: HTTP status and body."""

    status: int
    body: str


@dataclass(frozen=True, slots=True)
class StoredResource:
    """A resource's JSON text; the sealed payload of a `fhir_resource` row."""

    body: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Who sent resources, in which message, and when."""

    client_id: UUID
    message_id: MessageId
    received_at: dt.datetime


def find_final_answer(
    session: PracticeSession, message_id: MessageId, *, is_replay: bool
) -> FhirAnswer | None:
    """Return the answer of a message that somebody else dealt with meanwhile.

    The row is locked, so that a request and the job of the same message come one after the other.

    Args:
        session: A writing session.
        message_id: The kept message.
        is_replay: A held or failed one is to be tried again.
    """
    state = get_row(session, message_id, is_locked=True).state
    is_open = state == MessageState.RECEIVED or (
        is_replay and state in (MessageState.HELD, MessageState.FAILED)
    )
    return None if is_open else answer_again(session, message_id)


def answer_again(session: PracticeSession, message_id: MessageId) -> FhirAnswer | None:
    """Return the answer that was given to a message, if it was answered."""
    details = unseal(session, get_row(session, message_id), MessageDetails)
    return FhirAnswer(details.answer_status, details.answer) if details.answer_status else None


def keep_answer(session: PracticeSession, message_id: MessageId, answer: FhirAnswer) -> None:
    """Store the answer to a message, for its repeats."""
    row = get_row(session, message_id)
    details = unseal(session, row, MessageDetails)
    seal(session, row, replace(details, answer=answer.body, answer_status=answer.status))


def store_resources(
    session: PracticeSession, entries: Sequence[FhirEntry], origin: Origin
) -> list[EntryResult]:
    """Store the entries' resources and say what happened to each, in order.

    A resource with a known identifier is updated; one that an `If-None-Exist` finds is left as it
    is; references among the entries become references to our ids.
    """
    made: dict[bytes, FhirResourceRow] = {}
    rows = [_find_or_make(session, entry, origin, made) for entry in entries]
    names = {
        name: f"{entry.resource_type}/{row.id}"
        for entry, (row, _) in zip(entries, rows, strict=True)
        for name in _list_names(entry)
    }
    return [
        _store(session, entry, found, (origin, names))
        for entry, found in zip(entries, rows, strict=True)
    ]


def _list_names(entry: FhirEntry) -> list[str]:
    """Return the names by which other entries may refer to one: its fullUrl, its type and id."""
    own_id = entry.element().text("id")
    names = [f"{entry.resource_type}/{own_id.text}"] if own_id is not None else []
    return [entry.full_url, *names] if entry.full_url else names


def _store(
    session: PracticeSession,
    entry: FhirEntry,
    found: tuple[FhirResourceRow, str],
    context: tuple[Origin, dict[str, str]],
) -> EntryResult:
    row, status = found
    origin, names = context
    if not status.endswith("kept"):
        resource = _rewrite(entry.resource, names)
        assert isinstance(resource, dict)  # noqa: S101  # an object in, an object out
        row.message_id, row.updated_at = origin.message_id, origin.received_at
        is_new = not row.row_version
        seal(session, row, StoredResource(to_json(resource).decode()))
        if is_new:
            session.add(row)
        session.flush()
    note = None
    if not entry.is_used:
        problem = build_kept_raw(
            entry.resource_type, expression=entry.expression, entry=entry.index
        )
        note = build_outcome([problem])
    return EntryResult(
        status=status.removesuffix(" kept"),
        location=f"{entry.resource_type}/{row.id}/_history/{row.row_version}",
        etag=f'W/"{row.row_version}"',
        last_modified=row.updated_at.isoformat().replace("+00:00", "Z"),
        outcome=note,
    )


def list_kept(
    session: PracticeSession, entries: Sequence[FhirEntry], client_id: UUID
) -> list[FhirEntry]:
    """Return the entries whose `If-None-Exist` finds something: nothing of them is applied."""
    return [e for e in entries if _find_by_condition(session, e, client_id) is not None]


def _find_by_condition(
    session: PracticeSession, entry: FhirEntry, client_id: UUID
) -> FhirResourceRow | None:
    searched = read_if_none_exist(entry.if_none_exist)
    if searched is None:
        return None
    system, value = searched
    return _find(session, client_id, entry.resource_type, f"{system or ''}|{value}")


def _find_or_make(
    session: PracticeSession, entry: FhirEntry, origin: Origin, made: dict[bytes, FhirResourceRow]
) -> tuple[FhirResourceRow, str]:
    """Find an entry's resource, stored or earlier in the same body, or make its row."""
    found = _find_by_condition(session, entry, origin.client_id)
    if found is not None:
        return found, "200 OK kept"
    found = _find_by_our_id(session, entry, origin.client_id)
    if found is not None:
        return found, "200 OK"
    name = _own_name(entry)
    key = None
    if name is not None:
        found = _find(session, origin.client_id, entry.resource_type, name)
        if found is not None:
            return found, "200 OK"
        key = _key(session, origin.client_id, entry.resource_type, name)
        if key in made:
            return made[key], "200 OK"
    row = FhirResourceRow(
        id=uuid7(),
        client_id=origin.client_id,
        resource_type=entry.resource_type,
        identifier_key=key,
        message_id=origin.message_id,
        updated_at=origin.received_at,
    )
    if key is not None:
        made[key] = row
    return row, "201 Created" if entry.is_used else "200 OK"


def _find_by_our_id(
    session: PracticeSession, entry: FhirEntry, client_id: UUID
) -> FhirResourceRow | None:
    """Find the resource that a PUT names by the id that we gave it."""
    asked = (entry.url or "").split("?")[0].partition("/")
    if entry.method != "PUT" or not asked[2]:
        return None
    try:
        key = UUID(asked[2])
    except ValueError:
        return None
    row = session.get(FhirResourceRow, (session.own_practice_id, key))
    is_theirs = row and (row.client_id, row.resource_type) == (client_id, entry.resource_type)
    return row if is_theirs else None


def _own_name(entry: FhirEntry) -> str | None:
    """Return what the sender knows the resource by: an identifier, its id, or its fullUrl."""
    for identifier in entry.element().each("identifier"):
        value = identifier.text("value")
        if value is not None:
            system = identifier.text("system")
            return f"{system.text if system else ''}|{value.text}"
    own_id = entry.element().text("id")
    if own_id is not None:
        return f"#{own_id.text}"
    return entry.full_url


def _key(session: PracticeSession, client_id: UUID, resource_type: str, name: str) -> bytes:
    return keyring_of(session).unique_key(
        session.own_practice_id,
        "fhir_resource",
        "identifier_key",
        f"{client_id}|{resource_type}|{name}",
    )


def _find(
    session: PracticeSession, client_id: UUID, resource_type: str, name: str
) -> FhirResourceRow | None:
    key = _key(session, client_id, resource_type, name)
    return session.scalars(
        select(FhirResourceRow).where(FhirResourceRow.identifier_key == key)
    ).one_or_none()


def _rewrite(value: Json, names: dict[str, str]) -> Json:
    """Point references at our ids instead of at the bundle's own names."""
    if isinstance(value, dict):
        return {
            key: names.get(item, item)
            if key == "reference" and isinstance(item, str)
            else _rewrite(item, names)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_rewrite(item, names) for item in value]
    return value


def read_resource(
    session: PracticeSession, resource_type: str, resource_id: str, *, client_id: UUID
) -> tuple[JsonObject, int, dt.datetime]:
    """Return a resource with our id, its version and when it was last written.

    Raises:
        MissingError: There is none, or another client or practice owns it: all look alike.
    """
    try:
        key = UUID(resource_id)
    except ValueError:
        raise MissingError("no such resource") from None
    row = session.get(FhirResourceRow, (session.own_practice_id, key))
    if row is None or row.resource_type != resource_type or row.client_id != client_id:
        raise MissingError("no such resource")
    body: JsonObject = json.loads(unseal(session, row, StoredResource).body)
    written = row.updated_at.isoformat().replace("+00:00", "Z")
    meta = body.get("meta")
    body["id"] = str(row.id)
    body["meta"] = (meta if isinstance(meta, dict) else {}) | {
        "versionId": str(row.row_version),
        "lastUpdated": written,
    }
    return body, row.row_version, row.updated_at
