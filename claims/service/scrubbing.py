"""Scrubbing: a claim becomes ready, or is held with findings that say what to mend.

Nothing leaves that an edit has something against, and a claim that was ready is held again when
what it rests on has changed since.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from claims import queries
from claims.models import ClaimRow
from claims.rules.scrub.edits import CODERS, NEEDS_NOTE, VERSION, find_stops, scrub
from claims.service.moving import move_claim, note_event, open_details
from claims.service.scrub_facts import read_facts
from claims.values import ClaimId, ClaimState, EventDetails, OwnerRole
from config.finding import Finding, RefusedError
from config.sealed import seal

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from config.actor import Actor
    from config.tenancy import PracticeSession

SCRUBBED_FROM: Final = (ClaimState.BUILT, ClaimState.HELD, ClaimState.READY)


@dataclass(frozen=True, slots=True)
class ScrubResult:
    """What the scrub made of one claim.

    Attributes:
        findings: All that was found, warnings included.
        stops: Those of them that keep it here.
    """

    claim_id: ClaimId
    number: str
    state: ClaimState
    findings: tuple[Finding, ...]
    stops: tuple[Finding, ...]


def scrub_claims(
    session: PracticeSession,
    actor: Actor,
    claim_ids: Iterable[ClaimId],
    *,
    folder: Path,
    at: dt.datetime,
) -> list[ScrubResult]:
    """Scrub claims that are built, held or ready; claims in other states are left alone.

    Args:
        session: A writing session; keep to a few dozen claims at a time.
        actor: Who scrubs.
        claim_ids: The claims.
        folder: The folder of code sets.
        at: The present instant.
    """
    rows: list[ClaimRow] = []
    for part in queries.in_chunks(claim_ids):
        query = select(ClaimRow).where(ClaimRow.id.in_(part), ClaimRow.state.in_(SCRUBBED_FROM))
        rows += session.scalars(query.order_by(ClaimRow.id).with_for_update())
    contents = queries.get_contents(session, [ClaimId(row.id) for row in rows])
    facts = read_facts(session, rows, contents, folder=folder, at=at)
    results = []
    for row in rows:
        key = ClaimId(row.id)
        results.append(_settle(session, actor, row, scrub(contents[key], facts[key]), at))
    session.flush()
    return results


def _settle(
    session: PracticeSession,
    actor: Actor,
    row: ClaimRow,
    findings: Sequence[Finding],
    at: dt.datetime,
) -> ScrubResult:
    details = open_details(session, row)
    stops = find_stops(findings, details.overrides)
    state = ClaimState.HELD if stops else ClaimState.READY
    is_new = tuple(findings) != details.findings
    if is_new:
        seal(session, row, replace(details, findings=tuple(findings)))
    if state != row.state or (is_new and stops):
        kind = "held" if stops else "scrubbed"
        event = EventDetails(VERSION, tuple(findings))
        if state == row.state:
            note_event(session, actor, row, kind, at=at, details=event)
        else:
            move_claim(session, actor, row, state, kind=kind, at=at, details=event)
    if stops and all(finding.code in CODERS for finding in stops):
        row.owner_role = OwnerRole.CODER
    elif stops:
        row.owner_role = OwnerRole.BILLER
    return ScrubResult(ClaimId(row.id), row.number, state, tuple(findings), tuple(stops))


def override_finding(
    session: PracticeSession,
    actor: Actor,
    claim_id: ClaimId,
    code: str,
    note: str,
    *,
    at: dt.datetime,
) -> None:
    """Let a warning pass with a person's reason; the next scrub lets the claim go.

    Args:
        session: A writing session.
        actor: Who takes it upon themselves.
        claim_id: The claim, held.
        code: The finding's code; errors can't be overridden, they are mended.
        note: Why the claim is right as it stands.
        at: The present instant.

    Raises:
        RefusedError: The code needs no note, isn't found on the claim, or the note says nothing.
        MissingError: There is no such claim.
    """
    row = queries.get_claim_row(session, claim_id, is_locked=True)
    details = open_details(session, row)
    findings = _check_override(row, details.findings, code, note)
    if findings:
        raise RefusedError(findings)
    overrides = details.overrides | {code: note.strip()}
    seal(session, row, replace(details, overrides=overrides))
    told = tuple(finding for finding in details.findings if finding.code == code)
    note_event(
        session, actor, row, "finding-overridden", at=at, details=EventDetails(note.strip(), told)
    )


def _check_override(
    row: ClaimRow, findings: Sequence[Finding], code: str, note: str
) -> list[Finding]:
    where = f"claim {row.number}"
    if code not in NEEDS_NOTE:
        return [
            Finding(
                "override-not-allowed",
                where,
                "this finding can't be passed with a note",
                f"Mend it; a note passes only {', '.join(sorted(NEEDS_NOTE))}.",
            )
        ]
    if row.state != ClaimState.HELD or all(finding.code != code for finding in findings):
        return [
            Finding(
                "override-not-found",
                where,
                "the claim isn't held for this finding",
                "Scrub the claim and look what it is held for.",
            )
        ]
    if not note.strip():
        return [
            Finding(
                "override-note-missing",
                where,
                "the reason is missing",
                "Write why the claim is right as it stands.",
            )
        ]
    return []
