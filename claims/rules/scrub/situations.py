"""Edits of what depends on the situation: place, dates, accident, drug, laboratory, numbers."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from claims.rules.scrub.facts import error, warning
from encounters.values import AccidentKind
from practice.values import PayerKind

if TYPE_CHECKING:
    from claims.rules.scrub.facts import ScrubFacts
    from claims.values import ClaimContent, ContentLine
    from config.finding import Finding

# CMS place of service code set; see CLM05-1.
PLACES_OF_SERVICE: Final = frozenset(
    f"{number:02d}"
    for number in (
        *range(1, 28),
        *range(31, 35),
        41,
        42,
        *range(49, 59),
        60,
        61,
        62,
        65,
        66,
        71,
        72,
        81,
        99,
    )
)
NDC_UNITS: Final = frozenset({"F2", "GR", "ME", "ML", "UN"})
REFERENCE_LENGTH_MAX: Final = 50
_NDC: Final = re.compile(r"\d{11}")
_CLIA: Final = re.compile(r"\d{2}D\d{7}")
_LABORATORY: Final = re.compile(r"8\d{4}")
_REFERENCE: Final = re.compile(r"[A-Za-z0-9 ./_#-]+")
_CLIA_KINDS: Final = frozenset({PayerKind.MEDICARE, PayerKind.MEDICARE_ADVANTAGE})
_ACCIDENT_KINDS: Final = frozenset({PayerKind.WORKERS_COMP, PayerKind.AUTO})


def check_place_of_service(content: ClaimContent, _facts: ScrubFacts) -> list[Finding]:
    """Check that places of service are in the code set.

    Source:
        TR3 005010X222A1 2300 CLM05-1, 2400 SV105; CMS place of service code set.
    """
    places = [("2300/CLM05-1", content.place_of_service)]
    places += [
        (f"2400[{line.number}]/SV105", line.place_of_service)
        for line in content.lines
        if line.place_of_service
    ]
    return [
        error(
            "place-of-service-unknown",
            where,
            "this is no place of service code",
            "Choose the two-digit code of where the patient was seen, such as 11.",
        )
        for where, place in places
        if place not in PLACES_OF_SERVICE
    ]


def check_service_dates(content: ClaimContent, facts: ScrubFacts) -> list[Finding]:
    """Check that services lie in the past and end after they begin.

    Source:
        TR3 005010X222A1 2400 DTP*472.
    """
    findings = []
    for line in content.lines:
        where = f"2400[{line.number}]/DTP*472"
        if line.service_date > facts.today:
            findings.append(
                error(
                    "service-date-future",
                    where,
                    "the date of service lies in the future",
                    "Correct the date, or wait for the visit.",
                )
            )
        if line.service_to is not None and line.service_to < line.service_date:
            findings.append(
                error(
                    "service-dates-order",
                    where,
                    "the service ends before it begins",
                    "Correct one of the two dates.",
                )
            )
    return findings


def check_accident(content: ClaimContent, facts: ScrubFacts) -> list[Finding]:
    """Check that an accident has its facts, and that payers of accidents are told of one.

    Source:
        R31; TR3 005010X222A1 2300 CLM11 and DTP*439.
    """
    accident = content.accident
    if accident is None:
        if facts.payer.kind not in _ACCIDENT_KINDS:
            return []
        return [
            error(
                "accident-missing",
                "2300/CLM11",
                "this payer pays for accidents only, and the visit tells of none",
                "Add what kind of accident it was, its date and, for a car, the state.",
            )
        ]
    findings = []
    if accident.kind is AccidentKind.AUTO and not accident.state:
        findings.append(
            error(
                "accident-state-missing",
                "2300/CLM11-4",
                "a car accident needs the state where it happened",
                "Add the state.",
            )
        )
    if any(accident.on > line.service_date for line in content.lines):
        findings.append(
            error(
                "accident-date-after-service",
                "2300/DTP*439",
                "the accident lies after the date of service",
                "Correct the accident's date.",
            )
        )
    return findings


def check_drugs(content: ClaimContent, _facts: ScrubFacts) -> list[Finding]:
    """Check the national drug code, its quantity and unit.

    Source:
        R26, P21; TR3 005010X222A1 2410 LIN03, CTP04, CTP05-1.
    """
    findings: list[Finding] = []
    for line in content.lines:
        if line.ndc:
            findings += _drug(line)
    return findings


def _drug(line: ContentLine) -> list[Finding]:
    loop = f"2410[{line.number}]"
    findings = []
    if not _NDC.fullmatch(line.ndc):
        findings.append(
            error(
                "ndc-form",
                f"{loop}/LIN03",
                "expected eleven digits without hyphens",
                "Write the drug code as 5-4-2, padding each part with a zero in front.",
            )
        )
    if not _is_positive(line.ndc_units):
        findings.append(
            error(
                "ndc-quantity",
                f"{loop}/CTP04",
                "expected how much of the drug was given",
                "Say the quantity in the drug's own unit; it is not the number of units billed.",
            )
        )
    if line.ndc_unit_of_measure not in NDC_UNITS:
        findings.append(
            error(
                "ndc-unit",
                f"{loop}/CTP05-1",
                f"expected one of {', '.join(sorted(NDC_UNITS))}",
                "Choose the drug's unit: ML liquid, UN piece, GR gram, ME milligram, F2 unit.",
            )
        )
    return findings


def _is_positive(text: str) -> bool:
    try:
        quantity = Decimal(text)
    except InvalidOperation:
        return False
    return quantity.is_finite() and quantity > 0


def check_laboratory(content: ClaimContent, facts: ScrubFacts) -> list[Finding]:
    """Check that laboratory services to Medicare carry a CLIA number, and that it looks like one.

    Source:
        R27; TR3 005010X222A1 2300 REF*X4.
    """
    where = "2300/REF*X4"
    if content.clia_number:
        if _CLIA.fullmatch(content.clia_number):
            return []
        return [
            error(
                "clia-form",
                where,
                "expected two digits, D and seven digits",
                "Copy the number from the location's CLIA certificate.",
            )
        ]
    has_laboratory = any(_LABORATORY.fullmatch(line.code) for line in content.lines)
    if not has_laboratory or facts.payer.kind not in _CLIA_KINDS:
        return []
    return [
        error(
            "clia-missing",
            where,
            "a laboratory service to Medicare needs a CLIA number",
            "Add the CLIA certificate's number to the location.",
        )
    ]


def check_reference_numbers(content: ClaimContent, _facts: ScrubFacts) -> list[Finding]:
    """Check that authorisation and referral numbers can be sent.

    Source:
        P39 (the two are different things); TR3 005010X222A1 2300 REF*G1 and REF*9F.
    """
    numbers = (
        ("authorization-number-form", "2300/REF*G1", content.authorization_number),
        ("referral-number-form", "2300/REF*9F", content.referral_number),
    )
    findings = [
        error(
            code,
            where,
            f"expected at most {REFERENCE_LENGTH_MAX} letters, digits and plain marks",
            "Copy the number from the payer's answer.",
        )
        for code, where, number in numbers
        if number and not _is_sendable(number)
    ]
    if content.authorization_number and content.authorization_number == content.referral_number:
        findings.append(
            warning(
                "referral-is-authorization",
                "2300/REF*9F",
                "referral and authorisation have the same number",
                "Keep it in the field that the payer named when it gave the number.",
            )
        )
    return findings


def _is_sendable(number: str) -> bool:
    return len(number) <= REFERENCE_LENGTH_MAX and bool(_REFERENCE.fullmatch(number))
