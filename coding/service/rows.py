"""The row of a visit's coding: find, open, store it; helpers of the verbs beside."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from coding.models import CodedVisitRow
from coding.rules import visits as rules
from coding.values import (
    CodedVisit,
    CodingState,
    VisitCoding,
)
from config.finding import Finding, MissingError, RefusedError
from config.provenance import Source, SourceKind
from config.sealed import seal, unseal
from encounters import service as encounters
from encounters.values import VisitId

if TYPE_CHECKING:
    from coding.values import (
        ChargeLineId,
        CodedLine,
    )
    from config.actor import Actor
    from config.tenancy import PracticeSession
    from encounters.values import Visit


def to_coded_visit(row: CodedVisitRow, coding: VisitCoding) -> CodedVisit:
    """Return a row and its payload as other packages read them."""
    return CodedVisit(
        visit_id=VisitId(row.visit_id),
        state=CodingState(row.state),
        diagnoses=coding.diagnoses,
        lines=coding.lines,
        signed_at=coding.signed_at,
        signed_by=coding.signed_by,
        hold_reason=coding.hold_reason,
        history=coding.history,
    )


def by(actor: Actor) -> Source:
    """Return the source that an actor is."""
    return Source(SourceKind.PERSON, str(actor.id), actor.name)


def find_row(
    session: PracticeSession, visit_id: VisitId, *, is_locked: bool = False
) -> CodedVisitRow | None:
    """Return the row of a visit's coding, or None; locked, no other writer changes it meanwhile."""
    query = select(CodedVisitRow).where(CodedVisitRow.visit_id == visit_id)
    if is_locked:
        query = query.with_for_update()
    return session.scalars(query).one_or_none()


def open_row(
    session: PracticeSession, visit_id: VisitId, *states: CodingState, is_locked: bool = True
) -> tuple[CodedVisitRow, VisitCoding]:
    """Return a coding's row and payload, locked for a change unless it is only read.

    Raises:
        MissingError: Nobody began it.
        RefusedError: It is in none of the states (`coding-state`).
    """
    row = find_row(session, visit_id, is_locked=is_locked)
    if row is None:
        raise MissingError("coding of the visit")
    if states and CodingState(row.state) not in states:
        wanted = " or ".join(states)
        raise RefusedError(
            [
                Finding(
                    "coding-state",
                    "visit",
                    f"The visit's coding is {row.state}; {wanted} was expected.",
                    "Reopen it first." if row.state == CodingState.SIGNED else "Release it first.",
                )
            ]
        )
    return row, unseal(session, row, VisitCoding)


def get_visit(session: PracticeSession, visit_id: VisitId) -> Visit:
    """Return a visit.

    Raises:
        MissingError: No such visit.
    """
    visit = encounters.get_visits(session, [visit_id]).get(visit_id)
    if visit is None:
        raise MissingError("visit")
    return visit


def store(session: PracticeSession, row: CodedVisitRow, coding: VisitCoding) -> CodedVisit:
    """Seal a coding into its row."""
    seal(session, row, coding)
    session.flush()
    return to_coded_visit(row, coding)


def find_line(coding: VisitCoding, line_id: ChargeLineId) -> CodedLine:
    """Return a line by its key.

    Raises:
        MissingError: No such line.
    """
    found = next((line for line in coding.lines if line.id == line_id), None)
    if found is None:
        raise MissingError("line")
    return found


def with_line(coding: VisitCoding, changed: CodedLine) -> VisitCoding:
    """Return a coding with one of its lines changed."""
    lines = tuple(changed if line.id == changed.id else line for line in coding.lines)
    return replace(coding, lines=lines)


def check_reason(reason: str) -> None:
    """Refuse a reason that says nothing or too much (`reason-missing`)."""
    if not reason.strip() or len(reason) > rules.NOTE_CHARACTERS_MAX:
        raise RefusedError(
            [Finding("reason-missing", "reason", "A reason is needed.", "Say why, in some words.")]
        )
