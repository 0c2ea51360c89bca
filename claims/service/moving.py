"""Moving a claim from state to state, each move with its line on the timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claims.models import ClaimEventRow
from claims.rules.states import STANDS, check_move, compute_next_on
from claims.values import ClaimDetails, ClaimState, EventDetails
from config import ids
from config.changes import record_change
from config.sealed import seal, unseal

if TYPE_CHECKING:
    import datetime as dt
    from uuid import UUID

    from claims.models import ClaimRow
    from config.actor import Actor
    from config.tenancy import PracticeSession


def note_event(  # noqa: PLR0913  # one row, each part of it named
    session: PracticeSession,
    actor: Actor,
    claim: ClaimRow,
    kind: str,
    *,
    at: dt.datetime,
    details: EventDetails | None = None,
    blob_id: UUID | None = None,
) -> None:
    """Write a line on a claim's timeline.

    Args:
        session: A writing session.
        actor: Who did it.
        claim: The claim, in the state that it has after the event.
        kind: Kebab-case name of the event.
        at: When it happened.
        details: Words and findings, sealed.
        blob_id: The exact bytes behind the event.
    """
    event = ClaimEventRow(
        id=ids.uuid7(),
        claim_id=claim.id,
        kind=kind,
        state=claim.state,
        blob_id=blob_id,
        actor_id=actor.id,
        occurred_at=at,
    )
    seal(session, event, details or EventDetails())
    session.add(event)


def move_claim(  # noqa: PLR0913  # a move is a row and its event, each part of it named
    session: PracticeSession,
    actor: Actor,
    claim: ClaimRow,
    state: ClaimState,
    *,
    kind: str,
    at: dt.datetime,
    details: EventDetails | None = None,
    blob_id: UUID | None = None,
) -> None:
    """Move a claim to another state by the table of legal moves, and note it.

    Raises:
        claims.rules.states.IllegalMoveError: The table doesn't hold the move.
    """
    check_move(ClaimState(claim.state), state)
    claim.state = state
    claim.owner_role = STANDS[state].owner
    plan_next(claim, today=at.date())
    note_event(session, actor, claim, kind, at=at, details=details, blob_id=blob_id)
    record_change(session, f"claim-{state}", claim.id)


def plan_next(claim: ClaimRow, *, today: dt.date) -> None:
    """Set the day on which a claim must be looked at, by its state and its filing deadline."""
    waits = claim.accepted_by_payer_on is None
    claim.next_on = compute_next_on(
        ClaimState(claim.state), today=today, file_by=claim.file_by if waits else None
    )


def open_details(session: PracticeSession, claim: ClaimRow) -> ClaimDetails:
    """Return a claim's sealed details."""
    return unseal(session, claim, ClaimDetails)
