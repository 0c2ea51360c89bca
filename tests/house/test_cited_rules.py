"""Every rule number that a docstring cites is explained in docs/rules.md."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = (
    "access", "audit", "claims", "coding", "config", "encounters", "gateways", "ledger", "office",
    "patient_billing", "patients", "practice", "simulator", "web",
)  # fmt: skip
# HL7 trigger events look the same.
EVENTS = {"P03", "S12", "S13", "S14", "S15", "S26"}
CITED = re.compile(r"(?<![\w*/-])([RPS]\d{1,2})(?![\w*/-])")


def _cited() -> list[tuple[str, str]]:
    found = set()
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(
                    node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
                ):
                    text = ast.get_docstring(node) or ""
                    found |= {(str(path.relative_to(ROOT)), n) for n in CITED.findall(text)} - {
                        (str(path.relative_to(ROOT)), event) for event in EVENTS
                    }
    return sorted(found)


def _explained() -> set[str]:
    rows = re.findall(
        r"^\| ([RPS][^|]*) \|", (ROOT / "docs" / "rules.md").read_text(), re.MULTILINE
    )
    return {number.strip() for row in rows for number in row.split(",")}


def test_there_are_citations_to_check() -> None:
    assert len(_cited()) > 20


@pytest.mark.parametrize(("path", "number"), _cited())
def test_cited_rule_is_explained(path: str, number: str) -> None:
    assert number in _explained(), f"{path} cites {number}"
