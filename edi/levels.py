"""Hierarchical levels: HL numbers count up, parents are open, "has levels below" is true.

Source:
    X12 005010 HL segment; TR3 005010X222A1 B.1.1.4.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edi.values import Fault, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class _Level:
    segment: Segment
    has_child: bool = False


class LevelCheck:
    """Follows the HL of one transaction; holds only the levels that are open."""

    def __init__(self) -> None:
        self._count = 0
        self._open: list[_Level] = []

    def see(self, segment: Segment) -> Iterator[Fault]:
        """Return what is wrong with this HL, and with those that end before it."""
        self._count += 1
        if segment[1] != str(self._count):
            yield _fault(
                segment,
                "level-number",
                f"HL01 must be {self._count}: levels count up from 1 in each transaction.",
                (f"Put {self._count} in HL01.", 1, "IK403:7"),
            )
        parent = segment[2]
        depth = next(
            (n for n, level in enumerate(self._open, 1) if parent and level.segment[1] == parent), 0
        )
        if parent and not depth:
            yield _fault(
                segment,
                "level-parent",
                "HL02 is not the number of a level that is open here.",
                (
                    "Put HL01 of the level above in HL02; children follow their parent.",
                    2,
                    "IK403:7",
                ),
            )
        else:
            yield from self._close(depth)
        if depth:
            self._open[-1].has_child = True
        self._open.append(_Level(segment))

    def end(self) -> Iterator[Fault]:
        """Return what is wrong with the levels that are still open."""
        return self._close(0)

    def _close(self, depth: int) -> Iterator[Fault]:
        while len(self._open) > depth:
            level = self._open.pop()
            if level.segment[4] in ("0", "1") and (level.segment[4] == "1") != level.has_child:
                said = "has levels below, but none follows" if not level.has_child else (
                    "has no levels below, but one follows"
                )  # fmt: skip
                right = "1" if level.has_child else "0"
                yield _fault(
                    level.segment,
                    "level-children",
                    f"HL04 says that the level {said}.",
                    (f"Put {right} in HL04, or add the level that is missing.", 4, "IK403:7"),
                )


def _fault(segment: Segment, code: str, message: str, rest: tuple[str, int, str]) -> Fault:
    fix, element, x12 = rest
    return Fault(
        code=code,
        message=message,
        fix=fix,
        segment_index=segment.index,
        segment="HL",
        element=element,
        x12=x12,
    )
