"""Edits of who is on the claim: billing and rendering provider, facility, subscriber, patient."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from claims.rules.scrub.facts import error, warning
from config.people import Sex
from patients.service import check_mbi
from patients.values import Relationship
from practice.service import check_address, check_npi, check_tax_id, check_taxonomy
from practice.values import PayerKind

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from claims.rules.scrub.facts import ScrubFacts
    from claims.values import ClaimContent, ClaimPerson, ClaimProvider
    from config.finding import Finding
    from config.people import Address

_ADDRESS_PARTS: Final = {"line1": "N301", "city": "N401", "state": "N402", "postal_code": "N403"}
_TAX_PARTS: Final = {"tax_id": "REF02", "tax_id_kind": "REF01"}
# These take claims by name and claim number where there is no card.
_NO_MEMBER_ID: Final = frozenset({PayerKind.WORKERS_COMP, PayerKind.AUTO})


def check_billing(content: ClaimContent, _facts: ScrubFacts) -> list[Finding]:
    """Check the billing provider: name, NPI, tax id, taxonomy's form.

    Source:
        R13, R15; TR3 005010X222A1 2000A PRV03, 2010AA NM1 and REF.
    """
    billing = content.billing
    findings = []
    if not billing.name:
        findings.append(
            error(
                "billing-name-missing",
                "2010AA/NM103",
                "the billing provider has no name",
                "Add the practice's name as the payer knows it.",
            )
        )
    tax = [
        replace(finding, where=f"2010AA/{_TAX_PARTS[finding.where]}")
        for finding in check_tax_id(billing.tax_id, billing.tax_id_kind)
    ]
    return [
        *findings,
        *check_npi(billing.npi, "2010AA/NM109"),
        *tax,
        *check_taxonomy(billing.taxonomy, "2000A/PRV03"),
    ]


def check_billing_addresses(content: ClaimContent, _facts: ScrubFacts) -> list[Finding]:
    """Check that the billing address is a street with ZIP+4; a PO box only as pay-to.

    Source:
        R16; TR3 005010X222A1 2010AA N301 and N403, 2010AB.
    """
    billing = content.billing
    findings = _address(billing.address, "2010AA", is_billing=True)
    if billing.pay_to is not None:
        findings += _address(billing.pay_to, "2010AB")
    return findings


def _address(address: Address, loop: str, *, is_billing: bool = False) -> list[Finding]:
    return [
        replace(finding, where=f"{loop}/{_ADDRESS_PARTS[finding.where.rpartition('.')[2]]}")
        for finding in check_address(address, is_billing=is_billing)
    ]


def check_clinicians(content: ClaimContent, facts: ScrubFacts) -> list[Finding]:
    """Check who rendered and who referred: there, named, NPI and taxonomy well-formed.

    Source:
        R13, R14, R15; TR3 005010X222A1 2310A, 2310B, 2420A.
    """
    findings: list[Finding] = []
    if content.rendering is None:
        findings.append(
            error(
                "rendering-missing",
                "2310B/NM109",
                "nobody is named who gave the service",
                "Name the rendering provider on the visit, and import them if they are new.",
            )
        )
    else:
        findings += _clinician(content.rendering, "2310B")
    for line in content.lines:
        if line.rendering is not None:
            findings += _clinician(line.rendering, f"2420A[{line.number}]")
    if content.referring is not None:
        findings += _clinician(content.referring, "2310A")
    elif facts.referring_npi:
        findings.append(
            error(
                "referring-unknown",
                "2310A/NM109",
                "the visit names a referring provider whom the practice doesn't know",
                "Import that provider (`cleanclaim import providers`), then scrub again.",
            )
        )
    elif facts.payer.asks_referring_provider:
        findings.append(
            error(
                "referring-missing",
                "2310A/NM109",
                "this payer takes no claim without a referring provider, and the visit names none",
                "Let the EHR send who referred the patient (PV1-8), then scrub again.",
            )
        )
    return findings


def _clinician(provider: ClaimProvider, loop: str) -> list[Finding]:
    findings = check_npi(provider.npi, f"{loop}/NM109")
    if not provider.family:
        findings.append(
            error(
                "provider-name-missing",
                f"{loop}/NM103",
                "the provider has no family name",
                "Add the name as NPPES has it.",
            )
        )
    return [*findings, *check_taxonomy(provider.taxonomy, f"{loop}/PRV03")]


def check_facility(content: ClaimContent, _facts: ScrubFacts) -> list[Finding]:
    """Check the place of service where it isn't the billing address.

    Source:
        R13; TR3 005010X222A1 2310C.
    """
    facility = content.facility
    if facility is None:
        return []
    findings = check_npi(facility.npi, "2310C/NM109") if facility.npi else []
    if not facility.name:
        findings.append(
            error(
                "facility-name-missing",
                "2310C/NM103",
                "the service location has no name",
                "Add the location's name.",
            )
        )
    findings += _address(facility.address, "2310C")
    if len(facility.address.postal_code) == 5:  # a ZIP without its four
        findings.append(
            warning(
                "facility-zip",
                "2310C/N403",
                "clearinghouses ask for nine digits of ZIP code at the service location",
                "Look the last four digits up at the postal service.",
            )
        )
    return findings


def check_payer(content: ClaimContent, facts: ScrubFacts) -> list[Finding]:
    """Check that the payer can be named and reached.

    Source:
        TR3 005010X222A1 2010BB NM1, 2000B SBR09.
    """
    payer = content.payer
    wanted = (
        ("payer-code-missing", "2010BB/NM109", "the payer has no electronic id", payer.payer_code),
        ("payer-name-missing", "2010BB/NM103", "the payer has no name", payer.name),
        (
            "payer-filing-code-missing",
            "2000B/SBR09",
            "the payer has no claim filing code",
            payer.claim_filing_code,
        ),
    )
    findings = [
        error(code, where, message, "Complete the payer, then scrub again.")
        for code, where, message, value in wanted
        if not value
    ]
    if facts.payer.partner_id is None:
        findings.append(
            error(
                "payer-partner-missing",
                "1000B/NM109",
                "no trading partner takes claims to this payer",
                "Give the payer its clearinghouse (`cleanclaim import payers`).",
            )
        )
    return findings


def check_member_id(content: ClaimContent, facts: ScrubFacts) -> list[Finding]:
    """Check that the member id is there and, for Medicare, looks like one.

    Source:
        TR3 005010X222A1 2010BA NM109; CMS, form of the Medicare Beneficiary Identifier; P47.
    """
    if not content.member_id:
        if facts.payer.kind in _NO_MEMBER_ID:
            return []
        return [
            error(
                "member-id-missing",
                "2010BA/NM109",
                "the member id is missing",
                "Copy it from the insurance card.",
            )
        ]
    if facts.payer.kind is not PayerKind.MEDICARE:
        return []
    return [replace(f, where="2010BA/NM109") for f in check_mbi(content.member_id)]


def check_subscriber(content: ClaimContent, _facts: ScrubFacts) -> list[Finding]:
    """Check that the subscriber is named, and is somebody else where the coverage says so.

    Source:
        R55; TR3 005010X222A1 2000B SBR02, 2010BA NM103.
    """
    is_other = content.relationship is not Relationship.SELF
    if is_other and content.patient is None:
        return [
            error(
                "subscriber-missing",
                "2010BA/NM103",
                "the patient isn't the subscriber and nobody else is named",
                "Add the person who holds the insurance to the coverage.",
            )
        ]
    if content.subscriber.name.family.strip():
        return []
    return [
        error(
            "subscriber-name-missing",
            "2010BA/NM103",
            "the subscriber has no family name",
            "Add the name as it stands on the insurance card.",
        )
    ]


def check_patient(content: ClaimContent, _facts: ScrubFacts) -> list[Finding]:
    """Check the patient: name, birth date, sex, address.

    Source:
        TR3 005010X222A1 2010BA or 2010CA NM103, N3, N4, DMG02, DMG03.
    """
    patient, loop = content.subscriber, "2010BA"
    if content.patient is not None:
        patient, loop = content.patient, "2010CA"
    findings = []
    if loop == "2010CA" and not patient.name.family.strip():
        findings.append(
            error(
                "patient-name-missing",
                "2010CA/NM103",
                "the patient has no family name",
                "Add the name as it stands on the insurance card.",
            )
        )
    findings += _birth_date(patient, loop, (line.service_date for line in content.lines))
    if patient.sex is Sex.UNKNOWN:
        findings.append(
            warning(
                "sex-unknown",
                f"{loop}/DMG03",
                "the sex is not known; some payers refuse claims without it",
                "Ask for what stands on the insurance card.",
            )
        )
    if patient.address is None:
        findings.append(
            error(
                "patient-address-missing",
                f"{loop}/N301",
                "the patient has no address",
                "Ask for the address.",
            )
        )
        return findings
    return findings + _address(patient.address, loop)


def _birth_date(person: ClaimPerson, loop: str, served: Iterable[dt.date]) -> list[Finding]:
    where = f"{loop}/DMG02"
    if person.birth_date is None:
        return [
            error(
                "birth-date-missing",
                where,
                "the patient has no birth date",
                "Ask for the birth date.",
            )
        ]
    if any(person.birth_date > day for day in served):
        return [
            error(
                "birth-date-after-service",
                where,
                "the patient was born after the date of service",
                "Correct the birth date, or bill under the mother's claim as the payer asks.",
            )
        ]
    return []
