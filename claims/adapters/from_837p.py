"""Reading a claim's own elements back from an 837P that carries it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

import edi

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE_LOOPS: Final = ("2400", "2410", "2420A")
_QUALIFIED: Final = ("DTP", "REF")


@dataclass(frozen=True, slots=True)
class SentElement:
    """One data element of a claim as it was, or would be, sent.

    Attributes:
        loop: `2010BA`; within a line with the line's number: `2400[1]`.
        qualifier: First element of a DTP or REF, which tells it from its namesakes.
        element: From 1; `component` from 1, None where the element is no composite.
        value: What was sent; a patient's data.
    """

    loop: str
    segment: str
    qualifier: str
    element: int
    component: int | None
    value: str

    @property
    def name(self) -> str:
        """Return the element's name: `NM103`, `CLM05-3`."""
        component = "" if self.component is None else f"-{self.component}"
        return f"{self.segment}{self.element:02d}{component}"

    @property
    def place(self) -> str:
        """Return the element's place: `2010BA/NM103`, `2300/REF*G1/REF02`."""
        qualifier = f"{self.segment}*{self.qualifier}/" if self.qualifier else ""
        return f"{self.loop}/{qualifier}{self.name}"


def read_elements(stream: BinaryIO, claim_number: str) -> list[SentElement]:
    """Return every data element of a claim's own loops, 2000A to its last line, in their order.

    Args:
        stream: An 837P file.
        claim_number: CLM01; nothing is returned where the file doesn't hold it.
    """
    for transaction in edi.read(stream):
        for claim in transaction.loops("2300"):
            if claim.value("CLM", 1) == claim_number:
                return list(_read_claim(claim))
    return []


def read_segments(stream: BinaryIO, claim_number: str) -> list[tuple[str, str]]:
    """Return a claim's own segments as they were sent, each with its loop, in their order.

    Args:
        stream: An 837P file.
        claim_number: CLM01; nothing is returned where the file doesn't hold it.
    """
    for transaction in edi.read(stream):
        for claim in transaction.loops("2300"):
            if claim.value("CLM", 1) == claim_number:
                return [
                    (name, segment.text)
                    for loop, name in _walk_claim(claim)
                    for segment in loop.segments
                ]
    return []


def _read_claim(claim: edi.Loop) -> Iterator[SentElement]:
    for loop, name in _walk_claim(claim):
        yield from _read_loop(loop, name)


def _walk_claim(claim: edi.Loop) -> Iterator[tuple[edi.Loop, str]]:
    """Yield a claim's own loops, 2000A to its last line, with the names that places use."""
    above: list[edi.Loop] = []
    loop = claim.parent
    while loop is not None and loop.name != "ST":
        above.insert(0, loop)
        loop = loop.parent
    for level in above:
        yield level, level.name
        # A level's side branches: names and addresses; its sub-levels hold other people.
        for child in level.children:
            if child.name != claim.name and not child.name.startswith("2000"):
                for below in child.walk():
                    yield below, below.name
    number = ""
    for below in claim.walk():
        if below.name == "2400":
            number = below.value("LX", 1)
        yield below, f"{below.name}[{number}]" if below.name in _LINE_LOOPS else below.name


def _read_loop(loop: edi.Loop, name: str) -> Iterator[SentElement]:
    for segment in loop.segments:
        qualifier = segment[1] if segment.id in _QUALIFIED else ""
        for element in range(1, len(segment.elements)):
            parts = segment.components(element)
            if len(parts) == 1 and not _is_composite(segment.id, element):
                if parts[0]:
                    yield SentElement(name, segment.id, qualifier, element, None, parts[0])
                continue
            for component, value in enumerate(parts, start=1):
                if value:
                    yield SentElement(name, segment.id, qualifier, element, component, value)


def _is_composite(segment: str, element: int) -> bool:
    """Say whether an element has components by the guide, even where only one was sent."""
    return (segment, element) in {
        ("CLM", 5), ("CLM", 11), ("SV1", 1), ("SV1", 7), ("CTP", 5)
    } or segment == "HI"  # fmt: skip
