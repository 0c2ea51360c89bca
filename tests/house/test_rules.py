"""Rules say what they rest on, values and rules touch no file, and nothing grows too long."""

from __future__ import annotations

import ast
import functools
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
    "root_packages"
]
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60

# Files longer than the bound, each with the reason.
LONG = {
    "audit/verifier.py": "stands alone: an auditor is given this one file",
    "config/migrations/versions/0009_claims.py": "a revision is a record, not a page to read",
    "office/demo/feeds.py": "one EHR's day, resource by resource",
}


@functools.cache
def _read(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _modules(*rooms: str) -> Iterator[tuple[Path, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT / package).parts
            room = parts[0].removesuffix(".py").split("_")[0]
            if not rooms or room in rooms:
                yield path, _read(path)


def test_every_rule_says_its_source() -> None:
    missing = []
    for path, tree in _modules("rules"):
        for node in tree.body:
            if not isinstance(node, ast.FunctionDef) or not node.name.startswith(
                ("check_", "compute_")
            ):
                continue
            source = (ast.get_docstring(node) or "").partition("Source:")[2]
            if not source.strip():
                missing.append(f"{path.relative_to(ROOT)}: {node.name}")
    assert missing == []


def test_decisions_that_sources_name_are_there() -> None:
    known = {path.name[:4] for path in (ROOT / "docs/decisions").glob("*.md")}
    named = {
        number
        for path, _ in _modules()
        for number in re.findall(r"decision (\d{4})", path.read_text("utf-8"))
    }
    assert named <= known
    assert "0006" in named


def test_values_and_rules_read_no_file() -> None:
    readers = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "now", "today"}
    found = []
    for path, tree in _modules("values", "rules"):
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            name = node.func.id if isinstance(node.func, ast.Name) else name
            if name in readers:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno} {name}")
    assert found == []


def test_files_stay_readable() -> None:
    long = {
        str(path.relative_to(ROOT))
        for path, _ in _modules()
        if len(path.read_text("utf-8").splitlines()) > FILE_LINES_MAX
    }
    assert long <= set(LONG), "split it into a folder of the same name"


def test_functions_stay_readable() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path, tree in _modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES_MAX
    ]
    assert long == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_says_what_it_is(package: str) -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in (ROOT / package).rglob("*.py")
        if not ast.get_docstring(_read(path))
    ]
    assert silent == []
