"""Segments that come at many places of the 837P in one shape: names, addresses, dates, numbers.

Source:
    TR3 005010X222A1, segment detail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edi.guide import Composite, Element, Seg

if TYPE_CHECKING:
    from edi.guide import Usage

MONEY_DIGITS_MAX = 10
"""HIPAA limits amounts of money (data element 782) to ten digits with the cents."""


def money(ref: str, name: str, usage: Usage) -> Element:
    """Return an amount of money."""
    return Element(ref, name, usage, "R", 1, MONEY_DIGITS_MAX)


def yes_no(ref: str, name: str, usage: Usage, codes: str = "N Y") -> Element:
    """Return a one-letter answer."""
    return Element(ref, name, usage, "ID", 1, 1, codes)


# ---------------------------------------------------------------------- names


def person_or_firm(
    codes: str, name: str, *, identifier: str = "XX", is_needed: bool = False
) -> Seg:
    """Return an NM1 with the full name of a person (1) or an organization (2).

    Args:
        codes: What NM101 may say.
        name: What we call it.
        identifier: What NM108 may say; "" if no identifier is used.
        is_needed: Whether the identifier must be sent.
    """
    return _named(codes, name, "1 2", _identifier(identifier, is_needed=is_needed))


def person(codes: str, name: str, *, identifier: str = "XX") -> Seg:
    """Return an NM1 with the full name of a person."""
    return _named(codes, name, "1", _identifier(identifier, is_needed=False))


def firm(codes: str, name: str, *, identifier: str = "", is_needed: bool = False) -> Seg:
    """Return an NM1 with the name of an organization."""
    return _nm1(
        codes,
        name,
        "2",
        (
            Element("NM103", "name", "R", "AN", 1, 60),
            *_identifier(identifier, is_needed=is_needed),
        ),
    )


def place(code: str, name: str, *, may_be_named: bool) -> Seg:
    """Return an NM1 that announces an address; it may carry a name, or none."""
    naming = (Element("NM103", "name", "S", "AN", 1, 60),) if may_be_named else ()
    return _nm1(code, name, "2", naming)


def role(codes: str, name: str, kinds: str, *more: Element) -> Seg:
    """Return an NM1 that only says in which role the identifiers that follow are meant."""
    return _nm1(codes, name, kinds, more)


def identifier_pair(codes: str, *, is_needed: bool) -> tuple[Element, ...]:
    """Return NM108 and NM109."""
    return _identifier(codes, is_needed=is_needed)


def _named(codes: str, name: str, kinds: str, identifiers: tuple[Element, ...]) -> Seg:
    return _nm1(
        codes,
        name,
        kinds,
        (
            Element("NM103", "last name or organization", "R", "AN", 1, 60),
            Element("NM104", "first name", "S", "AN", 1, 35),
            Element("NM105", "middle name", "S", "AN", 1, 25),
            Element("NM107", "name suffix", "S", "AN", 1, 10),
            *identifiers,
        ),
    )


def _nm1(codes: str, name: str, kinds: str, more: tuple[Element, ...]) -> Seg:
    return Seg(
        "NM1",
        name,
        "R",
        1,
        (
            Element("NM101", "role", "R", "ID", 2, 3, codes),
            Element("NM102", "person or organization", "R", "ID", 1, 1, kinds),
            *more,
        ),
        key="NM101",
        notes="P0809",
    )


def _identifier(codes: str, *, is_needed: bool) -> tuple[Element, ...]:
    if not codes:
        return ()
    usage: Usage = "R" if is_needed else "S"
    return (
        Element("NM108", "kind of identifier", usage, "ID", 1, 2, codes),
        Element("NM109", "identifier", usage, "AN", 2, 80),
    )


# ------------------------------------------------------- addresses, telephones


def street(usage: Usage) -> Seg:
    """Return the street lines of an address."""
    return Seg(
        "N3",
        "street",
        usage,
        1,
        (
            Element("N301", "street", "R", "AN", 1, 55),
            Element("N302", "street, second line", "S", "AN", 1, 55),
        ),
    )


def city(usage: Usage) -> Seg:
    """Return city, state, ZIP code and country of an address."""
    return Seg(
        "N4",
        "city, state, ZIP code",
        usage,
        1,
        (
            Element("N401", "city", "R", "AN", 2, 30),
            Element("N402", "state", "S", "ID", 2, 2),
            Element("N403", "ZIP code", "S", "ID", 3, 15),
            Element("N404", "country", "S", "ID", 2, 3),
            Element("N407", "country subdivision", "S", "ID", 1, 3),
        ),
        notes="E0207 C0605 C0704",
    )


def contact(usage: Usage, max_count: int, *, first: str, more: str) -> Seg:
    """Return a contact with up to three numbers.

    Args:
        usage: Whether it must be sent.
        max_count: How many contacts there may be.
        first: Kinds that the first number may have (PER03).
        more: Kinds that the further ones may have (PER05, PER07).
    """
    return Seg(
        "PER",
        "contact",
        usage,
        max_count,
        (
            Element("PER01", "function", "R", "ID", 2, 2, "IC"),
            Element("PER02", "contact name", "S", "AN", 1, 60),
            Element("PER03", "kind of number", "R", "ID", 2, 2, first),
            Element("PER04", "number or address", "R", "AN", 1, 256),
            Element("PER05", "kind of second number", "S", "ID", 2, 2, more),
            Element("PER06", "second number or address", "S", "AN", 1, 256),
            Element("PER07", "kind of third number", "S", "ID", 2, 2, more),
            Element("PER08", "third number or address", "S", "AN", 1, 256),
        ),
        notes="P0304 P0506 P0708",
    )


def telephone(name: str) -> Seg:
    """Return a contact that is one telephone number with its extension."""
    return Seg(
        "PER",
        name,
        "S",
        1,
        (
            Element("PER01", "function", "R", "ID", 2, 2, "IC"),
            Element("PER02", "contact name", "S", "AN", 1, 60),
            Element("PER03", "kind of number", "R", "ID", 2, 2, "TE"),
            Element("PER04", "telephone", "R", "AN", 1, 256),
            Element("PER05", "kind of second number", "S", "ID", 2, 2, "EX"),
            Element("PER06", "extension", "S", "AN", 1, 256),
        ),
        notes="P0304 P0506",
    )


# ------------------------------------------------- numbers, dates, amounts


def number(codes: str, name: str, usage: Usage = "S", max_count: int = 1) -> Seg:
    """Return a REF with one reference number."""
    return Seg(
        "REF",
        name,
        usage,
        max_count,
        (
            Element("REF01", "kind of number", "R", "ID", 2, 3, codes),
            Element("REF02", name, "R", "AN", 1, 50),
        ),
        key="REF01",
    )


def payer_number(codes: str, name: str, max_count: int) -> Seg:
    """Return a REF whose number may belong to another payer of the claim (REF04)."""
    return Seg(
        "REF",
        name,
        "S",
        max_count,
        (
            Element("REF01", "kind of number", "R", "ID", 2, 3, codes),
            Element("REF02", name, "R", "AN", 1, 50),
            Composite(
                "REF04",
                "other payer",
                "S",
                (
                    Element("REF04-1", "kind of payer id", "R", "ID", 2, 3, "2U"),
                    Element("REF04-2", "payer id", "R", "AN", 1, 50),
                ),
            ),
        ),
        key="REF01",
    )


def day(
    codes: str, name: str, usage: Usage = "S", max_count: int = 1, *, formats: str = "D8"
) -> Seg:
    """Return a DTP with one date, or a range where `formats` says so."""
    return Seg(
        "DTP",
        name,
        usage,
        max_count,
        (
            Element("DTP01", "kind of date", "R", "ID", 3, 3, codes),
            Element("DTP02", "date format", "R", "ID", 2, 3, formats),
            Element("DTP03", name, "R", "AN", 1, 35, format_ref="DTP02"),
        ),
        key="DTP01",
    )


def amount(code: str, name: str) -> Seg:
    """Return an AMT with one amount of money."""
    return Seg(
        "AMT",
        name,
        "S",
        1,
        (
            Element("AMT01", "kind of amount", "R", "ID", 1, 3, code),
            money("AMT02", name, "R"),
        ),
        key="AMT01",
    )


def note(codes: str, name: str) -> Seg:
    """Return an NTE with free text."""
    return Seg(
        "NTE",
        name,
        "S",
        1,
        (
            Element("NTE01", "kind of note", "R", "ID", 3, 3, codes),
            Element("NTE02", "text", "R", "AN", 1, 80),
        ),
        key="NTE01",
    )


def specialty(code: str, name: str) -> Seg:
    """Return a PRV with a taxonomy code."""
    return Seg(
        "PRV",
        name,
        "S",
        1,
        (
            Element("PRV01", "role", "R", "ID", 1, 3, code),
            Element("PRV02", "code list", "R", "ID", 2, 3, "PXC"),
            Element("PRV03", "taxonomy code", "R", "AN", 1, 50),
        ),
    )


def condition(
    category: str, name: str, max_count: int, answers: str, codes: str, codes_max: int
) -> Seg:
    """Return a CRC: a category, whether it applies, and up to `codes_max` condition codes."""
    return Seg(
        "CRC",
        name,
        "S",
        max_count,
        (
            Element("CRC01", "category", "R", "ID", 2, 2, category),
            yes_no("CRC02", "whether it applies", "R", answers),
            Element("CRC03", "condition", "R", "ID", 2, 3, codes),
            *(
                Element(f"CRC{n:02}", f"condition {n - 2}", "S", "ID", 2, 3, codes)
                for n in range(4, 3 + codes_max)
            ),
        ),
        key="CRC01",
    )
