"""The fast expressions never accept what the exact checks refuse, nor run away on anything."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import edi
from edi.elements import check_segment
from edi.guide import Composite, Element, LoopDef
from edi.guides import find_guide
from edi.patterns import compile_segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import SearchStrategy

    from edi.guide import Seg

GUIDES = [
    ("837", "005010X222A1"),
    ("835", "005010X221A1"),
    ("999", "005010X231A1"),
    ("277", "005010X214"),
]
MARKS = (edi.Delimiters(), edi.Delimiters("|", ">", "", "\n"))


compile_once = cache(compile_segment)


def _list_segs(loop: LoopDef) -> Iterator[Seg]:
    for item in loop.items:
        if isinstance(item, LoopDef):
            yield from _list_segs(item)
        else:
            yield item


def _find_segs() -> list[Seg]:
    found: dict[Seg, None] = {}
    for st_id, version in GUIDES:
        guide = find_guide(st_id, version)
        assert guide is not None
        found |= dict.fromkeys(_list_segs(guide.body))
    return list(found)


SEGS = _find_segs()

# Right, nearly right and wrong values of every kind.
_ODDITIES = (
    *("", "0", "1", "-1", "12", "12.5", "-.5", "1.", "1.2.3", "0012"),
    *("1234567890.12", "99999999999"),
    *("20260915", "20260230", "20240229", "19000229", "260915", "20260915-20260916"),
    *("20260916-20260915", "20260915-", "0830", "2460", "083059", "08305999", "202609150830"),
    *("A", "AB", "ABC", " A", "A ", "A B", "a" * 61, "\u00e9", "\x00", "A^B", "X:Y", ":", "X:"),
    *("D8", "RD8", "TM", "DT", "Y", "N"),
)


def _values(element: Element) -> SearchStrategy[str]:
    likely = element.codes.split() or {
        "N0": ["1", "12"],
        "R": ["100", "12.5", "-3.25"],
        "DT": ["20260915"],
        "TM": ["0830"],
    }.get(element.kind, ["20260915", "A1", "ABCDEFGHIJ"])
    if element.format_ref:
        likely = ["20260915", "20260915-20260915", "20260916-20260915", "20260915-20260930"]
    return st.one_of(*[st.sampled_from(likely)] * 4, st.just(""), st.sampled_from(_ODDITIES))


@st.composite
def _segments(draw: st.DrawFn) -> tuple[Seg, edi.Segment]:
    seg = draw(st.sampled_from(SEGS))
    marks = draw(st.sampled_from(MARKS))
    by_number = {int(element.ref[-2:]): element for element in seg.elements}
    last = draw(st.integers(0, max(by_number, default=0) + 1))
    values = [seg.id]
    for number in range(1, last + 1):
        element = by_number.get(number)
        if element is None:
            values.append(draw(st.sampled_from(["", "", "", "X"])))
        elif isinstance(element, Composite):
            size = draw(st.integers(1, len(element.parts) + 1))
            parts = [draw(_values(part)) for part in element.parts[:size]]
            values.append(marks.component.join(parts))
        else:
            values.append(draw(_values(element)))
    text = marks.element.join(values)
    return seg, edi.Segment(text, 1, marks)


@settings(max_examples=500, deadline=None)
@given(_segments())
def test_a_match_means_that_the_exact_checks_find_nothing(case: tuple[Seg, edi.Segment]) -> None:
    seg, segment = case
    if compile_once(seg, segment.delimiters)(segment.text):
        assert check_segment(seg, segment, "X") == []


def _right_value(element: Element, format_code: str) -> str:
    by_format = {"RD8": "20260914-20260915", "TM": "0830", "DT": "202609150830"}
    by_kind = {"N0": "1", "R": "1", "DT": "20260915"[-element.max :], "TM": "0830"}
    if element.format_ref:
        return by_format.get(format_code, "20260915")
    if format_code in element.codes.split():
        return format_code
    if element.codes:
        return element.codes.split()[0]
    return by_kind.get(element.kind, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: max(1, element.min)])


def _list_bases(seg: Seg) -> Iterator[list[list[str]]]:
    """Right segments as lists of components: all elements, or the required ones; each format."""
    by_number = {int(element.ref[-2:]): element for element in seg.elements}
    is_dated = any(isinstance(one, Element) and one.format_ref for one in seg.elements)
    for format_code in ("D8", "RD8", "TM", "DT") if is_dated else ("D8",):
        for usages in ("RS", "R"):
            yield [
                [
                    _right_value(part, format_code) if part.usage in usages else ""
                    for part in (one.parts if isinstance(one, Composite) else [one])
                ]
                if (one := by_number.get(number)) is not None and one.usage in usages
                else [""]
                for number in range(1, max(by_number, default=0) + 1)
            ]


def test_one_odd_value_in_a_right_segment_is_never_accepted_by_mistake() -> None:
    marks = MARKS[0]
    accepted = 0
    for seg in SEGS:
        match = compile_once(seg, marks)
        for base in _list_bases(seg):
            for at, parts in enumerate(base):
                for component in range(len(parts)):
                    for odd in _ODDITIES:
                        changed = [list(one) for one in base]
                        changed[at][component] = odd
                        text = marks.element.join(
                            (seg.id, *(marks.component.join(one) for one in changed))
                        )
                        if match(text):
                            accepted += 1
                            assert check_segment(seg, edi.Segment(text, 1, marks), "X") == []
    assert accepted > 1000


@pytest.mark.parametrize(
    ("id_", "text"),
    [
        ("CLM", "CLM*A1*100*" + "**11:B:1*Y*A*Y*Y"),
        ("HI", "HI*ABK:E119*ABF:I10*ABF:J0190"),
        ("SV1", "SV1*HC:99213:25*150.25*UN*1***1:2"),
        ("DTP", "DTP*472*RD8*20260914-20260914"),
        ("NM1", "NM1*IL*1*ABERNATHY*AMARANTA*Q***MI*MEMBER0001"),
        ("CAS", "CAS*PR*1*10**2*5.5*1*3*2"),
        ("PER", "PER*IC*BILLING OFFICE*TE*5555550100*EX*12"),
    ],
)
def test_what_is_usual_is_matched_at_once(id_: str, text: str) -> None:
    matches = [seg for seg in SEGS if seg.id == id_ and compile_once(seg, MARKS[0])(text)]
    assert matches


def test_a_long_value_that_nearly_matches_is_refused_at_once() -> None:
    """No expression may run away on data that a stranger sends."""
    for seg in SEGS:
        match = compile_once(seg, MARKS[0])
        for filler in ("A", " ", "A ", "1", "A:"):
            text = f"{seg.id}*" + "*".join([filler * 400] * 20)
            assert match(text + "\x00") is None
