"""Imports of CSV files: a whole file is checked before anything of it is stored.

Two passes keep both memory and locks small: the first reads and checks every row without
writing, the second stores the rows in short transactions. The same file again changes nothing,
so an import that was cut off is simply run once more.
"""

from __future__ import annotations

import hashlib
import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, Final, Generic, TypeVar

from config.csv_fields import load_row
from config.csv_rows import Column, read_rows
from config.finding import Finding, RefusedError, has_errors
from config.outcome import Outcome
from config.tenancy import PracticeSession

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence
    from pathlib import Path

    from config.csv_fields import RowSchema

CHUNK_ROWS: Final = 200
FINDINGS_MAX: Final = 200

Draft = TypeVar("Draft")


@dataclass(frozen=True, slots=True)
class Placed(Generic[Draft]):
    """A row's content with its place.

    Attributes:
        number: The row's number, header 1.
        draft: What the row's schema made of it.
        digest: SHA-256 of the whole file; empty while it is only checked.
    """

    number: int
    draft: Draft
    digest: str = ""

    def where(self, column: str) -> str:
        """Return the place of one of its cells."""
        return f"row {self.number}, column {column}"


class Importer(ABC, Generic[Draft]):
    """One kind of file; made anew for each import, for it may remember rows.

    Attributes:
        name: The kind, as the command names it.
        schema: What a row must look like; its fields are the columns.
        columns: From a field as rules name it to its column, where the two differ.
    """

    name: ClassVar[str]
    schema: ClassVar[type[RowSchema]]
    columns: ClassVar[Mapping[str, str]] = {}

    def __init__(self) -> None:
        self._seen: set[bytes] = set()

    @abstractmethod
    def key(self, draft: Draft) -> Hashable:
        """Return what makes a row the same thing as another."""

    @abstractmethod
    def check(
        self, session: PracticeSession, rows: Sequence[Placed[Draft]]
    ) -> Mapping[int, list[Finding]]:
        """Return what is wrong with rows, by row number; `where` is the field."""

    @abstractmethod
    def store(self, session: PracticeSession, rows: Sequence[Placed[Draft]]) -> list[Outcome]:
        """Store rows.

        Raises:
            RefusedError: What was right when checked no longer is.
        """

    def check_rows(
        self, session: PracticeSession, rows: Sequence[Placed[Draft]]
    ) -> Mapping[int, list[Finding]]:
        """Check rows with the database and with the file's earlier rows."""
        found = {number: list(findings) for number, findings in self.check(session, rows).items()}
        for row in rows:
            if finding := self._check_repeat(row):
                found.setdefault(row.number, []).append(finding)
        return {
            row.number: [self._placed(row, finding) for finding in found[row.number]]
            for row in rows
            if row.number in found
        }

    def _check_repeat(self, row: Placed[Draft]) -> Finding | None:
        # 16 bytes a row, so that memory stays flat; never the key itself, which may be PHI.
        mark = hashlib.blake2b(repr(self.key(row.draft)).encode(), digest_size=16).digest()
        if mark not in self._seen:
            self._seen.add(mark)
            return None
        return Finding(
            "row-twice",
            "",
            "an earlier row of this file is about the same thing",
            "keep one of the two rows",
        )

    def _placed(self, row: Placed[Draft], finding: Finding) -> Finding:
        column = self.columns.get(finding.where, finding.where)
        where = row.where(column) if column else f"row {row.number}"
        return Finding(finding.code, where, finding.message, finding.fix, finding.level)


@dataclass
class Report:
    """What an import came to.

    Attributes:
        rows: Rows that could be read.
        counts: How many things were added, changed and unchanged.
        findings: The first of what was found, `FINDINGS_MAX` at most.
        finding_count: How much was found in all.
        is_done: Whether everything that was to be stored is.
    """

    kind: str
    rows: int = 0
    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    findings: list[Finding] = field(default_factory=list)
    finding_count: int = 0
    is_done: bool = False
    bad_rows: set[int] = field(default_factory=set)
    is_file_broken: bool = False

    def add(self, findings: Sequence[Finding]) -> None:
        """Take up findings, keeping the first ones."""
        self.finding_count += len(findings)
        self.findings += findings[: max(0, FINDINGS_MAX - len(self.findings))]


@dataclass(frozen=True)
class Units:
    """How an entry room opens its recorded units of reading and writing."""

    reading: Callable[[], AbstractContextManager[PracticeSession]]
    writing: Callable[[], AbstractContextManager[PracticeSession]]


class _DigestingReader:
    """A file that is hashed while it is read."""

    def __init__(self, raw: BinaryIO) -> None:
        self.raw = raw
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    @property
    def closed(self) -> bool:
        return self.raw.closed

    def flush(self) -> None:
        """Do nothing: it only reads."""

    def read1(self, size: int = -1) -> bytes:
        return self.read(size)

    def read(self, size: int = -1) -> bytes:
        part = self.raw.read(size)
        self.digest.update(part)
        return part


def run_import(
    path: Path, make: Callable[[], Importer[Any]], units: Units, *, skips_bad: bool = False
) -> Report:
    """Import a file: check all of it, then store it.

    Args:
        path: The file; read twice.
        make: Makes the importer of its kind.
        units: How to open sessions.
        skips_bad: Store the good rows of a file that has bad ones; a file that can't be read to
            its end is never stored.

    Raises:
        OSError: The file can't be read.
    """
    importer = make()
    report = Report(importer.name)
    digest = _check(path, importer, units, report)
    if report.is_file_broken or (report.bad_rows and not skips_bad):
        return report
    _store(path, make(), units, report, digest)
    return report


def _rows(stream: BinaryIO, importer: Importer[Any]) -> Iterator[Placed[Any] | list[Finding]]:
    schema = importer.schema()
    columns = [Column(name, spec.required) for name, spec in schema.fields.items()]
    for row in read_rows(stream, columns):
        if isinstance(row, Finding):
            yield [row]
            continue
        loaded = load_row(schema, row.number, row.cells)
        yield loaded if isinstance(loaded, list) else Placed(row.number, loaded)


def _check(path: Path, importer: Importer[Any], units: Units, report: Report) -> str:
    with path.open("rb") as raw:
        stream: Any = _DigestingReader(raw)
        for chunk in _chunks(_rows(stream, importer)):
            good = [row for row in chunk if isinstance(row, Placed)]
            for findings in chunk:
                if isinstance(findings, list):
                    _take_unreadable(report, findings)
            if good:
                with units.reading() as session:
                    found = importer.check_rows(session, good)
                for number, findings in found.items():
                    report.add(findings)
                    if has_errors(findings):
                        report.bad_rows.add(number)
            report.rows += len(good)
        # Of what was checked and no more: a file that grew meanwhile has another digest.
        return str(stream.digest.hexdigest())


def _take_unreadable(report: Report, findings: list[Finding]) -> None:
    report.add(findings)
    for finding in findings:
        place = finding.where.split(",")[0].removeprefix("row ")
        if place.isdigit() and place != "1":
            report.bad_rows.add(int(place))
        else:
            report.is_file_broken = True


def _chunks(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while chunk := list(itertools.islice(rows, CHUNK_ROWS)):
        yield chunk


def _store(path: Path, importer: Importer[Any], units: Units, report: Report, digest: str) -> None:
    with path.open("rb") as raw:
        is_same = hashlib.file_digest(raw, "sha256").hexdigest() == digest
        raw.seek(0)
        if not is_same:
            report.add([_changed_meanwhile("file", "the file changed while it was imported")])
            return
        for chunk in _chunks(_rows(raw, importer)):
            good = [
                Placed(row.number, row.draft, digest)
                for row in chunk
                if isinstance(row, Placed) and row.number not in report.bad_rows
            ]
            if not good:
                continue
            try:
                with units.writing() as session:
                    outcomes = importer.store(session, good)
            except RefusedError as error:
                where = f"rows {good[0].number} to {good[-1].number}"
                report.add(
                    [_changed_meanwhile(where, f"{error.findings[0].message}; these rows are out")]
                )
                return
            for outcome in outcomes:
                report.counts[outcome] += 1
    report.is_done = True


def _changed_meanwhile(where: str, message: str) -> Finding:
    return Finding(
        "import-interrupted",
        where,
        message,
        "import the same file again: rows that are in already stay as they are",
    )
