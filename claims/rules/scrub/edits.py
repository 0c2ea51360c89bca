"""The list of edits: what a claim must pass before it may be sent, in the order of the 837."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from claims.rules.scrub.codes import (
    check_diagnosis_codes,
    check_diagnosis_count,
    check_diagnosis_duplicates,
    check_excludes1,
    check_modifiers,
    check_pointers,
    check_procedures,
)
from claims.rules.scrub.filing import (
    check_claim_number,
    check_coverage,
    check_duplicates,
    check_enrolment,
    check_frequency,
    check_legal_holds,
    check_line_numbers,
    check_timely_filing,
    check_visit_stands,
)
from claims.rules.scrub.money import check_line_charges, check_total_charge, check_units
from claims.rules.scrub.parties import (
    check_billing,
    check_billing_addresses,
    check_clinicians,
    check_facility,
    check_member_id,
    check_patient,
    check_payer,
    check_subscriber,
)
from claims.rules.scrub.situations import (
    check_accident,
    check_drugs,
    check_laboratory,
    check_place_of_service,
    check_reference_numbers,
    check_service_dates,
)
from claims.rules.scrub.written import check_written
from config.finding import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from claims.rules.scrub.facts import Edit, ScrubFacts
    from claims.values import ClaimContent
    from config.finding import Finding

VERSION: Final = "scrub/1"

EDITS: Final[tuple[Edit, ...]] = (
    check_billing,
    check_billing_addresses,
    check_payer,
    check_subscriber,
    check_member_id,
    check_patient,
    check_claim_number,
    check_total_charge,
    check_place_of_service,
    check_frequency,
    check_accident,
    check_reference_numbers,
    check_laboratory,
    check_diagnosis_count,
    check_diagnosis_codes,
    check_diagnosis_duplicates,
    check_excludes1,
    check_clinicians,
    check_facility,
    check_line_numbers,
    check_procedures,
    check_modifiers,
    check_line_charges,
    check_units,
    check_pointers,
    check_service_dates,
    check_drugs,
    check_coverage,
    check_enrolment,
    check_timely_filing,
    check_duplicates,
    check_legal_holds,
    check_visit_stands,
)

# Warnings that keep a claim here until a person writes why it may go.
NEEDS_NOTE: Final = frozenset({"claim-duplicate", "code-excludes1", "visit-lines-unclaimed"})
# What a coder mends; the rest is the biller's.
CODERS: Final = frozenset(
    {
        "claim-lines-outdated",
        "claim-visit-open",
        "code-duplicate",
        "code-excludes1",
        "code-not-billable",
        "code-seventh-character",
        "code-unknown",
        "diagnosis-count",
        "diagnosis-missing",
        "modifier-count",
        "modifier-duplicate",
        "modifier-form",
        "place-of-service-unknown",
        "pointer-count",
        "pointer-duplicate",
        "pointer-unknown",
        "procedure-unknown",
        "units-zero",
        "visit-lines-unclaimed",
    }
)


def scrub(content: ClaimContent, facts: ScrubFacts) -> list[Finding]:
    """Return all that is wrong with a claim.

    What the X12 engine says is added where no edit spoke of the same place already.
    """
    findings = [finding for edit in EDITS for finding in edit(content, facts)]
    told = {finding.where for finding in findings}
    return findings + [f for f in check_written(content, facts) if f.where not in told]


def find_stops(findings: Iterable[Finding], overrides: Mapping[str, str]) -> list[Finding]:
    """Return what keeps the claim here: errors, and warnings that nobody wrote a note to."""
    return [
        finding
        for finding in findings
        if finding.level is Level.ERROR
        or (finding.code in NEEDS_NOTE and finding.code not in overrides)
    ]
