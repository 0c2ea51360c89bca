"""What may be written only in one home, and what nowhere."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Pattern -> files that may hold it, each with the reason.
HOMES = {
    r"\bfloat\(": {},
    r"\.commit\(": {
        "audit/service/recording.py": "the unit of work: the entry commits with the change",
        "config/counters.py": "a savepoint inside the caller's transaction",
        "encounters/service/applying.py": "a savepoint inside the caller's transaction",
    },
    r"os\.environ|os\.getenv": {},  # environs reads the settings
    r"(?<![\w.])print\(": {},
    r"\b(datetime\.now|date\.today|utcnow)\(": {"config/clock.py": "the clock"},
    r"\bimport (pickle|marshal|shelve)\b|from (pickle|marshal|shelve) import": {},
    r"(?<![\w.])(eval|exec)\(": {},
    r"yaml\.(unsafe_)?load\(": {},
    r"shell=True": {},
    r"logging\.getLogger|import logging\b": {"config/log.py": "the log"},
    r"verify=False|check_hostname *= *False|AutoAddPolicy": {},
}

# Where the words would tell of the machine they were written on, or of a registry's host.
STRANGERS = re.compile(r"/work/|/root/|(?<!})/home/\w|pypi\.org|npmjs|pythonhosted|deb\.debian")

# 900-999 and 000 are never given out as the first three digits, 666 neither.
SSN = re.compile(r"(?<![\d-])(?!9|000|666)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])")


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(  # noqa: S603  # git, with our own arguments
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns],  # noqa: S607  # git is found by PATH
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def _sources() -> list[Path]:
    aside = ("tests/", "bench/", "tools/")
    return [p for p in tracked("*.py") if not str(p.relative_to(ROOT)).startswith(aside)]


@pytest.mark.parametrize("pattern", HOMES)
def test_stands_only_in_its_home(pattern: str) -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in _sources()
        if any(
            re.search(pattern, line.split("#")[0]) for line in path.read_text("utf-8").splitlines()
        )
    }
    assert found == set(HOMES[pattern])


def test_nothing_names_a_machine_or_a_registry() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        if path != Path(__file__)
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1)
        if STRANGERS.search(line)
    ]
    assert found == []


def test_no_sample_holds_a_number_that_could_be_somebodys() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {number}"
        for path in tracked("tests", "office", "bench", "simulator", "docs")
        if path != Path(__file__)
        for number in SSN.findall(path.read_text("utf-8", "replace"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "is_caught"),
    [("SSN 123-45-6789", True), ("999-36-7313", False), ("000-12-3456", False)],
)
def test_realistic_numbers_are_told_from_impossible_ones(text: str, *, is_caught: bool) -> None:
    assert bool(SSN.search(text)) is is_caught


def test_every_template_is_used() -> None:
    code = "\n".join(path.read_text("utf-8") for path in tracked("*.py", "*.html", "*.typ"))
    unused = [
        str(path.relative_to(ROOT))
        for path in tracked("*/templates/*")
        if path.name not in code and path.stem not in code
    ]
    assert unused == []


def test_no_test_folder_is_a_package() -> None:
    assert [p for p in tracked("tests/*") if p.name == "__init__.py"] == []
