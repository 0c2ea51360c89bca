"""The import contracts hold, and catch what is planted against each of them."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CONTRACTS = PROJECT["tool"]["importlinter"]["contracts"]
PACKAGES = PROJECT["tool"]["importlinter"]["root_packages"]

# Module that gets a new last line, inside a function as a sly hand would put it -> the import,
# and the beginning of the name of the contract that must break.
PLANTED = {
    "practice/values.py": ("from claims.values import Claim", "The staircase"),
    "simulator/values.py": ("from practice.values import Practice", "The simulator sees"),
    "claims/values.py": ("from simulator.values import Stage", "Only web and office"),
    "edi/values.py": ("import msgspec", "edi stands"),
    "config/money.py": ("from ledger.values.accounts import Account", "The floor"),
    "coding/service/lines.py": ("from patients.models import PatientRecord", "Doors"),
    "ledger/rules/sums.py": ("from ledger.service import post", "Rooms"),
    "ledger/rules/checks.py": ("from sqlalchemy import select", "Values and rules"),
    "patients/service/merging.py": ("import flask", "Services know"),
    "claims/service/building.py": ("import paramiko", "A library"),
}


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # the project's own linter
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def _copy_sources(folder: Path) -> None:
    for package in [*PACKAGES, "tools"]:
        for path in (ROOT / package).rglob("*.py"):
            target = folder / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    shutil.copy(ROOT / "pyproject.toml", folder)


def test_contracts_hold() -> None:
    done = _lint(ROOT)
    assert done.returncode == 0, done.stdout


def test_planted_breach_of_each_contract_is_caught(tmp_path: Path) -> None:
    _copy_sources(tmp_path)
    for name, (line, _) in PLANTED.items():
        path = tmp_path / name
        path.write_text(path.read_text("utf-8") + f"\n\ndef sly() -> None:\n    {line}\n", "utf-8")
    done = _lint(tmp_path)
    assert done.returncode == 1
    broken = [line for line in done.stdout.splitlines() if line.endswith("BROKEN")]
    for _, contract in PLANTED.values():
        assert any(line.startswith(contract) for line in broken), (contract, done.stdout)
    assert len(broken) == len(CONTRACTS) == len(PLANTED)


def test_no_contract_ignores_an_import() -> None:
    assert not [
        contract["name"]
        for contract in CONTRACTS
        if any(key.startswith("ignore_") for key in contract)
    ]


def test_contracts_cover_every_package() -> None:
    on_disk = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"bench"}
    assert set(PACKAGES) == on_disk
    layers = {
        package.strip()
        for contract in CONTRACTS
        if contract["type"] == "layers"
        for layer in contract["layers"]
        for package in layer.split("|")
    }
    assert layers == on_disk - {"simulator"}


def test_wsgi_sees_web_and_config_alone_and_nobody_sees_it() -> None:
    assert _imported(ROOT / "wsgi.py") == {"__future__", "config", "web"}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            assert "wsgi" not in _imported(path), path


@pytest.mark.parametrize("package", [p for p in PACKAGES if p not in ("edi", "config", "web")])
def test_package_says_what_it_is_and_holds_nothing_else(package: str) -> None:
    tree = ast.parse((ROOT / package / "__init__.py").read_text("utf-8"))
    assert ast.get_docstring(tree)
    rest = tree.body[1:]
    assert all(isinstance(n, ast.ImportFrom) and n.module == "__future__" for n in rest)


def _imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found
