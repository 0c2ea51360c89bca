"""Guide tables turned into what is fast: look-ups by segment id, one expression per segment.

`compile_guide` does it once a guide. Where a segment may go from an open loop is worked out when it
is first asked for and then remembered.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from edi.guide import Composite, Seg
from edi.patterns import compile_segment

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    from edi.guide import Guide, LoopDef
    from edi.values import Delimiters, Segment

    Match: TypeAlias = Callable[[str], re.Match[str] | None]


class SegmentNode:
    """A segment at its place in the compiled tree.

    `slot` is its number among the items of its loop, `rank` grows with the order in which items may
    come (neighbours that may come in any order share one), `keys` are the codes that tell it from
    its namesakes (empty: any).
    """

    __slots__ = ("_matches", "keys", "loop", "max", "rank", "seg", "slot")

    def __init__(self, seg: Seg, loop: LoopNode, slot: int, rank: int) -> None:
        self.seg = seg
        self.loop = loop
        self.slot = slot
        self.rank = rank
        self.max = seg.max
        self.keys = find_key_codes(seg)
        self._matches: dict[str, Match] = {}

    def match(self, text: str, delimiters: Delimiters) -> bool:
        """Whether the segment is right beyond doubt; if not, the exact checks have to look."""
        match = self._matches.get(delimiters.characters)
        if match is None:
            match = compile_segment(self.seg, delimiters)
            self._matches[delimiters.characters] = match
        return match(text) is not None


class LoopNode:
    """A loop at its place in the compiled tree; `opener` is the segment that opens it."""

    __slots__ = (
        *("_steps", "definition", "id", "items", "max", "opener", "parent", "rank", "required"),
        "slot",
    )

    def __init__(self, definition: LoopDef, parent: LoopNode | None, slot: int, rank: int) -> None:
        self.definition = definition
        self.id = definition.id
        self.parent = parent
        self.slot = slot
        self.rank = rank
        self.max = definition.max
        self.items: list[SegmentNode | LoopNode] = []
        self._steps: dict[tuple[str, str], tuple[Step, ...]] = {}
        before, item_rank = "", -1
        for number, item in enumerate(definition.items):
            opener = find_opener(item)
            item_rank += opener.id != before
            before = opener.id
            if isinstance(item, Seg):
                self.items.append(SegmentNode(item, self, number, item_rank))
            else:
                self.items.append(LoopNode(item, self, number, item_rank))
        first = self.items[0]
        if not isinstance(first, SegmentNode):
            raise TypeError(f"Loop {self.id} must start with a segment.")
        self.opener = first
        self.required = [
            (number, item)
            for number, item in enumerate(self.items)
            if definition.items[number].usage == "R"
        ]

    def find_steps(self, segment_id: str, key: str) -> tuple[Step, ...]:
        """Return where such a segment may go when this loop is the innermost open one.

        Each step says how many loops end and which item follows; nearest first.
        """
        steps = self._steps.get((segment_id, key))
        if steps is None:
            steps = tuple(self._list_steps(segment_id, key))
            if steps:  # what fits nowhere is rare and unbounded: not remembered
                self._steps[segment_id, key] = steps
        return steps

    def _list_steps(self, segment_id: str, key: str) -> list[Step]:
        steps: list[Step] = []
        loop: LoopNode | None = self
        up = 0
        while loop is not None:
            for item in loop.items:
                opener = item if isinstance(item, SegmentNode) else item.opener
                if (
                    opener.seg.id == segment_id
                    and item is not loop.opener
                    and (not opener.keys or key in opener.keys)
                ):
                    steps.append((up, item))
            loop, up = loop.parent, up + 1
        return steps

    def find_skipping_steps(self, segment_id: str) -> list[tuple[int, LoopNode, LoopNode]]:
        """Return where such a segment may go if the opener of one loop above it was left out.

        Only segments that mean the same wherever they stand (CLP, CLM) are found this way. Each
        result says how many loops end, which loop opens without its segment, and which with it.
        """
        found: list[tuple[int, LoopNode, LoopNode]] = []
        loop: LoopNode | None = self
        up = 0
        while loop is not None:
            found += [
                (up, outer, inner)
                for outer in loop.items
                if isinstance(outer, LoopNode)
                for inner in outer.items
                if isinstance(inner, LoopNode)
                and inner.opener.seg.id == segment_id
                and not inner.opener.keys
            ]
            loop, up = loop.parent, up + 1
        return found


Step: TypeAlias = tuple[int, SegmentNode | LoopNode]


class CompiledGuide:
    """A guide's compiled tree, with what the whole tree says about its segment ids."""

    def __init__(self, guide: Guide) -> None:
        self.guide = guide
        self.root = LoopNode(guide.body, None, 0, 0)
        self.segment_ids: set[str] = set()
        self.opener_ids: set[str] = set()
        self.loop_ids: set[str] = set()
        self._keys: dict[str, tuple[int, int]] = {}
        self._learn(self.root)

    def find_key(self, segment: Segment) -> str:
        """Return the value that tells the segment from its namesakes, "" if none is needed."""
        place = self._keys.get(segment.id)
        return "" if place is None else segment.get(*place)

    def describe_key(self, segment_id: str) -> tuple[int, int] | None:
        """Return the element and component that tell segments of this id apart."""
        return self._keys.get(segment_id)

    def find_paths(self, names: tuple[str, ...]) -> frozenset[str]:
        """Return the ids of all loops that hold a loop of one of these names."""
        found: set[str] = set()

        def visit(loop: LoopNode, above: tuple[str, ...]) -> None:
            if loop.id in names:
                found.update(above)
            for item in loop.items:
                if isinstance(item, LoopNode):
                    visit(item, (*above, loop.id))

        visit(self.root, ())
        return frozenset(found)

    def _learn(self, loop: LoopNode) -> None:
        self.opener_ids.add(loop.opener.seg.id)
        self.loop_ids.add(loop.id)
        for item in loop.items:
            if isinstance(item, LoopNode):
                self._learn(item)
                continue
            seg = item.seg
            self.segment_ids.add(seg.id)
            if seg.key:
                place = parse_ref(seg.key)
                if self._keys.setdefault(seg.id, place) != place:
                    raise ValueError(f"{seg.id} has two different keys in {self.guide.id}.")


@cache
def compile_guide(guide: Guide) -> CompiledGuide:
    """Return the compiled form of a guide, made on first use."""
    return CompiledGuide(guide)


def find_opener(item: Seg | LoopDef) -> Seg:
    """Return the segment that an item starts with."""
    return item if isinstance(item, Seg) else find_opener(item.items[0])


def parse_ref(ref: str) -> tuple[int, int]:
    """Return element and component of a reference: "HI01-2" is (1, 2), "REF01" is (1, 1)."""
    element, _, component = ref.partition("-")
    return int(element[-2:]), int(component or 1)


def find_key_codes(seg: Seg) -> frozenset[str]:
    """Return the codes of the element that tells a segment from its namesakes."""
    if not seg.key:
        return frozenset()
    for element in seg.elements:
        parts = element.parts if isinstance(element, Composite) else (element,)
        for part in parts:
            if part.ref == seg.key:
                return frozenset(part.codes.split())
    raise ValueError(f"{seg.id} has no element {seg.key}.")
