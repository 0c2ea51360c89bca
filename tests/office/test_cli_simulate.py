"""The command `simulate`: lists its scenarios, plays one over folders, and knows no database."""

from __future__ import annotations

import ast
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

import edi
import simulator
from config import clock
from office.cli import simulate
from simulator.service import SCENARIOS
from tests.factories.encounters import at
from tests.factories.submissions import Batch, Claim, Line, make_837p

if TYPE_CHECKING:
    from click.testing import Result


def run(*words: str) -> Result:
    with clock.frozen_at(at(12)):
        return CliRunner().invoke(simulate, list(words), catch_exceptions=False)


def folders(tmp_path: Path) -> list[str]:
    (tmp_path / "out").mkdir()
    claim = Claim("SIM0001", lines=(Line("99213", "148"),))
    (tmp_path / "out" / "a.837").write_bytes(make_837p(Batch((claim,))))
    return ["--inbox", str(tmp_path / "out"), "--outbox", str(tmp_path / "in")]


def test_without_a_scenario_it_lists_them() -> None:
    done = run()
    assert done.exit_code == 0
    assert [line.split()[0] for line in done.output.splitlines()] == list(SCENARIOS)


def test_it_plays_a_scenario_over_folders(tmp_path: Path) -> None:
    done = run("rejected-999", *folders(tmp_path))
    assert done.exit_code == 0
    answers = sorted(path.suffix for path in (tmp_path / "in").iterdir())
    assert ".999" in answers
    assert ".835" not in answers, "what was rejected was paid"


def test_same_seed_gives_the_same_answers(tmp_path: Path) -> None:
    written = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        run("unbalanced-check", *folders(tmp_path / name))
        found = sorted((tmp_path / name / "in").iterdir())
        written.append({path.name: path.read_bytes() for path in found})
    assert written[0] == written[1]
    paid = next(data for name, data in written[0].items() if name.endswith(".835"))
    remittance = next(iter(edi.read_835(BytesIO(paid))))
    claims = sum(claim.paid_cents for claim in remittance.claims)
    assert remittance.bpr02_cents != claims - remittance.plb_cents


@pytest.mark.parametrize(
    "words", [("no-such",), ("rejected-999",), ("rejected-999", "--inbox", ".")]
)
def test_unknown_scenario_or_missing_folder_is_a_usage_error(words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2


def test_the_simulator_imports_nothing_of_ours_but_edi() -> None:
    """It answers from the 837's bytes and its contract alone: it can't look into our database."""
    root = Path(simulator.__file__).parent
    ours = {path.name for path in root.parent.iterdir() if (path / "__init__.py").exists()}
    assert {"claims", "ledger", "config", "edi"} <= ours
    for path in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            taken = {name.split(".")[0] for name in names} & ours
            assert taken <= {"edi", "config", "simulator"}, path.name
            assert not {"sqlalchemy", "sqlite3", "psycopg"} & {n.split(".")[0] for n in names}
