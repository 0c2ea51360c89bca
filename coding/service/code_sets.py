"""Code sets: load and undo releases, look codes up, check them, search, suggest.

All of it reads and writes files in the folder that the caller names and needs no database.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from coding import queries
from coding.adapters import read_bundle_conditions
from coding.importers import (
    FILE_BYTES_MAX,
    SHIPPED_LEAVES,
    SHIPPED_LIST,
    SHIPPED_PERIOD,
    SHIPPED_XML,
    find_shipped,
    read_code_list,
    read_procedures,
    read_tabular,
)
from coding.index import open_index
from coding.releases import (
    ReleaseOverlapError,
    list_in_force,
    put_in_force,
    step_back,
    write_release,
    writing,
)
from coding.rules.codes import find_duplicates, to_plain
from coding.search import Shelf, search
from coding.suggest import suggest, suggest_condition
from coding.values import (
    CodeSystem,
    LoadAnswer,
    Period,
    Release,
    SearchAnswer,
    SuggestAnswer,
)
from config.finding import Finding, Level

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from coding.importers import (
        CodeFile,
    )
    from coding.values import (
        Code,
        CodeNote,
    )

CODE_SETS = ("icd-10-cm", "procedures")


def load_shipped_icd10cm(folder: Path) -> LoadAnswer:
    """Load the ICD-10-CM release that comes with the installation (April 1 2026).

    Loading the same file again changes nothing.
    """
    content = find_shipped(SHIPPED_XML).read_bytes()
    known = read_code_list(find_shipped(SHIPPED_LIST).read_bytes())
    held = _find_same(folder, hashlib.sha256(content).hexdigest(), SHIPPED_PERIOD)
    if held:
        return LoadAnswer(held, ())
    book = read_tabular(content, period=SHIPPED_PERIOD, known=known)
    billable = sum(row.billable for row in book.codes)
    if not book.findings and billable != SHIPPED_LEAVES:
        book.findings.append(
            Finding(
                "code-file-count",
                "file",
                f"{billable} billable codes were read, {SHIPPED_LEAVES} were expected.",
                "Install the locked version of simple-icd-10-cm.",
            )
        )
    return _store(folder, [book], SHIPPED_XML, content, SHIPPED_PERIOD)


def load_shipped_procedures(folder: Path) -> LoadAnswer:
    """Load the demo's few CPT and HCPCS numbers, in force in 2026, with wording of our own."""
    import datetime as dt  # noqa: PLC0415  # the one use at run time
    from importlib import resources  # noqa: PLC0415  # only the demo needs it

    content = resources.files("coding").joinpath("samples/procedures.csv").read_bytes()
    period = Period(dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    return _load(folder, "procedures", "procedures.csv", content, period)


def load_code_set(
    folder: Path, name: str, *, source: Path, period: Period | None = None
) -> LoadAnswer:
    """Load a code set from a file: icd-10-cm (Tabular XML) or procedures (CSV).

    Args:
        folder: Folder of code sets.
        name: One of `CODE_SETS`.
        source: The file.
        period: The days on which the release is in force; icd-10-cm needs it.

    Returns:
        The releases that came into force; none if there are findings: nothing is half-loaded.

    Raises:
        OSError: The file can't be read.
    """
    if source.stat().st_size > FILE_BYTES_MAX:
        return LoadAnswer((), (_finding("code-file-size", f"over {FILE_BYTES_MAX} bytes"),))
    return _load(folder, name, source.name, source.read_bytes(), period)


def _load(
    folder: Path, name: str, source_file: str, content: bytes, period: Period | None
) -> LoadAnswer:
    if name not in CODE_SETS:
        return LoadAnswer((), (_finding("code-set-unknown", f"not one of {', '.join(CODE_SETS)}"),))
    held = _find_same(folder, hashlib.sha256(content).hexdigest(), period)
    if held:
        return LoadAnswer(held, ())
    if name == "procedures":
        books = list(read_procedures(content, period=period).values())
    elif period is None:
        return LoadAnswer((), (_finding("code-period-missing", "the release's days are not said"),))
    else:
        books = [read_tabular(content, period=period)]
    return _store(folder, books, source_file, content, period)


def _find_same(folder: Path, sha256: str, period: Period | None) -> tuple[Release, ...]:
    return tuple(
        release
        for release in list_in_force(folder)
        if release.sha256 == sha256 and period in {None, release.period}
    )


def _store(  # a file's name, bytes and days belong together
    folder: Path,
    books: Sequence[CodeFile],
    source_file: str,
    content: bytes,
    period: Period | None,
) -> LoadAnswer:
    findings = [finding for book in books for finding in book.findings]
    if findings:
        return LoadAnswer((), tuple(findings))
    releases = []
    with writing(folder):
        for book in books:
            if book.codes:
                release = _describe(book, source_file, content, period)
                if not (folder / release.file).exists():
                    write_release(folder, book, release)
                releases.append(release)
        try:
            put_in_force(folder, releases)
        except ReleaseOverlapError as error:
            return LoadAnswer((), (_finding("code-release-overlap", str(error)),))
    for release in releases:
        open_index(folder, release)
    return LoadAnswer(tuple(releases), ())


def _describe(book: CodeFile, source_file: str, content: bytes, period: Period | None) -> Release:
    first = period.first if period else min(row.effective_from for row in book.codes)
    last = period.last if period else max(row.effective_to for row in book.codes)
    sha256 = hashlib.sha256(content).hexdigest()
    return Release(
        system=book.system,
        release=f"{first:%Y-%m}",
        effective_from=first,
        effective_to=last,
        source_file=source_file,
        sha256=sha256,
        rows=sum(row.kind not in {"chapter", "section"} for row in book.codes),
        file=f"{book.system.lower()}.{first:%Y%m%d}-{last:%Y%m%d}.{sha256[:12]}.sqlite",
    )


_FIXES = {
    "code-file-size": "Give the code set's own file, unpacked.",
    "code-set-unknown": f"Name one of {', '.join(CODE_SETS)}.",
    "code-period-missing": "Say --from and --to.",
    "code-release-overlap": "Undo the release in force, or give days that it does not have.",
}


def _finding(code: str, problem: str) -> Finding:
    return Finding(code, "file", f"{problem[:1].upper()}{problem[1:]}.", _FIXES[code])


def undo_load(folder: Path) -> list[Release]:
    """Take back the last load: the pointer says again what it said before."""
    with writing(folder):
        return step_back(folder)


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
