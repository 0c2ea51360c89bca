"""Gathering what claims are composed from: everything of many visits is read at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from claims.rules.splitting import split_visit
from claims.service.sourcing import Parties
from coding import service as coding
from coding.values import CodedVisit
from encounters import service as encounters
from encounters.values import Visit, VisitId
from patients import service as patients
from patients.values import Coverage, Guarantor, GuarantorId, Patient, PatientId
from practice import service as practice
from practice.values import Location, Payer, PayerId, Practice, Provider

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from claims.rules.splitting import Part
    from coding.values import CodedDiagnosis, CodedLine
    from config.tenancy import PracticeSession


@dataclass(frozen=True, slots=True)
class World:
    """What claims of many visits are built from, read at once."""

    practice: Practice
    visits: dict[VisitId, Visit]
    coded: dict[VisitId, CodedVisit]
    patients: dict[PatientId, Patient]
    guarantors: dict[GuarantorId, Guarantor]
    coverages: dict[PatientId, list[Coverage]]
    payers: dict[PayerId, Payer]
    providers: dict[object, Provider]
    locations: dict[object, Location]


def read_world(session: PracticeSession, visit_ids: Iterable[VisitId]) -> World:
    """Read visits with their coding, patients, coverages, payers, providers and locations."""
    wanted = list(visit_ids)
    visits = encounters.get_visits(session, wanted)
    patient_ids = [visit.patient_id for visit in visits.values()]
    people = patients.get_patients(session, patient_ids, is_resolved=True)
    coverages = patients.get_coverages(session, patient_ids)
    guarantor_ids = [p.guarantor_id for p in people.values() if p.guarantor_id is not None]
    return World(
        practice=practice.get_practice(session),
        visits=visits,
        coded=coding.get_coded_visits(session, wanted),
        patients=people,
        guarantors=patients.get_guarantors(session, guarantor_ids),
        coverages=coverages,
        payers=practice.get_payers(session, {c.payer_id for cs in coverages.values() for c in cs}),
        providers={p.id: p for p in practice.list_providers(session)},
        locations={place.id: place for place in practice.list_locations(session)},
    )


def find_coverage(world: World, visit: Visit) -> Coverage | None:
    """Return the insurance that is billed first for a visit, or None."""
    found = world.coverages.get(visit.patient_id, [])
    return next((c for c in found if c.is_in_force(visit.details.service_date)), None)


def split_lines(
    world: World, visit: Visit, diagnoses: Sequence[CodedDiagnosis], lines: Sequence[CodedLine]
) -> list[Part]:
    """Split a visit's lines into what goes on one claim each."""
    location = world.locations.get(visit.location_id)
    place = visit.details.place_of_service or (location.place_of_service if location else "11")
    return split_visit(diagnoses, lines, provider_id=visit.provider_id, place_of_service=place)


def make_parties(world: World, visit: Visit, coverage: Coverage, part: Part) -> Parties:
    """Return everybody who is on a claim of a visit."""
    referring_npi = visit.details.referring_npi
    return Parties(
        practice=world.practice,
        patient=world.patients[visit.patient_id],
        coverage=coverage,
        payer=world.payers[coverage.payer_id],
        provider=world.providers.get(part.provider_id),
        referring=next((p for p in world.providers.values() if p.npi == referring_npi), None),
        location=world.locations.get(visit.location_id),
        coded=world.coded[visit.id],
    )
