"""Reads a practice's own CSV of CPT and HCPCS codes."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from typing import TYPE_CHECKING

from coding.importers.rows import CodeFile, CodeRow
from coding.rules.codes import CPT_SHAPE, HCPCS_SHAPE, find_system
from coding.values import CodeSystem
from config.finding import Finding

if TYPE_CHECKING:
    from coding.values import Period

CSV_COLUMNS = ("code", "description", "from", "to", "kind")
CSV_ROWS_MAX = 50_000


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
