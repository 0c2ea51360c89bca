"""Building claims from coded visits, with the source of every element.

A visit is not a claim: it may split into several. What a legal hold keeps from the payer is
charged to the guarantor instead. The charge is posted to the ledger in the same transaction, once
per visit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from claims.models import ClaimLineRow, ClaimRow, ClaimVersionRow
from claims.rules.filing import compute_file_by
from claims.rules.splitting import split_visit
from claims.rules.states import STANDS, compute_next_on
from claims.service.composing import Parties, compose_content
from claims.service.moving import note_event
from claims.values import ClaimDetails, ClaimId, ClaimState
from coding import service as coding
from coding.values import CodingState
from config.changes import record_change
from config.counters import next_number
from config.finding import Finding
from config.ids import readable_number, uuid7
from config.sealed import seal
from encounters import service as encounters
from ledger import service as ledger
from ledger.values.postings import About
from patients import service as patients
from patients.values import GuarantorId, PatientId
from practice import service as practice

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from claims.rules.splitting import Part
    from claims.values import ClaimContent
    from coding.values import CodedLine, CodedVisit
    from config.actor import Actor
    from config.tenancy import PracticeSession
    from encounters.values import Visit, VisitId
    from patients.values import Coverage, Guarantor, Patient
    from practice.values import Location, Payer, Practice, Provider


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


@dataclass(frozen=True, slots=True)
class _World:
    """What claims of many visits are built from, read at once."""

    practice: Practice
    visits: dict[VisitId, Visit]
    coded: dict[VisitId, CodedVisit]
    patients: dict[PatientId, Patient]
    guarantors: dict[GuarantorId, Guarantor]
    coverages: dict[PatientId, list[Coverage]]
    payers: dict[object, Payer]
    providers: dict[object, Provider]
    locations: dict[object, Location]


def build_claims(
    session: PracticeSession, actor: Actor, visit_ids: Sequence[VisitId], *, at: dt.datetime
) -> Built:
    """Build the claims of signed visits; a visit whose claims were built is left alone.

    Args:
        session: A writing session; keep to a few dozen visits at a time.
        actor: Who builds.
        visit_ids: Visits in the order in which they are to be numbered.
        at: The present instant.
    """
    known = set(
        session.scalars(select(ClaimRow.visit_id).where(ClaimRow.visit_id.in_(visit_ids)))
    )
    charged = [v for v in visit_ids if ledger.find_posting(session, _charge_key(v)) is not None]
    wanted = [v for v in visit_ids if v not in known and v not in charged]
    world = _read_world(session, wanted)
    made: list[ClaimId] = []
    self_pay: list[VisitId] = []
    findings: list[Finding] = []
    for visit_id in wanted:
        coded = world.coded.get(visit_id)
        if visit_id not in world.visits or coded is None or coded.state is not CodingState.SIGNED:
            findings.append(_not_signed(visit_id))
            continue
        claims = _build_visit(session, actor, world, visit_id, at)
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


def _read_world(session: PracticeSession, visit_ids: Sequence[VisitId]) -> _World:
    visits = encounters.get_visits(session, visit_ids)
    patient_ids = [visit.patient_id for visit in visits.values()]
    people = patients.get_patients(session, patient_ids, is_resolved=True)
    coverages = patients.get_coverages(session, patient_ids)
    guarantor_ids = [p.guarantor_id for p in people.values() if p.guarantor_id is not None]
    return _World(
        practice=practice.get_practice(session),
        visits=visits,
        coded=coding.get_coded_visits(session, visit_ids),
        patients=people,
        guarantors=patients.get_guarantors(session, guarantor_ids),
        coverages=coverages,
        payers=dict(
            practice.get_payers(session, {c.payer_id for cs in coverages.values() for c in cs})
        ),
        providers={p.id: p for p in practice.list_providers(session)},
        locations={place.id: place for place in practice.list_locations(session)},
    )


def _build_visit(
    session: PracticeSession, actor: Actor, world: _World, visit_id: VisitId, at: dt.datetime
) -> list[ClaimId]:
    visit, coded = world.visits[visit_id], world.coded[visit_id]
    coverage = _find_coverage(world, visit)
    billable = [line for line in coded.lines if not line.hold] if coverage else []
    parts = split_visit(
        coded.diagnoses,
        billable,
        provider_id=visit.provider_id,
        place_of_service=_place_of_service(world, visit),
    )
    claims: list[ClaimId] = []
    where: dict[object, ClaimId] = {}
    for part in parts:
        assert coverage is not None  # noqa: S101  # without one there is no part
        claim_id = _build_claim(session, actor, world, (visit, coverage, part), at)
        claims.append(claim_id)
        where |= {line.id: claim_id for line in part.lines}
    _post_charges(session, actor, world, (visit, coverage, coded.lines, where), at)
    return claims


def _find_coverage(world: _World, visit: Visit) -> Coverage | None:
    found = world.coverages.get(visit.patient_id, [])
    return next((c for c in found if c.is_in_force(visit.details.service_date)), None)


def _place_of_service(world: _World, visit: Visit) -> str:
    location = world.locations.get(visit.location_id)
    return visit.details.place_of_service or (location.place_of_service if location else "11")


def _build_claim(
    session: PracticeSession,
    actor: Actor,
    world: _World,
    pieces: tuple[Visit, Coverage, Part],
    at: dt.datetime,
) -> ClaimId:
    visit, coverage, part = pieces
    payer = world.payers[coverage.payer_id]
    number = readable_number("C", next_number(session, "claim"), width=8)
    parties = Parties(
        practice=world.practice,
        patient=world.patients[visit.patient_id],
        coverage=coverage,
        payer=payer,
        provider=world.providers.get(part.provider_id),
        referring=next(
            (p for p in world.providers.values() if p.npi == visit.details.referring_npi), None
        ),
        location=world.locations.get(visit.location_id),
        coded=world.coded[visit.id],
    )
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
        next_on=compute_next_on(ClaimState.BUILT, today=at.date()),
        file_by=compute_file_by(content, payer),
        total_cents=content.total.cents,
        service_month=visit.details.service_date.replace(day=1),
        version=1,
        created_at=at,
    )
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


def _charge_key(visit_id: VisitId) -> str:
    return f"charge:{visit_id}"


def _post_charges(
    session: PracticeSession,
    actor: Actor,
    world: _World,
    pieces: tuple[Visit, Coverage | None, tuple[CodedLine, ...], dict[object, ClaimId]],
    at: dt.datetime,
) -> None:
    """Charge each line to its payer, or to the guarantor where no claim carries it."""
    visit, coverage, lines, where = pieces
    patient = world.patients[visit.patient_id]
    charges = []
    for line in lines:
        claim_id = where.get(line.id)
        about = About(
            visit_id=visit.id,
            claim_id=claim_id,
            charge_line_id=line.id,
            payer_id=coverage.payer_id if coverage is not None and claim_id is not None else None,
            guarantor_id=patient.guarantor_id,
            patient_id=patient.id,
            provider_id=line.provider_id or visit.provider_id,
            location_id=visit.location_id,
            service_month=line.service_date.replace(day=1),
        )
        charges.append((about, line.charge))
    posting = ledger.build_charge(_charge_key(visit.id), at.date(), charges)
    if posting is not None:
        ledger.post(session, actor, posting)
