"""Showing a claim: where it stands, who works it until when, what happened, where it came from."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import func, select

from claims import queries
from claims.adapters.from_837p import SentElement, read_elements, read_segments
from claims.models import ClaimLineRow, ClaimRow, DenialRow
from claims.rules.states import STANDS
from claims.rules.tracing import trace
from claims.service.scrub_facts import write_alone
from claims.service.sourcing import BUILDER
from claims.values import (
    Claim,
    ClaimContent,
    ClaimLine,
    ClaimState,
    EventDetails,
    OwnerRole,
)
from config.blobs import read_blob
from config.finding import MissingError
from config.provenance import Source, SourceKind
from config.sealed import unseal
from encounters import service as encounters
from encounters.values import MessageId

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from claims.values import (
        ClaimId,
    )
    from config.tenancy import PracticeSession


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """One line of a claim's timeline.

    Attributes:
        file_id: The stored file behind it, where there is one.
    """

    at: dt.datetime
    kind: str
    state: ClaimState
    actor_id: UUID
    file_id: UUID | None
    details: EventDetails


@dataclass(frozen=True, slots=True)
class ShownDenial:
    """Why a payer left a line unpaid, as long as somebody must work it.

    Attributes:
        charge_line_id: The line; None where the whole claim was denied.
        reason: Group and CARC, such as `CO-50`; `remarks` the RARCs beside it.
        cents: What stays open with the payer.
    """

    charge_line_id: UUID | None
    reason: str
    remarks: str
    cents: int
    next_on: dt.date | None


@dataclass(frozen=True, slots=True)
class ShownClaim:
    """A claim with its newest content, its lines, open denials and its timeline, oldest first."""

    claim: Claim
    content: ClaimContent
    lines: tuple[ClaimLine, ...]
    events: tuple[ShownEvent, ...]
    denials: tuple[ShownDenial, ...] = ()


@dataclass(frozen=True, slots=True)
class TracedElement:
    """An element of the claim's 837 and where its value came from."""

    element: SentElement
    source: Source


@dataclass(frozen=True, slots=True)
class Provenance:
    """Every element of a claim as it was sent, or would be, each with its source.

    Attributes:
        version: The claim version that the elements are of.
        file_name: The 837 that carried it; empty while it was not batched.
        messages: What people call each message that a source names: `ADT^A04 MSG00017`.
    """

    version: int
    file_name: str
    elements: tuple[TracedElement, ...]
    messages: dict[str, str]


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many claims stand in a state, who works them, and how many are overdue.

    Attributes:
        overdue: Those whose next date has passed.
        oldest_on: The earliest of their next dates.
    """

    state: ClaimState
    owner_role: OwnerRole
    count: int
    total_cents: int
    overdue: int
    oldest_on: dt.date | None


def show_claim(session: PracticeSession, number: str) -> ShownClaim:
    """Return a claim by its number (CLM01).

    Raises:
        MissingError: No claim has the number.
    """
    claim = queries.find_claim_by_number(session, number.strip().upper())
    if claim is None:
        raise MissingError(f"no claim has the number {number}")
    events = [
        ShownEvent(
            at=row.occurred_at,
            kind=row.kind,
            state=ClaimState(row.state),
            actor_id=row.actor_id,
            file_id=row.blob_id,
            details=unseal(session, row, EventDetails),
        )
        for row in queries.list_events(session, claim.id)
    ]
    return ShownClaim(
        claim=claim,
        content=queries.get_contents(session, [claim.id])[claim.id],
        lines=tuple(queries.get_lines(session, [claim.id]).get(claim.id, [])),
        events=tuple(events),
        denials=tuple(_list_denials(session, claim.id)),
    )


def _list_denials(session: PracticeSession, claim_id: ClaimId) -> Iterator[ShownDenial]:
    rows = session.execute(
        select(DenialRow, ClaimLineRow.charge_line_id)
        .outerjoin(
            ClaimLineRow,
            (ClaimLineRow.practice_id == DenialRow.practice_id)
            & (ClaimLineRow.id == DenialRow.claim_line_id),
        )
        .where(DenialRow.claim_id == claim_id, DenialRow.state == "open")
        .order_by(ClaimLineRow.number, DenialRow.id)
    )
    for row, line_id in rows:
        reason = f"{row.group}-{row.carc}"
        yield ShownDenial(line_id, reason, row.remarks, row.cents, row.next_on)


def trace_claim(session: PracticeSession, claim_id: ClaimId, *, at: dt.datetime) -> Provenance:
    """Return where each element of a claim's 837 came from.

    What was sent last is read back from its very file; a claim that waits, or was rebuilt since,
    is written as it would be sent now.

    Raises:
        MissingError: There is no such claim.
        edi.UnsendableError: It can't be written; the scrub says why.
    """
    version, file_name, data, content = _read_837(session, claim_id, at)
    elements = tuple(trace_elements(data, content))
    return Provenance(version, file_name, elements, _name_messages(session, elements))


def list_segments(
    session: PracticeSession, claim_id: ClaimId, *, at: dt.datetime
) -> list[tuple[str, str]]:
    """Return a claim's 837 segments, each with its loop, as sent last or as it would be sent now.

    Raises:
        MissingError: There is no such claim.
        edi.UnsendableError: It can't be written; the scrub says why.
    """
    _, _, data, content = _read_837(session, claim_id, at)
    return read_segments(io.BytesIO(data), content.claim_number)


def _read_837(
    session: PracticeSession, claim_id: ClaimId, at: dt.datetime
) -> tuple[int, str, bytes, ClaimContent]:
    """Return a claim's version, its file's name or an empty text, the bytes and the content."""
    row = queries.get_claim_row(session, claim_id)
    found = queries.find_newest_batch(session, claim_id)
    if found is not None and found[1].version == row.version:
        batch = found[0]
        content = queries.find_content(session, claim_id, row.version)
        if content is None:
            raise MissingError("this version of the claim isn't there")
        return row.version, batch.file_name, read_blob(session, batch.blob_id), content
    content = queries.get_contents(session, [claim_id])[claim_id]
    return row.version, "", write_alone(content, None, at), content


def _name_messages(session: PracticeSession, elements: Iterable[TracedElement]) -> dict[str, str]:
    """Name the handful of messages that a claim came from."""
    names = {}
    for origin in {e.source.origin for e in elements if e.source.kind is SourceKind.MESSAGE}:
        message = encounters.get_message(session, MessageId(UUID(origin)))
        names[origin] = f"{message.kind} {message.details.control_id}"
    return names


def trace_elements(data: bytes, content: ClaimContent) -> list[TracedElement]:
    """Return each element of a claim in an 837 with where its value came from.

    Args:
        data: The 837 that carries the claim.
        content: The version of the claim that was written into it.
    """
    return [
        TracedElement(element, find_source(element, content))
        for element in read_elements(io.BytesIO(data), content.claim_number)
    ]


def find_source(element: SentElement, content: ClaimContent) -> Source:
    """Return where an element came from; what nobody noted, the builder made by itself."""
    found = trace(element.loop, element.name, element.qualifier, content.sources)
    return found or Source(SourceKind.RULE, BUILDER, element.place)


def count_by_state(session: PracticeSession, *, today: dt.date) -> list[StateCount]:
    """Count claims by state and owner, in the order of a claim's life, with what is overdue."""
    rows = session.execute(
        select(
            ClaimRow.state,
            ClaimRow.owner_role,
            func.count(),
            func.sum(ClaimRow.total_cents),
            func.min(ClaimRow.next_on),
        ).group_by(ClaimRow.state, ClaimRow.owner_role)
    ).all()
    late: dict[tuple[str, str], int] = {}
    overdue = (
        select(ClaimRow.state, ClaimRow.owner_role, func.count())
        .where(ClaimRow.next_on < today)
        .group_by(ClaimRow.state, ClaimRow.owner_role)
    )
    for state, owner, count in session.execute(overdue):
        late[state, owner] = count
    order = list(STANDS)
    counted = [
        StateCount(
            ClaimState(state), OwnerRole(owner), count, int(cents), late.get((state, owner), 0), on
        )
        for state, owner, count, cents, on in rows
    ]
    return sorted(counted, key=lambda each: (order.index(each.state), each.owner_role))


def list_overdue(session: PracticeSession, *, today: dt.date, limit: int = 20) -> list[Claim]:
    """Return claims whose next date has passed, the longest waiting first."""
    rows = session.scalars(
        select(ClaimRow)
        .where(ClaimRow.next_on < today)
        .order_by(ClaimRow.next_on, ClaimRow.id)
        .limit(limit)
    )
    return [queries.to_claim(session, row) for row in rows]
