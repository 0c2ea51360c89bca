"""`statements run` makes the day's statements once and hands over their PDFs."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from audit.service import writing
from patient_billing.cli import statements
from tests.factories.cli import make_context
from tests.factories.patient_billing import Clinic

if TYPE_CHECKING:
    from pathlib import Path

    from config.actor import Actor
    from config.cli import Context
    from config.tenancy import Database

ANSWERED = dt.date(2026, 8, 30)


@pytest.fixture
def context(database: Database, actor: Actor) -> Context:
    return make_context(database=database, actor=actor)


def run(context: Context, *words: str, code: int = 0) -> str:
    words = ("run", "--on", "2026-09-15", *words)
    result = CliRunner().invoke(statements, words, obj=context, catch_exceptions=False)
    assert result.exit_code == code
    return result.output


def run_json(context: Context, *words: str, code: int = 0) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(run(context, *words, "--json", code=code))
    return answer


def _add_debtors(database: Database, actor: Actor) -> None:
    with writing(database, actor, purpose="payment") as session:
        clinic = Clinic(session, actor)
        for given, share in (("Mariana", 5_000), ("Berta", 100)):
            guarantor_id = clinic.add_guarantor(given)
            patient_id = clinic.add_patient(guarantor_id, given)
            visit = clinic.add_visit(guarantor_id, patient_id, 9_000)
            clinic.answer(visit, (9_000 - share, f"PR-3 {share}"), on=ANSWERED)


def test_statements_are_made_once_and_written_as_files(
    database: Database, actor: Actor, context: Context, tmp_path: Path
) -> None:
    _add_debtors(database, actor)
    out = tmp_path / "statements"
    answer = run_json(context, "--out", str(out))
    [made] = answer["statements"]
    assert (made["cents"], made["notice"], made["due"]) == (5_000, "first", "2026-10-15")
    [left_out] = answer["left_out"]
    assert left_out["reason"] == "below-minimum"
    [path] = out.iterdir()
    assert path.name == f"{made['number']}.pdf"
    pdf = path.read_bytes()
    assert pdf.startswith(b"%PDF-")

    again = run_json(context, "--out", str(out))
    assert again["statements"] == []
    assert {each["reason"] for each in again["left_out"]} == {"below-minimum", "recent"}
    assert [each.read_bytes() for each in out.iterdir()] == [pdf]


def test_the_table_says_how_many_how_much_and_who_was_left_out(
    database: Database, actor: Actor, context: Context
) -> None:
    _add_debtors(database, actor)
    printed = run(context)
    assert "1 made, 50.00 in all" in printed
    assert "owes less than is billed" in printed


def test_a_name_that_the_font_lacks_stops_that_statement_alone(
    database: Database, actor: Actor, context: Context
) -> None:
    _add_debtors(database, actor)
    with writing(database, actor, purpose="payment") as session:
        clinic = Clinic(session, actor)
        guarantor_id = clinic.add_guarantor("山田")
        patient_id = clinic.add_patient(guarantor_id, "山田")
        visit = clinic.add_visit(guarantor_id, patient_id, 9_000)
        clinic.answer(visit, (0, "PR-1 9000"), on=ANSWERED)
    answer = run_json(context, code=1)
    assert len(answer["statements"]) == 1
    assert "pdf-glyph" in {each["reason"] for each in answer["left_out"]}


def test_nothing_to_do_is_said(context: Context) -> None:
    assert "0 made, 0.00 in all" in run(context)


def test_a_day_to_come_is_a_usage_error(context: Context) -> None:
    words = ("run", "--on", "2199-01-01")
    result = CliRunner().invoke(statements, words, obj=context)
    assert result.exit_code == 2
    assert "a day to come" in result.output
