"""Plain data to bytes: what the writer adds, leaves off and refuses."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import edi

if TYPE_CHECKING:
    from edi.writer import SegmentData

AT = datetime(2026, 9, 15, 8, 30, tzinfo=UTC)


def _make(*segments: SegmentData, **options: object) -> edi.NewInterchange:
    transaction = edi.NewTransaction(
        st="837", control="0001", guide="005010X222A1", segments=segments
    )
    group = edi.NewGroup(
        functional_id="HC",
        sender="US",
        receiver="THEM",
        at=AT,
        control=7,
        version="005010X222A1",
        transactions=[transaction],
    )
    values: dict[str, object] = {
        "sender": ("ZZ", "US"),
        "receiver": ("30", "THEM"),
        "at": AT,
        "control": 42,
        "groups": [group],
        **options,
    }
    return edi.NewInterchange(**values)  # type: ignore[arg-type]  # the values are checked by use


def test_header_is_padded_and_counts_are_right() -> None:
    lines = edi.write(_make(("BHT", "0019"), ("NM1", "41"))).decode().split("~")
    assert lines == [
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{'US':15}*30*{'THEM':15}*260915*0830*^*00501*000000042*0*P*:",
        "GS*HC*US*THEM*20260915*0830*7*X*005010X222A1",
        "ST*837*0001*005010X222A1",
        "BHT*0019",
        "NM1*41",
        "SE*4*0001",
        "GE*1*7",
        "IEA*1*000000042",
        "",
    ]
    assert len(lines[0]) == 105


def test_trailing_empty_elements_and_components_are_left_off() -> None:
    data = edi.write(_make(("CLM", "A", "", ("11", "B", "", ""), "", ""), ("REF", ("", ""), "")))
    assert b"~CLM*A**11:B~REF~" in data


def test_repeats_composites_and_line_ends_are_written() -> None:
    marks = edi.Delimiters("|", ">", "!", "\n", line_end="\r")
    segment = ("EB", edi.Repeat(("98", "30")), edi.Repeat((("A", "B"), ("C", "D"))))
    data = edi.write(_make(segment, delimiters=marks))
    assert b"\n\rEB|98!30|A>B!C>D\n\r" in data
    [transaction] = list(edi.read(io.BytesIO(data)))
    assert transaction.control == "0001"


def test_a_delimiter_in_data_is_replaced_and_said() -> None:
    faults: list[edi.Fault] = []
    data = edi.write(_make(("NTE", "ADD", "5*3~2"), ("HI", ("A", "B:C"))), faults=faults)
    assert b"NTE*ADD*5 3 2~HI*A:B C~" in data
    assert [(f.code, f.segment, f.element, f.segment_index) for f in faults] == [
        ("character-replaced", "NTE", 2, 4),
        ("character-replaced", "HI", 1, 5),
    ]
    assert faults[0].transaction == "0001"
    assert "5*3" not in faults[0].message + faults[0].fix


@pytest.mark.parametrize("text", ["a~b", "a*b", "a:b", "a^b", "a\nb", "\x00", "é", "\u202e"])
def test_without_a_list_for_faults_it_is_refused(text: str) -> None:
    with pytest.raises(edi.UnsendableError) as caught:
        edi.write(_make(("NTE", "ADD", text)))
    assert [fault.code for fault in caught.value.faults] == ["character-replaced"]


def test_acknowledgements_stand_before_groups_and_need_none() -> None:
    interchange = _make(acknowledgements=[("TA1", "000000001", "260915", "0830", "A", "000")])
    ids = [s.id for s in edi.read(io.BytesIO(edi.write(interchange))).segments()]
    assert ids == ["ISA", "TA1", "GS", "ST", "SE", "GE", "IEA"]
    alone = _make(groups=(), acknowledgements=[("TA1", "000000001", "260915", "0830", "A", "000")])
    assert edi.write(alone).endswith(b"~IEA*0*000000042~")


def test_several_interchanges_are_written_one_after_another() -> None:
    data = edi.write([_make(("BHT", "1")), _make(("BHT", "2"), control=43)])
    reader = edi.read(io.BytesIO(data))
    assert [transaction.interchange.control for transaction in reader] == ["000000042", "000000043"]
    assert reader.faults == []


# Anything that may be sent: printable ASCII without the default delimiters.
_TEXT = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="*:^~"),
    min_size=1,
    max_size=8,
)
_PARTS = st.lists(st.one_of(st.just(""), _TEXT), min_size=1, max_size=4).map(tuple)
_SEGMENTS = st.lists(
    st.tuples(
        st.sampled_from(("NM1", "REF", "CLM", "HI", "NTE")),
        st.lists(st.one_of(st.just(""), _TEXT, _PARTS), max_size=6),
    ),
    max_size=8,
)


@settings(max_examples=200, deadline=None)
@given(_SEGMENTS)
def test_what_was_written_is_read_back(
    segments: list[tuple[str, list[str | tuple[str, ...]]]],
) -> None:
    data = edi.write(_make(*((name, *elements) for name, elements in segments)))
    reader = edi.read(io.BytesIO(data))
    found = list(next(reader).segments)[1:-1]
    assert reader.faults == []
    assert [segment.id for segment in found] == [name for name, _ in segments]
    for segment, (_, elements) in zip(found, segments, strict=True):
        for number, element in enumerate(elements, 1):
            parts = (element,) if isinstance(element, str) else element
            for component, part in enumerate(parts, 1):
                assert segment.get(number, component) == part
    assert edi.write(edi.read(io.BytesIO(data))) == data


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 1500), st.integers(0, 60))
def test_whatever_the_bytes_none_is_lost(noise: bytes, at: int, cut: int) -> None:
    clean = edi.write(_make(("BHT", "0019"), ("NM1", "41", "2", "X"), ("HI", ("ABK", "E119"))))
    at = min(at, len(clean))
    data = clean[:at] + noise + clean[at + cut :]
    assert edi.write(edi.read(io.BytesIO(data))) == data
    edi.check(io.BytesIO(data))
