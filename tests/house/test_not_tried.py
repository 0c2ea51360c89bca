"""What could not be tried is said at the end, and fails the builders' run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("reason", "ci", "status"),
    [
        ("NOT TRIED: no Chromium", "true", 1),
        ("NOT TRIED: no Chromium", "", 0),
        ("NOT TRIED: public samples (CLEANCLAIM_SAMPLES names no folder)", "true", 0),
    ],
)
def test_run_says_what_was_not_tried(tmp_path: Path, reason: str, ci: str, status: int) -> None:
    module = tmp_path / "test_planted.py"
    module.write_text(
        "import pytest\n\n\ndef test_one():\n    pass\n\n\n"
        f"def test_two():\n    pytest.skip({reason!r})\n\n\n"
        "def test_three():\n    pytest.skip('only on Sundays')\n"
    )
    options = ["-q", "-p", "tests.conftest", "-p", "no:cacheprovider", "-c", "pyproject.toml"]
    done = subprocess.run(  # noqa: S603  # pytest on a file of our own
        [sys.executable, "-m", "pytest", *options, str(module)],
        cwd=ROOT,
        env={**os.environ, "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    assert f"\n{reason}: 1 tests" in done.stdout
    assert "Sundays" not in done.stdout
