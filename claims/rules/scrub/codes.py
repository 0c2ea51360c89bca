"""Edits of codes: diagnoses, procedures, modifiers, and what points at what."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from claims.rules.scrub.facts import error, warning

if TYPE_CHECKING:
    from claims.rules.scrub.facts import ScrubFacts
    from claims.values import ClaimContent
    from config.finding import Finding

DIAGNOSES_MAX: Final = 12
POINTERS_MAX: Final = 4
MODIFIERS_MAX: Final = 4
_MODIFIER: Final = re.compile(r"[A-Z0-9]{2}")
_PLACE: Final = re.compile(r"diagnosis (\d+)")
_ICD10CM: Final = "ICD-10-CM"

# Coding's codes that stop a claim: what we say and what to do. Its own words name the code and
# the day; a finding on a claim names the place only.
_DIAGNOSIS_WORDS: Final = {
    "code-unknown": (
        "this diagnosis is not in the release in force on the date of service",
        "Search for the code that is valid on the date of service.",
    ),
    "code-not-billable": (
        "this diagnosis is a heading: it needs more characters",
        "Choose one of the codes below it.",
    ),
    "code-seventh-character": (
        "this diagnosis needs a 7th character",
        "Add it: A initial, D subsequent, S sequela, or as the category says.",
    ),
}


def _place(number: int) -> str:
    return f"2300/HI{number:02d}-2"


def check_diagnosis_count(content: ClaimContent, _facts: ScrubFacts) -> list[Finding]:
    """Check that there are 1 to 12 diagnoses.

    Source:
        R20; TR3 005010X222A1 2300 HI.
    """
    count = len(content.diagnoses)
    if count == 0:
        return [
            error(
                "diagnosis-missing",
                _place(1),
                "the claim has no diagnosis",
                "Code at least one diagnosis and sign the visit off again.",
            )
        ]
    if count > DIAGNOSES_MAX:
        return [
            error(
                "diagnosis-count",
                "2300/HI",
                f"the claim has {count} diagnoses; it can carry {DIAGNOSES_MAX}",
                "Drop diagnoses that no line points at, or split the claim.",
            )
        ]
    return []


def check_diagnosis_codes(_content: ClaimContent, facts: ScrubFacts) -> list[Finding]:
    """Check that each diagnosis is valid and complete on the date of service.

    Source:
        R20; ICD-10-CM Official Guidelines I.B.2.
    """
    findings = []
    for found in facts.diagnosis_findings:
        if found.code == "code-release-missing":
            findings.append(
                error(
                    "code-release-missing",
                    "2300/HI",
                    "no release of ICD-10-CM is loaded for the date of service",
                    "Load the release for that date with `cleanclaim codes load`.",
                )
            )
        match = _PLACE.fullmatch(found.where)
        if found.code in _DIAGNOSIS_WORDS and match:
            message, fix = _DIAGNOSIS_WORDS[found.code]
            findings.append(error(found.code, _place(int(match[1])), message, fix))
    return findings


def check_diagnosis_duplicates(content: ClaimContent, _facts: ScrubFacts) -> list[Finding]:
    """Check that no diagnosis stands twice.

    Source:
        R20; S22 (edit: duplicate diagnosis codes).
    """
    plain = [code.replace(".", "").upper() for code in content.diagnoses]
    return [
        error(
            "code-duplicate",
            _place(place),
            f"this diagnosis stands at place {plain.index(code) + 1} already",
            "Keep one of the two and point the lines at it.",
        )
        for place, code in enumerate(plain, start=1)
        if plain.index(code) + 1 < place
    ]


def check_excludes1(content: ClaimContent, facts: ScrubFacts) -> list[Finding]:
    """Ask about diagnoses that an Excludes1 note keeps apart; the coder's note silences it.

    Source:
        P22; ICD-10-CM Official Guidelines I.A.12.a.
    """
    findings = []
    for found in facts.diagnosis_findings:
        if found.code != "code-excludes1":
            continue
        pair = [
            place
            for place, code in enumerate(content.diagnoses, start=1)
            if code in found.where.split()
        ]
        if any(content.diagnoses[place - 1] in facts.noted_diagnoses for place in pair):
            continue
        findings.append(
            warning(
                "code-excludes1",
                " and ".join(_place(place) for place in pair) or "2300/HI",
                "an Excludes1 note keeps these two diagnoses apart",
                "Keep one, or say in a note why the two conditions are unrelated.",
            )
        )
    return findings


def check_procedures(content: ClaimContent, facts: ScrubFacts) -> list[Finding]:
    """Check that each procedure is in force on its own date of service.

    Source:
        R20.
    """
    findings = []
    for line in content.lines:
        where = f"2400[{line.number}]/SV101-2"
        if (line.system, line.service_date) not in facts.releases:
            findings.append(
                error(
                    "code-release-missing",
                    where,
                    f"no release of {line.system} is loaded for the date of service",
                    "Load the release for that date with `cleanclaim codes load`.",
                )
            )
        elif (line.code, line.service_date) not in facts.procedures:
            findings.append(
                error(
                    "procedure-unknown",
                    where,
                    "this procedure code is not in force on the date of service",
                    "Search for the code that was valid on that day.",
                )
            )
    return findings


def check_modifiers(content: ClaimContent, _facts: ScrubFacts) -> list[Finding]:
    """Check that modifiers are two capitals or digits, at most four, none twice.

    Source:
        TR3 005010X222A1 2400 SV101-3 to SV101-6.
    """
    findings = []
    for line in content.lines:
        for place, modifier in enumerate(line.modifiers, start=3):
            if not _MODIFIER.fullmatch(modifier):
                findings.append(
                    error(
                        "modifier-form",
                        f"2400[{line.number}]/SV101-{place}",
                        "expected two capital letters or digits",
                        "Correct the modifier.",
                    )
                )
        if len(line.modifiers) > MODIFIERS_MAX:
            findings.append(
                error(
                    "modifier-count",
                    f"2400[{line.number}]/SV101",
                    f"a line carries at most {MODIFIERS_MAX} modifiers",
                    "Keep those that the payer needs, or use 99 where the payer takes it.",
                )
            )
        if any(count > 1 for count in Counter(line.modifiers).values()):
            findings.append(
                error(
                    "modifier-duplicate",
                    f"2400[{line.number}]/SV101",
                    "a modifier stands twice on the line",
                    "Keep it once.",
                )
            )
    return findings


def check_pointers(content: ClaimContent, _facts: ScrubFacts) -> list[Finding]:
    """Check that each line points at one to four diagnoses that are there, none twice.

    Source:
        R20; TR3 005010X222A1 2400 SV107.
    """
    findings = []
    for line in content.lines:
        where = f"2400[{line.number}]/SV107"
        if not 1 <= len(line.pointers) <= POINTERS_MAX:
            findings.append(
                error(
                    "pointer-count",
                    where,
                    f"a line points at 1 to {POINTERS_MAX} diagnoses; this one at "
                    f"{len(line.pointers)}",
                    "Point the line at the diagnoses that justify it.",
                )
            )
        if any(not 1 <= pointer <= len(content.diagnoses) for pointer in line.pointers):
            findings.append(
                error(
                    "pointer-unknown",
                    where,
                    "the line points at a diagnosis that isn't there",
                    "Point the line at one of the claim's diagnoses.",
                )
            )
        if len(set(line.pointers)) < len(line.pointers):
            findings.append(
                error(
                    "pointer-duplicate",
                    where,
                    "the line points at a diagnosis twice",
                    "Point at it once.",
                )
            )
    return findings
