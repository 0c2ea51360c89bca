"""Render a Typst template with plain data to an accessible PDF.

The data reaches the template as one JSON text and stays data: nothing of it is ever part of Typst
source, so a name like `#read("x")` is printed, not run. Fonts come from a package, system fonts are
ignored and the date is passed in, so that the same input gives the same bytes on every machine.

Source:
    ISO 14289-1 (PDF/UA-1); House: reference on accessible statements.
"""

from __future__ import annotations

import atexit
import datetime as dt
import importlib.util
import json
import re
import shutil
import tempfile
import threading
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typst

from gateways.pdf.values import PdfError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateways.pdf.values import Language

FONT_FAMILY: Final = "Source Sans Pro"
_FONT_PACKAGE: Final = "font_source_sans_pro"
_FACES: Final = ("Regular", "It", "Semibold", "Bold")
_STANDARD: Final[typst.PDFStandard] = "ua-1"
_GLYPH_MISSING: Final = re.compile(r"the text `\"(.*)\"` could not be displayed", re.DOTALL)
_PLACE: Final = re.compile(r"┌─ (\S+?):(\d+):(\d+)")
#: Typst shares a cache between compilations and is not built for several at once in one process.
_TYPST: Final = threading.Lock()


def render(template: Path, data: Mapping[str, object], *, lang: Language, date: dt.date) -> bytes:
    """Return the PDF of a template filled with data.

    Args:
        template: A `.typ` file; it may read files of its own folder and below, nothing else. It
            finds `sys.inputs.data` (JSON), `sys.inputs.lang` and `sys.inputs.date` (ISO).
        data: JSON values; bytes (an image) become an array of numbers. No floats.
        lang: Language of the page.
        date: Date of the page and of the file; nothing else tells it the time.

    Returns:
        A PDF/UA-1 file, the same bytes for the same input.

    Raises:
        PdfError: A glyph is missing or the template fails. The message holds none of the data.
    """
    text = json.dumps(data, default=_encode, ensure_ascii=False, allow_nan=False)
    inputs = {
        # a letter and its accent as one: as two, the font may have no glyph for the accent
        "data": unicodedata.normalize("NFC", text),
        "lang": lang,
        "date": date.isoformat(),
    }
    made_at = dt.datetime.combine(date, dt.time(), tzinfo=dt.UTC)
    with _TYPST:
        try:
            made = _get_compiler(template).compile(
                format="pdf", sys_inputs=inputs, pdf_standards=[_STANDARD], timestamp=made_at
            )
        except typst.TypstError as error:
            raise _say(error, template) from None
    if not isinstance(made, bytes):  # a list is made of PNG pages only
        raise PdfError("pdf-template", f"{template.name} gave no pages.")
    return made


def _encode(value: object) -> list[int]:
    """Return bytes as numbers: Typst has `bytes(array)` and no base64."""
    if isinstance(value, (bytes, bytearray)):
        return list(value)
    raise TypeError(f"{type(value).__name__} can't stand in a template's data")


@cache
def _get_compiler(template: Path) -> typst.Compiler:
    """Return the one compiler of a template: it keeps the fonts and the parsed source."""
    return typst.Compiler(
        template, root=template.parent, font_paths=_get_fonts(), ignore_system_fonts=True
    )


@cache
def _get_fonts() -> typst.Fonts:
    """Return our faces, and only those.

    The package holds each face twice, as OTF and TTF, and Typst takes whichever the directory lists
    first: a folder of our own with one of each makes the bytes the same on every machine.

    Raises:
        PdfError: A face is missing. Typst would print nothing at all, and not say so.
    """
    folder = Path(tempfile.mkdtemp(prefix="cleanclaim-fonts-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for face in _FACES:
        name = f"SourceSansPro-{face}.ttf"
        (folder / name).symlink_to(find_font_folder() / name)
    folders: list[Path] = [folder]
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=folders
    )
    if len(fonts.fonts()) != len(_FACES):
        raise PdfError("pdf-template", "The package font-source-sans-pro lacks a face.")
    return fonts


def find_font_folder() -> Path:
    """Return the folder of the font package, found and not imported: its import warns.

    Raises:
        PdfError: The package is not installed.
    """
    spec = importlib.util.find_spec(_FONT_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise PdfError("pdf-template", "The package font-source-sans-pro is not installed.")
    return Path(spec.submodule_search_locations[0]) / "files"


def _say(error: typst.TypstError, template: Path) -> PdfError:
    """Return the error in our words: Typst quotes the text it failed on, which may be a name."""
    missing = _GLYPH_MISSING.search(error.message)
    if missing is not None:
        points = ", ".join(sorted({f"U+{ord(char):04X}" for char in missing[1]}))
        return PdfError("pdf-glyph", f"The font {FONT_FAMILY} has no glyph for {points}.")
    place = _PLACE.search(error.diagnostic)
    where = f"{Path(place[1]).name}:{place[2]}" if place else template.name
    said = error.message if error.message.startswith("assertion failed") else ""
    return PdfError("pdf-template", f"The template failed at {where}. {said}".strip())
