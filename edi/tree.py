"""A whole file as a tree: file, interchanges, groups, transactions, loops; as lines or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from edi.compiled import compile_guide
from edi.reader import read
from edi.show import Display
from edi.walk import Walker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edi.guide import Seg
    from edi.transaction import Transaction
    from edi.values import Fault, Group, Interchange, Loop, Segment

Node = dict[str, object]


class FileTree:
    """The tree of one file; use `lines` or `to_json`, once.

    Args:
        stream: The file, opened in binary.
        shows_phi: Whether patients' data is shown as it stands.
    """

    def __init__(self, stream: BinaryIO, *, shows_phi: bool = False) -> None:
        self._reader = read(stream)
        self._display = Display(shows_phi=shows_phi)
        self._shown_interchanges = 0

    @property
    def faults(self) -> list[Fault]:
        """What was wrong in reading the file, complete after it was shown."""
        return self._reader.faults

    # ----------------------------------------------------------------- lines

    def lines(self) -> Iterator[str]:
        """Yield the tree as indented lines, in flat memory."""
        group: Group | None = None
        for transaction in self._reader:
            yield from self._new_interchange_lines()
            if transaction.group is not group:
                group = transaction.group
                yield f"  group {group.control}: {group.functional_id} {group.version}".rstrip()
            yield from self._transaction_lines(transaction)
        yield from self._new_interchange_lines()

    def _new_interchange_lines(self) -> Iterator[str]:
        for interchange in self._reader.interchanges[self._shown_interchanges :]:
            sender, receiver = (" ".join(who) for who in (interchange.sender, interchange.receiver))
            kind = "test" if interchange.is_test else "production"
            yield f"interchange {interchange.control}: {sender} to {receiver}, {kind}"
            for segment in interchange.acknowledgements:
                yield f"  {segment.index} TA1 {self._display.to_line(None, segment)}"
        self._shown_interchanges = len(self._reader.interchanges)

    def _transaction_lines(self, transaction: Transaction) -> Iterator[str]:
        guide = transaction.find_guide()
        if guide is None:
            yield f"    transaction {transaction.control}: {transaction.st}, guide not known"
            for segment in transaction.segments:
                line = self._display.to_line(None, segment)
                yield f"      {segment.index} {segment.id} {line}".rstrip()
            return
        yield f"    transaction {transaction.control}: {transaction.st} {guide.name}"
        names = tuple(compile_guide(guide).loop_ids)
        walker = Walker(guide, transaction.root, names, lambda _: None)
        for segment in transaction.segments:
            before = walker.loop
            node = walker.place(segment)
            walker.finished.clear()
            indent = "  " * (3 + _count_ancestors(walker.loop))
            if walker.loop is not before and node is not None and node is node.loop.opener:
                yield f"{indent[:-2]}{node.loop.id} {node.loop.definition.name}"
            yield f"{indent}{self._segment_line(None if node is None else node.seg, segment)}"

    def _segment_line(self, seg: Seg | None, segment: Segment) -> str:
        name = "out of place" if seg is None else seg.name
        return f"{segment.index} {segment.id} {name}: {self._display.to_line(seg, segment)}"

    # ------------------------------------------------------------------ JSON

    def to_json(self) -> Node:
        """Return the tree as `edi show --json` prints it.

        Elements are the raw texts from element 1 on; components stay joined.
        """
        transactions: dict[int, list[Node]] = {}
        for transaction in self._reader:
            node = self._transaction_node(transaction)
            transactions.setdefault(id(transaction.group), []).append(node)
        return {
            "loop": "file",
            "segments": [],
            "children": [
                self._interchange_node(interchange, transactions)
                for interchange in self._reader.interchanges
            ],
        }

    def _interchange_node(
        self, interchange: Interchange, transactions: dict[int, list[Node]]
    ) -> Node:
        own = [interchange.header, *interchange.acknowledgements, interchange.trailer]
        return {
            "loop": "interchange",
            "segments": [self._segment_node(None, one) for one in own if one is not None],
            "children": [
                {
                    "loop": "group",
                    "segments": [
                        self._segment_node(None, one)
                        for one in (group.header, group.trailer)
                        if one is not None
                    ],
                    "children": transactions.get(id(group), []),
                }
                for group in interchange.groups
            ],
        }

    def _transaction_node(self, transaction: Transaction) -> Node:
        guide = transaction.find_guide()
        shown: dict[int, Node] = {}
        if guide is None:
            for segment in transaction.segments:
                transaction.root.segments.append(segment)
                shown[segment.index] = self._segment_node(None, segment)
            return _to_node(transaction.root, shown)
        walker = Walker(guide, transaction.root, (), lambda _: None)
        for segment in transaction.segments:
            node = walker.place(segment)
            seg = None if node is None else node.seg
            shown[segment.index] = self._segment_node(seg, segment)
        walker.finish()
        return _to_node(transaction.root, shown)

    def _segment_node(self, seg: Seg | None, segment: Segment) -> Node:
        return {
            "segment_index": segment.index,
            "id": segment.id,
            "elements": self._display.to_elements(seg, segment),
        }


def _to_node(loop: Loop, shown: dict[int, Node]) -> Node:
    return {
        "loop": loop.name,
        "segments": [shown[segment.index] for segment in loop.segments],
        "children": [_to_node(child, shown) for child in loop.children],
    }


def _count_ancestors(loop: Loop) -> int:
    count = 0
    while loop.parent is not None:
        loop, count = loop.parent, count + 1
    return count
