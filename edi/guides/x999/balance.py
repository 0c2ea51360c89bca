"""The counts of a 999: transactions received and accepted, and an answer that agrees with them.

Source:
    TR3 005010X231A1 AK9, IK5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edi.amounts import read_count
from edi.values import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from edi.values import Loop, Segment

_ACCEPTING = frozenset({"A", "E"})


class Balance999:
    """Counts the answers and compares them with AK9."""

    def __init__(self) -> None:
        self._answered = 0
        self._accepted = 0

    def see(self, loop: Loop) -> Iterable[Fault]:
        """Count one transaction's answer; an acceptance beside none-of-that is reported at AK9."""
        self._answered += 1
        if loop.value("IK5", 1) in _ACCEPTING:
            self._accepted += 1
        return ()

    def end(self, root: Loop) -> Iterable[Fault]:
        """Return what AK9 says otherwise than the answers do."""
        group = root.first("AK9")
        if group is None:
            return
        received, accepted = read_count(group[3]), read_count(group[4])
        if self._answered:
            yield from _compare(group, 3, received, self._answered)
            yield from _compare(group, 4, accepted, self._accepted)
        is_whole = received is not None and received == accepted
        if group[1] in _ACCEPTING and received is not None and not is_whole:
            yield _fault(group, 1, "answer-total", "the group is accepted but not all of it is")
        if group[1] == "R" and accepted:
            yield _fault(
                group, 1, "answer-total", "the group is rejected but some of it is accepted"
            )


def _compare(group: Segment, element: int, said: int | None, counted: int) -> Iterator[Fault]:
    if said is not None and said != counted:
        yield _fault(group, element, "answer-count", f"it says {said}, the answers are {counted}")


def _fault(group: Segment, element: int, code: str, message: str) -> Fault:
    return Fault(
        code=code,
        message=message,
        fix="ask the sender for a corrected 999; don't take the group as accepted",
        snip=3,
        segment_index=group.index,
        segment="AK9",
        loop="ST",
        element=element,
    )
