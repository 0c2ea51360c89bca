"""What an X12 file is made of: delimiters, segments, headers, loops and faults.

Everything here is plain data without I/O. Text is held one character a byte (latin-1), so that
writing what was read gives the same bytes; `edi.show` turns it into readable characters.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Level = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The four separators that an ISA announces, one character each.

    `repetition` is empty where the interchange has none (ISA11 is `U` or its version is before
    00402). `line_end` is what a writer puts after each terminator; nothing by default.
    `characters` are all separators in one string: none of them may stand in data.

    Source:
        X12.5 ISA; TR3 005010 appendix B.1.1.2.5.
    """

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    segment: str = "~"
    line_end: str = ""
    characters: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        marks = self.element + self.component + self.repetition + self.segment
        object.__setattr__(self, "characters", marks)


class Segment:
    """One segment as it stood in the file.

    `segment[n]` is element n as raw text ("" if absent), `segment.get(n, c)` its component c, both
    counted from 1; `elements[0]` is the id. `index` counts over the whole file, the first ISA is 1.
    `gap` is what stood before the segment (line ends, as a rule nothing) and `end` its terminator
    ("" if the file stopped before it), so that the exact bytes can be written again.
    """

    __slots__ = ("_elements", "delimiters", "end", "gap", "id", "index", "text")

    def __init__(
        self, text: str, index: int, delimiters: Delimiters, gap: str = "", end: str | None = None
    ) -> None:
        self.text = text
        self.index = index
        self.delimiters = delimiters
        self.gap = gap
        self.end = delimiters.segment if end is None else end
        self.id = text.partition(delimiters.element)[0]
        self._elements: list[str] | None = None

    @property
    def elements(self) -> list[str]:
        """The raw elements; number 0 is the segment id."""
        if self._elements is None:
            self._elements = self.text.split(self.delimiters.element)
        return self._elements

    def __getitem__(self, element: int) -> str:
        elements = self._elements
        if elements is None:
            elements = self._elements = self.text.split(self.delimiters.element)
        return elements[element] if element < len(elements) else ""

    def get(self, element: int, component: int | None = None) -> str:
        """Return an element, or one of its components; "" where there is none."""
        value = self[element]
        if component is None or not value:
            return value
        parts = value.split(self.delimiters.component)
        return parts[component - 1] if component <= len(parts) else ""

    def components(self, element: int) -> list[str]:
        """Return the components of an element, empty for an absent element."""
        value = self[element]
        return value.split(self.delimiters.component) if value else []

    def repeats(self, element: int) -> list[str]:
        """Return the repetitions of an element, empty for an absent element."""
        value = self[element]
        if not value:
            return []
        mark = self.delimiters.repetition
        return value.split(mark) if mark else [value]

    def __len__(self) -> int:
        """The number of elements that stand in the segment, the id not counted."""
        return len(self.elements) - 1

    def __repr__(self) -> str:
        """Never shows data: a repr ends up in logs."""
        return f"<Segment {self.index}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something wrong, or worth saying, about a file: what, where, what was expected, what to do.

    `code` is ours and permanent; `x12` the code that an acknowledgement carries ("IK403:7",
    "TA105:021"). `message` and `fix` never hold data of the file. A place that doesn't apply is
    None; element and component count from 1.
    """

    level: Level = "error"
    code: str
    message: str
    fix: str
    snip: int = 1
    interchange: str | None = None
    group: str | None = None
    transaction: str | None = None
    segment_index: int | None = None
    segment: str | None = None
    loop: str | None = None
    element: int | None = None
    component: int | None = None
    x12: str | None = None

    def to_json(self) -> dict[str, object]:
        """Return the finding as `edi check --json` prints it."""
        return {
            "level": self.level,
            "snip": self.snip,
            "interchange": self.interchange,
            "group": self.group,
            "transaction": self.transaction,
            "segment_index": self.segment_index,
            "segment": self.segment,
            "loop": self.loop,
            "element": self.element,
            "component": self.component,
            "code": self.code,
            "x12": self.x12,
            "message": self.message,
            "fix": self.fix,
        }


@dataclass(slots=True, eq=False)
class Interchange:
    """One ISA … IEA. The trailer and the groups are complete once it was read to its end."""

    header: Segment
    delimiters: Delimiters
    trailer: Segment | None = None
    acknowledgements: list[Segment] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def control(self) -> str:
        """Interchange control number (ISA13)."""
        return self.header[13].strip()

    @property
    def sender(self) -> tuple[str, str]:
        """Sender's qualifier and id (ISA05, ISA06 without padding)."""
        return self.header[5].strip(), self.header[6].rstrip()

    @property
    def receiver(self) -> tuple[str, str]:
        """Receiver's qualifier and id (ISA07, ISA08 without padding)."""
        return self.header[7].strip(), self.header[8].rstrip()

    @property
    def version(self) -> str:
        """Interchange version (ISA12)."""
        return self.header[12].strip()

    @property
    def groups_read(self) -> int:
        """How many GS were read so far."""
        return sum(group.header is not None for group in self.groups)

    @property
    def is_ta1_requested(self) -> bool:
        """Whether the sender asks for a TA1 (ISA14)."""
        return self.header[14] == "1"

    @property
    def is_test(self) -> bool:
        """Whether the sender marks it as a test (ISA15)."""
        return self.header[15] == "T"


@dataclass(slots=True, eq=False)
class Group:
    """One GS … GE. `header` is None for transactions that stand outside any group."""

    interchange: Interchange
    header: Segment | None
    trailer: Segment | None = None
    transactions_read: int = 0
    faults: list[Fault] = field(default_factory=list)

    def _get(self, element: int) -> str:
        return "" if self.header is None else self.header[element]

    @property
    def functional_id(self) -> str:
        """What kind of transactions it holds (GS01), such as HC or HP."""
        return self._get(1)

    @property
    def sender(self) -> str:
        """Application sender (GS02)."""
        return self._get(2)

    @property
    def receiver(self) -> str:
        """Application receiver (GS03)."""
        return self._get(3)

    @property
    def control(self) -> str:
        """Group control number (GS06)."""
        return self._get(6)

    @property
    def version(self) -> str:
        """The guide that the group follows (GS08)."""
        return self._get(8)


class Loop:
    """One loop of a transaction: its own segments, its child loops, and its parent.

    `name` is the guide's loop id ("2300"). In a tree, a loop whose first segment was left out is
    there all the same, without it; one that is handed out by a streamed walk starts with it. In a
    streamed walk a parent holds its own segments and its finished side branches, but not the loops
    that were handed out.
    """

    __slots__ = ("children", "name", "parent", "segments")

    def __init__(self, name: str, parent: Loop | None = None) -> None:
        self.name = name
        self.parent = parent
        self.segments: list[Segment] = []
        self.children: list[Loop] = []

    def first(self, segment_id: str, qualifier: str = "", *, element: int = 1) -> Segment | None:
        """Return the loop's first segment with this id and, if given, this qualifier.

        The qualifier is compared with the first component of `element` (1 unless said).
        """
        for segment in self.segments:
            if segment.id == segment_id and (not qualifier or segment.get(element, 1) == qualifier):
                return segment
        return None

    def all(self, segment_id: str, qualifier: str = "", *, element: int = 1) -> list[Segment]:
        """Return the loop's segments with this id and, if given, this qualifier."""
        return [
            segment
            for segment in self.segments
            if segment.id == segment_id and (not qualifier or segment.get(element, 1) == qualifier)
        ]

    def value(
        self, segment_id: str, element: int, *, component: int | None = None, qualifier: str = ""
    ) -> str:
        """Return one value of the first such segment, "" if there is none."""
        segment = self.first(segment_id, qualifier)
        return "" if segment is None else segment.get(element, component)

    def child(self, name: str) -> Loop | None:
        """Return the first child loop of this name."""
        return next((child for child in self.children if child.name == name), None)

    def children_named(self, *names: str) -> list[Loop]:
        """Return the child loops that have one of these names, in file order."""
        return [child for child in self.children if child.name in names]

    def ancestor(self, name: str) -> Loop | None:
        """Return the nearest enclosing loop of this name."""
        loop = self.parent
        while loop is not None and loop.name != name:
            loop = loop.parent
        return loop

    def walk(self) -> Iterator[Loop]:
        """Yield this loop and all below it, in file order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def __repr__(self) -> str:
        """Never shows data: a repr ends up in logs."""
        return f"<Loop {self.name}: {len(self.segments)} segments, {len(self.children)} children>"
