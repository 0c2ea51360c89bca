"""Files that no one should send: each gets its clear fault, nothing is lost, nothing crashes."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

import edi
import edi.scan
from edi.report import has_error
from tests.factories.edi import CLEAN_837P, change, check_bytes, list_codes

ISA = CLEAN_837P[:106].decode()
BODY = CLEAN_837P.decode()


def _read_codes(data: bytes) -> list[str]:
    reader = edi.read(io.BytesIO(data))
    for transaction in reader:
        transaction.skip()
    return [fault.code for fault in reader.faults]


def _rewrite(data: bytes) -> bytes:
    return edi.write(edi.read(io.BytesIO(data)))


BAD_FILES: dict[str, tuple[bytes, list[str]]] = {
    "nothing": (b"", ["empty-file"]),
    "blank": (b"\r\n \r\n", ["empty-file"]),
    "only-mark": (b"\xef\xbb\xbf", ["empty-file"]),
    "letter": (b"Dear Sir or Madam, please find attached", ["not-x12"]),
    "zip": (b"PK\x03\x04\x00\x00ISA", ["not-x12"]),
    "utf-16": (CLEAN_837P.decode().encode("utf-16"), ["not-x12"]),
    "short-isa": (b"ISA*00*short", ["isa-truncated", "text-outside"]),
    "cut-in-isa": (CLEAN_837P[:60], ["isa-truncated", "text-outside"]),
    "letter-as-terminator": (
        ISA[:105].encode() + b"A" + CLEAN_837P[106:],
        ["delimiter-terminator", "text-outside"],
    ),
    "only-isa": (CLEAN_837P[:106], ["iea-missing"]),
    "mail-header": (b"some mail header\n" + CLEAN_837P, ["text-outside"]),
    "byte-order-mark": (b"\xef\xbb\xbf" + CLEAN_837P, ["leading-blank"]),
    "blank-lines-first": (b"\n\n" + CLEAN_837P, ["leading-blank"]),
    "mail-footer": (CLEAN_837P + b"-- \nsent by mail\n", ["text-outside"]),
    "no-last-terminator": (CLEAN_837P.rstrip(b"~\n"), ["terminator-missing"]),
    "sent-twice": (CLEAN_837P + CLEAN_837P, ["isa-control-repeated"]),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_not_right_gets_its_faults(name: str) -> None:
    data, codes = BAD_FILES[name]
    assert _read_codes(data) == codes
    assert _rewrite(data) == data


@pytest.mark.parametrize(
    ("change_", "codes"),
    [
        (("*000000101*0*T", "*00000010A*0*T"), ["isa-control", "iea-control"]),
        (("*0830*101*X", "*0830*ABC*X"), ["gs-control", "ge-control"]),
        (("*101*X*005010X222A1", "*101*X"), ["gs-version"]),
        (("ST*837", "ST*83"), ["st-kind", "guide-unknown"]),
        (("ST*837*0001", "ST*837*1"), ["st-control", "element-too-short", "se-control"]),
        (("SE*58", "SE*57"), ["se-count"]),
        (("SE*58*0001~\n", ""), ["se-missing", "segment-missing"]),
        (("GE*1*101~\n", ""), ["ge-missing"]),
        (("IEA*1*000000101~\n", ""), ["iea-missing"]),
        (("T*:~", "T*A~"), ["delimiter-component"]),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "change",
)
def test_an_envelope_that_does_not_add_up_is_said(
    change_: tuple[str, str], codes: list[str]
) -> None:
    found = list_codes(change(*change_, recounts=False))
    assert set(codes) <= set(found)
    assert found[0] in codes


def test_a_repeated_group_and_transaction_number_is_said() -> None:
    start, end = BODY.index("ST*837"), BODY.index("GE*1")
    twice = BODY[:end] + BODY[start:end] + BODY[end:].replace("GE*1", "GE*2")
    assert list_codes(twice.encode()) == ["st-control-repeated"]
    group = BODY[BODY.index("GS*") : BODY.index("IEA*")]
    groups = BODY.replace("IEA*1", "IEA*2").replace(group, group + group)
    assert list_codes(groups.encode()) == ["gs-control-repeated"]


@pytest.mark.parametrize("length", range(0, len(CLEAN_837P), 37))
def test_a_file_cut_anywhere_is_refused_and_keeps_its_bytes(length: int) -> None:
    data = CLEAN_837P[:length]
    report = check_bytes(data)
    assert not report.accepted
    assert _rewrite(data) == data


def test_fifty_megabytes_of_garbage_are_refused_quickly() -> None:
    report = check_bytes(bytes(range(256)) * (50 * 4096))
    assert [fault.code for fault in report.faults] == ["not-x12"]


def test_a_segment_without_end_is_refused_and_the_next_interchange_is_read() -> None:
    endless = CLEAN_837P[:200] + b"X" * (edi.scan.SEGMENT_CHARS_MAX + 500_000)
    reader = edi.read(io.BytesIO(endless + b"\n" + CLEAN_837P))
    controls = [transaction.control for transaction in reader]
    assert controls == ["0001", "0001"]
    assert "segment-too-long" in [fault.code for fault in reader.faults]
    assert has_error(reader.faults)


def test_five_thousand_repeats_of_a_segment_are_one_finding() -> None:
    data = change("REF*D9*100000000001~", "REF*D9*100000000001~\n" * 5000)
    assert list_codes(data) == ["segment-repeat"]


def test_five_thousand_claims_of_one_subscriber_are_one_finding() -> None:
    start, end = BODY.index("CLM*CLAIM0001"), BODY.index("HL*3")
    claim = BODY[start:end]
    data = change(claim, claim * 5000)
    assert list_codes(data) == ["loop-repeat"]


def test_a_flood_of_faults_is_cut_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edi.reader.FAULTS_MAX", 10)
    report = check_bytes(change("PRV*BI", "~" * 50 + "PRV*BI"))
    assert len(report.faults) == 11
    assert report.faults[-1].code == "too-many-faults"
    assert report.faults[-1].message.startswith("40 ")


def test_bidi_and_accents_in_data_are_said_where_they_stand() -> None:
    data = CLEAN_837P.replace(b"AMARANTA", "AMAR\u202eÁTA".encode())
    faults = check_bytes(data).faults
    assert [(f.code, f.segment, f.element) for f in faults] == [("character-invalid", "NM1", 4)]
    assert _rewrite(data) == data


def test_a_missing_iea_before_another_interchange_loses_nothing() -> None:
    first = BODY.replace("IEA*1*000000101~\n", "")
    second = BODY.replace("~", "\x1d").replace("*", "|").replace("000000101", "000000102")
    reader = edi.read(io.BytesIO((first + second).encode()))
    assert [transaction.control for transaction in reader] == ["0001", "0001"]
    assert [fault.code for fault in reader.faults] == ["iea-missing"]
    assert [one.control for one in reader.interchanges] == ["000000101", "000000102"]


def test_an_iea_without_terminator_before_another_interchange_loses_nothing() -> None:
    first = BODY.rstrip("~\n")
    second = BODY.replace("000000101", "000000102")
    data = (first + "\n" + second).encode()
    reader = edi.read(io.BytesIO(data))
    assert len(list(reader)) == 2
    assert [fault.code for fault in reader.faults] == ["terminator-missing"]
    assert _rewrite(data) == data


def test_every_fault_code_of_the_engine_is_tested() -> None:
    root = Path(edi.__file__).parent
    rooms = ("scan", "isa", "envelope", "elements", "walk", "levels", "check", "syntax", "writer")
    files = [root / f"{room}.py" for room in rooms] + [root / "guides" / "x837p" / "rules.py"]
    text = "".join(file.read_text(encoding="utf-8") for file in files)
    codes = set(re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)+)"', text)) - {"latin-1", "utf-8"}
    tested = "".join(
        file.read_text(encoding="utf-8") for file in Path(__file__).parent.glob("test_*.py")
    )
    assert len(codes) > 50
    assert [code for code in sorted(codes) if f'"{code}"' not in tested] == []
