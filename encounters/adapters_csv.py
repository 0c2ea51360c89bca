"""Visits from CSV: one row a charge, rows of one visit number together make the visit."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from typing import TYPE_CHECKING, Final

from config.finding import Finding
from config.people import Identifier
from encounters.values import Intake, IntakeCharge, IntakeCondition, IntakeVisit

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS: Final = (
    "visit_number",
    "patient_mrn",
    "service_date",
    "provider_npi",
    "location_code",
    "conditions",
    "code",
    "units",
    "modifiers",
)
ROWS_MAX: Final = 50_000
SYSTEM: Final = "csv"
# NUL, and the characters that reorder what a reader sees.
_FORBIDDEN: Final = re.compile("[\x00\u202a-\u202e\u2066-\u2069]")


def to_intake(raw: bytes, *, control_id: str, sender: str) -> Intake:
    """Turn a CSV file of visits into intake values.

    Args:
        raw: UTF-8 with a header row of `COLUMNS`; `conditions` and `modifiers` hold several,
            separated by a semicolon; `patient_mrn` is `system|value`, or a value alone.
        control_id: Our number of the message.
        sender: Who sent it.

    Returns:
        Visits, and a finding for each cell that can't be used, as `row 3, column units`.
    """
    findings: list[Finding] = []
    rows = list(_read_rows(raw, findings))
    visits: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for number, row in rows:
        visits.setdefault(row["visit_number"], []).append((number, row))
    found = [_to_visit(key, lines, findings) for key, lines in visits.items()]
    return Intake(
        control_id=control_id,
        sender=sender,
        kind="CSV",
        visits=tuple(visit for visit in found if visit is not None),
        findings=tuple(findings),
    )


def _read_rows(raw: bytes, findings: list[Finding]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        findings.append(
            Finding(
                "csv-encoding", f"byte {error.start + 1}", "this is not UTF-8", "Save it as UTF-8."
            )
        )
        return
    if _FORBIDDEN.search(text):
        findings.append(
            Finding(
                "csv-control",
                "file",
                "it holds a NUL or a character that turns the direction of text",
                "Export it again.",
            )
        )
        return
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        findings.append(
            Finding(
                "csv-columns",
                "row 1",
                f"columns missing: {', '.join(missing)}",
                f"Name the columns {', '.join(COLUMNS)}.",
            )
        )
        return
    number = 1
    try:
        for number, row in enumerate(reader, start=2):
            if number > ROWS_MAX + 1:
                findings.append(
                    Finding("csv-rows", f"row {number}", "too many rows", "Split the file.")
                )
                return
            if None in row:
                findings.append(
                    Finding(
                        "csv-columns",
                        f"row {number}",
                        "the row has more cells than the header",
                        "Put cells with commas into quotation marks.",
                    )
                )
                continue
            yield number, {name: (row.get(name) or "").strip() for name in COLUMNS}
    except csv.Error:
        findings.append(
            Finding(
                "csv-quoting",
                f"row {number + 1}",
                "the quoting can't be read",
                "Export the file again.",
            )
        )


def _to_visit(
    key: str, lines: list[tuple[int, dict[str, str]]], findings: list[Finding]
) -> IntakeVisit | None:
    number, first = lines[0]
    before = len(findings)
    findings += [
        _cell(number, column, "is empty", "Fill it in.")
        for column in ("visit_number", "patient_mrn", "service_date")
        if not first[column]
    ]
    findings += [
        _cell(place, column, "differs from the visit's first row", "Correct one of them.")
        for place, row in lines[1:]
        for column in ("patient_mrn", "service_date")
        if row[column] != first[column]
    ]
    day = _read_day(number, first["service_date"], findings)
    if len(findings) > before or day is None:
        return None
    charges = [_to_charge(place, row, day, findings) for place, row in lines if row["code"]]
    return IntakeVisit(
        identifier=Identifier(SYSTEM, key, "VN"),
        patient=to_identifier(first["patient_mrn"]),
        service_date=day,
        provider_npi=first["provider_npi"],
        location_code=first["location_code"],
        conditions=tuple(
            IntakeCondition(words.strip(), paths={"words": f"row {number}, column conditions"})
            for words in first["conditions"].split(";")
            if words.strip()
        ),
        charges=tuple(charges),
        paths={name: f"row {number}, column {name}" for name in COLUMNS}
        | {"patient": f"row {number}, column patient_mrn"},
    )


def _to_charge(
    number: int, row: dict[str, str], day: dt.date, findings: list[Finding]
) -> IntakeCharge:
    units = row["units"] or "1"
    if not (units.isascii() and units.isdigit() and 0 < int(units) < 10_000):
        findings.append(_cell(number, "units", "is not a whole number from 1", "Correct it."))
        units = "1"
    return IntakeCharge(
        identifier=f"{row['visit_number']}/{number}",
        system="CPT" if row["code"][:1].isdigit() else "HCPCS",
        code=row["code"],
        words="",
        service_date=day,
        units=int(units),
        modifiers=tuple(m.strip() for m in row["modifiers"].split(";") if m.strip()),
        paths={"code": f"row {number}, column code"},
    )


def to_identifier(text: str) -> Identifier:
    """Read `system|value`, or a value alone under the system `mrn`."""
    system, bar, value = text.rpartition("|")
    return Identifier(system if bar else "mrn", value)


def _read_day(number: int, text: str, findings: list[Finding]) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        findings.append(
            _cell(number, "service_date", "is not a date such as 2026-09-15", "Correct it.")
        )
        return None


def _cell(number: int, column: str, what: str, fix: str) -> Finding:
    return Finding(f"csv-{column.replace('_', '-')}", f"row {number}, column {column}", what, fix)
