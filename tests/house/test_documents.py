"""The pages say what there is: every setting and command, and links that lead somewhere."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from config.settings import Settings
from web import policy

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    page = (ROOT / "docs/settings.md").read_text("utf-8")
    listed = set(re.findall(r"^\| `(CLEANCLAIM_\w+)` \|", page, re.MULTILINE))
    source = (ROOT / "config/settings.py").read_text("utf-8")
    read = {f"CLEANCLAIM_{name}" for name in re.findall(r'env\.\w+\("([A-Z_]+)"', source)}
    assert listed == read
    assert len(read) == len(dataclasses.fields(Settings))


def test_every_command_is_documented_and_every_documented_command_exists() -> None:
    page = (ROOT / "docs/commands.md").read_text("utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    listed = {name for row in rows for name in re.findall(r"`([a-z0-9 ]+)`", row)}
    assert listed == set(policy.COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    named = re.findall(r"(?<![\w/.])((?:docs|tests|config|web|tools|deploy)/[\w./-]+\.\w+)", text)
    missing = [link for link in links if not (page.parent / link).exists()]
    missing += [name for name in named if not (ROOT / name).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_that_pages_name_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    named = re.findall(r"cleanclaim ((?:[a-z]+ )?[a-z]+)\b", text)
    groups = {name.split()[0] for name in policy.COMMANDS}
    known = set(policy.COMMANDS) | groups
    found = [
        name
        for name in named
        if name.split()[0] in groups and name not in known and name.split()[0] not in known
    ]
    assert found == []


def test_the_readmes_two_commands_are_the_ones_that_ci_runs() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    block = re.search(r"## Two commands\n\n((?:    make [a-z]+\n)+)", readme)
    assert block
    assert block.group(1).split() == ["make", "demo", "make", "test"]
    script = (ROOT / ".ci/run").read_text("utf-8")
    assert re.findall(r"^make ([a-z]+)$", script, re.MULTILINE) == ["check", "test"]
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in ("demo", "test", "check", "run", "bench", "setup"):
        assert re.search(rf"^{target}:.*## ", makefile, re.MULTILINE)


def test_decisions_are_numbered_one_by_one() -> None:
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs/decisions").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
