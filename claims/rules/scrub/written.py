"""The last edit: what the X12 engine has against the claim, written alone as an 837P."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.finding import Finding, Level

if TYPE_CHECKING:
    import edi
    from claims.rules.scrub.facts import ScrubFacts
    from claims.values import ClaimContent


def check_written(_content: ClaimContent, facts: ScrubFacts) -> list[Finding]:
    """Turn each error of the written claim into a finding: nothing invalid leaves.

    Source:
        TR3 005010X222A1; SNIP types 1 to 3.
    """
    return [
        Finding(fault.code, name_place(fault), fault.message, fault.fix)
        for fault in facts.faults
        if fault.level == Level.ERROR.value
    ]


def name_place(fault: edi.Fault) -> str:
    """Name where a fault lies: `2010BA/NM109`, `2300/CLM05-3`, or the loop or segment alone."""
    element = "" if fault.element is None else f"{fault.element:02d}"
    component = "" if fault.component is None else f"-{fault.component}"
    place = f"{fault.segment or ''}{element}{component}"
    return "/".join(part for part in (fault.loop or "", place) if part) or "837"
