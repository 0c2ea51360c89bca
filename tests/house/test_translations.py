"""The release gate of the second language: whatever pages say, they say in Spanish too."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages import pofile

from tests.house.test_text import tracked

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "web/translations/es/LC_MESSAGES/messages.po"

# Names that are the same in every language: standards, codes, our own name, keys of a keyboard.
SAME_EVERYWHERE = {"Cleanclaim", "FHIR R4", "BPR02", "PLB", "Ctrl K", "JSON", "OpenAPI"}

_PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")


# Marks that stand between values.
_AROUND = " \u00b7:,.()\u2190=+-\u2212\u2013\u2014"


def _read() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return pofile.read_po(file, locale="es")


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What pages say now, by the same tool that brings the catalogue up to date."""
    path: Path = tmp_path_factory.mktemp("texts") / "messages.pot"
    options = ["--quiet", "extract", "-F", "babel.cfg", "-k", "lazy_gettext", "-o", str(path), "."]
    subprocess.run(  # noqa: S603  # our own arguments
        [sys.executable, "-m", "babel.messages.frontend", *options], cwd=ROOT, check=True
    )
    with path.open("rb") as file:
        return pofile.read_po(file)


def test_everything_that_pages_say_is_in_the_catalogue(extracted: Catalog) -> None:
    catalogue = _read()
    missing = [m.id for m in extracted if m.id and m.id not in catalogue]
    assert missing == [], "run tools/translate.sh, then translate"


def _texts(text: object) -> list[str]:
    return [text] if isinstance(text, str) else [str(each) for each in text or ()]  # type: ignore[attr-defined]  # a singular and its plural


def test_nothing_in_the_catalogue_is_left_untranslated() -> None:
    assert [m.id for m in _read() if m.id and not all(_texts(m.string) or [""])] == []


def test_the_catalogue_holds_nothing_that_no_page_says(extracted: Catalog) -> None:
    assert [m.id for m in _read() if m.id and m.id not in extracted] == []


def test_translations_fill_in_the_same_places() -> None:
    wrong = []
    for message in _read():
        wanted = set(_PLACEHOLDER.findall(" ".join(_texts(message.id))))
        texts = _texts(message.string)
        if message.id and any(set(_PLACEHOLDER.findall(text)) != wanted for text in texts):
            wrong.append(message.id)
    assert wrong == []


def find_bare_words(template: str) -> list[str]:
    """Return what a template would say in English to everybody."""
    text = re.sub(r"\{#.*?#\}", " ", template, flags=re.DOTALL)
    text = re.sub(r"\{%.*?%\}", "\n", text, flags=re.DOTALL)
    text = re.sub(r"\{\{.*?\}\}", " ", text, flags=re.DOTALL)
    spoken = re.findall(r'(?:title|alt|placeholder|aria-label)="([^"]*)"', text)
    text = re.sub(r"<(kbd|code|script|style)\b.*?</\1>", " ", text, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", "\n", text, flags=re.DOTALL)
    text = re.sub(r"&\w+;", " ", text)
    pieces = [piece.strip(_AROUND) for piece in [*text.splitlines(), *spoken]]
    return [
        piece
        for piece in pieces
        if re.search(r"[A-Za-z]{2}", piece) and piece not in SAME_EVERYWHERE
    ]


@pytest.mark.parametrize(
    "path",
    tracked("*/templates/*.html", "*/templates/**/*.html"),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_template_says_a_word_outside_the_catalogue(path: Path) -> None:
    assert find_bare_words(path.read_text("utf-8")) == []


def test_a_bare_word_is_found() -> None:
    assert find_bare_words("<h1>{{ _('Home') }}</h1><p>Your claims</p>") == ["Your claims"]
    assert find_bare_words('<button title="Open it">{{ name }}</button>') == ["Open it"]


def test_the_compiled_catalogue_is_the_present_one(tmp_path: Path) -> None:
    compiled = CATALOGUE.with_suffix(".mo")
    assert compiled.exists(), "run make setup: it compiles the catalogue"
    folder = tmp_path / "es/LC_MESSAGES"
    folder.mkdir(parents=True)
    shutil.copy(CATALOGUE, folder)
    subprocess.run(  # noqa: S603  # our own arguments
        [sys.executable, "-m", "babel.messages.frontend", "-q", "compile", "-d", str(tmp_path)],
        check=True,
    )
    assert compiled.read_bytes() == (folder / "messages.mo").read_bytes()
