"""Edits of the claim's identity and of whether it may go now: numbers, deadlines, holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from claims.rules.filing import ALARM_DAYS, CORRECTING
from claims.rules.scrub.facts import error, warning
from practice.values import PayerKind

if TYPE_CHECKING:
    import datetime as dt

    from claims.rules.scrub.facts import ScrubFacts
    from claims.values import ClaimContent, ContentLine
    from config.finding import Finding
    from practice.values import ProviderId

LINES_MAX: Final = 50
CONTROL_LENGTH_MAX: Final = 30
_CLAIM_NUMBER: Final = re.compile(r"[A-Z0-9]{1,14}")
_FIRST, _REPLACEMENT, _VOID = "1", "7", "8"
_NO_ENROLMENT: Final = frozenset({PayerKind.WORKERS_COMP, PayerKind.AUTO, PayerKind.SELF_PAY})


def check_claim_number(content: ClaimContent, _facts: ScrubFacts) -> list[Finding]:
    """Check the claim number's form: paper carries it whole.

    Source:
        R7, P28; TR3 005010X222A1 2300 CLM01; CMS-1500 box 26.
    """
    if _CLAIM_NUMBER.fullmatch(content.claim_number):
        return []
    return [
        error(
            "claim-number-form",
            "2300/CLM01",
            "expected 1 to 14 capital letters and digits",
            "Report this: claim numbers are made by us.",
        )
    ]


def check_line_numbers(content: ClaimContent, _facts: ScrubFacts) -> list[Finding]:
    """Check that there are 1 to 50 lines, each with a control number of its own.

    Source:
        R6; TR3 005010X222A1 2400 LX and REF*6R.
    """
    findings = []
    if not 1 <= len(content.lines) <= LINES_MAX:
        findings.append(
            error(
                "line-count",
                "2400/LX",
                f"a claim has 1 to {LINES_MAX} lines; this one has {len(content.lines)}",
                "Split the visit's lines over several claims.",
            )
        )
    seen: set[str] = set()
    for line in content.lines:
        number = line.control_number
        if not number or len(number) > CONTROL_LENGTH_MAX or number in seen:
            findings.append(
                error(
                    "line-control-number",
                    f"2400[{line.number}]/REF*6R",
                    f"expected a number of its own, at most {CONTROL_LENGTH_MAX} characters",
                    "Report this: line control numbers are made by us.",
                )
            )
        seen.add(number)
    return findings


def check_frequency(content: ClaimContent, facts: ScrubFacts) -> list[Finding]:
    """Check the frequency code with the payer's claim number.

    Source:
        R1, R2, R4; TR3 005010X222A1 2300 CLM05-3 and REF*F8.
    """
    frequency, has_number = content.frequency, bool(content.payer_claim_number)
    if frequency == _FIRST:
        if not has_number:
            return []
        return [
            error(
                "payer-control-number-extra",
                "2300/REF*F8",
                "a first claim must not carry the payer's claim number",
                "Send it as a replacement (7), or without the number.",
            )
        ]
    if frequency not in (_REPLACEMENT, _VOID):
        return [
            error(
                "frequency-code",
                "2300/CLM05-3",
                "expected 1, 7 or 8",
                "Choose first claim, replacement or void.",
            )
        ]
    findings = []
    if not has_number:
        findings.append(
            error(
                "payer-control-number-missing",
                "2300/REF*F8",
                "a replacement or void must name the payer's claim number",
                "Take it from the payer's newest remittance (CLP07) or status answer.",
            )
        )
    if not facts.payer.allows_replacement:
        findings.append(
            error(
                "frequency-not-taken",
                "2300/CLM05-3",
                "this payer takes no replacements or voids by claim",
                "Correct it as the payer asks: a new claim, a reopening or a letter.",
            )
        )
    return findings


def check_timely_filing(content: ClaimContent, facts: ScrubFacts) -> list[Finding]:
    """Check the payer's deadline for this kind of claim; the last 15 days ask for haste.

    Source:
        R10, R11, R12, P7, P8; 42 CFR 424.44(a)(1) for Medicare.
    """
    if facts.file_by is None:
        return []
    where, kind = _name_clock(content)
    left = (facts.file_by - facts.today).days
    message = f"the payer took {kind} until {facts.file_by} ({_limit_source(facts)})"
    if left < 0:
        return [
            error(
                "filing-limit-past",
                where,
                message,
                "Look for proof that it was sent in time and ask the payer for an exception.",
            )
        ]
    if left <= ALARM_DAYS:
        return [
            warning(
                "filing-limit-near",
                where,
                message.replace("took", "takes", 1),
                "Send it now and watch for the payer's acceptance: only that is proof.",
            )
        ]
    return []


def _name_clock(content: ClaimContent) -> tuple[str, str]:
    """Say which element decides the clock, and what kind of claim it is for."""
    if content.frequency in CORRECTING:
        return "2300/CLM05-3", "corrections of the claim that it answered"
    if content.payer_sequence > 1:
        return "2000B/SBR01", "claims that another payer answered first"
    return "2400[1]/DTP*472", "first claims of this date"


def _limit_source(facts: ScrubFacts) -> str:
    if facts.payer.kind is PayerKind.MEDICARE:
        return "42 CFR 424.44(a)(1)"
    return facts.payer.limits.source or "payer's filing limit"


def check_duplicates(content: ClaimContent, facts: ScrubFacts) -> list[Finding]:
    """Ask about services that were claimed before, on another claim or further up on this one.

    Source:
        House: same patient, payer, day, clinician, code and modifiers; payers deny it as CARC 18.
    """
    rendering = content.rendering.npi if content.rendering else ""
    known = {
        (sent.code, sent.modifiers, sent.service_date, sent.rendering_npi): sent.claim_number
        for sent in facts.sent_lines
    }
    findings = []
    for line in content.lines:
        by = line.rendering.npi if line.rendering else rendering
        key = (line.code, line.modifiers, line.service_date, by)
        if key in known:
            findings.append(_duplicate(line, known[key]))
        known[key] = "this claim"
    return findings


def _duplicate(line: ContentLine, number: str) -> Finding:
    place = "another line of this claim" if number == "this claim" else f"claim {number}"
    return warning(
        "claim-duplicate",
        f"2400[{line.number}]/SV101-2",
        f"the same service of the same day stands on {place}",
        "Void one of the two (`cleanclaim claims void`), or note why it was done twice (and add"
        " modifier 76 or 77).",
    )


def check_coverage(content: ClaimContent, facts: ScrubFacts) -> list[Finding]:
    """Check that the insurance was in force on the date of service.

    Source:
        R18, P34; CARC 26 and 27 are what payers answer else.
    """
    if facts.is_covered or not content.lines:
        return []
    return [
        error(
            "coverage-not-in-force",
            "2010BA/NM109",
            "this insurance was not in force on the date of service",
            "Correct the coverage's dates, or bill the insurance that was in force.",
        )
    ]


def check_enrolment(content: ClaimContent, facts: ScrubFacts) -> list[Finding]:
    """Check that each clinician was enrolled with the payer on the dates of service.

    Source:
        R18, P38.
    """
    if facts.payer.kind in _NO_ENROLMENT:
        return []
    providers = {provider for provider in facts.provider_ids if provider is not None}
    days = {line.service_date for line in content.lines}
    if all(_is_enrolled(provider, day, facts) for provider in providers for day in days):
        return []
    return [
        error(
            "provider-not-enrolled",
            "2310B/NM109",
            "the clinician is not enrolled with this payer on the date of service",
            "Import the enrolment, or wait for the payer; the filing clock runs on meanwhile.",
        )
    ]


def _is_enrolled(provider: ProviderId, day: dt.date, facts: ScrubFacts) -> bool:
    return any(
        span.provider_id == provider
        and span.from_date <= day
        and (span.to_date is None or day <= span.to_date)
        for span in facts.enrolments
    )


def check_legal_holds(content: ClaimContent, facts: ScrubFacts) -> list[Finding]:
    """Check that no line is on the claim that the law keeps from the payer.

    Source:
        P40; 45 CFR 164.522(a)(1)(vi), 42 CFR Part 2.
    """
    return [
        error(
            "line-legal-hold",
            f"2400[{line.number}]/SV101-2",
            f"this line must not reach the payer ({facts.held_lines[line.charge_line_id]})",
            "Rebuild the claim (`cleanclaim claims scrub`): the line goes to the guarantor.",
        )
        for line in content.lines
        if line.charge_line_id in facts.held_lines
    ]


def check_visit_stands(content: ClaimContent, facts: ScrubFacts) -> list[Finding]:
    """Check that the visit was not taken back, opened again or coded otherwise since building.

    Source:
        31 U.S.C. 3729 (no claim for what wasn't done); House: DESIGN 7.11.
    """
    if content.frequency == _VOID:
        return []
    if not facts.is_signed:
        return [
            error(
                "claim-visit-open",
                "2400/SV1",
                "the visit was taken back or its coding is open again since the claim was built",
                "Let the coder look at the visit and sign it off, then scrub again.",
            )
        ]
    known = facts.signed_charges
    if known is not None and any(known.get(x.charge_line_id) != x.charge for x in content.lines):
        return [
            error(
                "claim-lines-outdated",
                "2400/SV1",
                "coding has taken away or repriced a line since the claim was built",
                "Void the claim (`cleanclaim claims void`) and build the visit again.",
            )
        ]
    if facts.has_unclaimed_lines:
        return [
            warning(
                "visit-lines-unclaimed",
                "2400/LX",
                "coding has added a line since the claims were built; no claim carries it",
                "Build claims again: it goes on one of its own. Or note why it isn't claimed.",
            )
        ]
    return []
