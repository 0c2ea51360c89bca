"""Visits from CSV: what each column becomes, and the exact cell of what can't be used."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from config.people import Identifier
from encounters import adapters_csv

if TYPE_CHECKING:
    from encounters.values import Intake

HEAD = ",".join(adapters_csv.COLUMNS)
ROW = 'V1,EHR|MR-1001,2026-09-15,1245319599,MAIN,"Acute cough; Fever",99213,2,25;59'

BAD_BYTE = f"byte {len(HEAD) + 1 + ROW.index('cough') + 4}"


def read(*rows: str, head: str = HEAD) -> Intake:
    return read_bytes("\n".join((head, *rows, "")).encode())


def read_bytes(raw: bytes) -> Intake:
    return adapters_csv.to_intake(raw, control_id="F1", sender="csv")


def told(intake: Intake) -> list[tuple[str, str]]:
    return [(finding.code, finding.where) for finding in intake.findings]


def test_a_row_becomes_a_visit_with_its_places() -> None:
    intake = read(ROW)
    assert told(intake) == []
    assert (intake.control_id, intake.sender, intake.kind) == ("F1", "csv", "CSV")
    (visit,) = intake.visits
    assert visit.identifier == Identifier("csv", "V1", "VN")
    assert visit.patient == Identifier("EHR", "MR-1001")
    assert visit.service_date == dt.date(2026, 9, 15)
    assert (visit.provider_npi, visit.location_code) == ("1245319599", "MAIN")
    assert [c.words for c in visit.conditions] == ["Acute cough", "Fever"]
    (charge,) = visit.charges
    assert (charge.system, charge.code, charge.units) == ("CPT", "99213", 2)
    assert charge.modifiers == ("25", "59")
    assert charge.paths["code"] == "row 2, column code"
    assert visit.paths["patient"] == "row 2, column patient_mrn"
    assert visit.paths["service_date"] == "row 2, column service_date"


def test_rows_of_one_visit_number_are_its_charges() -> None:
    intake = read(ROW, "V2,M2,2026-09-15,,,,,,", "V1,EHR|MR-1001,2026-09-15,,,,J1885,,")
    first, second = intake.visits
    assert [(c.code, c.system, c.identifier) for c in first.charges] == [
        ("99213", "CPT", "V1/2"),
        ("J1885", "HCPCS", "V1/4"),
    ]
    assert (second.charges, second.patient) == ((), Identifier("mrn", "M2"))


@pytest.mark.parametrize(
    ("row", "finding"),
    [
        (",M1,2026-09-15,,,,,,", ("csv-visit-number", "row 2, column visit_number")),
        ("V1,,2026-09-15,,,,,,", ("csv-patient-mrn", "row 2, column patient_mrn")),
        ("V1,M1,,,,,,,", ("csv-service-date", "row 2, column service_date")),
        ("V1,M1,15.9.2026,,,,,,", ("csv-service-date", "row 2, column service_date")),
        ("V1,M1,2026-02-30,,,,,,", ("csv-service-date", "row 2, column service_date")),
        ("V1,M1,2026-09-15,,,,99213,0,", ("csv-units", "row 2, column units")),
        ("V1,M1,2026-09-15,,,,99213,1.5,", ("csv-units", "row 2, column units")),
        ("V1,M1,2026-09-15,,,,99213,10000,", ("csv-units", "row 2, column units")),
        ("V1,M1,2026-09-15,,,,99213,²,", ("csv-units", "row 2, column units")),
    ],
)
def test_cell_that_cannot_be_used_is_named(row: str, finding: tuple[str, str]) -> None:
    assert told(read(row)) == [finding]


def test_all_wrong_cells_are_told_at_once() -> None:
    intake = read("V1,,soon,,,,,,", "V2,M1,2026-09-15,,,,99213,x,")
    assert [code for code, _ in told(intake)] == [
        "csv-patient-mrn",
        "csv-service-date",
        "csv-units",
    ]


def test_rows_of_a_visit_that_contradict_each_other_are_named() -> None:
    intake = read(ROW, "V1,EHR|OTHER,2026-09-16,,,,93000,,")
    assert told(intake) == [
        ("csv-patient-mrn", "row 3, column patient_mrn"),
        ("csv-service-date", "row 3, column service_date"),
    ]


def test_missing_columns_are_listed() -> None:
    (finding,) = read("V1,M1", head="visit_number,patient_mrn").findings
    assert (finding.code, finding.where) == ("csv-columns", "row 1")
    assert "service_date, provider_npi" in finding.message


def test_row_with_too_many_cells_is_named() -> None:
    assert told(read(f"{ROW},surplus")) == [("csv-columns", "row 2")]


def test_byte_order_mark_and_crlf_are_read() -> None:
    raw = b"\xef\xbb\xbf" + f"{HEAD}\r\n{ROW}\r\n".encode()
    intake = read_bytes(raw)
    assert told(intake) == []
    assert len(intake.visits) == 1


@pytest.mark.parametrize(
    ("raw", "finding"),
    [
        (b"", ("csv-columns", "row 1")),
        (f"{HEAD}\n{ROW}\n".encode().replace(b"cough", b"cou\xffgh"), ("csv-encoding", BAD_BYTE)),
        (f"{HEAD}\n{ROW}\n".encode().replace(b"cough", b"cou\x00gh"), ("csv-control", "file")),
        (f"{HEAD}\n{ROW}\n".replace("cough", "cou\u202egh").encode(), ("csv-control", "file")),
        (f'{HEAD}\nV1,"M1\n'.encode(), ("csv-quoting", "row 2")),
        (f'{HEAD}\nV1,"M1"x,2026\n'.encode(), ("csv-quoting", "row 2")),
    ],
)
def test_file_that_cannot_be_read_says_where(raw: bytes, finding: tuple[str, str]) -> None:
    intake = read_bytes(raw)
    assert intake.visits == ()
    assert told(intake) == [finding]


def test_file_of_more_rows_than_the_limit_is_refused() -> None:
    rows = (f"V{n},M1,2026-09-15,,,,,," for n in range(adapters_csv.ROWS_MAX + 1))
    intake = read(*rows)
    assert told(intake) == [("csv-rows", f"row {adapters_csv.ROWS_MAX + 2}")]
    fits = (f"V{n},M1,2026-09-15,,,,,," for n in range(adapters_csv.ROWS_MAX))
    assert told(read(*fits)) == []
