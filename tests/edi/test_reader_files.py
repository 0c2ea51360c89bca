"""Reading clean files whatever their form, and giving them back byte for byte."""

from __future__ import annotations

import io

import pytest

import edi
import edi.scan
from tests.factories.edi import CLEAN_837P, check_bytes

FORMS = {
    "no line ends": ("*:^~", ""),
    "LF after": ("*:^~", "\n"),
    "CR LF after": ("*:^~", "\r\n"),
    "LF ends": ("*:^\n", ""),
    "CR ends": ("*:^\r", ""),
    "CR LF ends": ("*:^\r", "\n"),
    "pipe and caret": ("|>^~", ""),
    "group separators": ("\x1d\x1f\x1e\x1c", ""),
    "plus and quote": ("+:*'", "\n"),
    "bang question": ("^!?_", "\n"),
}


def _reshape(marks: str, line_end: str) -> bytes:
    """The clean file with other delimiters."""
    text = CLEAN_837P.decode().replace("\n", "")
    names = {"*": "\x01", ":": "\x02", "^": "\x03", "~": "\x04"}
    for old, new in names.items():
        text = text.replace(old, new)
    for new, mark in zip(names.values(), marks, strict=True):
        text = text.replace(new, mark)
    end = marks[3] + line_end
    return text.replace(marks[3], end).encode("latin-1")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("chunk", [1, 7, 106, 1 << 18])
def test_every_form_is_accepted_and_written_back(
    form: str, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edi.scan, "CHUNK_BYTES", chunk)
    data = _reshape(*FORMS[form])
    report = check_bytes(data)
    assert [fault.code for fault in report.faults] == []
    assert [one.claims for one in report.transactions] == [2]
    assert edi.write(edi.read(io.BytesIO(data))) == data


def test_each_interchange_has_its_own_delimiters() -> None:
    data = b""
    for number, form in enumerate(FORMS.values(), 1):
        data += _reshape(*form).replace(b"000000101", b"%09d" % number)
    reader = edi.read(io.BytesIO(data))
    names = [
        next(segment[3] for segment in transaction.segments if segment.id == "NM1")
        for transaction in reader
    ]
    assert names == ["RIVERSIDE FAMILY PRACTICE"] * len(FORMS)
    assert reader.faults == []
    assert edi.write(edi.read(io.BytesIO(data))) == data


def test_segments_count_over_the_whole_file() -> None:
    second = CLEAN_837P.replace(b"000000101", b"000000102")
    reader = edi.read(io.BytesIO(CLEAN_837P + second))
    indexes = [segment.index for segment in reader.segments()]
    assert indexes == list(range(1, 125))


def test_an_interchange_of_ta1_alone_is_read() -> None:
    data = CLEAN_837P[:107] + b"TA1*000000007*260915*0830*A*000~\nIEA*0*000000101~\n"
    reader = edi.read(io.BytesIO(data))
    assert list(reader) == []
    assert reader.faults == []
    [interchange] = reader.interchanges
    assert [segment[4] for segment in interchange.acknowledgements] == ["A"]
    assert (interchange.sender, interchange.receiver) == (("ZZ", "CLEANCLAIM"), ("ZZ", "EVERGREEN"))


def test_elements_components_and_repeats_are_empty_where_there_are_none() -> None:
    marks = edi.Delimiters()
    segment = edi.Segment("HI*ABK:E119*A^B", 5, marks)
    assert (segment.id, segment[0], segment[1], segment[9]) == ("HI", "HI", "ABK:E119", "")
    assert (segment.get(1, 2), segment.get(1, 3), segment.get(9, 1)) == ("E119", "", "")
    assert (segment.components(1), segment.components(9)) == (["ABK", "E119"], [])
    assert (segment.repeats(2), segment.repeats(9)) == (["A", "B"], [])
    assert len(segment) == 2
    assert "E119" not in repr(segment)


def test_a_transaction_left_half_read_is_skipped() -> None:
    reader = edi.read(io.BytesIO(CLEAN_837P + CLEAN_837P.replace(b"000000101", b"000000102")))
    seen = [next(transaction.segments).id for transaction in reader]
    assert seen == ["ST", "ST"]
    assert reader.faults == []
