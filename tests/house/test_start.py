"""The command starts lean, and the server's entry starts from an installation alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_WATCH = """
import sys
from web.cli import run
status = run(sys.argv[1:])
heavy = sorted({"flask", "sqlalchemy", "alembic", "fhir", "hl7apy"} & set(sys.modules))
print("STATUS", status, "HEAVY", *heavy)
"""


def _run(*command: str, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("CLEANCLAIM_")}
    return subprocess.run(  # noqa: S603  # the project's own command
        [sys.executable, *command],
        cwd=ROOT,
        env={**clean, **env},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "arguments", [["--help"], ["edi", "check", "--help"], ["audit", "verify", "--help"]]
)
def test_help_needs_no_framework(arguments: list[str]) -> None:
    done = _run("-c", _WATCH, *arguments)
    assert done.stdout.splitlines()[-1] == "STATUS 0 HEAVY", done.stdout + done.stderr


def test_edi_check_needs_no_framework_and_no_installation() -> None:
    sample = next((ROOT / "tests/samples/x12").rglob("*.837"), None)
    name = str(sample or ROOT / "README.md")
    done = _run("-c", _WATCH, "edi", "check", name, CLEANCLAIM_MODE="nonsense")
    assert done.stdout.splitlines()[-1].endswith("HEAVY"), done.stdout + done.stderr


def test_wsgi_serves_from_an_installation_and_says_what_is_missing(tmp_path: Path) -> None:
    env = {"CLEANCLAIM_HOME": str(tmp_path / "home"), "CLEANCLAIM_KEYS": str(tmp_path / "keys")}
    bare = _run("-c", "import wsgi", **env)
    assert bare.returncode == 1
    assert "cleanclaim keys make" in bare.stderr
    for command in (["keys", "make"], ["db", "upgrade"]):
        done = _run("-c", "from web.cli import main; main()", *command, **env)
        assert done.returncode == 0, done.stderr
    script = "import wsgi; print(wsgi.app.test_client().get('/healthz').status_code)"
    done = _run("-c", script, **env)
    assert done.stdout.strip() == "200", done.stderr
