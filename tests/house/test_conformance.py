"""The conformance page says what the code does: it is what its tool writes, to the letter."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from encounters.adapters_hl7 import TAKEN_KINDS
from gateways.fhir.service import USED_TYPES
from gateways.fhir.values import Element
from gateways.hl7.message import Segment

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "make_conformance", ROOT / "tools" / "make_conformance.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def page(tool: ModuleType) -> str:
    written: str = tool.write_page()
    return written


def test_committed_page_is_what_the_code_gives(page: str) -> None:
    committed = (ROOT / "docs" / "conformance.md").read_text("utf-8")
    assert committed == page, "run .venv/bin/python tools/make_conformance.py"


def test_every_type_and_message_that_acts_stands_on_the_page(page: str) -> None:
    for kind in USED_TYPES:
        assert f"| {kind} |" in page
    for message in TAKEN_KINDS:
        assert message in page
    for guide in ("005010X222A1", "005010X221A1", "005010X231A1", "005010X214"):
        assert guide in page


def test_tool_leaves_the_readers_as_they_were(tool: ModuleType) -> None:
    tool.write_page()
    assert Element.texts.__name__ == "texts"
    assert Segment.text.__name__ == "text"
