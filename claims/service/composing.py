"""Composing a claim's content from its parties, and noting for each element where it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from claims.rules.numbers import to_member_id, to_ndc
from claims.service.sourcing import note_sources
from claims.values import (
    BillingProvider,
    ClaimContent,
    ClaimPayer,
    ClaimPerson,
    ClaimProvider,
    ContentLine,
    Facility,
)
from config.money import Money
from patients.values import Relationship

if TYPE_CHECKING:
    from claims.rules.splitting import Part
    from claims.service.sourcing import Parties
    from coding.values import CodedLine
    from encounters.values import Visit
    from practice.values import Location, Practice, Provider

_CLIA_CODES: Final = ("8",)  # laboratory procedures are numbered 80000 to 89999


def compose_content(number: str, visit: Visit, part: Part, parties: Parties) -> ClaimContent:
    """Return what an 837P claim says, first version, to the primary payer.

    Args:
        number: CLM01.
        visit: The visit that it is for.
        part: The diagnoses and lines that go on it.
        parties: Everybody on it.

    Source:
        TR3 005010X222A1; R13 (billing, rendering, service location and pay-to are four things).
    """
    details = parties.coverage.details
    patient = parties.patient.details
    patient_person = ClaimPerson(patient.name, patient.birth_date, patient.sex, patient.address)
    subscriber, dependent = patient_person, None
    if details.relationship is not Relationship.SELF and details.subscriber is not None:
        held_by = details.subscriber
        subscriber = ClaimPerson(held_by.name, held_by.birth_date, held_by.sex, held_by.address)
        dependent = patient_person
    lines = tuple(
        _compose_line(number, place, line, part.place_of_service)
        for place, line in enumerate(part.lines, start=1)
    )
    return ClaimContent(
        claim_number=number,
        frequency="1",
        payer_claim_number="",
        payer_sequence=1,
        billing=compose_billing(parties.practice),
        payer=ClaimPayer(
            parties.payer.payer_code,
            parties.payer.name,
            parties.payer.claim_filing_code,
            parties.payer.address,
        ),
        member_id=to_member_id(details.member_id, parties.payer.kind),
        group_number=details.group_number,
        plan_name=details.plan_name,
        relationship=details.relationship,
        subscriber=subscriber,
        patient=dependent,
        rendering=_clinician(parties.provider, with_taxonomy=True),
        referring=_clinician(parties.referring, with_taxonomy=False),
        facility=_facility(parties.location, parties.practice),
        place_of_service=part.place_of_service,
        total=Money.total(line.charge for line in lines),
        diagnoses=tuple(diagnosis.code for diagnosis in part.diagnoses),
        lines=lines,
        accident=visit.details.accident,
        authorization_number=visit.details.authorization_number,
        referral_number=visit.details.referral_number,
        clia_number=_clia_number(part, parties.location),
        sources=note_sources(visit, part, parties),
    )


def compose_billing(practice: Practice) -> BillingProvider:
    """Return the practice as the billing provider of its claims."""
    return BillingProvider(
        name=practice.name,
        npi=practice.npi,
        tax_id=practice.tax_id,
        tax_id_kind=practice.tax_id_kind,
        taxonomy=practice.taxonomy,
        address=practice.address,
        pay_to=practice.pay_to,
        phone=practice.phone,
    )


def _clinician(provider: Provider | None, *, with_taxonomy: bool) -> ClaimProvider | None:
    if provider is None:
        return None
    taxonomy = provider.taxonomy if with_taxonomy else ""
    return ClaimProvider(provider.npi, provider.family, provider.given, taxonomy)


def _facility(location: Location | None, practice: Practice) -> Facility | None:
    """Name the place only where it is not where the practice bills from."""
    if location is None or location.address == practice.address:
        return None
    return Facility(location.name, location.npi, location.address, location.clia_number)


def _clia_number(part: Part, location: Location | None) -> str:
    has_lab = any(line.code.startswith(_CLIA_CODES) for line in part.lines)
    return location.clia_number if location is not None and has_lab else ""


def _compose_line(number: str, place: int, line: CodedLine, claim_place: str) -> ContentLine:
    return ContentLine(
        number=place,
        control_number=f"{number}{place:02d}",
        charge_line_id=line.id,
        code=line.code,
        system=line.system,
        modifiers=line.modifiers,
        units=line.units,
        charge=line.charge,
        pointers=line.pointers,
        service_date=line.service_date,
        service_to=line.service_to,
        place_of_service=line.place_of_service or claim_place,
        ndc=to_ndc(line.ndc),
        ndc_units=line.ndc_units,
        ndc_unit_of_measure=line.ndc_unit_of_measure,
    )
