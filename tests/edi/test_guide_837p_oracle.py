"""Our 837P tables beside pyx12's map: where they differ, we know why."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
import pyx12

from edi.guide import Composite, LoopDef
from edi.guides.x837p import GUIDE

if TYPE_CHECKING:
    from edi.guide import Element, Seg

pytestmark = pytest.mark.oracle

MAPS = Path(pyx12.__file__).parent / "map"
MONEY = ("R 1-10", "R 1-18")
ENVELOPE = {"ISA", "GS", "GE", "IEA", "TA1"}
WRAPPERS = {"ISA_LOOP", "GS_LOOP", "ST_LOOP", "HEADER", "DETAIL", "FOOTER"}


class Fact(NamedTuple):
    """What a guide says at one place."""

    usage: str
    size: str
    codes: str


def _list_ours(loop: LoopDef, path: str) -> dict[str, Fact]:
    facts = {path: Fact(loop.usage, str(loop.max), "")}
    for item in loop.items:
        if isinstance(item, LoopDef):
            facts |= _list_ours(item, f"{path}/{item.id}")
            continue
        place = f"{path}/{item.id}[{_first_codes(item)}]"
        facts[place] = Fact(item.usage, str(item.max), "")
        for element in item.elements:
            facts |= _list_our_element(element, place)
    return facts


def _list_our_element(element: Element | Composite, place: str) -> dict[str, Fact]:
    if isinstance(element, Composite):
        facts = {f"{place}/{element.ref}": Fact(element.usage, "", "")}
        for part in element.parts:
            facts |= _list_our_element(part, place)
        return facts
    size = f"{element.kind} {element.min}-{element.max}"
    codes = " ".join(sorted(element.codes.split()))
    return {f"{place}/{element.ref}": Fact(element.usage, size, codes)}


def _first_codes(seg: Seg) -> str:
    element = seg.elements[0]
    first = element.parts[0] if isinstance(element, Composite) else element
    return " ".join(sorted(first.codes.split())) if first.ref[-2:] in ("01", "-1") else ""


def _parse(name: str) -> ET.Element:
    return ET.parse(MAPS / name).getroot()  # noqa: S314  # a file of the installed package


class _Theirs:
    """Walks pyx12's map and writes down what it says at each place."""

    def __init__(self) -> None:
        self.facts: dict[str, Fact] = {}
        self._sizes = {
            one.get("ele_num"): f"{one.get('data_type')} {one.get('min_len')}-{one.get('max_len')}"
            for one in _parse("dataele.xml").iter("data_ele")
        }
        self._visit(_parse("837.5010.X222.A1.xml"), "ST")

    def _visit(self, loop: ET.Element, path: str) -> None:
        for item in loop:
            name = item.get("xid", "")
            if item.tag == "segment" and name not in ENVELOPE:
                self._visit_segment(item, name, path)
            elif item.tag == "loop" and name in WRAPPERS:
                self._visit(item, path)
            elif item.tag == "loop":
                size = _max(_text(item, "repeat"))
                self.facts[f"{path}/{name}"] = Fact(_text(item, "usage"), size, "")
                self._visit(item, f"{path}/{name}")

    def _visit_segment(self, segment: ET.Element, name: str, path: str) -> None:
        elements = [one for one in segment if one.tag in ("element", "composite")]
        first = elements[0].find("element") if elements[0].tag == "composite" else elements[0]
        codes = _codes(first) if first is not None and _text(first, "usage") != "N" else ""
        place = f"{path}/{name}[{codes}]"
        size = _max(_text(segment, "max_use"))
        self.facts[place] = Fact(_text(segment, "usage"), size, "")
        for element in elements:
            self._visit_element(element, f"{place}/{name}{_text(element, 'seq')}")

    def _visit_element(self, element: ET.Element, place: str) -> None:
        usage = _text(element, "usage")
        if usage == "N":
            return
        if element.tag == "element":
            size = self._sizes[_text(element, "data_ele")]
            self.facts[place] = Fact(usage, size, _codes(element))
            return
        self.facts[place] = Fact(usage, "", "")
        for part in element.findall("element"):
            self._visit_element(part, f"{place}-{int(_text(part, 'seq'))}")


def _text(element: ET.Element, tag: str) -> str:
    return element.findtext(tag) or ""


def _max(text: str) -> str:
    return "0" if text == ">1" else text


def _codes(element: ET.Element) -> str:
    return " ".join(sorted(code.text or "" for code in element.findall("valid_codes/code")))


# Places where we differ, and why.
REASONS = {
    "ST": "pyx12 has no loop for the transaction itself",
    "ST/1000A/PER[IC]/PER03": "ED was 4010; 005010X222A1 has EM FX TE",
    "ST/1000A/PER[IC]/PER05": "ED was 4010; 005010X222A1 has EM EX FX TE",
    "ST/1000A/PER[IC]/PER07": "ED was 4010; 005010X222A1 has EM EX FX TE",
    "ST/2000A/2000B/2010BA/NM1[IL]/NM108": "required of persons only: a rule sees to that",
    "ST/2000A/2000B/2010BA/NM1[IL]/NM109": "required of persons only: a rule sees to that",
    "ST/BHT[0019]/BHT06": "pyx12 lacks 31, subrogation demand",
    "ST/ST[837]/ST03": "required by the guide; pyx12 accepts anything, even nothing",
}


def _explain(place: str, ours: Fact | None, theirs: Fact | None) -> str:
    """Why the two may differ at a place, "" if we don't know."""
    if ours is not None and theirs is not None and (ours.size, theirs.size) == MONEY:
        return "HIPAA limits money to ten digits"
    return REASONS.get(place, "")


def test_our_tables_say_what_pyx12_says_but_where_we_know_better() -> None:
    ours, theirs = _list_ours(GUIDE.body, "ST"), _Theirs().facts
    assert len(theirs) > 2000
    unexplained = [
        f"{place}: ours {ours.get(place)}, theirs {theirs.get(place)}"
        for place in sorted(ours.keys() | theirs.keys())
        if ours.get(place) != theirs.get(place)
        and not _explain(place, ours.get(place), theirs.get(place))
    ]
    assert unexplained == []
