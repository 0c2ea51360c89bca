"""Applying what a message says of guarantor and insurance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.finding import Finding, Level, has_errors
from config.provenance import Source, SourceKind
from encounters.adapters import to_sources
from encounters.service.finding import with_path
from patients import service as patients
from patients.values import CoverageDetails, CoverageEntry, GuarantorDetails, Subscriber
from practice import service as practice

if TYPE_CHECKING:
    from config.tenancy import PracticeSession
    from encounters.service.finding import Place
    from encounters.values import IntakeCoverage, IntakePatient
    from patients.values import Patient, PatientId
    from practice.values import PayerKind


def apply_guarantor(
    session: PracticeSession, patient: Patient, incoming: IntakePatient, place: Place
) -> None:
    """Link the guarantor that the message names, or the patient who answers for themselves."""
    person = incoming.guarantor
    if person is None:
        if patient.guarantor_id is None:
            patients.make_own_guarantor(session, patient.id, today=place.today)
        return
    details = GuarantorDetails(
        name=person.name,
        address=person.address,
        phone=person.phone,
        email=person.email,
        language=person.language or "en",
        birth_date=person.birth_date,
        sources=to_sources(person.paths, place.message_id),
    )
    guarantor = patients.add_guarantor(session, details, today=place.today)
    patients.set_guarantor(session, patient.id, guarantor.id)


def apply_coverages(
    session: PracticeSession, patient_id: PatientId, incoming: IntakePatient, place: Place
) -> list[Finding]:
    """Make the patient's coverages what the message says; nothing where it says nothing."""
    if incoming.coverages is None:
        return []
    findings: list[Finding] = []
    entries: list[CoverageEntry] = []
    for coverage in incoming.coverages:
        payer = practice.find_payer(
            session, payer_code=coverage.payer_code, name=coverage.payer_name
        )
        if payer is None:
            findings.append(_unknown_payer(coverage))
            continue
        details = _to_details(coverage, place)
        findings += _check(coverage, details, payer.kind)
        entries.append(CoverageEntry(payer.id, coverage.priority, details))
    if not has_errors(findings):
        patients.replace_coverages(session, patient_id, entries, today=place.today)
    return findings


def _check(coverage: IntakeCoverage, details: CoverageDetails, kind: PayerKind) -> list[Finding]:
    """Return what is wrong with an insurance, at its places in the message.

    A missing member id doesn't hold the message: many senders don't have it, and the check of the
    claim asks for it.
    """
    found = patients.check_coverage(details, payer_kind=kind, priority=coverage.priority)
    subscriber = coverage.subscriber.paths if coverage.subscriber else {}
    paths = coverage.paths | {f"subscriber.{name}": path for name, path in subscriber.items()}
    return [
        with_path(finding, paths)
        for finding in found
        if finding.level is Level.ERROR and finding.code != "member-id-missing"
    ]


def _to_details(coverage: IntakeCoverage, place: Place) -> CoverageDetails:
    person = coverage.subscriber
    sources = to_sources(coverage.paths, place.message_id)
    if person is not None:
        for name, path in person.paths.items():
            sources[f"subscriber.{name}"] = Source(SourceKind.MESSAGE, str(place.message_id), path)
    return CoverageDetails(
        member_id=coverage.member_id,
        group_number=coverage.group_number,
        plan_name=coverage.plan_name,
        relationship=coverage.relationship,
        subscriber=None
        if person is None
        else Subscriber(person.name, person.birth_date, person.sex, person.address),
        from_date=coverage.from_date,
        to_date=coverage.to_date,
        sources=sources,
    )


def _unknown_payer(coverage: IntakeCoverage) -> Finding:
    where = coverage.paths.get("payer_code") or coverage.paths.get("payer_name") or "coverage"
    return Finding(
        "payer-unknown",
        where,
        "no payer of this practice has this id or name",
        "Import the payer (or give it this name as a further one), then replay this message.",
    )
