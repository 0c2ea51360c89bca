"""Reads the ICD-10-CM Tabular XML, the shipped one or a later release."""

from __future__ import annotations

import datetime as dt
import xml.etree.ElementTree as ET
from importlib import metadata
from typing import TYPE_CHECKING

from coding.importers.rows import CodeFile, CodeRow, NoteRow
from coding.rules.codes import (
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
_NOTE_TAGS = word_set(
    "includes inclusionTerm excludes1 excludes2 codeFirst useAdditionalCode codeAlso notes "
    "sevenChrNote"
)


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
    root = _parse(book, content)
    if root is None:
        return book
    if root.tag != "ICD10CM.tabular":
        return _refuse(book, "code-file-kind", "root element", "ICD10CM.tabular was expected")
    for chapter in root.iter("chapter"):
        _TabularReader(book, period, known).read_chapter(chapter)
    return book


def _parse(book: CodeFile, content: bytes) -> ET.Element | None:
    """Return the root of an XML file without DOCTYPE, entities or odd encodings, or refuse it."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse(book, "code-file-encoding", f"byte {error.start}", "the file is not UTF-8 text")
        return None
    # UTF-16 without a byte order mark reads as UTF-8 with NULs, and would hide a DOCTYPE.
    if b"\x00" in content:
        _refuse(book, "code-file-encoding", "file", "the file is not UTF-8 text")
        return None
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        _refuse(book, "code-file-doctype", "file", "a Tabular List has no DOCTYPE or entities")
        return None
    try:
        return ET.fromstring(content)  # noqa: S314  # no DOCTYPE, so no entities to expand
    except ET.ParseError as error:
        line, column = error.position
        _refuse(book, "code-file-xml", f"line {line}, column {column}", "not well-formed XML")
        return None
    except (LookupError, ValueError):
        _refuse(book, "code-file-encoding", "line 1", "the declared encoding is not UTF-8")
        return None


def _refuse(book: CodeFile, code: str, where: str, problem: str) -> CodeFile:
    fix = "Give icd10cm_tabular_YYYY.xml of the release, as NCHS publishes it."
    book.findings.append(Finding(code, where, f"{problem[:1].upper()}{problem[1:]}.", fix))
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
