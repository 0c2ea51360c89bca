"""What pages load: small, ours, and nothing from anywhere else."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from tests.house.test_text import tracked

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "web/static"
STYLE_BYTES_MAX = 20 * 1024
SCRIPT_BYTES_MAX = 20 * 1024


def _packed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


def test_style_sheet_is_small() -> None:
    assert _packed(STATIC / "built/app.css") <= STYLE_BYTES_MAX


def test_all_scripts_together_are_small() -> None:
    assert sum(_packed(path) for path in STATIC.rglob("*.js")) <= SCRIPT_BYTES_MAX


def test_style_sheet_loads_nothing_and_holds_no_borrowed_brand() -> None:
    style = (STATIC / "built/app.css").read_text("utf-8")
    assert re.findall(r"url\((?!\"?data:)|@import|@font-face|GDS Transport|crown", style) == []


def test_versions_are_exact_and_the_lock_names_no_host() -> None:
    package = json.loads((ROOT / "package.json").read_text("utf-8"))
    versions = {**package["dependencies"], **package["devDependencies"]}
    assert [name for name, version in versions.items() if not version[0].isdigit()] == []
    lock = (ROOT / "package-lock.json").read_text("utf-8")
    assert '"resolved"' not in lock
    assert "://" not in re.sub(r'"url": "[^"]*"', "", lock)  # where to give money
    assert '"integrity"' in lock


@pytest.mark.parametrize(
    "path",
    tracked("*/templates/*.html", "*/templates/**/*.html"),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_template_has_script_or_style_of_its_own(path: Path) -> None:
    text = path.read_text("utf-8")
    assert re.findall(r"\son\w+\s*=|\sstyle\s*=|<style|javascript:|\|\s*safe\b", text) == []
    for tag in re.findall(r"<script[^>]*>", text):
        assert 'nonce="{{ csp_nonce() }}"' in tag
        assert "src=" in tag
