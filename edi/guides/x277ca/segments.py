"""Segments that the 277CA uses at several levels: one maker for each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edi.guide import Composite, Element, Seg

if TYPE_CHECKING:
    from edi.guide import Usage


GIVEN_NAMES = (
    Element("NM104", "first name", "S", "AN", 1, 35),
    Element("NM105", "middle name", "S", "AN", 1, 25),
)
FULL_NAMES = (
    *GIVEN_NAMES,
    Element("NM106", "prefix", "S", "AN", 1, 10),
    Element("NM107", "suffix", "S", "AN", 1, 10),
)


def level(name: str, code: str, children: str, *, is_top: bool = False) -> Seg:
    """Return an HL: `code` is its level, `children` what HL04 may say."""
    parent = () if is_top else (Element("HL02", "parent number", "R", "AN", 1, 12),)
    return Seg(
        "HL",
        name,
        "R",
        1,
        (
            Element("HL01", "number", "R", "AN", 1, 12),
            *parent,
            Element("HL03", "level", "R", "ID", 1, 2, code),
            Element("HL04", "has children", "S" if code == "PT" else "R", "ID", 1, 1, children),
        ),
        key="HL03",
    )


def entity(name: str, role: str, kinds: str, id_codes: str, names: tuple[Element, ...]) -> Seg:
    """Return an NM1 with name and id; `names` are the elements between the two."""
    return Seg(
        "NM1",
        name,
        "R",
        1,
        (
            Element("NM101", "role", "R", "ID", 2, 3, role),
            Element("NM102", "kind of entity", "R", "ID", 1, 1, kinds),
            Element("NM103", "last or organization name", "R", "AN", 1, 60),
            *names,
            Element("NM108", "id qualifier", "R", "ID", 1, 2, id_codes),
            Element("NM109", "id", "R", "AN", 2, 80),
        ),
        key="NM101",
    )


def trace(name: str, kind: str) -> Seg:
    """Return a TRN."""
    return Seg(
        "TRN",
        name,
        "R",
        1,
        (
            Element("TRN01", "trace type", "R", "ID", 1, 2, kind),
            Element("TRN02", "trace number", "R", "AN", 1, 50),
        ),
    )


EFFECTIVE_DATE = Element("STC02", "effective date", "R", "DT", 8, 8)
AMOUNT = Element("STC04", "amount", "R", "R", 1, 10)
FREE_TEXT = Element("STC12", "free text", "S", "AN", 1, 264)


def status(name: str, usage: Usage, entities: str, *, may_have: tuple[Element, ...]) -> Seg:
    """Return an STC: up to three statuses and the action.

    `may_have` are those of effective date, amount and free text that this level knows.
    """
    known = {element.ref: element for element in may_have}
    return Seg(
        "STC",
        name,
        usage,
        0,
        (
            Composite(
                "STC01",
                "status",
                "R",
                (
                    Element("STC01-1", "category", "R", "AN", 1, 30),
                    Element("STC01-2", "status", "R", "AN", 1, 30),
                    Element("STC01-3", "entity", "S", "ID", 2, 3, entities),
                ),
            ),
            *(known[ref] for ref in ("STC02",) if ref in known),
            Element("STC03", "action", "R", "ID", 1, 2, "U WQ"),
            *(known[ref] for ref in ("STC04",) if ref in known),
            _more_status("STC10", "second status"),
            _more_status("STC11", "third status"),
            *(known[ref] for ref in ("STC12",) if ref in known),
        ),
    )


def _more_status(ref: str, name: str) -> Composite:
    return Composite(
        ref,
        name,
        "S",
        (
            Element(f"{ref}-1", "category", "R", "AN", 1, 30),
            Element(f"{ref}-2", "status", "R", "AN", 1, 30),
            Element(f"{ref}-3", "entity", "S", "ID", 2, 3),
        ),
    )


def reference(name: str, codes: str) -> Seg:
    """Return a REF."""
    return Seg(
        "REF",
        name,
        "S",
        1,
        (
            Element("REF01", "qualifier", "R", "ID", 2, 3, codes),
            Element("REF02", "identifier", "R", "AN", 1, 50),
        ),
        key="REF01",
    )


def count(name: str, code: str) -> Seg:
    """Return a QTY: a number of claims."""
    return Seg(
        "QTY",
        name,
        "S",
        1,
        (
            Element("QTY01", "qualifier", "R", "ID", 2, 2, code),
            Element("QTY02", "claims", "R", "R", 1, 15),
        ),
        key="QTY01",
    )


def total(name: str, code: str) -> Seg:
    """Return an AMT: a sum of claim charges."""
    return Seg(
        "AMT",
        name,
        "S",
        1,
        (
            Element("AMT01", "qualifier", "R", "ID", 1, 3, code),
            Element("AMT02", "amount", "R", "R", 1, 10),
        ),
        key="AMT01",
    )


def date(name: str, usage: Usage, code: str, formats: str) -> Seg:
    """Return a DTP."""
    return Seg(
        "DTP",
        name,
        usage,
        1,
        (
            Element("DTP01", "qualifier", "R", "ID", 3, 3, code),
            Element("DTP02", "date format", "R", "ID", 2, 3, formats),
            Element("DTP03", "date or period", "R", "AN", 1, 35, format_ref="DTP02"),
        ),
        key="DTP01",
    )
