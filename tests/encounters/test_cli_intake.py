"""The command `intake` on both engines: from files, listed, replayed after a fix."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from config import clock
from config.finding import MissingError
from config.settings import Settings
from encounters.cli import intake
from encounters.values import MessageState, VisitState
from tests.factories.cli import make_context
from tests.factories.encounters import RECORD, Office, at, make_patient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

    from config.actor import Actor
    from config.tenancy import Database

SAMPLES = Path(__file__).parents[1] / "samples"
HEAD = (
    "visit_number,patient_mrn,service_date,provider_npi,location_code,conditions,code,units,"
    "modifiers\n"
)
ROW = f"V1,{RECORD.system}|{RECORD.value},2026-09-15,1245319599,MAIN,Acute cough,99213,1,25\n"


@pytest.fixture
def office(database: Database, actor: Actor) -> Iterator[Office]:
    made = Office(database, actor)
    with clock.frozen_at(at(15)):
        made.open()
        made.tell(patients=(make_patient(),))
        yield made


def run(office: Office, tmp_path: Path, *words: str) -> Result:
    settings = Settings(tmp_path / "home", tmp_path / "keys", "unused", "unused", "unused")
    obj = make_context(settings, office.database, office.actor)
    return CliRunner().invoke(intake, list(words), obj=obj, catch_exceptions=False)


def write(tmp_path: Path, text: str, name: str = "visits.csv") -> str:
    path = tmp_path / name
    path.write_text(text)
    return str(path)


def test_csv_makes_visits_of_known_patients(office: Office, tmp_path: Path) -> None:
    done = run(office, tmp_path, "csv", write(tmp_path, HEAD + ROW))
    assert (done.exit_code, done.output) == (
        0,
        "1 messages: 1 applied, 0 seen before, 0 held or failed\n",
    )
    visit = office.visit()
    assert visit.state is VisitState.READY
    assert [c.code for c in visit.details.charges] == ["99213"]
    assert visit.details.charges[0].source.path == "row 2, column code"
    again = run(office, tmp_path, "csv", write(tmp_path, HEAD + ROW, "again.csv"))
    assert "0 applied, 1 seen before" in again.output
    assert office.visit() == visit


def test_csv_of_an_unknown_patient_is_held_at_its_cell(office: Office, tmp_path: Path) -> None:
    text = HEAD + ROW + ROW.replace(RECORD.value, "MR-2").replace("V1", "V2")
    done = run(office, tmp_path, "csv", write(tmp_path, text))
    assert done.exit_code == 1
    assert "row 3, column patient_mrn" in done.output
    assert "intake replay" in done.output
    assert office.visits() == [], "one row was stored though the file is held"


def test_list_says_how_each_message_stands(office: Office, tmp_path: Path) -> None:
    run(office, tmp_path, "csv", write(tmp_path, HEAD + ROW))
    run(office, tmp_path, "csv", write(tmp_path, HEAD + ROW.replace("99213,1", "99213,x")))
    told = json.loads(run(office, tmp_path, "list", "--json").output)
    assert list(told) == ["messages"]
    assert [list(message) for message in told["messages"]] == [
        ["control_id", "sender", "kind", "state", "received_at"]
    ] * 3
    first, second, third = told["messages"]
    assert (first["control_id"], first["kind"], first["state"]) == ("M1", "ADT^A04", "applied")
    assert (second["sender"], second["kind"], second["state"]) == ("csv", "CSV", "applied")
    assert second["control_id"]
    assert third["state"] == "held"
    assert second["received_at"] == "2026-09-15T15:00:00+00:00"
    held = run(office, tmp_path, "list", "--state", "held").output
    assert "row 2, column units" in held
    assert "to do:" in held
    assert held.endswith("1 messages\n")


def test_list_of_an_unknown_state_is_a_usage_error(office: Office, tmp_path: Path) -> None:
    refused = run(office, tmp_path, "list", "--state", "lost")
    assert refused.exit_code == 2
    assert all(state in refused.output for state in MessageState)


def test_replay_applies_after_a_fix_and_says_so_by_its_exit(office: Office, tmp_path: Path) -> None:
    text = HEAD + ROW.replace(RECORD.value, "MR-2")
    run(office, tmp_path, "csv", write(tmp_path, text))
    key = run(office, tmp_path, "list", "--state", "held").output.split()[0]
    held = run(office, tmp_path, "replay", key)
    assert (held.exit_code, held.output.splitlines()[-1]) == (1, "still held")
    other = type(RECORD)(RECORD.system, "MR-2")
    office.tell(patients=(make_patient(identifiers=(other,)),))
    applied = run(office, tmp_path, "replay", key)
    assert (applied.exit_code, applied.output) == (0, "applied\n")
    assert office.visit().state is VisitState.READY
    again = run(office, tmp_path, "replay", key)
    assert again.exit_code == 0
    assert len(office.visits()) == 1


def test_replay_of_what_is_not_there_is_refused(office: Office, tmp_path: Path) -> None:
    with pytest.raises(MissingError):
        run(office, tmp_path, "replay", "01920000-0000-7000-8000-000000000000")
    unknown = run(office, tmp_path, "replay", "not-a-control-id")
    assert unknown.exit_code == 1
    assert "no held or failed message" in unknown.output


def test_replay_takes_the_control_id_that_the_list_shows(office: Office, tmp_path: Path) -> None:
    raw = (SAMPLES / "hl7" / "epic_adt_a04.hl7").read_bytes().replace(b"\n", b"\r")
    path = tmp_path / "one.hl7"
    path.write_bytes(raw)
    run(office, tmp_path, "hl7", str(path))
    told = json.loads(run(office, tmp_path, "list", "--json").output)["messages"]
    (listed,) = [m for m in told if m["state"] == "held"]
    again = run(office, tmp_path, "replay", listed["control_id"])
    assert (again.exit_code, again.output.splitlines()[-1]) == (1, "still held")


def test_file_that_is_not_there_is_a_usage_error(office: Office, tmp_path: Path) -> None:
    assert run(office, tmp_path, "csv", str(tmp_path / "none.csv")).exit_code == 2


def test_hl7_file_of_several_messages_is_taken_one_by_one(office: Office, tmp_path: Path) -> None:
    raw = b"".join(
        (SAMPLES / "hl7" / f"{name}.hl7").read_bytes() for name in ("epic_adt_a04", "epic_dft_p03")
    )
    path = tmp_path / "day.hl7"
    path.write_bytes(raw.replace(b"\n", b"\r"))
    done = run(office, tmp_path, "hl7", str(path))
    assert done.output.splitlines()[-2].startswith("2 messages: ")
    assert done.exit_code == 1
    assert "payer-unknown" in done.output or "IN1" in done.output
