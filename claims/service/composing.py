"""Composing a claim's content from its parties, and noting for each element where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

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
from config.provenance import Source, SourceKind
from patients.values import Relationship

if TYPE_CHECKING:
    from claims.rules.splitting import Part
    from coding.values import CodedLine, CodedVisit
    from encounters.values import Visit
    from patients.values import Coverage, Patient
    from practice.values import Location, Payer, Practice, Provider

_BUILDER: Final = "claims/build/1"
_CLIA_CODES: Final = ("8",)  # laboratory procedures are numbered 80000 to 89999


@dataclass(frozen=True, slots=True)
class Parties:
    """Who and what a claim is composed from."""

    practice: Practice
    patient: Patient
    coverage: Coverage
    payer: Payer
    provider: Provider | None
    referring: Provider | None
    location: Location | None
    coded: CodedVisit


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
        member_id=details.member_id,
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
        sources=_note_sources(visit, part, parties),
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
        ndc=line.ndc,
        ndc_units=line.ndc_units,
        ndc_unit_of_measure=line.ndc_unit_of_measure,
    )


def _note_sources(visit: Visit, part: Part, parties: Parties) -> dict[str, Source]:
    """Say for each element of the 837 which message, person or rule it came from."""
    rule = Source(SourceKind.RULE, _BUILDER)
    own = Source(SourceKind.IMPORT, f"practice/{parties.practice.id}")
    payer = Source(SourceKind.IMPORT, f"payer/{parties.payer.id}")
    sources: dict[str, Source] = {
        "2000A/PRV03": own,
        "2010AA/NM103": own,
        "2010AA/NM109": own,
        "2010AA/N3": own,
        "2010AA/N4": own,
        "2010AA/REF02": own,
        "2000B/SBR01": rule,
        "2000B/SBR09": payer,
        "2010BB/NM103": payer,
        "2010BB/NM109": payer,
        "2300/CLM01": rule,
        "2300/CLM02": rule,
        "2300/CLM05-3": rule,
        "2300/CLM06": rule,
        "2300/CLM07": rule,
        "2300/CLM08": rule,
        "2300/CLM09": rule,
    }
    sources |= _note_coverage(parties) | _note_patient(parties, rule)
    place = visit.details.sources.get("place_of_service")
    location = parties.location
    sources["2300/CLM05-1"] = place or (
        Source(SourceKind.IMPORT, f"location/{location.id}") if location else rule
    )
    for element, name in (
        ("2300/CLM11", "accident"),
        ("2300/DTP*439", "accident"),
        ("2300/REF*G1", "authorization_number"),
        ("2300/REF*9F", "referral_number"),
        ("2310A/NM109", "referring_npi"),
    ):
        if name in visit.details.sources:
            sources[element] = visit.details.sources[name]
    if parties.provider is not None:
        told = visit.details.sources.get("provider_npi")
        sources["2310B/NM109"] = told or rule
        sources["2310B/NM103"] = Source(SourceKind.IMPORT, f"provider/{parties.provider.id}")
    for number, diagnosis in enumerate(part.diagnoses, start=1):
        sources[f"2300/HI{number:02d}-2"] = diagnosis.source
    return sources | _note_lines(visit, part, parties)


def _note_coverage(parties: Parties) -> dict[str, Source]:
    found = parties.coverage.details.sources
    named = {
        "2000B/SBR02": "relationship",
        "2000B/SBR03": "group_number",
        "2000B/SBR04": "plan_name",
        "2010BA/NM109": "member_id",
    }
    return {element: found[name] for element, name in named.items() if name in found}


def _note_patient(parties: Parties, rule: Source) -> dict[str, Source]:
    """Subscriber and patient: from the coverage's subscriber, or from the patient themselves."""
    details = parties.coverage.details
    patient = parties.patient.details.sources
    fields = ("name", "address", "birth_date", "sex")
    elements = {"name": "NM103", "address": "N3", "birth_date": "DMG02", "sex": "DMG03"}
    if details.relationship is Relationship.SELF or details.subscriber is None:
        return {
            f"2010BA/{elements[name]}": _find(patient, name) or rule for name in fields
        }
    subscriber = {
        name.removeprefix("subscriber."): source
        for name, source in details.sources.items()
        if name.startswith("subscriber.")
    }
    noted = {"2010BA/NM103": _find(subscriber, "name") or rule}
    return noted | {f"2010CA/{elements[name]}": _find(patient, name) or rule for name in fields}


def _find(sources: dict[str, Source], name: str) -> Source | None:
    """Find a field's source, or that of its first part (`name.family`)."""
    if name in sources:
        return sources[name]
    return next((s for key, s in sorted(sources.items()) if key.startswith(f"{name}.")), None)


def _note_lines(visit: Visit, part: Part, parties: Parties) -> dict[str, Source]:
    prices = Source(SourceKind.IMPORT, f"charge-master/{parties.practice.id}")
    rule = Source(SourceKind.RULE, _BUILDER)
    sources: dict[str, Source] = {}
    for place, line in enumerate(part.lines, start=1):
        loop = f"2400[{place}]"
        sources[f"{loop}/SV101-2"] = line.source
        if line.modifiers:
            sources[f"{loop}/SV101-3"] = line.source
        sources[f"{loop}/SV102"] = prices
        sources[f"{loop}/SV104"] = line.source
        sources[f"{loop}/SV107"] = parties.coded.signed_by or line.source
        sources[f"{loop}/DTP*472"] = visit.details.sources.get("service_date", line.source)
        sources[f"{loop}/REF*6R"] = rule
    return sources
