"""What can be read is read to the byte; what can't is refused with its place."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.finding import Level
from gateways.hl7.escapes import DEFAULT_DELIMITERS, Delimiters, escape, unescape
from gateways.hl7.reading import Limits, peek, read_message, split_file
from gateways.hl7.writing import Envelope, composite, write_message
from tests.factories.hl7 import AT, planned

if TYPE_CHECKING:
    from gateways.hl7.message import Message

MSH = b"MSH|^~\\&|EHR|CLINIC|CC|BILL|20260915143000||ADT^A04^ADT_A01|M1|P|2.5.1"


def read(raw: bytes) -> Message:
    result = read_message(raw)
    assert result.message is not None, result.findings
    return result.message


def refusal(raw: bytes, **options: object) -> tuple[str, str]:
    result = read_message(raw, **options)  # type: ignore[arg-type]  # the tests' own options
    assert result.message is None
    finding = next(f for f in result.findings if f.level is Level.ERROR)
    assert finding.message
    assert finding.fix
    return finding.code, finding.where


def test_header_says_what_came_from_whom() -> None:
    message = read(MSH + b"\rPID|1||A\r")
    assert message.kind == "ADT^A04"
    assert (message.control_id, message.version) == ("M1", "2.5.1")
    assert (message.sending_application, message.sending_facility) == ("EHR", "CLINIC")
    assert (message.receiving_application, message.receiving_facility) == ("CC", "BILL")


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_segments_may_end_by_cr_lf_or_both(end: bytes) -> None:
    message = read(end.join([MSH, b"PID|1||A^B", b"PV1|1|O", b""]))
    assert [segment.name for segment in message.segments] == ["MSH", "PID", "PV1"]
    assert message.segments[2].text(2) == "O"


def test_repeats_components_and_subcomponents_are_found() -> None:
    segment = read(MSH + b"\rPID|1||A1^^^H&2.16&ISO^MR~B2^^^X^SS").segments[1]
    assert segment.repeats(3) == 2
    assert segment.text(3) == "A1"
    assert segment.text(3, 4, subcomponent=2) == "2.16"
    assert segment.text(3, 5, repeat=2) == "SS"
    assert segment.text(3, 9) == segment.text(3, repeat=3) == segment.text(99) == ""
    assert segment.path(3, 4, repeat=2, subcomponent=1) == "PID-3[2].4.1"


def test_second_segment_of_a_name_says_so_in_its_path() -> None:
    message = read(MSH + b"\rFT1|1\rFT1|2||X")
    assert message.all("FT1")[1].path(3) == "FT1[2]-3"


def test_odd_delimiters_of_the_header_are_obeyed() -> None:
    message = read(b"MSH$%*!@$A$B$C$D$2026$$ADT%A04$M1$P$2.5\rPID$1$$X%Y@Z*Q$$!F!!S!")
    pid = message.segments[1]
    assert message.kind == "ADT^A04"
    assert (pid.text(3, 2, subcomponent=2), pid.text(3, repeat=2)) == ("Z", "Q")
    assert pid.text(5) == "$%"


@pytest.mark.parametrize(
    "header", [b"MSH|^^\\&|A", b"MSH|^~\\&#!|A", b"MSH|ABCD|A", b"MSH||A", b"MSH"]
)
def test_colliding_or_missing_delimiters_are_refused(header: bytes) -> None:
    assert refusal(header) == ("delimiters", "MSH-2")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (r"A\F\B\S\C\T\D\R\E\E\F", "A|B^C&D~E\\F"),
        (r"line\.br\two", "line\ntwo"),
        (r"caf\XC3A9\ ", "café"),
        (r"\H\bold\N\ ", "bold"),
        (r"C:\temp", r"C:\temp"),
        (r"\Zxy\ ", r"\Zxy" + "\\"),
        (r"\X4\ ", r"\X4" + "\\"),
    ],
)
def test_escape_sequences_are_resolved_and_unknown_ones_kept(written: str, said: str) -> None:
    segment = read(MSH + f"\rNTE|1||{written}".encode()).segments[1]
    assert segment.text(3) == said


SAFE_TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\r\\|^~&"), max_size=60
)


@given(SAFE_TEXT)
def test_escaping_is_undone_by_unescaping(text: str) -> None:
    assert unescape(escape(text), DEFAULT_DELIMITERS) == text


@given(SAFE_TEXT)
def test_escaping_with_odd_delimiters_leaves_none_of_them(text: str) -> None:
    marks = Delimiters("$", "%", "*", "!", "@")
    written = escape(text, marks)
    assert not set("$%*@\r\n") & set(written)
    assert unescape(written, marks) == text


@given(st.lists(SAFE_TEXT, min_size=1, max_size=5))
def test_any_values_written_are_read_back(values: list[str]) -> None:
    kept = [value for value in values if not any(ord(sign) in BIDI for sign in value)]
    raw = write_message(
        Envelope("M", AT), ("ADT", "A04"), [["NTE", 1, None, composite(*kept), kept or None, "."]]
    )
    nte = read(raw).segments[1]
    for place, value in enumerate(kept, start=1):
        assert nte.text(3, place) == ("" if value == '""' else value.strip())
        assert nte.text(4, repeat=place) == ("" if value == '""' else value.strip())


BIDI = {0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}


def test_null_is_not_a_value_but_a_deletion() -> None:
    pid = read(MSH + b'\rPID|1||""||A^""').segments[1]
    assert (pid.text(3), pid.is_null(3), pid.is_null(4)) == ("", True, False)
    assert pid.text(5, 2) == ""


@pytest.mark.parametrize("raw", [b"", b"   ", b"\r\n", b"\x0b\x1c\r"])
def test_empty_message_is_refused(raw: bytes) -> None:
    assert refusal(raw) == ("message-empty", "byte 1")


@pytest.mark.parametrize("raw", [b"PID|1", b"hello", b'{"resourceType":"Bundle"}', b"ISA*00*"])
def test_message_without_msh_is_refused(raw: bytes) -> None:
    assert refusal(raw) == ("msh-missing", "segment 1")


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        (MSH + b"\rPID|1||A\x00B", "PID-3"),
        (MSH + b"\rPID|1\rFT1|1\rFT1|2|a|b\x07c", "FT1[2]-3"),
        (MSH + "\rPID|1||||Feather\u202estone".encode(), "PID-5"),
        (MSH + "\rPID|1||||\u2066x\u2069".encode(), "PID-5"),
        (MSH.replace(b"CLINIC", b"CLI\x1bNIC"), "MSH-4"),
        (MSH + rb"|" + b"\rNTE|1||a\\X0041\\b", "NTE-3"),
        (MSH + b"\rNTE|1||a\\X411B\\b", "NTE-3"),
        (MSH + b"\rsome\x01thing", "segment 2"),
    ],
)
def test_control_and_bidi_characters_are_refused_with_their_place(raw: bytes, where: str) -> None:
    assert refusal(raw) == ("unsafe-character", where)


def test_line_end_in_an_escape_is_text_not_a_segment() -> None:
    message = read(MSH + b"\rNTE|1||one\\X0D\\PID|x")
    assert len(message.segments) == 2
    assert message.segments[1].text(3) == "one\rPID"


def test_line_that_is_no_segment_is_refused() -> None:
    assert refusal(MSH + b"\rPID|1\rand more text\rPV1|1") == ("segment-name", "segment 3")


def test_second_header_inside_a_message_is_refused() -> None:
    assert refusal(MSH + b"\rPID|1\r" + MSH) == ("msh-repeated", "MSH[2]")


def test_message_beyond_its_bytes_is_refused_fast_and_before_decoding() -> None:
    raw = MSH + b"\rOBX|1|TX|" + b"x" * 50_000_000
    began = time.perf_counter()
    assert refusal(raw) == ("message-too-large", "byte 10000001")
    assert time.perf_counter() - began < 0.5


def test_too_many_segments_are_refused_with_the_first_beyond() -> None:
    limits = Limits(segments_max=10)
    assert read_message(MSH + b"\rNTE|1" * 9, limits=limits).message
    assert refusal(MSH + b"\rNTE|1" * 10, limits=limits) == ("too-many-segments", "segment 11")


def test_five_thousand_repeats_are_refused_with_their_field() -> None:
    raw = MSH + b"\rPID|1||" + b"~".join([b"A^^^H^MR"] * 5_000)
    began = time.perf_counter()
    assert refusal(raw) == ("too-many-repeats", "PID-3")
    assert time.perf_counter() - began < 0.5
    assert read_message(MSH + b"\rPID|1||" + b"~".join([b"A"] * 100)).message


def test_too_many_fields_are_refused() -> None:
    assert refusal(MSH + b"\rPID" + b"|" * 600) == ("too-many-fields", "PID")


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("", "utf-8"),
        ("UNICODE UTF-8", "utf-8"),
        ("8859/1", "latin-1"),
        ("8859-15", "iso8859-15"),
        ("ISO-8859-1", "latin-1"),
        ("UTF-8~ASCII", "utf-8"),
    ],
)
def test_character_set_comes_from_the_header(name: str, codec: str) -> None:
    raw = MSH + f"||||||{name}\rPID|1||||Nuñez^Zoë".encode(codec)
    assert read(raw).segments[1].text(5, 2) == "Zoë"


def test_bytes_outside_the_declared_character_set_are_refused_with_their_place() -> None:
    raw = MSH + b"||||||ASCII\rPID|1||||Nu\xf1ez"
    assert refusal(raw) == ("charset-mismatch", f"segment 2, byte {raw.index(0xF1) + 1}")
    assert refusal(MSH + b"\rPID|1||||Nu\xf1ez")[0] == "charset-mismatch"
    result = read_message(MSH + b"\rPID|1||||Nu\xf1ez", charset_default="latin-1")
    assert result.message
    assert result.message.segments[1].text(5) == "Nuñez"
    assert refusal(MSH + b"||||||KLINGON\rPID|1") == ("charset-unknown", "MSH-18")


def test_peek_never_fails_and_says_what_it_can() -> None:
    told = peek(MSH + b"\rPID|1\x00")
    assert (told.control_id, told.kind, told.sending_facility) == ("M1", "ADT^A04", "CLINIC")
    assert peek(b"\xff\xfe\x00") == peek(b"") == peek(b"MSH")


@given(st.binary(max_size=300))
def test_no_bytes_make_reading_fail(raw: bytes) -> None:
    peek(raw)
    split_file(raw)
    for start in (b"", MSH, MSH + b"\r", b"MSH|^~\\&|"):
        result = read_message(start + raw)
        assert (result.message is None) == any(f.level is Level.ERROR for f in result.findings)


def test_file_of_several_messages_gives_each_ones_own_bytes() -> None:
    one, two = planned("ADT^A04").strip(), planned("DFT^P03").strip()
    assert split_file(one + b"\r\r\n" + two + b"\r\n") == [one, two]
    assert split_file(b"\x0b" + one + b"\x1c\r\x0b" + two + b"\x1c\r") == [one, two]
    batch = b"FHS|^~\\&|A\rBHS|^~\\&|A\r" + one + b"\r" + two + b"\rBTS|2\rFTS|1\r"
    assert split_file(batch) == [one, two]


def test_what_lies_outside_any_message_is_kept_to_be_refused() -> None:
    one = planned("ADT^A04").strip()
    assert split_file(b"stray\r" + one) == [b"stray", one]
    assert split_file(b"nothing here") == [b"nothing here"]
    assert split_file(b"") == [b""]


def test_message_does_not_show_its_values_when_printed() -> None:
    message = read(planned())
    assert "Featherstone" not in repr(message) + repr(message.segments)
