"""Building claims from coded visits, with the source of every element.

A visit is not a claim: it may split into several. What a legal hold keeps from the payer is
charged to the guarantor instead. The charges are posted to the ledger in the same transaction, one
posting for each claim, so that a void takes back exactly its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from claims.models import ClaimLineRow, ClaimRow, ClaimVersionRow
from claims.rules.filing import compute_file_by
from claims.rules.states import STANDS
from claims.service.composing import compose_content
from claims.service.gathering import (
    find_coverage,
    make_parties,
    read_world,
    split_lines,
)
from claims.service.moving import note_event, plan_next
from claims.service.unclaimed import list_unclaimed_lines
from claims.values import ClaimDetails, ClaimId, ClaimState
from config.changes import record_change
from config.counters import next_number
from config.finding import Finding
from config.ids import readable_number, uuid7
from config.sealed import seal
from encounters.values import VisitId
from ledger import service as ledger
from ledger.values.postings import About

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from uuid import UUID

    from claims.rules.splitting import Part
    from claims.service.gathering import (
        World,
    )
    from claims.values import ClaimContent
    from coding.values import CodedLine
    from config.actor import Actor
    from config.tenancy import PracticeSession
    from encounters.values import Visit
    from patients.values import Coverage
    from practice.values import PayerId


@dataclass(frozen=True, slots=True)
class Built:
    """What building made of visits.

    Attributes:
        claims: The new claims, in order.
        self_pay: Visits charged to the guarantor: no insurance in force, or all lines held back.
        findings: Visits that could not be built, each with its number and reason.
    """

    claims: tuple[ClaimId, ...]
    self_pay: tuple[VisitId, ...]
    findings: tuple[Finding, ...]


def build_claims(
    session: PracticeSession, actor: Actor, visit_ids: Sequence[VisitId], *, at: dt.datetime
) -> Built:
    """Build the claims of signed visits from the lines that nobody was charged yet.

    A visit that was built is left alone, unless a claim of it was voided or coding has added a
    line since.

    Args:
        session: A writing session; keep to a few dozen visits at a time.
        actor: Who builds.
        visit_ids: Visits in the order in which they are to be numbered.
        at: The present instant.
    """
    # Who builds at the same time waits here, and then sees what was built.
    next_number(session, "claim", count=0)
    world = read_world(session, visit_ids)
    unclaimed = list_unclaimed_lines(session, world.coded.values())
    made: list[ClaimId] = []
    self_pay: list[VisitId] = []
    findings: list[Finding] = []
    for visit_id in dict.fromkeys(visit_ids):
        if visit_id not in world.visits or visit_id not in unclaimed:
            findings.append(_not_signed(visit_id))
            continue
        if not (lines := unclaimed[visit_id]):
            continue
        claims = _build_visit(session, actor, world, (world.visits[visit_id], lines), at)
        made += claims
        if not claims:
            self_pay.append(visit_id)
    return Built(tuple(made), tuple(self_pay), tuple(findings))


def _not_signed(visit_id: VisitId) -> Finding:
    return Finding(
        "visit-not-signed",
        f"visit {visit_id}",
        "the coder has not signed this visit off",
        "Code the visit and sign it off, then build again.",
    )


def _build_visit(
    session: PracticeSession,
    actor: Actor,
    world: World,
    pieces: tuple[Visit, tuple[CodedLine, ...]],
    at: dt.datetime,
) -> list[ClaimId]:
    visit, lines = pieces
    coverage = find_coverage(world, visit)
    billable = [line for line in lines if not line.hold] if coverage else []
    parts = split_lines(world, visit, world.coded[visit.id].diagnoses, billable)
    claims: list[ClaimId] = []
    for part in parts:
        assert coverage is not None  # noqa: S101  # without one there is no part
        claim_id = _build_claim(session, actor, world, (visit, coverage, part), at)
        abouts = [_about(world, visit, line, (claim_id, coverage.payer_id)) for line in part.lines]
        _charge(session, actor, charge_key(claim_id), (abouts, part.lines), at)
        claims.append(claim_id)
    claimed = {line.id for part in parts for line in part.lines}
    own = [line for line in lines if line.id not in claimed and line.charge]
    if own:
        abouts = [_about(world, visit, line) for line in own]
        _charge(session, actor, charge_key(own[0].id), (abouts, own), at)
    return claims


def _build_claim(
    session: PracticeSession,
    actor: Actor,
    world: World,
    pieces: tuple[Visit, Coverage, Part],
    at: dt.datetime,
) -> ClaimId:
    visit, coverage, part = pieces
    payer = world.payers[coverage.payer_id]
    number = readable_number("C", next_number(session, "claim"), width=8)
    parties = make_parties(world, visit, coverage, part)
    content = compose_content(number, visit, part, parties)
    claim = ClaimRow(
        id=uuid7(),
        number=number,
        visit_id=visit.id,
        patient_id=parties.patient.id,
        coverage_id=coverage.id,
        payer_id=payer.id,
        payer_sequence=1,
        state=ClaimState.BUILT,
        owner_role=STANDS[ClaimState.BUILT].owner,
        next_on=None,
        file_by=compute_file_by(content, payer),
        total_cents=content.total.cents,
        service_month=visit.details.service_date.replace(day=1),
        version=1,
        created_at=at,
    )
    plan_next(claim, today=at.date())
    seal(session, claim, ClaimDetails())
    session.add(claim)
    session.flush()
    store_version(session, claim, content, at=at)
    _store_lines(session, claim, visit, part, content)
    note_event(session, actor, claim, "built", at=at)
    record_change(session, "claim-built", claim.id)
    return ClaimId(claim.id)


def store_version(
    session: PracticeSession, claim: ClaimRow, content: ClaimContent, *, at: dt.datetime
) -> None:
    """Store a claim's content as its newest version; the row's `version` says which."""
    version = ClaimVersionRow(
        id=uuid7(),
        claim_id=claim.id,
        number=claim.version,
        frequency=content.frequency,
        created_at=at,
    )
    seal(session, version, content)
    session.add(version)
    session.flush()


def _store_lines(
    session: PracticeSession, claim: ClaimRow, visit: Visit, part: Part, content: ClaimContent
) -> None:
    for coded, line in zip(part.lines, content.lines, strict=True):
        session.add(
            ClaimLineRow(
                id=uuid7(),
                claim_id=claim.id,
                visit_id=visit.id,
                number=line.number,
                control_number=line.control_number,
                charge_line_id=coded.id,
                provider_id=coded.provider_id or visit.provider_id,
                location_id=visit.location_id,
                charge_cents=coded.charge.cents,
                state="open",
            )
        )
    session.flush()


def charge_key(subject_id: UUID) -> str:
    """Return the key of a charge posting: a claim's, or the first line's where no claim is."""
    return f"charge:{subject_id}"


def _about(
    world: World,
    visit: Visit,
    line: CodedLine,
    claimed: tuple[ClaimId, PayerId] | None = None,
) -> About:
    """Say what a charge is about; it is the guarantor's where no claim carries it."""
    patient = world.patients[visit.patient_id]
    claim_id, payer_id = claimed or (None, None)
    return About(
        visit_id=visit.id,
        claim_id=claim_id,
        charge_line_id=line.id,
        payer_id=payer_id,
        guarantor_id=patient.guarantor_id,
        patient_id=patient.id,
        provider_id=line.provider_id or visit.provider_id,
        location_id=visit.location_id,
        service_month=line.service_date.replace(day=1),
    )


def _charge(
    session: PracticeSession,
    actor: Actor,
    key: str,
    pieces: tuple[Sequence[About], Sequence[CodedLine]],
    at: dt.datetime,
) -> None:
    charges = [(about, line.charge) for about, line in zip(*pieces, strict=True)]
    posting = ledger.build_charge(key, at.date(), charges)
    if posting is not None:
        ledger.post(session, actor, posting)
