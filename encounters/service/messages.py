"""Keeping messages: bytes first, encrypted and durable, before anything is understood of them."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select, text

from config.blobs import read_blob, store_blob
from config.changes import record_change
from config.finding import Finding, MissingError
from config.ids import uuid7
from config.sealed import keyring_of, seal, unseal
from encounters.models import MessageReceipt, MessageRow
from encounters.values import MessageDetails, MessageId, MessageState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.tenancy import PracticeSession


@dataclass(frozen=True, slots=True)
class Kept:
    """What keeping a message found.

    Attributes:
        message_id: The message's key: of the first one, if this is a repeat.
        is_repeat: The very same bytes under the same id were here before.
        is_conflict: Another body was here under the same id: the message is held.
    """

    message_id: MessageId
    is_repeat: bool
    is_conflict: bool


@dataclass(frozen=True, slots=True)
class FhirRequest:
    """How a FHIR body was sent: by whom, and for a create its type and `If-None-Exist`."""

    client_id: UUID
    resource_type: str = ""
    if_none_exist: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is known of a message before it is read.

    Attributes:
        control_id: The sender's id of the message; empty where it gives none.
        sender: Who sent it.
        kind: `ADT^A04`, `FHIR`, `CSV`.
        received_at: When it came in.
        repeat_key: What the sender never gives twice to different messages (MSH-10); empty where
            there is no such promise: then only the same bytes are a repeat.
        digest: SHA-256 (hex) of what makes two bodies the same; of the bytes by default.
        request: Of a FHIR body, whose it is and how it was sent, so that it can be applied later
            as if its sender were still there.
    """

    control_id: str
    sender: str
    kind: str
    received_at: dt.datetime
    repeat_key: str = ""
    digest: str = ""
    request: FhirRequest | None = None


_CONFLICT = Finding(
    "control-id-reused",
    "MSH-10",
    "another message came before under the same control id, with another body",
    "Ask the sender which one counts; replay this message if it is to be applied as well.",
)


def keep_message(session: PracticeSession, envelope: Envelope, raw: bytes) -> Kept:
    """Store a message's bytes, or note one more receipt of a message that is here already.

    A message that is new gets a
    `message-kept` change, so that it is applied even where the process dies right after.
    """
    keyring = keyring_of(session)
    practice_id = session.own_practice_id
    digest = envelope.digest or hashlib.sha256(raw).hexdigest()
    name = f"{envelope.sender}|{envelope.repeat_key or digest}"
    message_key = keyring.unique_key(practice_id, "message", "message_key", name)
    body_key = keyring.unique_key(practice_id, "message", "body_key", digest)
    _take_turns(session, message_key)
    known = session.execute(
        select(MessageRow.id, MessageRow.body_key).where(MessageRow.message_key == message_key)
    ).all()
    for message_id, known_body in known:
        if known_body == body_key:
            session.add(MessageReceipt(message_id=message_id, received_at=envelope.received_at))
            session.flush()
            return Kept(MessageId(message_id), is_repeat=True, is_conflict=False)
    is_conflict = bool(known)
    request = envelope.request
    row = MessageRow(
        id=uuid7(),
        message_key=message_key,
        body_key=body_key,
        blob_id=store_blob(session, "message", raw),
        kind=envelope.kind,
        state=MessageState.HELD if is_conflict else MessageState.RECEIVED,
        received_at=envelope.received_at,
    )
    details = MessageDetails(
        control_id=envelope.control_id,
        sender=envelope.sender,
        findings=(_CONFLICT,) if is_conflict else (),
        is_conflict=is_conflict,
        client_id=request.client_id if request else None,
        resource_type=request.resource_type if request else "",
        if_none_exist=request.if_none_exist if request else "",
    )
    seal(session, row, details)
    session.add(row)
    session.flush()
    record_change(session, "message-held" if is_conflict else "message-kept", row.id)
    return Kept(MessageId(row.id), is_repeat=False, is_conflict=is_conflict)


def _take_turns(session: PracticeSession, message_key: bytes) -> None:
    """Let the same message, or another under its id, wait until this one is stored.

    On SQLite only one transaction writes at all.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        number = int.from_bytes(message_key[:8], "big", signed=True)
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def settle_message(
    session: PracticeSession,
    message_id: MessageId,
    state: MessageState,
    findings: Sequence[Finding] = (),
) -> None:
    """Write how a message stands and why."""
    row = get_row(session, message_id)
    details = unseal(session, row, MessageDetails)
    row.state = state
    seal(session, row, replace(details, findings=tuple(findings)))


def read_message_bytes(session: PracticeSession, message_id: MessageId) -> bytes:
    """Return a message's bytes as they came in."""
    return read_blob(session, get_row(session, message_id).blob_id)


def get_row(
    session: PracticeSession, message_id: MessageId, *, is_locked: bool = False
) -> MessageRow:
    """Return a message's row, locked against another worker where asked for.

    Raises:
        MissingError: There is no such message in this practice.
    """
    row = session.get(
        MessageRow, (session.own_practice_id, message_id), with_for_update=is_locked or None
    )
    if row is None:
        raise MissingError("no such message")
    return row
