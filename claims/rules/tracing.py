"""Tracing an element of a sent claim to the message, person, import or rule behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.provenance import Source, SourceKind

if TYPE_CHECKING:
    from collections.abc import Mapping

GUIDE: Final = "837P 005010X222A1"

# Elements whose values the guide itself fixes: qualifiers, entity and level codes, numbering.
_FIXED: Final = frozenset(
    {"CLM05-2", "DMG01", "DTP01", "DTP02", "HL01", "HL02", "HL03", "HL04", "LIN02",
     "NM101", "NM102", "NM108", "PRV01", "PRV02", "REF01", "SV101-1", "SV103"}
)  # fmt: skip


def trace(loop: str, element: str, qualifier: str, sources: Mapping[str, Source]) -> Source | None:
    """Return where an element's value came from, or None where nobody noted it.

    Args:
        loop: `2010BA`, `2400[1]`.
        element: `NM103`, `CLM05-3`.
        qualifier: REF01 or DTP01 of the element's segment, else empty.
        sources: What was noted when the claim was built.
    """
    whole = element.partition("-")[0]
    segment = whole[:-2]
    keys = [f"{loop}/{element}", f"{loop}/{whole}"]
    for key in keys if not is_fixed(element) else keys[:1]:
        if key in sources:
            return sources[key]
    if is_fixed(element):
        return Source(SourceKind.RULE, GUIDE, f"{loop.partition('[')[0]}/{element}")
    return sources.get(f"{loop}/{segment}*{qualifier}") if qualifier else None


def is_fixed(element: str) -> bool:
    """Say whether the guide fixes an element's value."""
    return element in _FIXED or (element.startswith("HI") and element.endswith("-1"))
