"""Plain data to X12 bytes: pads, counts, drops trailing empties, keeps delimiters out of data.

Source:
    X12.5 and X12.6 (005010); TR3 005010 appendix B.1.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from edi.reader import Reader
from edi.values import Delimiters, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator


class Repeat(tuple["str | tuple[str, ...]", ...]):
    """The repetitions of one element: `Repeat(("98", "30"))`."""

    __slots__ = ()


ElementData: TypeAlias = str | tuple[str, ...] | Repeat
SegmentData: TypeAlias = Sequence[ElementData]


class UnsendableError(ValueError):
    """Data holds characters that can't be sent, and the caller takes no faults."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults[0].message)
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTransaction:
    """A transaction to write.

    Attributes:
        control: ST02, 4 to 9 characters.
        guide: ST03; "" leaves it out.
        segments: What stands between ST and SE; may be a generator.
    """

    st: str
    control: str
    guide: str
    segments: Iterable[SegmentData]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGroup:
    """A group to write; `at` gives GS04 and GS05, `version` is GS08."""

    functional_id: str
    sender: str
    receiver: str
    at: datetime
    control: int
    version: str
    transactions: Iterable[NewTransaction]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInterchange:
    """An interchange to write.

    Attributes:
        sender: Qualifier and id (ISA05, ISA06); padded here.
        receiver: Qualifier and id (ISA07, ISA08).
        at: Local date and time of making it (ISA09, ISA10).
        control: ISA13, 1 to 999,999,999.
        acknowledgements: TA1 segments, before the groups.
    """

    sender: tuple[str, str]
    receiver: tuple[str, str]
    at: datetime
    control: int
    groups: Iterable[NewGroup] = ()
    acknowledgements: Sequence[SegmentData] = ()
    is_test: bool = False
    is_ta1_requested: bool = False
    delimiters: Delimiters = field(default_factory=Delimiters)


Source: TypeAlias = Reader | NewInterchange | Iterable[NewInterchange]


def write(source: Source, *, faults: list[Fault] | None = None) -> bytes:
    """Return the bytes of what was read or made; see `write_to`."""
    out = BytesIO()
    write_to(source, out, faults=faults)
    return out.getvalue()


def write_to(source: Source, out: BinaryIO, *, faults: list[Fault] | None = None) -> None:
    """Write interchanges; a reader gives back the bytes that it reads.

    Args:
        source: A fresh reader, one interchange, or several. Generators are written as they come.
        out: Where the bytes go.
        faults: Takes a warning for each character that can't be sent and was replaced by a blank.

    Raises:
        UnsendableError: Such a character was met and `faults` is None.
    """
    if isinstance(source, Reader):
        out.writelines(
            (segment.gap + segment.text + segment.end).encode("latin-1")
            for segment in source.segments()
        )
        out.write(source.tail.encode("latin-1"))
        return
    for interchange in [source] if isinstance(source, NewInterchange) else source:
        _InterchangeWriter(interchange, out, faults).write()


class _InterchangeWriter:
    """Writes one interchange and counts what it writes."""

    def __init__(
        self, interchange: NewInterchange, out: BinaryIO, faults: list[Fault] | None
    ) -> None:
        self._interchange = interchange
        self._out = out
        self._faults = faults
        self._delimiters = interchange.delimiters
        self._unsendable = re.compile(rf"[^\x20-\x7e]|[{re.escape(self._delimiters.characters)}]")
        self._index = 0
        self._segment_id = "ISA"
        self._group: NewGroup | None = None
        self._transaction: NewTransaction | None = None

    def write(self) -> None:
        self._write_header()
        for acknowledgement in self._interchange.acknowledgements:
            self._write_segment(acknowledgement)
        groups = 0
        for groups, group in enumerate(self._interchange.groups, 1):  # noqa: B007 counts them
            self._write_group(group)
        self._write_segment(("IEA", str(groups), f"{self._interchange.control:09}"))

    def _write_header(self) -> None:
        interchange, marks = self._interchange, self._delimiters
        values = (
            *("00", " " * 10, "00", " " * 10),
            *(interchange.sender[0].ljust(2), self._clean(interchange.sender[1], 6).ljust(15)),
            *(interchange.receiver[0].ljust(2), self._clean(interchange.receiver[1], 8).ljust(15)),
            *(f"{interchange.at:%y%m%d}", f"{interchange.at:%H%M}"),
            *(marks.repetition or "U", "00501", f"{interchange.control:09}"),
            *("01"[interchange.is_ta1_requested], "PT"[interchange.is_test], marks.component),
        )
        self._put(marks.element.join(("ISA", *values)))

    def _write_group(self, group: NewGroup) -> None:
        self._group = group
        at = group.at
        self._write_segment(
            (
                *("GS", group.functional_id, group.sender, group.receiver),
                *(f"{at:%Y%m%d}", f"{at:%H%M}", str(group.control), "X", group.version),
            )
        )
        count = 0
        for count, transaction in enumerate(group.transactions, 1):  # noqa: B007 counts them
            self._write_transaction(transaction)
        self._write_segment(("GE", str(count), str(group.control)))
        self._group = None

    def _write_transaction(self, transaction: NewTransaction) -> None:
        self._transaction = transaction
        start = self._index
        self._write_segment(("ST", transaction.st, transaction.control, transaction.guide))
        for segment in transaction.segments:
            self._write_segment(segment)
        self._write_segment(("SE", str(self._index - start + 1), transaction.control))
        self._transaction = None

    def _write_segment(self, segment: SegmentData) -> None:
        marks = self._delimiters
        self._segment_id = str(segment[0])
        values = [
            element if isinstance(element, str) else self._join(element) for element in segment
        ]
        if self._unsendable.search("".join(_list_texts(segment))):
            values = [self._to_text(element, number) for number, element in enumerate(segment)]
        self._put(marks.element.join(values).rstrip(marks.element))

    def _join(self, element: tuple[str | tuple[str, ...], ...]) -> str:
        """Return a composite or the repetitions of an element as text."""
        marks = self._delimiters
        if isinstance(element, Repeat):
            if not marks.repetition and len(element) > 1:
                raise ValueError("These delimiters have no repetition separator.")
            parts = [one if isinstance(one, str) else self._join(one) for one in element]
            return marks.repetition.join(parts)
        return marks.component.join(map(str, element)).rstrip(marks.component)

    def _to_text(self, element: ElementData | tuple[str, ...], number: int) -> str:
        """Return an element with what can't be sent taken out of it."""
        if isinstance(element, str):
            return self._clean(element, number)
        if isinstance(element, Repeat):
            return self._join(Repeat(self._to_text(one, number) for one in element))
        return self._join(tuple(self._clean(part, number) for part in element))

    def _put(self, text: str) -> None:
        marks = self._delimiters
        self._index += 1
        self._out.write((text + marks.segment + marks.line_end).encode("latin-1"))

    def _clean(self, text: str, number: int) -> str:
        """Return the text with a blank for each character that can't be sent, and say so."""
        if not self._unsendable.search(text):
            return text
        fault = Fault(
            level="warning",
            code="character-replaced",
            message="Data holds a delimiter, a control character or a character outside ASCII.",
            fix="Take the character out of the data; X12 has no way to send it.",
            interchange=f"{self._interchange.control:09}",
            group=None if self._group is None else str(self._group.control),
            transaction=None if self._transaction is None else self._transaction.control,
            segment_index=self._index + 1,
            segment=self._segment_id,
            element=number,
            x12="IK403:6",
        )
        if self._faults is None:
            raise UnsendableError([fault])
        self._faults.append(fault)
        return self._unsendable.sub(" ", text)


def _list_texts(segment: SegmentData) -> Iterator[str]:
    """Yield every piece of data of a segment."""
    for element in segment:
        if isinstance(element, str):
            yield element
        else:
            for part in element:
                yield from (part,) if isinstance(part, str) else part
