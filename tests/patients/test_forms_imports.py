from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from audit.service import reading, writing
from config.csv_import import Units, run_import
from config.outcome import Outcome
from config.provenance import SourceKind
from patients.forms.imports import CoverageImporter, GuarantorImporter, PatientImporter
from patients.service import (
    find_patient_by_identifier,
    get_coverages,
    get_guarantors,
    search_patients,
)
from practice.forms.dated_imports import ChargeImporter, ContractImporter, EnrolmentImporter
from practice.forms.imports import (
    FeedImporter,
    LocationImporter,
    PartnerImporter,
    PayerImporter,
    ProviderImporter,
)
from practice.forms.rows import PracticeForm
from practice.service import save_payer
from tests.factories.patients import TODAY, make_identifier
from tests.factories.practice import make_payer

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.actor import Actor
    from config.csv_fields import RowSchema
    from config.csv_import import Importer, Report
    from config.tenancy import Database

DOCS = Path(__file__).parents[2] / "docs" / "imports.md"
PURPOSE = "payment"
IMPORTERS: dict[str, Callable[[], Importer[Any]]] = {
    "locations": LocationImporter,
    "providers": ProviderImporter,
    "partners": PartnerImporter,
    "payers": PayerImporter,
    "charges": ChargeImporter,
    "contracts": ContractImporter,
    "enrolments": EnrolmentImporter,
    "feeds": FeedImporter,
    "patients": partial(PatientImporter, TODAY),
    "guarantors": partial(GuarantorImporter, TODAY),
    "coverages": partial(CoverageImporter, TODAY),
}
PATIENTS = (
    "mrn,assigner,family,given,birth_date,sex,language\n"
    "MRN-1001,HARBORVIEW,Vandersloot,Marigold,1984-03-09,F,es\n"
    "MRN-1002,HARBORVIEW,Thistlewood,Barnaby,2019-05-01,M,\n"
)
COVERAGE_HEAD = "mrn,assigner,payer_code,priority,member_id,relationship\n"


def _import(database: Database, actor: Actor, folder: Path, kind: str, content: str) -> Report:
    path = folder / f"{kind}.csv"
    path.write_text(content)
    units = Units(
        reading=partial(reading, database, actor, purpose=PURPOSE),
        writing=partial(writing, database, actor, purpose=PURPOSE),
    )
    return run_import(path, IMPORTERS[kind], units)


def _codes(report: Report) -> list[tuple[str, str]]:
    assert not report.is_done
    return [(finding.code, finding.where) for finding in report.findings]


def test_every_example_of_the_manual_imports_and_again_changes_nothing(
    database: Database, actor: Actor, tmp_path: Path
) -> None:
    examples = re.findall(r"^```csv (\w+)\n(.*?)^```", DOCS.read_text(), re.DOTALL | re.MULTILINE)
    assert [kind for kind, _ in examples] == ["practice", *IMPORTERS]
    for outcome in (Outcome.ADDED, Outcome.UNCHANGED):
        for kind, content in examples[1:]:
            report = _import(database, actor, tmp_path, kind, content)
            assert report.findings == []
            assert report.counts[outcome] == report.rows == 1, kind


def test_the_manual_names_every_column() -> None:
    text = DOCS.read_text()
    schemas: dict[str, type[RowSchema]] = {k: make().schema for k, make in IMPORTERS.items()}
    schemas["practice"] = PracticeForm
    for kind, schema in schemas.items():
        section = text.split(f"\n## {kind}\n")[1].split("\n## ")[0]
        listed = section.split("Columns: ")[1].split("\n")[0]
        named = set(re.sub(r"\([^)]*\)|\*", "", listed).split())
        assert named == set(schema().fields), kind


def test_patients_are_found_with_the_cell_that_each_field_came_from(
    database: Database, actor: Actor, tmp_path: Path
) -> None:
    assert _import(database, actor, tmp_path, "patients", PATIENTS).counts[Outcome.ADDED] == 2
    with reading(database, actor, purpose=PURPOSE) as session:
        patient = find_patient_by_identifier(session, make_identifier("MRN-1001"))
        assert search_patients(session, name="thistle")
    assert patient is not None
    source = patient.details.sources["name.family"]
    assert (source.kind, source.path) == (SourceKind.IMPORT, "row 2, column family")
    assert len(source.origin) == 64
    assert patient.details.language == "es"
    changed = PATIENTS.replace("Barnaby", "Barnabas").replace(",es", ",")
    report = _import(database, actor, tmp_path, "patients", changed)
    assert report.counts == {Outcome.ADDED: 0, Outcome.CHANGED: 1, Outcome.UNCHANGED: 1}


def test_rows_of_patients_are_checked(database: Database, actor: Actor, tmp_path: Path) -> None:
    bad = PATIENTS.replace("1984-03-09", "2026-09-16").replace(",M,", ",X,")
    assert _codes(_import(database, actor, tmp_path, "patients", bad)) == [
        ("value-form", "row 3, column sex"),
        ("birth-date-future", "row 2, column birth_date"),
    ]
    twice = PATIENTS.replace("MRN-1002", "MRN-1001")
    assert _codes(_import(database, actor, tmp_path, "patients", twice)) == [("row-twice", "row 3")]


def test_family_gets_one_guarantor(database: Database, actor: Actor, tmp_path: Path) -> None:
    content = (
        "account,mrn,assigner,family,given,birth_date\n"
        "OLD-77,MRN-1001,HARBORVIEW,Vandersloot,Marigold,1984-03-09\n"
        "OLD-77,MRN-1002,HARBORVIEW,Vandersloot,Marigold,1984-03-09\n"
    )
    assert _codes(_import(database, actor, tmp_path, "guarantors", content)) == [
        ("patient-unknown", "row 2, column mrn"),
        ("patient-unknown", "row 3, column mrn"),
    ]
    _import(database, actor, tmp_path, "patients", PATIENTS)
    report = _import(database, actor, tmp_path, "guarantors", content)
    assert (report.is_done, report.counts[Outcome.ADDED]) == (True, 1)
    again = _import(database, actor, tmp_path, "guarantors", content)
    assert again.counts[Outcome.UNCHANGED] == 2
    with reading(database, actor, purpose=PURPOSE) as session:
        ids = set()
        for value in ("MRN-1001", "MRN-1002"):
            patient = find_patient_by_identifier(session, make_identifier(value))
            assert patient is not None
            ids.add(patient.guarantor_id)
        (guarantor_id,) = ids
        assert guarantor_id is not None
        assert get_guarantors(session, [guarantor_id])


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("MRN-9,HARBORVIEW,SEA01,1,SEA1,self\n", [("patient-unknown", "row 2, column mrn")]),
        ("MRN-1001,HARBORVIEW,NOPE,1,SEA1,self\n", [("payer-unknown", "row 2, column payer_code")]),
        (
            "MRN-1001,HARBORVIEW,SEA01,1,SEA1,child\n",
            [("subscriber-missing", "row 2, column subscriber_family")],
        ),
        ("MRN-1001,HARBORVIEW,SEA01,1,,self\n", [("member-id-missing", "row 2, column member_id")]),
        (
            "MRN-1001,HARBORVIEW,SEA01,1,SEA1,self\nMRN-1001,HARBORVIEW,SEA01,1,SEA2,self\n",
            [("coverage-priority-twice", "row 3, column priority")],
        ),
    ],
)
def test_rows_of_coverages_are_checked(
    database: Database,
    actor: Actor,
    tmp_path: Path,
    rows: str,
    found: list[tuple[str, str]],
) -> None:
    with writing(database, actor, purpose=PURPOSE) as session:
        save_payer(session, make_payer())
    _import(database, actor, tmp_path, "patients", PATIENTS)
    assert _codes(_import(database, actor, tmp_path, "coverages", COVERAGE_HEAD + rows)) == found


def test_place_taken_by_a_stored_coverage_is_refused_before_anything_is_stored(
    database: Database, actor: Actor, tmp_path: Path
) -> None:
    with writing(database, actor, purpose=PURPOSE) as session:
        save_payer(session, make_payer())
    _import(database, actor, tmp_path, "patients", PATIENTS)
    first = COVERAGE_HEAD + "MRN-1001,HARBORVIEW,SEA01,1,SEA1,self\n"
    assert _import(database, actor, tmp_path, "coverages", first).is_done
    second = first.replace("SEA1,", "SEA2,")
    assert _codes(_import(database, actor, tmp_path, "coverages", second)) == [
        ("coverage-priority-twice", "row 2, column priority")
    ]
    with reading(database, actor, purpose=PURPOSE) as session:
        patient = find_patient_by_identifier(session, make_identifier("MRN-1001"))
        assert patient is not None
        assert len(get_coverages(session, [patient.id])[patient.id]) == 1
