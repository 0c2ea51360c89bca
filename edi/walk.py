"""Finds the loop that each segment belongs to, and says what is out of place, missing or too many.

One walker serves the tree, the streamed loops and the checker. It holds only the loops that are
open; what is finished stays with its parent or is handed out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edi.compiled import LoopNode, SegmentNode, compile_guide
from edi.standard import SEGMENT_SIZES, known_id
from edi.values import Fault, Loop

if TYPE_CHECKING:
    from collections.abc import Callable

    from edi.compiled import Step
    from edi.guide import Guide
    from edi.values import Segment


class _Frame:
    """An open loop: how far it has come in its guide, and how often each item came."""

    __slots__ = ("counts", "is_kept", "loop", "node", "rank", "start")

    def __init__(self, node: LoopNode, loop: Loop, start: int, *, is_kept: bool) -> None:
        self.node = node
        self.loop = loop
        self.start = start
        self.rank = 0
        self.counts = [0] * len(node.items)
        self.is_kept = is_kept


class Walker:
    """Walks one transaction through its guide.

    Args:
        guide: The guide's tables.
        root: Filled with the transaction's own segments and the loops that are kept.
        names: Loops to hand out in `finished`; they and what holds them are not kept. Loops inside
            a handed-out one stay with it.
        report: Called with each fault; it adds the control numbers.
    """

    def __init__(
        self,
        guide: Guide,
        root: Loop,
        names: tuple[str, ...],
        report: Callable[[Fault], None],
    ) -> None:
        self.finished: list[Loop] = []
        self._compiled = compile_guide(guide)
        self._names = frozenset(names)
        self._passing = self._compiled.find_paths(names)
        self._report = report
        self._is_lost = False
        self._frames: list[_Frame] = [_Frame(self._compiled.root, root, 0, is_kept=False)]

    def place(self, segment: Segment) -> SegmentNode | None:
        """Put a segment into its loop; None if it fits nowhere (it stays in the open loop)."""
        frames = self._frames
        compiled = self._compiled
        key = compiled.find_key(segment)
        steps = frames[-1].node.find_steps(segment.id, key)
        for step in steps:
            if step[1].rank >= frames[-1 - step[0]].rank:
                self._is_lost = False
                return self._take(step, segment)
        if (
            len(frames) == 1
            and segment.id == compiled.root.opener.seg.id
            and not frames[0].counts[0]
        ):
            frames[0].counts[0] = 1
            frames[0].start = segment.index
            frames[0].loop.segments.append(segment)
            return compiled.root.opener
        if steps and not self._is_lost:
            self._say_order(segment)
            return self._take(steps[0], segment, is_in_order=False)
        for skipping in frames[-1].node.find_skipping_steps(segment.id):
            # What is handed out always starts with its own segment.
            if not (frames[-1 - skipping[0]].is_kept or skipping[1].id in self._names):
                return self._take_skipping(skipping, segment)
        self._say_unplaced(segment)
        frames[-1].loop.segments.append(segment)
        return None

    def finish(self) -> None:
        """End all loops that are still open."""
        while self._frames:
            self._close()

    def take_finished(self) -> list[Loop]:
        """Return the loops that were finished since the last call."""
        taken, self.finished = self.finished, []
        return taken

    @property
    def loop(self) -> Loop:
        """The innermost open loop."""
        return self._frames[-1].loop

    # ----------------------------------------------------------------- moves

    def _take(self, step: Step, segment: Segment, *, is_in_order: bool = True) -> SegmentNode:
        up, item = step
        for _ in range(up):
            self._close()
        frame = self._frames[-1]
        if is_in_order:
            frame.rank = item.rank
        count = frame.counts[item.slot] = frame.counts[item.slot] + 1
        if item.max and count == item.max + 1:
            self._say_too_many(item, segment)
        if isinstance(item, SegmentNode):
            frame.loop.segments.append(segment)
            return item
        self._open(item, segment).segments.append(segment)
        return item.opener

    def _take_skipping(self, step: tuple[int, LoopNode, LoopNode], segment: Segment) -> SegmentNode:
        """Open a loop whose first segment was left out, then the one that this segment opens."""
        up, outer, inner = step
        for _ in range(up):
            self._close()
        self._open(outer, segment)
        self._frames[-2].counts[outer.slot] += 1
        self._frames[-2].rank = max(self._frames[-2].rank, outer.rank)
        self._say_missing(outer.opener, self._frames[-1])
        self._is_lost = False
        return self._take((0, inner), segment)

    def _open(self, node: LoopNode, segment: Segment) -> Loop:
        parent = self._frames[-1]
        loop = Loop(node.id, parent.loop)
        frame = _Frame(node, loop, segment.index, is_kept=parent.is_kept or node.id in self._names)
        frame.counts[0] = 1
        self._frames.append(frame)
        return loop

    def _close(self) -> None:
        frame = self._frames.pop()
        for slot, item in frame.node.required:
            if not frame.counts[slot]:
                self._say_missing(item, frame)
        if not self._frames:
            return
        name = frame.node.id
        if name in self._names:
            self.finished.append(frame.loop)
        if self._frames[-1].is_kept or not (name in self._names or name in self._passing):
            self._frames[-1].loop.children.append(frame.loop)

    # ---------------------------------------------------------------- faults

    def _say_missing(self, item: SegmentNode | LoopNode, frame: _Frame) -> None:
        is_loop = isinstance(item, LoopNode)
        seg = item.opener.seg if isinstance(item, LoopNode) else item.seg
        what = f"Loop {item.id} ({item.definition.name})" if isinstance(item, LoopNode) else (
            f"Segment {seg.id} ({seg.name})"
        )  # fmt: skip
        self._report(
            Fault(
                code="loop-missing" if is_loop else "segment-missing",
                message=f"{what} is missing in loop {frame.node.id}.",
                fix=f"Add the {seg.id} ({seg.name}): the guide requires it.",
                snip=2,
                segment_index=frame.start or None,
                segment=seg.id,
                loop=item.id if isinstance(item, LoopNode) else frame.node.id,
                x12="IK304:3",
            )
        )

    def _say_too_many(self, item: SegmentNode | LoopNode, segment: Segment) -> None:
        is_loop = isinstance(item, LoopNode)
        name = f"Loop {item.id}" if isinstance(item, LoopNode) else f"Segment {segment.id}"
        self._report(
            Fault(
                code="loop-repeat" if is_loop else "segment-repeat",
                message=f"{name} comes more than {item.max} times.",
                fix=f"Keep at most {item.max}; split the rest off if it must be sent.",
                snip=2,
                segment_index=segment.index,
                segment=segment.id,
                loop=item.id if isinstance(item, LoopNode) else self._frames[-1].node.id,
                x12="IK304:4" if is_loop else "IK304:5",
            )
        )

    def _say_order(self, segment: Segment) -> None:
        self._report(
            Fault(
                code="segment-order",
                message=f"Segment {segment.id} comes too late: what follows it came before.",
                fix="Put the segments of the loop in the order of the guide.",
                snip=2,
                segment_index=segment.index,
                segment=segment.id,
                loop=self._frames[-1].node.id,
                x12="IK304:7",
            )
        )

    def _say_unplaced(self, segment: Segment) -> None:
        """Say that a segment fits nowhere; what hangs on an unknown loop isn't said again."""
        compiled = self._compiled
        known = segment.id in compiled.segment_ids
        if self._is_lost and known and segment.id not in compiled.opener_ids:
            return
        self._is_lost = self._is_lost or segment.id in compiled.opener_ids
        place = compiled.describe_key(segment.id)
        if segment.id not in SEGMENT_SIZES:
            code, x12, snip = "segment-unknown", "IK304:1", 1
            message, fix = "This segment id is not in the standard.", "Remove the segment."
        elif not known:
            code, x12, snip = "segment-not-used", "IK304:6", 2
            message = f"The guide has no segment {segment.id}."
            fix = "Remove the segment."
        else:
            code, x12, snip = "segment-unexpected", "IK304:2", 2
            message = f"A segment {segment.id} with this qualifier may not stand here."
            if place is None:
                message = f"A segment {segment.id} may not stand here."
            fix = "Move it to the loop that it belongs to, or correct its qualifier."
        self._report(
            Fault(
                code=code,
                message=message,
                fix=fix,
                snip=snip,
                segment_index=segment.index,
                segment=known_id(segment),
                loop=self._frames[-1].node.id,
                element=None if place is None or not known else place[0],
                x12=x12,
            )
        )
