"""Resubmitting: a claim that was rejected, or is still here, is rebuilt from what is known now.

It keeps its number and frequency (R3, R5, P6) and gets a version of its own; the old one stays as
it was sent. What money stands on doesn't move: a claim whose lines or charges changed is refused.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import edi
from claims import queries
from claims.adapters.from_837p import read_elements
from claims.rules.filing import compute_file_by
from claims.service.building import store_version
from claims.service.clocks import find_clock_starts
from claims.service.composing import compose_content
from claims.service.gathering import make_parties, read_world, split_lines
from claims.service.moving import move_claim, note_event, open_details, plan_next
from claims.service.scrub_facts import write_alone
from claims.service.withholding import withhold_lines
from claims.values import ClaimId, ClaimState, EventDetails
from coding.values import CodingState
from config.finding import Finding, RefusedError
from config.sealed import seal
from encounters.values import VisitId

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from claims.models import ClaimRow
    from claims.service.gathering import World
    from claims.values import ClaimContent, ClaimLine
    from config.actor import Actor
    from config.tenancy import PracticeSession
    from encounters.values import Visit
    from patients.values import Coverage
    from practice.values import Payer

REJECTED: Final = (ClaimState.REJECTED_BY_CLEARINGHOUSE, ClaimState.REJECTED_BY_PAYER)
_HERE: Final = (ClaimState.BUILT, ClaimState.HELD, ClaimState.READY)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What rebuilding did.

    Attributes:
        claims: Claims that have a new version.
        findings: Claims that couldn't be rebuilt, each with its number and reason.
    """

    claims: tuple[ClaimId, ...]
    findings: tuple[Finding, ...]


def resubmit_claim(
    session: PracticeSession, actor: Actor, claim_id: ClaimId, *, at: dt.datetime
) -> None:
    """Rebuild a rejected claim from what is known now, as a new version that is scrubbed next.

    Raises:
        RefusedError: The claim wasn't rejected, or its lines are others now.
        MissingError: There is no such claim.
    """
    row = queries.get_claim_row(session, claim_id, is_locked=True)
    if row.state not in REJECTED:
        raise RefusedError([_not_rejected(row)])
    findings = rebuild_claims(session, actor, [claim_id], at=at).findings
    if findings:
        raise RefusedError(findings)


def _not_rejected(row: ClaimRow) -> Finding:
    return Finding(
        "claim-not-rejected",
        f"claim {row.number}",
        f"only a rejected claim is sent again; this one is {row.state}",
        "An adjudicated claim is replaced, voided or appealed, as its payer asks.",
    )


def rebuild_claims(
    session: PracticeSession, actor: Actor, claim_ids: Iterable[ClaimId], *, at: dt.datetime
) -> Rebuilt:
    """Rebuild claims from what is known now; those in other states are left alone.

    A rejected claim always gets a new version; one that is still here only if it says something
    else now. What changed is built, not ready: it must be scrubbed again. Lines that the law keeps
    from the payer since are taken off; a claim without a line left is voided.

    Args:
        session: A writing session; keep to a few dozen claims at a time.
        actor: Who rebuilds.
        claim_ids: The claims.
        at: The present instant.
    """
    keys = list(dict.fromkeys(claim_ids))
    rows = [queries.get_claim_row(session, key, is_locked=True) for key in keys]
    rows = [row for row in rows if row.state in (*REJECTED, *_HERE)]
    world = read_world(session, {VisitId(row.visit_id) for row in rows})
    contents = queries.get_contents(session, [ClaimId(row.id) for row in rows])
    lines = queries.get_lines(session, [ClaimId(row.id) for row in rows])
    done: list[ClaimId] = []
    findings: list[Finding] = []
    for row in rows:
        key = ClaimId(row.id)
        try:
            billed = withhold_lines(session, actor, row, lines[key], world, at=at)
            if not billed:
                done.append(key)
                continue
            content, coverage = recompose(world, row, contents[key], billed, at)
        except RefusedError as refused:
            findings += refused.findings
            continue
        if row.state in REJECTED or not says_same(content, contents[key]):
            payer = world.payers[coverage.payer_id]
            _store(session, actor, row, (contents[key], content, coverage, payer), at)
            done.append(key)
    return Rebuilt(tuple(done), tuple(findings))


def says_same(one: ClaimContent, other: ClaimContent) -> bool:
    """Say whether two contents are the same, wherever they come from."""
    return replace(one, sources={}) == replace(other, sources={})


def recompose(
    world: World,
    row: ClaimRow,
    before: ClaimContent,
    lines: list[ClaimLine],
    at: dt.datetime,
) -> tuple[ClaimContent, Coverage]:
    """Return what a claim would say now with the same lines, and the coverage that it goes to.

    Args:
        world: What its visit says now.
        row: The claim.
        before: What it says.
        lines: Its lines that go to the payer.
        at: The present instant.

    Raises:
        RefusedError: The coder has the visit open, its lines are others, or no coverage is left.
    """
    visit = world.visits[VisitId(row.visit_id)]
    coded = world.coded.get(visit.id)
    if coded is None or coded.state is not CodingState.SIGNED:
        raise RefusedError([_refuse(row, "visit-not-signed", "the coder has the visit open",
                                    "Let the coder sign it off, then try again.")])  # fmt: skip
    ours = [line.charge_line_id for line in lines]
    parts = split_lines(
        world, visit, coded.diagnoses, [line for line in coded.lines if line.id in ours]
    )
    if len(parts) != 1 or [line.id for line in parts[0].lines] != ours:
        raise RefusedError([_changed(row)])
    coverage = _find_coverage(world, row, visit, at)
    parties = make_parties(world, visit, coverage, parts[0])
    composed = compose_content(row.number, visit, parts[0], parties)
    content = replace(
        composed,
        lines=tuple(
            replace(line, control_number=stored.control_number)
            for line, stored in zip(composed.lines, lines, strict=True)
        ),
        frequency=before.frequency,
        payer_claim_number=before.payer_claim_number,
        payer_sequence=before.payer_sequence,
    )
    if [line.charge for line in content.lines] != [line.charge for line in lines]:
        raise RefusedError([_changed(row)])
    return content, coverage


def _find_coverage(world: World, row: ClaimRow, visit: Visit, at: dt.datetime) -> Coverage:
    """Return the claim's coverage, or what took its place with the same payer since."""
    known = world.coverages.get(visit.patient_id, [])
    own = next((c for c in known if c.id == row.coverage_id), None)
    day = visit.details.service_date
    same = [c for c in known if c.payer_id == row.payer_id and c.is_in_force(day)]
    standing = [c for c in same if c.is_in_force(at.date())]
    for found in ([own] if own in standing else []) + standing + ([own] if own else []) + same:
        if found is not None:
            return found
    raise RefusedError([_refuse(row, "coverage-missing", "the patient's insurance is gone",
                                "Add the coverage again, or void the claim.")])  # fmt: skip


def _changed(row: ClaimRow) -> Finding:
    return _refuse(
        row,
        "claim-lines-changed",
        "the visit's lines, charges or clinician are others than the claim was built from",
        "Void the claim (`cleanclaim claims void`) and build the visit again: the ledger follows.",
    )


def _refuse(row: ClaimRow, code: str, message: str, fix: str) -> Finding:
    return Finding(code, f"claim {row.number}", message, fix)


def _store(
    session: PracticeSession,
    actor: Actor,
    row: ClaimRow,
    pieces: tuple[ClaimContent, ClaimContent, Coverage, Payer],
    at: dt.datetime,
) -> None:
    before, content, coverage, payer = pieces
    row.version += 1
    row.coverage_id = coverage.id
    row.total_cents = content.total.cents
    start = find_clock_starts(session, [row], {ClaimId(row.id): content}).get(ClaimId(row.id))
    row.file_by = compute_file_by(content, payer, start=start)
    store_version(session, row, content, at=at)
    details = open_details(session, row)
    # A note was written about what the claim said then.
    seal(session, row, replace(details, findings=(), overrides={}))
    for place in queries.list_open_batch_rows(session, ClaimId(row.id)):
        place.open_claim_id = None  # its answer has come: it may lie in another batch
    event = EventDetails(" ".join(list_changes(before, content, at=at)) or "nothing changed")
    if row.state == ClaimState.BUILT:
        plan_next(row, today=at.date())
        note_event(session, actor, row, "rebuilt", at=at, details=event)
    else:
        move_claim(session, actor, row, ClaimState.BUILT, kind="rebuilt", at=at, details=event)
    session.flush()


def list_changes(before: ClaimContent, after: ClaimContent, *, at: dt.datetime) -> list[str]:
    """Return the places of the elements in which two versions of a claim differ, values left out.

    Args:
        before: The older version.
        after: The newer version.
        at: The instant to write both at.
    """
    old, new = _list_values(before, at), _list_values(after, at)
    return [place for place in dict.fromkeys((*old, *new)) if old.get(place) != new.get(place)]


def _list_values(content: ClaimContent, at: dt.datetime) -> dict[str, str]:
    try:
        data = write_alone(content, None, at)
    except edi.UnsendableError:
        return {}
    elements = read_elements(io.BytesIO(data), content.claim_number)
    return {element.place: element.value for element in elements}
