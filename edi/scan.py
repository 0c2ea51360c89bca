"""Bytes to segments: finds each ISA, takes its delimiters, cuts what follows.

No byte is lost: each belongs to a segment (its text, the `gap` before it, its `end`), to the `tail`
of the file, or to a fault. Memory holds one chunk, however long the file or a transaction in it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from edi.isa import HEADER, HEADER_CHARS_MAX, check_isa, read_isa
from edi.standard import known_id
from edi.values import Fault, Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edi.values import Delimiters

CHUNK_BYTES = 1 << 18
SEGMENT_CHARS_MAX = 1 << 20
GAP_CHARS_MAX = 1 << 16
BLANKS = " \t\r\n"
BYTE_ORDER_MARK = "\xef\xbb\xbf"


class Scanner:
    """Cuts one file into segments, in one pass.

    Args:
        stream: The file, opened in binary.
        report: Called with each fault, as soon as it is found.
        on_progress: Called now and then with the number of bytes read so far.
    """

    def __init__(
        self,
        stream: BinaryIO,
        *,
        report: Callable[[Fault], None],
        on_progress: Callable[[int], None] | None = None,
    ) -> None:
        self.bytes_read = 0
        self.tail = ""
        self._stream = stream
        self._report = report
        self._on_progress = on_progress
        self._text = ""
        self._at = 0
        self._is_over = False
        self._gap = ""
        self._is_gap_text = False
        self._gap_bytes = 0
        self._index = 0
        self._control: str | None = None
        self._is_at_header = False
        self._is_blank_said = False

    def segments(self) -> Iterator[Segment]:
        """Yield every segment of the file in order, the envelope's too."""
        while self._seek_header():
            header = self._read_header()
            if header is None:
                continue
            yield header
            for fault in check_isa(header):
                self._tell(fault)
            yield from self._read_body(header.delimiters)
        self.tail = self._gap

    # ----------------------------------------------------------------- input

    def _fill(self) -> bool:
        """Add the next chunk to the text not yet used; return whether there was one."""
        if self._is_over:
            return False
        chunk = self._stream.read(CHUNK_BYTES)
        if not chunk:
            self._is_over = True
            return False
        self.bytes_read += len(chunk)
        self._text = self._text[self._at :] + chunk.decode("latin-1")
        self._at = 0
        if self._on_progress is not None:
            self._on_progress(self.bytes_read)
        return True

    def _add_gap(self, text: str) -> None:
        """Keep what stands between segments; long runs of other text are only counted."""
        self._gap_bytes += len(text)
        bare = text.removeprefix(BYTE_ORDER_MARK) if self._gap_bytes == len(text) else text
        self._is_gap_text = self._is_gap_text or bool(bare.strip(BLANKS))
        if len(self._gap) + len(text) <= GAP_CHARS_MAX:
            self._gap += text

    def _take_gap(self) -> str:
        gap, self._gap = self._gap, ""
        self._is_gap_text = False
        self._gap_bytes = 0
        return gap

    # ---------------------------------------------------------------- header

    def _seek_header(self) -> bool:
        """Move to the next ISA; say what stood before it. Return False at the end of the file."""
        while True:
            found = HEADER.search(self._text, self._at)
            stop = found.start() if found else max(self._at, len(self._text) - 3)
            self._add_gap(self._text[self._at : stop])
            self._at = stop
            if found:
                break
            if not self._fill():
                self._add_gap(self._text[self._at :])
                self._at = len(self._text)
                break
        self._report_gap(is_at_end=not found)
        return bool(found)

    def _report_gap(self, *, is_at_end: bool) -> None:
        is_first = self._index == 0
        if is_first and is_at_end and self._is_gap_text:
            self._tell(_NOT_X12)
        elif is_first and is_at_end:
            self._tell(_EMPTY)
        elif self._is_gap_text:
            where = "before the first ISA" if is_first else "after an IEA"
            self._tell(
                Fault(
                    code="text-outside",
                    message=f"{self._gap_bytes} bytes stand outside any interchange ({where}).",
                    fix="Remove the text, or send it as an interchange, from ISA to IEA.",
                )
            )
        elif is_first and self._gap:
            self._tell(_LEADING_BLANK)

    def _read_header(self) -> Segment | None:
        """Take the ISA at hand and its delimiters; None if it can't be used."""
        while len(self._text) - self._at < HEADER_CHARS_MAX and self._fill():
            pass
        found = read_isa(self._text[self._at : self._at + HEADER_CHARS_MAX])
        self._index += 1
        if isinstance(found, Fault):
            self._control = None
            self._tell(found)
            # Step over its id; what follows is text outside any interchange.
            self._add_gap(self._text[self._at : self._at + 3])
            self._at += 3
            return None
        text, delimiters = found
        header = Segment(text, self._index, delimiters, self._take_gap())
        self._control = header[13].strip()
        self._at += len(text) + 1
        return header

    # ------------------------------------------------------------------ body

    def _read_body(self, delimiters: Delimiters) -> Iterator[Segment]:
        """Yield what follows an ISA, up to its IEA, the next ISA or the end of the file."""
        self._is_blank_said = False
        while (block := self._next_block(delimiters)) is not None:
            yield from self._cut(block, delimiters)
            if self._is_at_header:
                return
        last = self._take_last(delimiters)
        if last is not None:
            yield last

    def _next_block(self, delimiters: Delimiters) -> str | None:
        """Take as many whole segments as are at hand, but not the IEA; None if there are none."""
        while True:
            trailer = self._find_trailer(delimiters)
            if trailer == self._at:
                return None
            stop = self._text.rfind(delimiters.segment, self._at) + 1 if trailer < 0 else trailer
            if stop > self._at:
                block = self._text[self._at : stop - 1]
                self._at = stop
                return block
            if len(self._text) - self._at > SEGMENT_CHARS_MAX or not self._fill():
                return None

    def _find_trailer(self, delimiters: Delimiters) -> int:
        """Return where the piece that holds the IEA starts, -1 if none is at hand."""
        text, mark, found = self._text, "IEA" + delimiters.element, self._at - 1
        while (found := text.find(mark, found + 1)) >= 0:
            start = found
            while start > self._at and text[start - 1] in BLANKS.replace(delimiters.segment, ""):
                start -= 1
            if start == self._at or text[start - 1] == delimiters.segment:
                return start
        return -1

    def _cut(self, block: str, delimiters: Delimiters) -> Iterator[Segment]:
        """Yield the segments of a block; stop where another ISA starts in it."""
        self._is_at_header = False
        start = self._at - len(block) - 1
        gap = self._take_gap()
        pieces = block.split(delimiters.segment)
        for number, piece in enumerate(pieces):
            text = piece
            if piece[:1] <= " ":
                text = piece.lstrip(BLANKS)
                gap += piece[: len(piece) - len(text)]
                self._check_gap(gap, delimiters)
                if not text:
                    gap += delimiters.segment
                    self._check_empty(delimiters)
                    continue
            if text[:3] == "ISA" and HEADER.match(text):
                # The interchange before has no IEA; from here the new header's delimiters count.
                before = sum(map(len, pieces[:number])) + number
                self._at = start + before + len(piece) - len(text)
                self._is_at_header = True
                break
            self._index += 1
            yield Segment(text, self._index, delimiters, gap)
            gap = ""
        self._add_gap(gap)

    def _take_last(self, delimiters: Delimiters) -> Segment | None:
        """Take the IEA, or what the file broke off with; None if there is neither."""
        while (stop := self._text.find(delimiters.segment, self._at)) < 0:
            if len(self._text) - self._at > SEGMENT_CHARS_MAX or not self._fill():
                stop = len(self._text)
                break
        glued = HEADER.search(self._text, self._at, stop)
        stop = glued.start() if glued else stop
        piece = self._text[self._at : stop]
        text = piece.strip(BLANKS)
        if not text:
            self._add_gap(piece)
            self._at = stop
            return None
        if len(text) > SEGMENT_CHARS_MAX:
            self._tell(_TOO_LONG)
            return None
        is_ended = glued is None and stop < len(self._text)
        lead = piece.index(text)
        self._add_gap(piece[:lead])
        self._index += 1
        text = piece[lead:] if is_ended else text
        end = delimiters.segment if is_ended else ""
        segment = Segment(text, self._index, delimiters, self._take_gap(), end)
        self._at += lead + len(text) + len(end)
        if not is_ended:
            self._say_unended(segment)
        return segment

    # ---------------------------------------------------------------- faults

    def _check_gap(self, gap: str, delimiters: Delimiters) -> None:
        """Say once an interchange that blanks stand between segments (line ends are silent)."""
        if not self._is_blank_said and gap.strip("\r\n" + delimiters.segment):
            self._is_blank_said = True
            self._tell(_BLANK_BETWEEN)

    def _check_empty(self, delimiters: Delimiters) -> None:
        if delimiters.segment not in "\r\n":
            self._tell(_EMPTY_SEGMENT)

    def _say_unended(self, segment: Segment) -> None:
        self._tell(
            Fault(
                level="warning" if segment.id == "IEA" else "error",
                code="terminator-missing",
                message="The last segment has no terminator.",
                fix="Send the whole file; end each segment, the last too, with the terminator.",
                segment=known_id(segment),
                x12="TA105:004",
            )
        )

    def _tell(self, fault: Fault) -> None:
        """Report a fault at the segment that was read last."""
        self._report(replace(fault, interchange=self._control, segment_index=self._index or None))


_NOT_X12 = Fault(
    code="not-x12",
    message="The file holds no ISA segment: it is not X12.",
    fix="Send the X12 file itself: plain text (not UTF-16, zipped or encrypted) that starts with"
    " ISA.",
)
_EMPTY = Fault(code="empty-file", message="The file is empty.", fix="Send the file again.")
_LEADING_BLANK = Fault(
    level="info",
    code="leading-blank",
    message="The file starts with a byte order mark or blank lines; they were skipped.",
    fix="Start the file with ISA: many receivers refuse anything before it.",
)
_BLANK_BETWEEN = Fault(
    level="info",
    code="blank-between",
    message="Blanks or tabs stand between segments; they were skipped.",
    fix="Put nothing, or only a line end, after the segment terminator.",
)
_EMPTY_SEGMENT = Fault(
    code="segment-empty",
    message="Two terminators follow each other: there is an empty segment.",
    fix="Remove the empty segment.",
    x12="IK304:1",
)
_TOO_LONG = Fault(
    code="segment-too-long",
    message=f"No segment terminator within {SEGMENT_CHARS_MAX:,} characters.",
    fix="End each segment with the terminator that stands after ISA16.",
    x12="TA105:004",
)
