"""Segments that the 835 uses in several places with other codes: one maker for each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edi.guide import Element, Seg

if TYPE_CHECKING:
    from edi.guide import Usage


def reference(name: str, usage: Usage, limit: int, codes: str) -> Seg:
    """Return a REF: an identifier of the kind that REF01 says."""
    return Seg(
        "REF",
        name,
        usage,
        limit,
        (
            Element("REF01", "qualifier", "R", "ID", 2, 3, codes),
            Element("REF02", "identifier", "R", "AN", 1, 50),
        ),
        key="REF01",
    )


def date(name: str, usage: Usage, limit: int, codes: str) -> Seg:
    """Return a DTM: a date of the kind that DTM01 says."""
    return Seg(
        "DTM",
        name,
        usage,
        limit,
        (
            Element("DTM01", "qualifier", "R", "ID", 3, 3, codes),
            Element("DTM02", "date", "R", "DT", 8, 8),
        ),
        key="DTM01",
    )


def amount(name: str, limit: int, codes: str) -> Seg:
    """Return an AMT: an amount that informs and never enters a balance."""
    return Seg(
        "AMT",
        name,
        "S",
        limit,
        (
            Element("AMT01", "qualifier", "R", "ID", 1, 3, codes),
            Element("AMT02", "amount", "R", "R", 1, 10),
        ),
        key="AMT01",
    )


def quantity(name: str, limit: int, codes: str) -> Seg:
    """Return a QTY."""
    return Seg(
        "QTY",
        name,
        "S",
        limit,
        (
            Element("QTY01", "qualifier", "R", "ID", 2, 2, codes),
            Element("QTY02", "quantity", "R", "R", 1, 15),
        ),
        key="QTY01",
    )


def person(name: str, usage: Usage, role: str, kinds: str, id_codes: str) -> Seg:
    """Return the NM1 of a person or organisation whose name and id may be left out."""
    return Seg(
        "NM1",
        name,
        usage,
        1,
        (
            Element("NM101", "role", "R", "ID", 2, 3, role),
            Element("NM102", "kind of entity", "R", "ID", 1, 1, kinds),
            Element("NM103", "last or organization name", "S", "AN", 1, 60),
            Element("NM104", "first name", "S", "AN", 1, 35),
            Element("NM105", "middle name", "S", "AN", 1, 25),
            Element("NM107", "suffix", "S", "AN", 1, 10),
            Element("NM108", "id qualifier", "S", "ID", 1, 2, id_codes),
            Element("NM109", "id", "S", "AN", 2, 80),
        ),
        key="NM101",
        notes="P0809",
    )


def identified_person(name: str, role: str, kinds: str, id_codes: str) -> Seg:
    """Return the NM1 of a person or organisation that must carry an id."""
    return Seg(
        "NM1",
        name,
        "S",
        1,
        (
            Element("NM101", "role", "R", "ID", 2, 3, role),
            Element("NM102", "kind of entity", "R", "ID", 1, 1, kinds),
            Element("NM103", "last or organization name", "S", "AN", 1, 60),
            Element("NM104", "first name", "S", "AN", 1, 35),
            Element("NM105", "middle name", "S", "AN", 1, 25),
            Element("NM107", "suffix", "S", "AN", 1, 10),
            Element("NM108", "id qualifier", "R", "ID", 1, 2, id_codes),
            Element("NM109", "id", "R", "AN", 2, 80),
        ),
        key="NM101",
    )


def other_payer(name: str, role: str) -> Seg:
    """Return the NM1 of another payer: an organisation with name and id."""
    return Seg(
        "NM1",
        name,
        "S",
        1,
        (
            Element("NM101", "role", "R", "ID", 2, 3, role),
            Element("NM102", "kind of entity", "R", "ID", 1, 1, "2"),
            Element("NM103", "organization name", "R", "AN", 1, 60),
            Element("NM108", "id qualifier", "R", "ID", 1, 2, "AD FI NI PI PP XV"),
            Element("NM109", "id", "R", "AN", 2, 80),
        ),
        key="NM101",
    )


def street(usage: Usage) -> Seg:
    """Return an N3."""
    return Seg(
        "N3",
        "street",
        usage,
        1,
        (
            Element("N301", "street", "R", "AN", 1, 55),
            Element("N302", "second street line", "S", "AN", 1, 55),
        ),
    )


def city(usage: Usage) -> Seg:
    """Return an N4."""
    return Seg(
        "N4",
        "city, state, postal code",
        usage,
        1,
        (
            Element("N401", "city", "R", "AN", 2, 30),
            Element("N402", "state", "S", "ID", 2, 2),
            Element("N403", "postal code", "S", "ID", 3, 15),
            Element("N404", "country", "S", "ID", 2, 3),
            Element("N407", "country subdivision", "S", "ID", 1, 3),
        ),
        notes="E0207 C0704",
    )


def adjustment(name: str) -> Seg:
    """Return a CAS: one group, one to six reasons."""
    return Seg(
        "CAS",
        name,
        "S",
        99,
        (
            Element("CAS01", "adjustment group", "R", "ID", 1, 2, "CO OA PI PR"),
            Element("CAS02", "first reason", "R", "ID", 1, 5),
            Element("CAS03", "first amount", "R", "R", 1, 10),
            Element("CAS04", "first quantity", "S", "R", 1, 15),
            Element("CAS05", "second reason", "S", "ID", 1, 5),
            Element("CAS06", "second amount", "S", "R", 1, 10),
            Element("CAS07", "second quantity", "S", "R", 1, 15),
            Element("CAS08", "third reason", "S", "ID", 1, 5),
            Element("CAS09", "third amount", "S", "R", 1, 10),
            Element("CAS10", "third quantity", "S", "R", 1, 15),
            Element("CAS11", "fourth reason", "S", "ID", 1, 5),
            Element("CAS12", "fourth amount", "S", "R", 1, 10),
            Element("CAS13", "fourth quantity", "S", "R", 1, 15),
            Element("CAS14", "fifth reason", "S", "ID", 1, 5),
            Element("CAS15", "fifth amount", "S", "R", 1, 10),
            Element("CAS16", "fifth quantity", "S", "R", 1, 15),
            Element("CAS17", "sixth reason", "S", "ID", 1, 5),
            Element("CAS18", "sixth amount", "S", "R", 1, 10),
            Element("CAS19", "sixth quantity", "S", "R", 1, 15),
        ),
        notes=(
            "L050607 C0605 C0705 L080910 C0908 C1008 L111213 C1211 C1311"
            " L141516 C1514 C1614 L171819 C1817 C1917"
        ),
    )
