"""The statement's template: a bill that answers how much, by when and why, in two languages."""

from __future__ import annotations

import datetime as dt
import io
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pikepdf
import pytest

from gateways.pdf.service import render
from gateways.pdf.values import PdfError
from tests.factories.pdf import read_text
from tests.factories.statements import make_line, make_statement, make_visit

if TYPE_CHECKING:
    from gateways.pdf.values import Language

TEMPLATES = Path(__file__).parents[2] / "patient_billing" / "templates"
TEMPLATE = TEMPLATES / "statement.typ"
DAY = dt.date(2026, 9, 15)


def make_pdf(data: dict[str, Any], lang: Language = "en") -> bytes:
    return render(TEMPLATE, data, lang=lang, date=DAY)


def read_words(data: dict[str, Any], lang: Language = "en") -> str:
    return read_text(make_pdf(data, lang)).replace(" ", "").replace("\u00a0", "")


@pytest.mark.parametrize(
    ("lang", "tag", "title"),
    [
        ("en", "en-US", "Statement: this is your bill"),
        ("es", "es-US", "Estado de cuenta: esta es su factura"),
    ],
)
def test_statement_is_tagged_titled_and_in_its_language(
    lang: Language, tag: str, title: str
) -> None:
    with pikepdf.open(io.BytesIO(make_pdf(make_statement(), lang))) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == tag
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        with pdf.open_metadata() as metadata:
            assert metadata["dc:title"] == title
            assert metadata["pdfuaid:part"] == "1"
            assert "Castellanos" not in str(metadata)
        assert [float(number) for number in pdf.pages[0].mediabox] == [0, 0, 612, 792]


def list_tags(pdf: pikepdf.Pdf) -> list[pikepdf.Dictionary]:
    """Return every structure element in reading order."""
    found, stack = [], [pdf.Root.StructTreeRoot]
    while stack:
        element = stack.pop()
        if isinstance(element, pikepdf.Dictionary):
            if "/S" in element:
                found.append(element)
            children = element.get("/K", pikepdf.Array())
            stack.extend(
                reversed(list(children) if isinstance(children, pikepdf.Array) else [children])
            )
    return found


def test_tables_have_header_cells_with_scope_and_the_image_has_words() -> None:
    with pikepdf.open(io.BytesIO(make_pdf(make_statement(visits=3)))) as pdf:
        tags = list_tags(pdf)
        names = [str(tag.S) for tag in tags]
        assert names.count("/H1") == 1
        assert names.count("/Table") == 3
        heads = [tag for tag in tags if tag.S == "/TH"]
        assert len(heads) >= 5 + 3
        assert all(_has_scope(head) for head in heads)
        figures = [tag for tag in tags if tag.S == "/Figure"]
        assert [str(figure.Alt) for figure in figures] == ["Harbor Street logo"]


def _has_scope(head: pikepdf.Object) -> bool:
    attributes = head.get("/A", pikepdf.Array())
    listed = list(attributes) if isinstance(attributes, pikepdf.Array) else [attributes]
    return any("/Scope" in item for item in listed if isinstance(item, pikepdf.Dictionary))


def test_every_font_is_embedded() -> None:
    with pikepdf.open(io.BytesIO(make_pdf(make_statement()))) as pdf:
        fonts = [font for page in pdf.pages for font in page.resources["/Font"].values()]
        assert fonts
        for font in fonts:
            descriptor = font.DescendantFonts[0].FontDescriptor
            assert "/FontFile2" in descriptor or "/FontFile3" in descriptor


def test_first_page_answers_how_much_by_when_and_why() -> None:
    words = read_words(make_statement())
    for answer in (
        "Amountdue$87.70",
        "PleasepaybyOctober15,2026",
        "Insurancehasfinishedwitheveryvisitinthisamount.",
        "Why:$80.00yourdeductible+$32.70yourcoinsurance",
        "EvergreenHealthPlanpaidnothingonthisvisit(Aug30,2026).",
        "$112.70\u2212whatyoualreadypaid$25.00=amountdue$87.70",
        "(617)555-0100",
    ):
        assert answer in words


def test_spanish_statement_speaks_spanish_and_names_the_english_one() -> None:
    words = read_words(make_statement(visits=2), "es")
    for answer in (
        "Totalapagar$127.70",
        "Pagueantesdel15deoctubrede2026",
        "Motivo:sucopago",
        "EvergreenHealthPlanpagó$72.70el30ago2026.",
        "ThisbillisavailableinEnglish",
    ):
        assert answer in words
    assert "Amount" not in words


def test_pending_visits_stand_apart_and_are_not_in_the_amount_due() -> None:
    words = read_words(make_statement())
    assert "Waitingforinsurance(notintheamountdue)" in words
    assert "$190.00" in words
    assert "$277.70" not in words


def test_reasons_name_the_payer_where_a_visit_has_two() -> None:
    paid = make_visit()["insurance_payments"]
    second = {"payer_name": "Pinecrest Mutual", "date": "2026-09-02", "cents": 0}
    words = read_words(_with_payers([*paid, second]))
    assert "$80.00yourdeductiblewithEvergreenHealthPlan" in words
    assert "PinecrestMutualpaidnothing" in words


def _with_payers(payments: list[dict[str, Any]]) -> dict[str, Any]:
    visit = make_visit(insurance_payments=payments)
    data = make_statement()
    return data | {"visits": [visit]}


def test_self_pay_statement_tells_of_the_right_to_dispute_an_estimate() -> None:
    line = make_line(
        discount_cents=0,
        insurance_paid_cents=0,
        you_owe_cents=16500,
        reasons=[{"kind": "self_pay", "cents": 16500, "payer_name": None}],
    )
    data = make_statement() | {
        "visits": [make_visit(lines=[line], insurance_payments=[])],
        "amount_due_cents": 14000,
        "aging": [{"kind": "days_31_60", "cents": 14000}],
        "has_self_pay": True,
    }
    words = read_words(data)
    assert "Thesevisitswerenotbilledtoinsurance." in words
    assert "goodfaithestimate" in words
    assert "$140.00hasbeendueformorethan30days." in words


def test_ten_lines_fit_on_the_first_page_and_twelve_visits_on_three() -> None:
    lines = [make_line(description=f"Service {n}", reasons=[], **_free()) for n in range(9)]
    ten = make_statement() | {"visits": [make_visit(lines=[make_line(), *lines])]}
    with pikepdf.open(io.BytesIO(make_pdf(ten))) as pdf:
        assert len(pdf.pages) <= 2
        assert "Service8" in _read_first_page(pdf)
    with pikepdf.open(io.BytesIO(make_pdf(make_statement(visits=12)))) as pdf:
        assert len(pdf.pages) <= 3


def _free() -> dict[str, int]:
    return {"discount_cents": 5230, "insurance_paid_cents": 11270, "you_owe_cents": 0}


def _read_first_page(pdf: pikepdf.Pdf) -> str:
    one = pikepdf.new()
    one.pages.append(pdf.pages[0])
    buffer = io.BytesIO()
    one.save(buffer)
    return read_text(buffer.getvalue()).replace(" ", "")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"amount_due_cents": 1}, "visits less payments is not the amount due"),
        ({"aging": []}, "the ages do not add up"),
        ({"visits": [make_visit(lines=[make_line(charge_cents=1)])]}, "not what is owed"),
        ({"visits": [make_visit(lines=[make_line(reasons=[])])]}, "reasons of a line"),
    ],
)
def test_statement_whose_sums_do_not_hold_is_not_printed(
    changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(PdfError, match=said):
        make_pdf(make_statement() | changes)


def test_amounts_are_written_with_thousands_and_two_digits() -> None:
    line = make_line(
        charge_cents=123456705,
        discount_cents=0,
        insurance_paid_cents=0,
        you_owe_cents=123456705,
        reasons=[{"kind": "copay", "cents": 123456705, "payer_name": "Evergreen Health Plan"}],
    )
    data = make_statement() | {
        "visits": [make_visit(lines=[line])],
        "amount_due_cents": 123454205,
        "aging": [{"kind": "new", "cents": 123454205}],
    }
    assert "$1,234,567.05" in read_words(data)


def test_every_english_word_has_its_spanish_with_the_same_places_to_fill() -> None:
    english, spanish = (
        tomllib.loads((TEMPLATES / "wording" / f"{lang}.toml").read_text("utf-8"))
        for lang in ("en", "es")
    )
    assert _shape(english) == _shape(spanish)


def _shape(words: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{table}.{key}": sorted(re.findall(r"\{\w+\}", text))
        if isinstance(text, str)
        else len(text)
        for table, entries in words.items()
        for key, text in entries.items()
    }


@pytest.mark.parametrize("notice", ["first", "reminder", "final"])
@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_notice_prints_without_logo_and_scan_line(notice: str, lang: Language) -> None:
    data = make_statement(notice=notice, scan_line=None)
    data["practice"] = data["practice"] | {"logo": None, "colour": "#ffee88", "hours": "8 to 5"}
    assert make_pdf(data, lang).startswith(b"%PDF-")


def test_logo_may_be_svg_and_a_broken_one_is_an_error_and_no_blank() -> None:
    data = make_statement()
    shape = b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><path d='M0 0h9v9z'/></svg>"
    logo = {"format": "svg", "content": shape, "alt": "Harbor Street"}
    data["practice"] = data["practice"] | {"logo": logo, "website": "harborstreet.example"}
    assert "harborstreet.example" in read_words(data)
    data["practice"] = data["practice"] | {"logo": logo | {"content": b"<svg"}}
    with pytest.raises(PdfError):
        make_pdf(data)


def test_names_longer_than_a_line_do_not_break_the_page() -> None:
    data = make_statement(guarantor_name="Maria-Guadalupe " * 6)
    data["guarantor_address_lines"] = ["4820 Old Mill Road " * 4, "Apt 12", "Springfield, MA"]
    data["practice"] = data["practice"] | {"name": "Harbor Street Family Practice " * 3}
    assert make_pdf(data).startswith(b"%PDF-")
