"""Loading code sets: a release file is written, checked and put in force; undo takes it back."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from coding.importers.procedures import read_procedures
from coding.importers.tabular import (
    SHIPPED_LEAVES,
    SHIPPED_LIST,
    SHIPPED_PERIOD,
    SHIPPED_XML,
    find_shipped,
    read_code_list,
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
from coding.values import (
    LoadAnswer,
    Period,
    Release,
)
from config.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from coding.importers.rows import CodeFile

FILE_BYTES_MAX = 64 * 1024 * 1024
CODE_SETS = ("icd-10-cm", "procedures")
_FIXES = {
    "code-file-size": "Give the code set's own file, unpacked.",
    "code-set-unknown": f"Name one of {', '.join(CODE_SETS)}.",
    "code-period-missing": "Say --from and --to.",
    "code-release-overlap": "Undo the release in force, or give days that it does not have.",
}


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
        held = _find_same(folder, hashlib.sha256(content).hexdigest(), period)
        if held:  # another process loaded it meanwhile
            return LoadAnswer(held, ())
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


def _finding(code: str, problem: str) -> Finding:
    return Finding(code, "file", f"{problem[:1].upper()}{problem[1:]}.", _FIXES[code])


def undo_load(folder: Path) -> list[Release]:
    """Take back the last load: the pointer says again what it said before."""
    with writing(folder):
        return step_back(folder)
