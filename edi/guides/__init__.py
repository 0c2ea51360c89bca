"""The implementation guides that we know, found by transaction set and version.

A guide's tables are imported when a file first needs them.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edi.guide import Guide

# (ST01, GS08) → the package whose GUIDE holds the tables.
_PLACES = {
    ("837", "005010X222A1"): "edi.guides.x837p",
    ("837", "005010X222A2"): "edi.guides.x837p",
    ("837", "005010X222"): "edi.guides.x837p",
    ("835", "005010X221A1"): "edi.guides.x835",
    ("835", "005010X221"): "edi.guides.x835",
    ("999", "005010X231A1"): "edi.guides.x999",
    ("999", "005010X231"): "edi.guides.x999",
    ("277", "005010X214"): "edi.guides.x277ca",
}


@cache
def find_guide(st: str, version: str) -> Guide | None:
    """Return the guide for a transaction set (ST01) and version (GS08), or None."""
    place = _PLACES.get((st, version))
    if place is None:
        return None
    guide: Guide = import_module(place).GUIDE
    return guide
