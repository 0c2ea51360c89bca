"""What the message pages show: typed contexts, built inside one audited reading."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from flask_babel import lazy_gettext

from config.finding import Finding
from config.pages import PAGE_ROWS, Mark
from encounters import service
from encounters.values import MessageId, MessageState

if TYPE_CHECKING:
    from config.pages import Words
    from config.tenancy import PracticeSession
    from encounters.values import Message

_SHOWN_CHARACTERS_MAX: Final = 200_000

STATES: Final = {
    MessageState.HELD: Mark(lazy_gettext("held"), "bad"),
    MessageState.FAILED: Mark(lazy_gettext("failed"), "bad"),
    MessageState.RECEIVED: Mark(lazy_gettext("received"), "info"),
    MessageState.APPLIED: Mark(lazy_gettext("applied"), "ok"),
}


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message of the list."""

    id: MessageId
    control_id: str
    sender: str
    kind: str
    received_at: dt.datetime
    state: Mark
    first_finding: Finding | None


@dataclass(frozen=True, slots=True)
class MessageList:
    """A page of messages, newest first.

    Attributes:
        chosen: The state shown; None for all.
        counts: Messages by state.
        next_key: Behind which the next page begins.
    """

    rows: tuple[MessageRow, ...]
    chosen: MessageState | None
    counts: dict[str, int]
    next_key: UUID | None


@dataclass(frozen=True, slots=True)
class ParsedSegment:
    """One line of what was understood: a segment with its fields that hold something."""

    name: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MessagePage:
    """One message: how it stands, its raw text and, beside it, its parts by place."""

    row: MessageRow
    findings: tuple[Finding, ...]
    may_replay: bool
    raw: str
    is_cut: bool
    segments: tuple[ParsedSegment, ...]
    answer_status: int


def build_list(
    session: PracticeSession, *, chosen: MessageState | None, after: UUID | None
) -> MessageList:
    """Return a page of messages in a state, or in any."""
    states = (chosen,) if chosen else tuple(MessageState)
    found = service.list_newest_messages(session, states=states, after=after, limit=PAGE_ROWS + 1)
    shown = found[:PAGE_ROWS]
    return MessageList(
        rows=tuple(_to_row(message) for message in shown),
        chosen=chosen,
        counts=service.count_messages(session),
        next_key=shown[-1].id if len(found) > PAGE_ROWS else None,
    )


def build_message(session: PracticeSession, message_id: MessageId) -> MessagePage:
    """Return a message with its raw text and its parts.

    Raises:
        MissingError: There is no such message in this practice.
    """
    message = service.get_message(session, message_id)
    raw = service.read_message_bytes(session, message_id).decode("utf-8", "replace")
    return MessagePage(
        row=_to_row(message),
        findings=message.details.findings,
        may_replay=message.state in (MessageState.HELD, MessageState.FAILED),
        raw=raw[:_SHOWN_CHARACTERS_MAX].replace("\r\n", "\n").replace("\r", "\n"),
        is_cut=len(raw) > _SHOWN_CHARACTERS_MAX,
        segments=tuple(
            ParsedSegment(name, fields) for name, fields in service.list_parts(message, raw)
        ),
        answer_status=message.details.answer_status,
    )


def name_state(state: MessageState | None) -> Words:
    """Return what a state is called, and `all` for none."""
    return lazy_gettext("all") if state is None else STATES[state].words


def _to_row(message: Message) -> MessageRow:
    details = message.details
    return MessageRow(
        id=message.id,
        control_id=details.control_id or str(message.id)[:8],
        sender=details.sender,
        kind=message.kind,
        received_at=message.received_at,
        state=STATES[message.state],
        first_finding=details.findings[0] if details.findings else None,
    )
