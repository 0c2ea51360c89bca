"""The PDF port: what it promises of any template."""

from __future__ import annotations

import datetime as dt
import io
import unicodedata
from typing import TYPE_CHECKING

import pikepdf
import pytest

from gateways.pdf import service
from gateways.pdf.values import PdfError
from tests.factories.pdf import read_text

if TYPE_CHECKING:
    from pathlib import Path

DAY = dt.date(2026, 9, 15)
TEMPLATE = """
#let data = json(bytes(sys.inputs.data))
#set document(title: "A page")
#set text(font: "Source Sans Pro", lang: sys.inputs.lang)
= #data.name
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "page.typ"
    path.write_text(TEMPLATE, encoding="utf-8")
    return path


def test_page_carries_the_marks_of_accessibility(template: Path) -> None:
    content = service.render(template, {"name": "Ana"}, lang="es", date=DAY)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "es"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"] == "A page"


def test_same_input_gives_the_same_bytes(template: Path) -> None:
    first = service.render(template, {"name": "Ana"}, lang="en", date=DAY)
    service.render(template, {"name": "Bea"}, lang="en", date=DAY)
    assert service.render(template, {"name": "Ana"}, lang="en", date=DAY) == first


def test_date_of_the_file_is_the_date_given(template: Path) -> None:
    content = service.render(template, {"name": "Ana"}, lang="en", date=DAY)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:20260915")


@pytest.mark.parametrize(
    "name",
    ['#read("page.typ")', "*bold* _it_", "$x$ @y <z>", "\\#panic()", '"; #panic()', "= H"],
)
def test_data_is_printed_and_never_run(template: Path, name: str) -> None:
    content = service.render(template, {"name": name}, lang="en", date=DAY)
    assert name.replace(" ", "") in read_text(content).replace(" ", "")


@pytest.mark.parametrize(
    "name", ["Nu\u0301n\u0303ez", "Łukasz Šťastný", "Nguyễn Thị", "Ελένη Иванова"]
)
def test_names_of_many_countries_are_printed(template: Path, name: str) -> None:
    content = service.render(template, {"name": name}, lang="en", date=DAY)
    printed = unicodedata.normalize("NFC", name).replace(" ", "")
    assert printed in read_text(content).replace(" ", "")


def test_missing_glyph_is_an_error_that_names_the_code_point_only(template: Path) -> None:
    with pytest.raises(PdfError) as caught:
        service.render(template, {"name": "Secretname 中"}, lang="en", date=DAY)
    assert caught.value.code == "pdf-glyph"
    assert "U+4E2D" in caught.value.message
    assert "Secretname" not in caught.value.message


def test_template_error_names_the_line_and_none_of_the_data(tmp_path: Path) -> None:
    path = tmp_path / "broken.typ"
    path.write_text("#let data = json(bytes(sys.inputs.data))\n#panic(data.name)", "utf-8")
    with pytest.raises(PdfError) as caught:
        service.render(path, {"name": "Secretname"}, lang="en", date=DAY)
    assert caught.value.code == "pdf-template"
    assert "broken.typ:2" in caught.value.message
    assert "Secretname" not in str(caught.value)


def test_template_can_not_read_outside_its_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("root key", "utf-8")
    folder = tmp_path / "templates"
    folder.mkdir()
    for target in ("../secret.txt", "/etc/passwd"):
        path = folder / "spy.typ"
        path.write_text(f'#set document(title: "x")\n#read("{target}")', "utf-8")
        service._get_compiler.cache_clear()
        with pytest.raises(PdfError):
            service.render(path, {}, lang="en", date=DAY)


def test_float_in_the_data_is_refused(template: Path) -> None:
    with pytest.raises(TypeError):
        service.render(template, {"name": object()}, lang="en", date=DAY)


def test_font_package_that_lacks_a_face_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "find_font_folder", lambda: tmp_path)
    service._get_fonts.cache_clear()
    try:
        with pytest.raises(PdfError, match="lacks a face"):
            service._get_fonts()
    finally:
        service._get_fonts.cache_clear()
