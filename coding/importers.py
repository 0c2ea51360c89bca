"""Readers of code set files: the ICD-10-CM Tabular XML and a practice's own CSV of procedures.

They turn bytes into rows and findings; `releases` stores the rows. A file from outside is checked
before it is believed: no DOCTYPE, known header, row by row.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from importlib import metadata
from typing import TYPE_CHECKING

from coding.rules.codes import (
    CPT_SHAPE,
    HCPCS_SHAPE,
    find_system,
    seventh_base,
    to_plain,
    to_printed,
)
from coding.values import CodeSystem, Period
from coding.words import word_set
from config.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHIPPED_XML = "icd10c-tabular-April-1-2026.xml"
SHIPPED_LIST = "code-list-April-2026.txt"
SHIPPED_PERIOD = Period(dt.date(2026, 4, 1), dt.date(2026, 9, 30))
# Source: ICD-10-CM FY2026, counted: billable codes (98,505 items with 22 chapters and 297 blocks).
SHIPPED_LEAVES = 74_719
FILE_BYTES_MAX = 64 * 1024 * 1024
CSV_COLUMNS = ("code", "description", "from", "to", "kind")
CSV_ROWS_MAX = 50_000
_NOTE_TAGS = word_set(
    "includes inclusionTerm excludes1 excludes2 codeFirst useAdditionalCode codeAlso notes "
    "sevenChrNote"
)


@dataclass(frozen=True)
class CodeRow:
    """One row of a release; `plain` is the look-up form, `parent` the plain code above or ''."""

    plain: str
    code: str
    title: str
    kind: str
    parent: str
    billable: bool
    effective_from: dt.date
    effective_to: dt.date


@dataclass(frozen=True)
class NoteRow:
    """An instruction at the place where it is printed: a code, section or chapter."""

    owner: str
    kind: str
    text: str


@dataclass
class CodeFile:
    """All that a code set file says, and what was wrong with it."""

    system: CodeSystem
    codes: list[CodeRow] = field(default_factory=list)
    notes: list[NoteRow] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def find_shipped(name: str) -> Path:
    """Return where a data file of simple-icd-10-cm lies, without importing that package.

    Importing it parses the whole file (2.4 s) and warns.

    Raises:
        FileNotFoundError: The installed version carries another file.
    """
    for entry in metadata.files("simple-icd-10-cm") or []:
        if entry.name == name:
            return entry.locate()  # type: ignore[return-value]  # the stub says PathLike
    raise FileNotFoundError(name)


def read_tabular(
    content: bytes, *, period: Period, known: frozenset[str] | None = None
) -> CodeFile:
    """Read an ICD-10-CM Tabular XML.

    Args:
        content: The file's bytes.
        period: The days on which this release is in force.
        known: Plain codes of the release's code list; where given, seventh characters that it
            doesn't hold are left out (a few combinations are barred by rules in prose).

    Returns:
        Codes in tabular order with seventh characters written out; without codes if refused.

    Source:
        ICD-10-CM Tabular List XML (NCHS), Official Guidelines I.A.
    """
    book = CodeFile(CodeSystem.ICD10CM)
    if b"<!DOCTYPE" in content[:4096] or b"<!ENTITY" in content:
        book.findings.append(
            Finding(
                "code-file-doctype",
                "file",
                "The XML has a DOCTYPE or entities, which no Tabular List has.",
                "Use the file as NCHS publishes it.",
            )
        )
        return book
    try:
        root = ET.fromstring(content)  # noqa: S314  # no DOCTYPE, so no entities to expand
    except ET.ParseError as error:
        line, column = error.position
        book.findings.append(
            Finding(
                "code-file-xml",
                f"line {line}, column {column}",
                "The file is not well-formed XML.",
                "Download the file again.",
            )
        )
        return book
    if root.tag != "ICD10CM.tabular":
        book.findings.append(
            Finding(
                "code-file-kind",
                "root element",
                "The file is not an ICD-10-CM Tabular List: ICD10CM.tabular was expected.",
                "Give the file icd10cm_tabular_YYYY.xml of the release.",
            )
        )
        return book
    for chapter in root.iter("chapter"):
        _TabularReader(book, period, known).read_chapter(chapter)
    return book


class _TabularReader:
    """Walks one chapter, carrying down what codes inherit."""

    def __init__(self, book: CodeFile, period: Period, known: frozenset[str] | None) -> None:
        self.book, self.period, self.known = book, period, known

    def read_chapter(self, chapter: ET.Element) -> None:
        owner = f"chapter {_text(chapter, 'name')}"
        self._read_notes(chapter, owner)
        self._add(owner, owner, _text(chapter, "desc"), "chapter", "", billable=False)
        for section in chapter.findall("section"):
            name = f"section {section.get('id', '')}"
            self._read_notes(section, name)
            self._add(name, name, _text(section, "desc"), "section", owner, billable=False)
            for diag in section.findall("diag"):
                self._read_code(diag, name, {})

    def _read_code(self, diag: ET.Element, parent: str, seventh: dict[str, str]) -> None:
        printed, title = _text(diag, "name"), _text(diag, "desc")
        plain = to_plain(printed)
        self._read_notes(diag, plain)
        seventh = dict(_read_seventh(diag)) or seventh
        below = diag.findall("diag")
        extended = [] if below else self._list_extended(plain, seventh)
        kind = "category" if len(plain) == 3 else "subcategory"
        self._add(plain, printed, title, kind, parent, billable=not below and not extended)
        for code, words in extended:
            self._add(code, to_printed(code), f"{title}, {words}", "seventh", plain, billable=True)
        for child in below:
            self._read_code(child, plain, seventh)

    def _list_extended(self, plain: str, seventh: dict[str, str]) -> list[tuple[str, str]]:
        base = seventh_base(plain)
        if not seventh or len(base) != 6:
            return []
        codes = [(base + char, words) for char, words in seventh.items()]
        return [(code, words) for code, words in codes if self.known is None or code in self.known]

    def _read_notes(self, element: ET.Element, owner: str) -> None:
        for child in element:
            if child.tag in _NOTE_TAGS:
                for note in child:
                    if text := " ".join((note.text or "").split()):
                        self.book.notes.append(NoteRow(owner, child.tag, text))

    def _add(  # one argument a column
        self, plain: str, code: str, title: str, kind: str, parent: str, *, billable: bool
    ) -> None:
        first, last = self.period.first, self.period.last
        self.book.codes.append(CodeRow(plain, code, title, kind, parent, billable, first, last))


def _text(element: ET.Element, tag: str) -> str:
    child = element.find(tag)
    return " ".join((child.text or "").split()) if child is not None else ""


def _read_seventh(diag: ET.Element) -> Iterator[tuple[str, str]]:
    definition = diag.find("sevenChrDef")
    for extension in definition.findall("extension") if definition is not None else []:
        yield extension.get("char", ""), " ".join((extension.text or "").split())


def read_code_list(content: bytes) -> frozenset[str]:
    """Return the plain codes of a code list: one a line, words after the code left out."""
    lines = content.decode("utf-8", errors="replace").splitlines()
    return frozenset(to_plain(line.split(" ")[0]) for line in lines if line.strip())


def read_procedures(content: bytes, *, period: Period | None = None) -> dict[CodeSystem, CodeFile]:
    """Read a practice's CSV of CPT and HCPCS codes: code, description, from, to, kind.

    Args:
        content: UTF-8 CSV with a header line; columns in any order, further ones are ignored.
        period: The days on which the release is in force; an empty `to` means its last day.
            Without it the earliest and latest dates of the rows set it.

    Returns:
        One file of rows for each system that occurs; findings name row and column.
    """
    books = {system: CodeFile(system) for system in (CodeSystem.CPT, CodeSystem.HCPCS)}
    findings = books[CodeSystem.CPT].findings
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        findings.append(_csv_finding("csv-encoding", f"byte {error.start}", "not UTF-8"))
        return books
    rows = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in CSV_COLUMNS if name not in (rows.fieldnames or [])]
    if missing:
        findings.append(_csv_finding("csv-header", "row 1", f"no column {', '.join(missing)}"))
        return books
    _read_csv_rows(rows, books, period)
    if not any(book.codes for book in books.values()) and not findings:
        findings.append(_csv_finding("csv-empty", "row 2", "no rows"))
    return books


def _read_csv_rows(
    rows: csv.DictReader[str], books: dict[CodeSystem, CodeFile], period: Period | None
) -> None:
    findings, seen = books[CodeSystem.CPT].findings, set[str]()
    try:
        for number, row in enumerate(rows, start=2):
            if number > CSV_ROWS_MAX:
                findings.append(_csv_finding("csv-rows", f"row {number}", "too many rows"))
                return
            code = (row["code"] or "").strip().upper()
            if code in seen:
                findings.append(
                    _csv_finding("code-duplicate", f"row {number}, column code", "code twice")
                )
            seen.add(code)
            found = _read_csv_row(row, f"row {number}", period)
            if isinstance(found, CodeRow):
                books[CodeSystem(find_system(found.plain) or CodeSystem.CPT)].codes.append(found)
            else:
                findings.extend(found)
    except csv.Error as error:
        findings.append(_csv_finding("csv-syntax", f"line {rows.line_num}", str(error)))


def _read_csv_row(
    row: dict[str, str], where: str, period: Period | None
) -> CodeRow | list[Finding]:
    code = (row["code"] or "").strip().upper()
    title = " ".join((row["description"] or "").split())
    first, last = _read_day(row["from"]), _read_day(row["to"])
    if period is not None:
        first = first or (period.first if not (row["from"] or "").strip() else None)
        last = last or (period.last if not (row["to"] or "").strip() else None)
    findings = []
    if not (CPT_SHAPE.match(code) or HCPCS_SHAPE.match(code)):
        findings.append(
            _csv_finding("code-shape", f"{where}, column code", "no CPT or HCPCS number")
        )
    if not title or len(title) > 500 or re.search(r"[\x00-\x1f\u202a-\u202e\u2066-\u2069]", title):
        findings.append(
            _csv_finding(
                "code-description", f"{where}, column description", "not 1 to 500 plain characters"
            )
        )
    if first is None or last is None or last < first:
        findings.append(
            _csv_finding("code-dates", f"{where}, columns from and to", "no dates in order")
        )
        return findings
    if findings:
        return findings
    kind = (row["kind"] or "").strip() or "procedure"
    return CodeRow(
        code, code, title, kind, "", billable=True, effective_from=first, effective_to=last
    )


def _read_day(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat((text or "").strip())
    except ValueError:
        return None


_CSV_FIXES = {
    "csv-encoding": "Save the file as UTF-8.",
    "csv-header": f"Start with a line of column names: {','.join(CSV_COLUMNS)}.",
    "csv-empty": "Add a line for each code.",
    "csv-rows": f"Split the file: at most {CSV_ROWS_MAX} rows.",
    "csv-syntax": "Mend the quotes on this line.",
    "code-duplicate": "Keep one row for each code.",
    "code-shape": "Five characters: 99213, 0001F or J1885.",
    "code-description": "Write a short description.",
    "code-dates": "Write dates as 2026-01-31; give the release's last day where to is empty.",
}


def _csv_finding(code: str, where: str, problem: str) -> Finding:
    return Finding(code, where, f"{problem[:1].upper()}{problem[1:]}.", _CSV_FIXES[code])
