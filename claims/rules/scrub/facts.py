"""What edits must know beside the claim itself, and how they say what is wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

import edi
from claims.values import ClaimContent
from config.finding import Finding, Level
from config.money import Money
from practice.values import Enrolment, Payer, ProviderId


@dataclass(frozen=True, slots=True)
class SentLine:
    """A service of the same patient that stands on another live claim.

    Attributes:
        claim_number: CLM01 of that claim.
        rendering_npi: Who gave it.
    """

    claim_number: str
    code: str
    modifiers: tuple[str, ...]
    service_date: dt.date
    rendering_npi: str


@dataclass(frozen=True, slots=True)
class ScrubFacts:
    """What is known on the day of the scrub, read beforehand so that edits stay pure.

    Attributes:
        today: The day of the scrub.
        payer: Whom the claim goes to.
        is_covered: Whether the patient's coverage holds on the claim's service dates.
        file_by: Last day on which the payer takes it, where it sets one.
        provider_ids: Who rendered the lines, as our own keys; None where nobody is named.
        enrolments: Spans in which these providers are enrolled with this payer.
        referring_npi: Who referred the patient, by the visit; empty where nobody did.
        diagnosis_findings: Coding's answer to the diagnoses on the first date of service.
        noted_diagnoses: Diagnoses to which the coder wrote a reason.
        releases: (code system, day) of which a release is loaded.
        procedures: (procedure code, day) in force.
        sent_lines: The patient's lines on other live claims to the same payer.
        held_lines: Charge lines that must not reach the payer, with the reason.
        faults: What the X12 engine has against the claim, written alone as an 837P.
        is_signed: Whether the visit stands and its coding is signed off now.
        signed_charges: What coding says now of each charge line of the visit; None if not asked.
        has_unclaimed_lines: Whether coding has lines for the payer that no claim carries.
    """

    today: dt.date
    payer: Payer
    is_covered: bool = True
    file_by: dt.date | None = None
    provider_ids: tuple[ProviderId | None, ...] = ()
    enrolments: tuple[Enrolment, ...] = ()
    referring_npi: str = ""
    diagnosis_findings: tuple[Finding, ...] = ()
    noted_diagnoses: frozenset[str] = frozenset()
    releases: frozenset[tuple[str, dt.date]] = frozenset()
    procedures: frozenset[tuple[str, dt.date]] = frozenset()
    sent_lines: tuple[SentLine, ...] = ()
    held_lines: Mapping[UUID, str] = field(default_factory=dict)
    faults: tuple[edi.Fault, ...] = ()
    is_signed: bool = True
    signed_charges: Mapping[UUID, Money] | None = None
    has_unclaimed_lines: bool = False


Edit = Callable[[ClaimContent, ScrubFacts], list[Finding]]


def error(code: str, where: str, message: str, fix: str) -> Finding:
    """Return a finding that keeps the claim here until it is mended."""
    return Finding(code, where, message, fix)


def warning(code: str, where: str, message: str, fix: str) -> Finding:
    """Return a finding that asks; some need a person's note (`edits.NEEDS_NOTE`)."""
    return Finding(code, where, message, fix, Level.WARNING)
