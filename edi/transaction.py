"""One transaction, ST to SE: its segments once, or as a tree of loops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edi.guides import find_guide
from edi.values import Loop
from edi.walk import Walker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edi.guide import Guide
    from edi.values import Fault, Group, Interchange, Segment


class Transaction:
    """A transaction set as the reader hands it out; its segments flow by once.

    Use one of `segments`, `tree()` and `loops()`. `faults` is complete when all was read.

    Attributes:
        root: The loop "ST" as far as it was read by `tree` or `loops`.
    """

    __slots__ = ("_report", "_segments", "faults", "group", "header", "root", "trailer")

    def __init__(self, header: Segment, group: Group) -> None:
        self.header = header
        self.group = group
        self.trailer: Segment | None = None
        self.faults: list[Fault] = []
        self.root = Loop("ST")
        self._segments: Iterator[Segment] = iter(())
        self._report: Callable[[Fault], None] = self.faults.append

    def start(self, segments: Iterator[Segment], report: Callable[[Fault], None]) -> None:
        """Say where the segments come from and who is told of faults (the reader calls it)."""
        self._segments = segments
        self._report = report

    def report(self, fault: Fault) -> None:
        """Keep a fault found in this transaction; the control numbers are added."""
        self._report(fault)

    @property
    def st(self) -> str:
        """Transaction set id (ST01), such as 837."""
        return self.header[1]

    @property
    def control(self) -> str:
        """Transaction control number (ST02)."""
        return self.header[2]

    @property
    def guide(self) -> str:
        """The guide it follows: GS08, or ST03 where the group doesn't say."""
        return self.group.version or self.header[3]

    @property
    def interchange(self) -> Interchange:
        """The interchange that it stands in."""
        return self.group.interchange

    @property
    def segments(self) -> Iterator[Segment]:
        """The segments from ST to SE that weren't taken yet, lazily."""
        return self._segments

    def find_guide(self) -> Guide | None:
        """Return the guide's tables, None if we don't know it."""
        return find_guide(self.st, self.guide)

    def skip(self) -> None:
        """Read over what wasn't taken."""
        for _ in self._segments:
            pass

    def tree(self) -> Loop:
        """Return the whole transaction as a tree; without a known guide, one flat loop."""
        for _ in self.loops():
            pass
        return self.root

    def loops(self, *names: str) -> Iterator[Loop]:
        """Yield each finished loop that has one of these names, in file order.

        Only what surrounds the loop is held: its ancestors' segments and their other branches.
        Segments that fit nowhere stay in the loop that was open, with a fault.
        """
        guide = self.find_guide()
        if guide is None:
            self.root.segments.extend(self._segments)
            return
        walker = Walker(guide, self.root, names, self._report)
        for segment in self._segments:
            walker.place(segment)
            if walker.finished:
                yield from walker.take_finished()
        walker.finish()
        yield from walker.take_finished()
