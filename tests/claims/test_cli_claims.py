"""The commands of claims and of X12 files, as a person runs them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from audit.service import reading
from claims import queries
from claims.cli import claims
from claims.cli_edi import edi
from config import clock
from config.finding import MissingError
from config.settings import Settings
from encounters import service as encounters
from simulator.service import demo_contract, run
from simulator.values import Stage
from tests.factories.claims import AT, Office
from tests.factories.cli import make_context
from tests.factories.edi import CLEAN_837P, change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

    from claims.values import ClaimId


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with clock.frozen_at(AT):
        yield


@dataclass
class Desk:
    """A biller at a terminal."""

    office: Office
    settings: Settings

    def run(self, *words: str, code: int = 0) -> Result:
        context = make_context(self.settings, self.office.database, self.office.actor)
        result = CliRunner().invoke(claims, words, obj=context)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    def ask(self, *words: str, code: int = 0) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.run(*words, "--json", code=code).stdout)
        return answer

    def number(self, claim_id: ClaimId) -> str:
        with reading(self.office.database, self.office.actor, purpose="payment") as session:
            return queries.get_claims(session, [claim_id])[claim_id].number


@pytest.fixture
def terminal(office: Office, codes_folder: Path, tmp_path: Path) -> Desk:
    settings = Settings(
        home=codes_folder.parent,
        keys=tmp_path,
        database="",
        database_owner="",
        database_system="",
    )
    return Desk(office, settings)


def test_day_from_signed_visit_to_the_payers_acceptance(terminal: Desk, tmp_path: Path) -> None:
    terminal.office.take_in(coverage={"payer_code": "SEA01"})
    built = terminal.ask("build")
    (number,) = built["claims"]
    assert "ready" in terminal.run("scrub").stdout
    (batch,) = terminal.ask("batch")["batches"]
    assert batch["claims"] == 1
    assert terminal.ask("send")["sent"] == [batch["file"]]
    assert terminal.ask("show", number)["state"] == "sent"
    run(
        terminal.office.home / "outbox",
        terminal.office.home / "inbox",
        demo_contract(),
        seed=1,
        today=AT.date(),
        stage=Stage.ACKNOWLEDGE,
        memory=tmp_path / "memory",
    )
    received = terminal.ask("receive")
    assert received["files"]["999"] == 1
    shown = terminal.ask("show", number)
    assert shown["state"] not in ("built", "sent")
    kinds = [event["kind"] for event in shown["timeline"]]
    assert kinds[:4] == ["built", "scrubbed", "batched", "sent"]
    assert all(event["file"] for event in shown["timeline"][2:])


def test_each_step_with_nothing_to_do_says_so(terminal: Desk) -> None:
    assert terminal.run("build").stdout.startswith("0 claims built")
    assert "0 claims checked" in terminal.run("scrub").stdout
    assert "No claim is ready" in terminal.run("batch").stdout
    assert "Nothing waits" in terminal.run("send").stdout
    assert "no new files" in terminal.run("receive").stdout
    assert "No claims yet" in terminal.run("status").stdout


def test_named_visit_is_built_alone_and_only_once(terminal: Desk) -> None:
    wanted, _ = terminal.office.take_in(), terminal.office.take_in()
    with reading(terminal.office.database, terminal.office.actor, purpose="payment") as session:
        number = encounters.get_visits(session, [wanted])[wanted].number
    assert len(terminal.ask("build", "--visit", number)["claims"]) == 1
    assert number in terminal.run("build", "--visit", number, code=1).output
    assert len(terminal.ask("build")["claims"]) == 1


def test_scrub_of_a_faulty_claim_exits_1_and_says_what_to_do(terminal: Desk) -> None:
    claim_id = terminal.office.bill(person={"birth_date": None})
    told = terminal.run("scrub", code=1).stdout
    assert f"{terminal.number(claim_id)} error 2010BA/DMG02" in told
    assert "to do: Ask for the birth date." in told
    answer = terminal.ask("scrub", code=1)
    assert answer["claims"][0]["state"] == "held"
    assert answer["claims"][0]["findings"][0]["code"] == "birth-date-missing"


def test_warning_is_passed_with_a_note(terminal: Desk) -> None:
    number = terminal.number(terminal.office.bill(diagnoses=("E11.9", "E10.9")))
    terminal.run("scrub", code=1)
    terminal.run("scrub", number, "--override", "code-excludes1", code=2)
    note = ("--override", "code-excludes1", "--note", "two kinds")
    assert terminal.ask("scrub", number, *note)["claims"][0]["state"] == "ready"
    assert "passed: two kinds" in terminal.run("show", number).stdout


def test_batch_holds_what_no_longer_passes(terminal: Desk) -> None:
    claim_id = terminal.office.bill()
    terminal.run("scrub")
    with clock.frozen_at(AT.replace(year=2027)):
        answer = terminal.ask("batch", code=1)
    assert answer == {"batches": [], "held": [terminal.number(claim_id)]}


def test_status_counts_by_state_and_names_what_is_overdue(terminal: Desk) -> None:
    claim_id = terminal.office.bill(person={"birth_date": None})
    terminal.run("scrub", code=1)
    with clock.frozen_at(AT.replace(day=20)):
        answer = terminal.ask("status")
        told = terminal.run("status").stdout
    (state,) = answer["states"]
    assert (state["state"], state["owner"], state["claims"], state["overdue"]) == (
        "held", "biller", 1, 1,
    )  # fmt: skip
    assert state["total_cents"] == 15_000
    assert answer["overdue"] == [terminal.number(claim_id)]
    assert f"overdue: {terminal.number(claim_id)} held, biller" in told


def test_status_rings_for_claims_that_no_payer_took_before_the_deadline(terminal: Desk) -> None:
    number = terminal.number(terminal.office.bill())
    assert terminal.ask("status")["filing_alarm"] == {"claims": 0, "earliest": None, "first": []}
    with clock.frozen_at(AT.replace(year=2027)):
        alarm = terminal.ask("status")["filing_alarm"]
        told = terminal.run("status").stdout
    day = alarm["earliest"]
    assert alarm["claims"] == 1
    assert alarm["first"] == [{"claim": number, "state": "built", "file_by": day}]
    assert f"filing alarm: 1 claim, earliest {day}" in told


def test_voided_claim_is_built_again_under_another_number(terminal: Desk) -> None:
    number = terminal.number(terminal.office.bill())
    terminal.run("void", number, code=2)
    answer = terminal.ask("void", number.lower(), "--note", "wrong plan")
    assert answer == {"claim": number, "state": "voided"}
    assert "wrong plan" in terminal.run("show", number).stdout
    (again,) = terminal.ask("build")["claims"]
    assert again != number
    assert terminal.ask("build")["claims"] == []


def test_provenance_leaves_no_element_of_the_sent_claim_without_a_source(terminal: Desk) -> None:
    number = terminal.number(
        terminal.office.bill(
            codes=("99213", "93000"),
            authorization_number="AUTH1",
            referral_number="REF1",
        )
    )
    terminal.run("scrub")
    (batch,) = terminal.ask("batch")["batches"]
    shown = terminal.ask("show", number, "--provenance")["provenance"]
    assert shown["file"] == batch["file"]
    elements = {(e["loop"], e["element"], e["qualifier"]): e for e in shown["elements"]}
    for place, kind, path in (
        (("2010BA", "NM103", None), "message", "PID-5.1"),
        (("2010BA", "NM104", None), "message", "PID-5.2"),
        (("2010BA", "N301", None), "message", "PID-11"),
        (("2010BA", "DMG02", None), "message", "PID-7"),
        (("2010BA", "NM109", None), "message", "IN1-36"),
        (("2300", "REF02", "G1"), "message", "IN1-14"),
        (("2300", "CLM05-1", None), "message", "PV1-2"),
        (("2400[1]", "DTP03", "472"), "message", "PV1-44"),
        (("2310B", "NM109", None), "message", "PV1-7.1"),
        (("2010AA", "NM109", None), "import", "npi"),
        (("2300", "CLM01", None), "rule", ""),
        (("2010BA", "NM108", None), "rule", "2010BA/NM108"),
        (("2400[2]", "SV102", None), "import", "93000"),
    ):
        assert (elements[place]["source"]["kind"], elements[place]["source"]["path"]) == (
            kind,
            path,
        ), place
    assert elements["2300", "HI01-2", None]["source"]["kind"] == "person"
    assert all(e["source"]["origin"] for e in shown["elements"])
    lines = terminal.run("show", number, "--provenance").stdout
    assert "2010BA/NM103" in lines
    assert "message ADT^A04 M1 PID-5.1" in lines


def test_unknown_claim_is_not_there(terminal: Desk) -> None:
    with pytest.raises(MissingError, match="no claim has the number"):
        terminal.run("show", "C1")


# X12 files


def edi_run(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(edi, words)
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    path = tmp_path / "clean.837"
    path.write_bytes(CLEAN_837P)
    return path


def test_clean_file_is_accepted(clean: Path) -> None:
    assert "accepted" in edi_run("check", str(clean)).stdout
    answer = json.loads(edi_run("check", str(clean), "--json").stdout)
    assert answer["files"][0]["accepted"] is True
    assert answer["files"][0]["transactions"][0]["claims"] == 2


def test_faulty_file_is_refused_with_exit_1(tmp_path: Path) -> None:
    path = tmp_path / "faulty.837"
    path.write_bytes(change("CLM*", "CLX*"))
    answer = json.loads(edi_run("check", str(path), "--json", code=1).stdout)
    assert answer["files"][0]["accepted"] is False
    assert answer["files"][0]["findings"]


def test_missing_file_and_bad_option_exit_2(tmp_path: Path, clean: Path) -> None:
    assert "can't be read" in edi_run("check", str(tmp_path / "none.837"), code=2).stderr
    edi_run("check", str(clean), "--snip", "9", code=2)
    edi_run("show", str(tmp_path / "none.837"), code=2)


def test_answers_are_written_beside(tmp_path: Path, clean: Path) -> None:
    edi_run("check", str(clean), "--ack", str(tmp_path / "answers"))
    kinds = {path.suffix for path in (tmp_path / "answers").iterdir()}
    assert kinds == {".999", ".277ca"}


def test_tree_masks_patients_unless_asked(clean: Path) -> None:
    masked, plain = edi_run("show", str(clean)).stdout, edi_run("show", str(clean), "--phi").stdout
    assert masked != plain
    tree = json.loads(edi_run("show", str(clean), "--json").stdout)
    assert tree


def test_edi_commands_need_no_installation(clean: Path) -> None:
    program = (
        "import sys\n"
        "from claims.cli_edi import edi\n"
        f"edi(['check', {str(clean)!r}], standalone_mode=False)\n"
        "heavy = {'flask', 'sqlalchemy', 'cryptography', 'pydantic'} & set(sys.modules)\n"
        "ours = [m for m in sys.modules if m.startswith('config.')]\n"
        "assert not heavy and not ours, (heavy, ours)\n"
    )
    python = shutil.which(sys.executable) or sys.executable
    done = subprocess.run(  # noqa: S603  # our own program
        [python, "-c", program], check=False, capture_output=True, text=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
