"""News of visits that are claimed already: no claim goes on as if nothing had happened.

A claim that is still here is held. One that was sent keeps its state, as its payer has it so, but
stands on the biller's list from today on, with what is wrong.

Source:
    31 U.S.C. 3729(b)(3) and 42 CFR 401.305 (what was paid for a service that wasn't given goes
    back); House: DESIGN 7.11.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from claims import queries
from claims.models import ClaimRow
from claims.rules.states import STANDS
from claims.service.gathering import read_world
from claims.service.moving import move_claim, note_event, open_details, plan_next
from claims.service.resubmitting import recompose, says_same
from claims.service.withholding import WITHHELD
from claims.values import ClaimId, ClaimState, EventDetails, OwnerRole
from coding.values import CodingState
from config.finding import Finding, RefusedError
from config.sealed import seal
from encounters.values import VisitId, VisitState

if TYPE_CHECKING:
    import datetime as dt

    from claims.service.gathering import World
    from claims.values import ClaimContent, ClaimLine
    from coding.values import CodedVisit
    from config.actor import Actor
    from config.tenancy import PracticeSession

_S = ClaimState
_HERE: Final = frozenset({_S.BUILT, _S.HELD, _S.READY})
_GONE: Final = frozenset({VisitState.VOIDED, VisitState.EXCUSED})
NEWS_CODES: Final = frozenset({"visit-voided", "visit-recoded", "visit-line-held", "visit-changed"})


def is_claimed(session: PracticeSession, visit_id: VisitId) -> bool:
    """Say whether a visit has a live claim; only plain columns are read."""
    query = select(ClaimRow.id).where(
        ClaimRow.visit_id == visit_id, ClaimRow.state != ClaimState.VOIDED
    )
    return session.scalar(query.limit(1)) is not None


def take_visit_news(
    session: PracticeSession, actor: Actor, visit_id: VisitId, *, at: dt.datetime
) -> None:
    """Compare a visit's live claims with what the visit says now; doing it twice is safe.

    Args:
        session: A writing session.
        actor: Who does it.
        visit_id: The visit.
        at: The present instant.
    """
    rows = session.scalars(
        select(ClaimRow)
        .where(ClaimRow.visit_id == visit_id, ClaimRow.state != ClaimState.VOIDED)
        .order_by(ClaimRow.id)
        .with_for_update()
    ).all()
    if not rows:
        return
    keys = [ClaimId(row.id) for row in rows]
    world = read_world(session, [visit_id])
    contents = queries.get_contents(session, keys)
    lines = queries.get_lines(session, keys)
    for row, key in zip(rows, keys, strict=True):
        billed = [line for line in lines[key] if line.state != WITHHELD]
        finding = _find_news(world, row, (contents[key], billed), at)
        _tell(session, actor, row, finding, at)
    session.flush()


def _find_news(
    world: World, row: ClaimRow, told: tuple[ClaimContent, list[ClaimLine]], at: dt.datetime
) -> Finding | None:
    """Return what is wrong with a claim by what its visit says now, or None."""
    visit = world.visits[VisitId(row.visit_id)]
    coded = world.coded.get(visit.id)
    if visit.state in _GONE:
        return _news(row, "visit-voided", f"the visit that it bills is {visit.state} since")
    if visit.state is not VisitState.READY or coded is None:
        return _news(row, "visit-recoded", "the visit that it bills is open again")
    if coded.state is not CodingState.SIGNED:
        return _news(row, "visit-recoded", f"the coding of its visit is {coded.state} again")
    return _compare(world, row, coded, told, at)


def _compare(
    world: World,
    row: ClaimRow,
    coded: CodedVisit,
    told: tuple[ClaimContent, list[ClaimLine]],
    at: dt.datetime,
) -> Finding | None:
    content, billed = told
    held = {line.id for line in coded.lines if line.hold}
    if any(line.charge_line_id in held for line in billed):
        return _news(row, "visit-line-held", "a line on it must not reach the payer since")
    try:
        now, _ = recompose(world, row, content, billed, at)
    except RefusedError:
        return _news(row, "visit-recoded", "the coding of its visit has other lines or charges")
    # What is still here is composed anew by the scrub.
    if row.state in _HERE or says_same(now, content):
        return None
    return _news(row, "visit-changed", "the visit, or who pays for it, is told otherwise since")


def _news(row: ClaimRow, code: str, message: str) -> Finding:
    if row.state in _HERE:
        fix = "Let the coder look at the visit, then scrub again; or void the claim."
    else:
        fix = (
            "It was sent so: when its answer is here, void it or correct it with the payer, and"
            " give back what was paid for it."
        )
    return Finding(code, f"claim {row.number}", message, fix)


def _tell(
    session: PracticeSession,
    actor: Actor,
    row: ClaimRow,
    finding: Finding | None,
    at: dt.datetime,
) -> None:
    details = open_details(session, row)
    known = tuple(f for f in details.findings if f.code in NEWS_CODES)
    if known == ((finding,) if finding else ()):
        return
    others = tuple(f for f in details.findings if f.code not in NEWS_CODES)
    told = (*others, finding) if finding else others
    seal(session, row, replace(details, findings=told))
    state = ClaimState(row.state)
    if finding is None:
        note_event(session, actor, row, "visit-stands", at=at)
        if state not in _HERE:
            row.owner_role = STANDS[state].owner
            plan_next(row, today=at.date())
        return
    event = EventDetails(finding.message, (finding,))
    if state in _HERE and state is not ClaimState.HELD:
        move_claim(session, actor, row, ClaimState.HELD, kind=finding.code, at=at, details=event)
        return
    note_event(session, actor, row, finding.code, at=at, details=event)
    row.owner_role, row.next_on = OwnerRole.BILLER, at.date()
