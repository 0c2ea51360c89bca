from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from access.service import current_os_user, find_service_actor
from audit.service import reading, writing
from config import csv_rows
from config.cli import Context
from config.csv_import import Units, run_import
from config.finding import RefusedError
from config.outcome import Outcome
from practice.cli import IMPORTS
from practice.forms.dated_imports import ChargeImporter, ContractImporter, EnrolmentImporter
from practice.forms.imports import (
    LocationImporter,
    PartnerImporter,
    PayerImporter,
    PracticeImporter,
    ProviderImporter,
)
from practice.service import find_location, find_payer, open_practice
from tests.factories.practice import NPI, OTHER_NPI, make_practice

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import click

    from config.actor import Actor
    from config.csv_import import Importer, Report
    from config.ids import PracticeId
    from config.tenancy import Database

PURPOSE = "operations"
LOCATION_HEAD = "code,name,line1,city,state,postal_code\n"
LOCATION = 'MAIN,Main office,"12 Harbor Street",Portland,ME,04101\n'
CHARGE_HEAD = "code,modifier,unit_price,wording,from_date,to_date\n"


class Run:
    """Imports texts as files."""

    def __init__(self, database: Database, actor: Actor, folder: Path) -> None:
        self.database, self.actor, self.folder = database, actor, folder

    def __call__(
        self,
        make: Callable[[], Importer[Any]],
        content: str | bytes,
        *,
        skips_bad: bool = False,
    ) -> Report:
        path = self.folder / "file.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        units = Units(
            reading=partial(reading, self.database, self.actor, purpose=PURPOSE),
            writing=partial(writing, self.database, self.actor, purpose=PURPOSE),
        )
        return run_import(path, make, units, skips_bad=skips_bad)

    def codes(
        self, make: Callable[[], Importer[Any]], content: str | bytes
    ) -> list[tuple[str, str]]:
        report = self(make, content)
        assert not report.is_done
        assert sum(report.counts.values()) == 0
        return [(finding.code, finding.where) for finding in report.findings]


@pytest.fixture
def run(database: Database, actor: Actor, tmp_path: Path) -> Run:
    return Run(database, actor, tmp_path)


def test_file_is_stored_and_again_changes_nothing(run: Run) -> None:
    content = "\ufeff" + LOCATION_HEAD + LOCATION + "\n" + LOCATION.replace("MAIN", "EAST")
    first = run(LocationImporter, content)
    assert (first.is_done, first.rows, first.counts[Outcome.ADDED]) == (True, 2, 2)
    again = run(LocationImporter, content)
    assert again.counts == {Outcome.ADDED: 0, Outcome.CHANGED: 0, Outcome.UNCHANGED: 2}
    moved = run(LocationImporter, content.replace("Main office", "=HYPERLINK(1)", 1))
    assert moved.counts == {Outcome.ADDED: 0, Outcome.CHANGED: 1, Outcome.UNCHANGED: 1}
    with reading(run.database, run.actor, purpose=PURPOSE) as session:
        found = find_location(session, "MAIN")
    assert found is not None
    assert found.name == "=HYPERLINK(1)"


def test_one_bad_row_keeps_the_whole_file_out(run: Run) -> None:
    content = LOCATION_HEAD + LOCATION + LOCATION.replace("MAIN", "EAST").replace("ME,", "XX,")
    assert run.codes(LocationImporter, content) == [("state-code", "row 3, column state")]
    with reading(run.database, run.actor, purpose=PURPOSE) as session:
        assert find_location(session, "MAIN") is None
    report = run(LocationImporter, content, skips_bad=True)
    assert (report.is_done, report.counts[Outcome.ADDED]) == (True, 1)


def test_each_row_gets_its_own_findings(run: Run) -> None:
    head = "npi,family,taxonomy,is_rendering\n"
    rows = "1234567890,Okonkwo,,yes\n,,,\n1234567893,,207,maybe\n"
    found = run.codes(ProviderImporter, head + rows + f"{OTHER_NPI},Reyes,,no\n")
    assert found == [
        ("value-missing", "row 4, column family"),
        ("value-form", "row 4, column is_rendering"),
        ("npi-check-digit", "row 2, column npi"),
    ]


@pytest.mark.parametrize(
    ("content", "code", "where"),
    [
        ("", "file-empty", "row 1"),
        ("\n", "file-empty", "row 1"),
        ("name,line1\nA,B\n", "column-missing", "row 1, column code"),
        (LOCATION_HEAD.replace("code", "kode") + LOCATION, "column-unknown", "row 1, column 1"),
        (LOCATION_HEAD.replace("code", "code,code"), "column-twice", "row 1, column code"),
        (LOCATION_HEAD + "MAIN,Main\n", "row-cells", "row 2"),
        (
            LOCATION_HEAD + LOCATION.replace("Main", "Ma\x00in"),
            "cell-characters",
            "row 2, column name",
        ),
        (
            LOCATION_HEAD + LOCATION.replace("Main", "Ma\u202ein"),
            "cell-characters",
            "row 2, column name",
        ),
        (
            LOCATION_HEAD + LOCATION.replace("Main", "M" * 10_001),
            "cell-length",
            "row 2, column name",
        ),
        (LOCATION_HEAD + LOCATION + '"MAIN,', "file-quotes", "after row 2"),
        (LOCATION_HEAD + LOCATION + "A" * 300_000, "file-line-length", "file"),
        ((LOCATION_HEAD + LOCATION).encode("utf-16"), "file-encoding", "after row 0"),
        ((LOCATION_HEAD + "É" + LOCATION).encode("latin-1"), "file-encoding", "after row 0"),
        (LOCATION_HEAD + LOCATION + LOCATION, "row-twice", "row 3"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "file-encoding", "after row 0"),
    ],
)
def test_file_that_can_not_be_read_is_refused_with_its_place(
    run: Run, content: str | bytes, code: str, where: str
) -> None:
    assert (code, where) in run.codes(LocationImporter, content)


def test_too_many_rows_are_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "ROWS_MAX", 3)
    rows = "".join(LOCATION.replace("MAIN", f"L{number}") for number in range(3))
    assert run.codes(LocationImporter, LOCATION_HEAD + rows) == [("file-rows", "file")]


def test_broken_file_is_never_stored_in_part(run: Run) -> None:
    report = run(LocationImporter, LOCATION_HEAD + LOCATION + '"open', skips_bad=True)
    assert not report.is_done
    with reading(run.database, run.actor, purpose=PURPOSE) as session:
        assert find_location(session, "MAIN") is None


def test_payer_of_an_unknown_partner_is_refused(run: Run) -> None:
    content = "payer_code,name,kind,partner_code\nSEA01,Seaside,Commercial,clearing\n"
    assert run.codes(PayerImporter, content) == [("partner-unknown", "row 2, column partner_code")]
    head = (
        "code,name,sender_id,receiver_id,submitter_id,submitter_name,contact_name,contact_phone\n"
    )
    row = "clearing,Coastal,HARBORVIEW,COASTAL,HV001,Harborview,Billing,(207) 555-0100\n"
    assert run(PartnerImporter, head + row).is_done
    assert run(PayerImporter, content).is_done
    with reading(run.database, run.actor, purpose=PURPOSE) as session:
        payer = find_payer(session, name="seaside")
    assert payer is not None
    assert payer.partner_id is not None
    assert (payer.claim_filing_code, payer.may_bill_patient) == ("CI", "pr")


def test_medicaid_may_not_bill_patients_unless_a_row_says_so(run: Run) -> None:
    head = "payer_code,name,kind,may_bill_patient\n"
    content = head + "MD1,State Plan,medicaid,\nMD2,Other,medicaid,copay\n"
    assert run(PayerImporter, content).is_done
    with reading(run.database, run.actor, purpose=PURPOSE) as session:
        found = [find_payer(session, payer_code=code) for code in ("MD1", "MD2")]
    assert [payer.may_bill_patient for payer in found if payer] == ["none", "copay"]


def test_overlapping_charges_are_refused_within_the_file_and_with_what_is_there(run: Run) -> None:
    first = "99213,,150.00,Office visit,2026-01-01,2026-06-30\n"
    second = "99213,,160.00,Office visit,2026-06-30,\n"
    other = "99213,25,160.00,Office visit,2026-06-30,\n"
    found = run.codes(ChargeImporter, CHARGE_HEAD + first + other + second)
    assert found == [("charge-overlap", "row 4, column from_date")]
    assert run(ChargeImporter, CHARGE_HEAD + first).is_done
    found = run.codes(ChargeImporter, CHARGE_HEAD + second)
    assert found == [("charge-overlap", "row 2, column from_date")]
    follows = second.replace("2026-06-30", "2026-07-01")
    assert run(ChargeImporter, CHARGE_HEAD + first + follows).is_done
    found = run.codes(ChargeImporter, CHARGE_HEAD + first.replace("150", "151"))
    assert found == [("charge-changed", "row 2, column from_date")]


@pytest.mark.parametrize("price", ["1e3", "1,50", "12.345", "$5", "-1", "NaN", "\u0661"])
def test_price_of_another_form_is_refused(run: Run, price: str) -> None:
    row = f'99213,,"{price}",Office visit,2026-01-01,\n'
    ((code, where),) = run.codes(ChargeImporter, CHARGE_HEAD + row)
    assert (code, where) in {
        ("value-form", "row 2, column unit_price"),
        ("amount-negative", "row 2, column unit_price"),
    }


@pytest.mark.parametrize("day", ["09/15/2026", "2026-02-30", "20260915", "2026-9-15", "0001-01-01"])
def test_day_of_another_form_is_refused(run: Run, day: str) -> None:
    found = run.codes(ChargeImporter, CHARGE_HEAD + f"99213,,1.00,Office visit,{day},\n")
    assert found == [("value-form", "row 2, column from_date")]


def test_contract_and_enrolment_name_unknown_payers_and_providers(run: Run) -> None:
    contract = "payer_code,code,unit_allowed,from_date\nNOPE,99213,92.40,2026-01-01\n"
    assert run.codes(ContractImporter, contract) == [("payer-unknown", "row 2, column payer_code")]
    enrolment = f"npi,payer_code,from_date\n{OTHER_NPI},NOPE,2026-01-01\n"
    assert run.codes(EnrolmentImporter, enrolment) == [
        ("provider-unknown", "row 2, column npi"),
        ("payer-unknown", "row 2, column payer_code"),
    ]


def test_rows_beyond_a_chunk_are_stored_in_short_transactions(run: Run) -> None:
    rows = "".join(f"A{number:04d},,1.00,Item,2026-01-01,\n" for number in range(450))
    assert run(ChargeImporter, CHARGE_HEAD + rows).counts[Outcome.ADDED] == 450
    assert run(ChargeImporter, CHARGE_HEAD + rows).counts[Outcome.UNCHANGED] == 450


def test_file_that_changes_between_check_and_storing_is_not_stored(
    run: Run, tmp_path: Path
) -> None:
    class Changing(LocationImporter):
        def check(self, session: Any, rows: Any) -> Any:  # noqa: ANN401  # the parent's own
            with (tmp_path / "file.csv").open("a") as file:
                file.write(LOCATION.replace("MAIN", "LATE"))
            return super().check(session, rows)

    report = run(Changing, LOCATION_HEAD + LOCATION)
    assert not report.is_done
    assert [finding.code for finding in report.findings] == ["import-interrupted"]


PRACTICE = (
    "name,npi,tax_id,line1,city,state,postal_code\n"
    "{name},{npi},90-0000001,12 Harbor Street,Portland,ME,04101-1234\n"
)


def _import_practice(database: Database, folder: Path, user: str, name: str, npi: str) -> Report:
    path = folder / "practice.csv"
    path.write_text(PRACTICE.format(name=name, npi=npi))
    units = Units(reading=partial(database.session, None), writing=partial(database.session, None))
    return run_import(path, partial(PracticeImporter, database, user), units)


def test_user_who_runs_a_practice_may_open_another_and_a_stranger_may_not(
    database: Database, actor: Actor, practice_id: PracticeId, tmp_path: Path
) -> None:
    with pytest.raises(RefusedError):
        open_practice(database, make_practice(practice_id, npi=OTHER_NPI), os_user="billing")
    from access.service import add_service_account  # noqa: PLC0415  # only here

    with writing(database, actor, purpose=PURPOSE) as session:
        add_service_account(session, os_user="billing", name="billing")
    report = _import_practice(database, tmp_path, "billing", "Second Practice", OTHER_NPI)
    assert report.counts[Outcome.ADDED] == 1
    found = find_service_actor(database, "billing", "second practice")
    assert found.practice_id != practice_id
    again = _import_practice(database, tmp_path, "billing", "Second Practice", OTHER_NPI)
    assert again.counts[Outcome.UNCHANGED] == 1
    stranger = _import_practice(database, tmp_path, "stranger", "Second Practice", OTHER_NPI)
    assert [f.message for f in stranger.findings if "runs no practice" in f.message]
    assert not stranger.is_done


def test_practice_of_the_same_name_is_refused(
    database: Database, actor: Actor, tmp_path: Path
) -> None:
    from access.service import add_service_account  # noqa: PLC0415  # only here

    with writing(database, actor, purpose=PURPOSE) as session:
        add_service_account(session, os_user="billing", name="billing")
    report = _import_practice(database, tmp_path, "billing", "Other Clinic", OTHER_NPI)
    assert not report.is_done
    assert NPI != OTHER_NPI


def _context(database: Database, actor: Actor) -> Context:
    context = object.__new__(Context)
    context.__dict__.update(_database=database, _actor=actor)
    return context


def test_command_prints_counts_and_findings_and_says_so_by_its_exit(
    database: Database, actor: Actor, tmp_path: Path
) -> None:
    path = tmp_path / "locations.csv"
    path.write_text(LOCATION_HEAD + LOCATION)
    command: click.Command = IMPORTS["locations"]
    context = _context(database, actor)
    done = CliRunner().invoke(command, [str(path), "--json"], obj=context)
    assert done.exit_code == 0, done.output
    body = json.loads(done.stdout)
    assert (body["kind"], body["rows"], body["added"], body["findings"]) == ("locations", 1, 1, [])
    path.write_text(LOCATION_HEAD + LOCATION.replace("ME,", "XX,"))
    refused = CliRunner().invoke(command, [str(path)], obj=context)
    assert refused.exit_code == 1
    assert "row 2, column state" in refused.stderr
    assert "to do:" in refused.stderr
    missing = CliRunner().invoke(command, [str(tmp_path / "nothing.csv")], obj=context)
    assert missing.exit_code == 2
    assert current_os_user()
