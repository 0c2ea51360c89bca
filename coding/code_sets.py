"""Looking codes up, checking them, searching and suggesting: reads of the code sets in force."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from coding import queries
from coding.adapters import read_bundle_conditions
from coding.index import open_index
from coding.question import Shelf
from coding.releases import (
    list_in_force,
)
from coding.rules.codes import find_duplicates, to_plain
from coding.search import search
from coding.suggest import suggest, suggest_condition
from coding.values import (
    CodeSystem,
    SearchAnswer,
    SuggestAnswer,
)
from config.finding import Finding, Level

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from coding.values import (
        Code,
        CodeNote,
        Release,
    )


def list_releases(folder: Path) -> list[Release]:
    """Return the releases in force, by system and first day."""
    return list_in_force(folder)


def find_release(folder: Path, system: CodeSystem, *, on: dt.date | None) -> Release | None:
    """Return the release of a system in force on a day, or None; without a day the newest."""
    return queries.find_release(folder, system, on=on)


def find_code(
    folder: Path, code: str, *, on: dt.date, system: CodeSystem | None = None
) -> Code | None:
    """Return a code that is in force on a day, or None; dots and case don't matter."""
    for kind in [system] if system else list(CodeSystem):
        release = queries.find_release(folder, kind, on=on)
        found = queries.find_code(folder, release, code) if release else None
        if found and found.effective_from <= on <= found.effective_to:
            return found
    return None


def get_codes(folder: Path, codes: Iterable[str], *, on: dt.date) -> dict[str, Code]:
    """Return the codes that are in force on a day, by the form they were asked in."""
    found = {code: find_code(folder, code, on=on) for code in codes}
    return {asked: code for asked, code in found.items() if code}


def list_notes(folder: Path, code: str, *, on: dt.date) -> list[CodeNote]:
    """Return the instructions that hold for an ICD-10-CM code, inherited ones included."""
    release = queries.find_release(folder, CodeSystem.ICD10CM, on=on)
    return queries.list_notes(folder, release, code) if release else []


def check_diagnosis_codes(folder: Path, codes: Sequence[str], *, on: dt.date) -> list[Finding]:
    """Return what is wrong with the diagnoses of a visit on its date of service.

    Codes are code-release-missing, code-unknown, code-seventh-character, code-not-billable and
    code-duplicate; code-excludes1 is a warning that a note overrides.

    Source:
        ICD-10-CM Official Guidelines I.A.5, I.A.12.a, I.B.2.
    """
    release = queries.find_release(folder, CodeSystem.ICD10CM, on=on)
    if release is None:
        return [missing_release(CodeSystem.ICD10CM, on)]
    findings = [
        finding
        for place, code in enumerate(codes, start=1)
        for finding in _check_diagnosis(folder, release, code, f"diagnosis {place}")
    ]
    findings += [
        Finding(
            "code-duplicate", f"diagnosis {code}", "The code stands twice.", "Keep one of them."
        )
        for code in find_duplicates(codes)
    ]
    printed = {to_plain(code): code for code in codes}
    findings += [
        Finding(
            "code-excludes1",
            f"diagnoses {printed[one]} and {printed[other]}",
            f"An Excludes1 note of {printed[one]} bars {printed[other]}: {note}.",
            "Keep one, or say in a note why the two are unrelated.",
            Level.WARNING,
        )
        for one, other, note in queries.list_excluded_pairs(folder, release, codes)
    ]
    return findings


def missing_release(system: CodeSystem, on: dt.date | None) -> Finding:
    """Return the finding for a day on which no release of a system is in force."""
    day = on.isoformat() if on else "any date"
    return Finding(
        "code-release-missing",
        f"{system.value} on {day}",
        f"No release of {system.value} is loaded that is in force on {day}.",
        "Load the release for that date with `cleanclaim codes load`.",
    )


def _check_diagnosis(folder: Path, release: Release, code: str, where: str) -> list[Finding]:
    found = queries.find_code(folder, release, code)
    if found is None:
        return [
            Finding(
                "code-unknown",
                where,
                f"{code} is not in ICD-10-CM release {release.release}.",
                "Search for the code that is valid on the date of service.",
            )
        ]
    if found.billable:
        return []
    if queries.has_seventh(folder, release, code):
        return [
            Finding(
                "code-seventh-character",
                where,
                f"{code} needs a 7th character.",
                "Add it: A initial, D subsequent, S sequela, or as the category says.",
            )
        ]
    return [
        Finding(
            "code-not-billable",
            where,
            f"{code} is a heading: it needs more characters.",
            "Choose one of the codes below it.",
        )
    ]


def open_shelves(
    folder: Path, *, on: dt.date | None, systems: Iterable[CodeSystem] | None = None
) -> tuple[list[Shelf], list[Release]]:
    """Return the search indexes in force on a day, diagnoses first, and their releases."""
    wanted = list(systems) if systems else list(CodeSystem)
    held = [queries.find_release(folder, system, on=on) for system in wanted]
    releases = [release for release in held if release]
    return [Shelf(release.system, open_index(folder, release)) for release in releases], releases


def search_codes(  # a search form's fields
    folder: Path,
    words: str,
    *,
    on: dt.date | None = None,
    lang: str = "en",
    limit: int = 10,
    systems: Iterable[CodeSystem] | None = None,
) -> SearchAnswer:
    """Return the codes that a code, its beginning, or words lead to, best first.

    Args:
        folder: Folder of code sets.
        words: What the coder typed.
        on: Date of service; without it the newest release loaded answers and is named.
        lang: `en` or `es`.
        limit: Most hits.
        systems: Only these code systems.
    """
    shelves, releases = open_shelves(folder, on=on, systems=systems)
    hits = search(words, shelves, lang=lang, limit=limit)
    wanted = list(systems) if systems else [CodeSystem.ICD10CM]
    held = {release.system for release in releases}
    findings = tuple(missing_release(system, on) for system in wanted if system not in held)
    return SearchAnswer(on, tuple(releases), tuple(hits), findings)


def suggest_codes(
    folder: Path, text: str, *, on: dt.date | None = None, office: bool = True
) -> SuggestAnswer:
    """Return the codes that the words of a note lead to, in reading order.

    Args:
        folder: Folder of code sets.
        text: The note.
        on: Date of service; without it the newest release.
        office: Whether uncertain diagnoses stay uncoded, as outpatient rules ask.

    Source:
        ICD-10-CM Official Guidelines IV.H (uncertain diagnosis, outpatient).
    """
    shelves, _ = open_shelves(folder, on=on, systems=[CodeSystem.ICD10CM])
    if not shelves:
        return SuggestAnswer((), (missing_release(CodeSystem.ICD10CM, on),))
    return SuggestAnswer(tuple(suggest(text, shelves[0], office=office)))


def suggest_for_conditions(
    folder: Path, texts: Sequence[str], *, on: dt.date | None = None
) -> list[SuggestAnswer]:
    """Return one answer for each condition's words (SNOMED display or free text), in order."""
    shelves, _ = open_shelves(folder, on=on, systems=[CodeSystem.ICD10CM])
    if not shelves:
        return [SuggestAnswer((), (missing_release(CodeSystem.ICD10CM, on),)) for _ in texts]
    return [SuggestAnswer(tuple(suggest_condition(text, shelves[0]))) for text in texts]


def suggest_for_file(
    folder: Path, text: str, *, on: dt.date | None = None, office: bool = True
) -> SuggestAnswer:
    """Return suggestions for a file's text: a FHIR bundle's conditions, or else a note.

    Offsets count characters of the whole file.
    """
    conditions = read_bundle_conditions(text) if text.lstrip()[:1] == "{" else None
    if conditions is None:
        return suggest_codes(folder, text, on=on, office=office)
    answers = suggest_for_conditions(folder, [c.words for c in conditions], on=on)
    found = {
        (suggestion.code, condition.start): replace(
            suggestion,
            start=suggestion.start + condition.start,
            end=suggestion.end + condition.start,
        )
        for condition, answer in zip(conditions, answers, strict=True)
        for suggestion in answer.suggestions
    }
    findings = answers[0].findings if answers else ()
    return SuggestAnswer(tuple(found.values()), findings)
