"""Bytes to segments: finds each ISA, takes its delimiters, cuts what follows.

No byte is lost: each belongs to a segment (its text, the `gap` before it, its `end`), to the `tail`
of the file, or to a fault. Memory holds one chunk, however long the file or a transaction in it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from edi.values import Delimiters, Fault, Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edi.values import Level

CHUNK_BYTES = 1 << 18
SEGMENT_CHARS_MAX = 1 << 20
GAP_CHARS_MAX = 1 << 16
HEADER_CHARS_MAX = 400
BLANKS = " \t\r\n"
BYTE_ORDER_MARK = "\xef\xbb\xbf"
ISA_WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the segment at hand, and the code that answers it."""

    segment: str | None = None
    element: int | None = None
    x12: str | None = None


_NOWHERE = _Place()
_HEADER = re.compile(r"ISA[^A-Za-z0-9 \t\r\n]")


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
            self._check_header(header)
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
            found = _HEADER.search(self._text, self._at)
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
        if self._is_gap_text:
            if self._index == 0 and is_at_end:
                self._say(
                    "not-x12",
                    "error",
                    "The file holds no ISA segment: it is not X12.",
                    "Send the X12 file itself: plain text (not UTF-16, zipped or encrypted) that"
                    " starts with ISA.",
                )
                return
            self._say(
                "text-outside",
                "error",
                f"{self._gap_bytes} bytes stand outside any interchange"
                f" ({'before the first ISA' if self._index == 0 else 'after an IEA'}).",
                "Remove the text, or send it as an interchange of its own, from ISA to IEA.",
            )
        elif self._index == 0 and is_at_end:
            self._say("empty-file", "error", "The file is empty.", "Send the file again.")
        elif self._index == 0 and self._gap:
            self._say(
                "leading-blank",
                "info",
                "The file starts with a byte order mark or blank lines; they were skipped.",
                "Start the file with ISA: many receivers refuse anything before it.",
            )

    def _read_header(self) -> Segment | None:
        """Take the ISA at hand and its delimiters; None if it can't be used."""
        while len(self._text) - self._at < HEADER_CHARS_MAX and self._fill():
            pass
        head = self._text[self._at : self._at + HEADER_CHARS_MAX]
        fields = head.split(head[3], 16)
        if len(fields) < 17 or len(fields[16]) < 2:
            self._refuse_header(
                "isa-truncated",
                "The ISA is cut short: it needs 16 elements and a terminator.",
                "Send the whole file; an ISA is exactly 106 characters long.",
                "TA105:024",
            )
            return None
        component, terminator = fields[16][0], fields[16][1]
        if terminator.isalnum() or terminator == " " or terminator == head[3]:
            self._refuse_header(
                "delimiter-terminator",
                "The character after ISA16 can't be a segment terminator.",
                "End the ISA with a terminator that is no letter, digit, blank or separator.",
                "TA105:004",
            )
            return None
        version = fields[12]
        repetition = fields[11] if version >= "00402" and _may_separate(fields[11]) else ""
        delimiters = Delimiters(head[3], component, repetition, terminator)
        text = head[: len(head) - len(fields[16]) + 1]
        self._index += 1
        header = Segment(text, self._index, delimiters, self._take_gap())
        self._control = header[13].strip()
        self._at += len(text) + 1
        return header

    def _refuse_header(self, code: str, message: str, fix: str, x12: str) -> None:
        """Say why an ISA can't be used and step over it; what follows is text outside."""
        self._control = None
        self._index += 1
        self._say(code, "error", message, fix, place=_Place("ISA", 16, x12))
        self._add_gap(self._text[self._at : self._at + 3])
        self._at += 3

    def _check_header(self, header: Segment) -> None:
        """Say what is wrong with the form of an ISA that can be read all the same."""
        wrong = [n for n, width in enumerate(ISA_WIDTHS, 1) if len(header[n]) != width]
        if wrong:
            self._say(
                "isa-length",
                "error",
                f"ISA{wrong[0]:02} is {len(header[wrong[0]])} characters long; it must be exactly"
                f" {ISA_WIDTHS[wrong[0] - 1]}.",
                "Pad ISA elements with blanks to their fixed width (106 characters in all).",
                place=_Place("ISA", wrong[0], "TA105:024"),
            )
        delimiters = header.delimiters
        if not delimiters.repetition and header[12] >= "00402":
            self._say(
                "repetition-separator",
                "warning",
                "ISA11 is no separator; the file is read without repeated elements.",
                "Put the repetition separator (as a rule ^) in ISA11.",
                place=_Place("ISA", 11, "TA105:016"),
            )
        marks = delimiters.characters
        if len(set(marks)) != len(marks) or not _may_separate(delimiters.component):
            self._say(
                "delimiter-component",
                "error",
                "The separators of the ISA must be four different characters, none a letter, digit"
                " or blank.",
                "Choose other separators; usual are * : ^ ~.",
                place=_Place("ISA", 16, "TA105:027"),
            )

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
            if text[:3] == "ISA" and _HEADER.match(text):
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
        glued = _HEADER.search(self._text, self._at, stop)
        stop = glued.start() if glued else stop
        piece = self._text[self._at : stop]
        text = piece.strip(BLANKS)
        if not text:
            self._add_gap(piece)
            self._at = stop
            return None
        if len(text) > SEGMENT_CHARS_MAX:
            self._say_too_long()
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
            self._say(
                "blank-between",
                "info",
                "Blanks or tabs stand between segments; they were skipped.",
                "Put nothing, or only a line end, after the segment terminator.",
            )

    def _check_empty(self, delimiters: Delimiters) -> None:
        if delimiters.segment not in "\r\n":
            self._say(
                "segment-empty",
                "error",
                "Two terminators follow each other: there is an empty segment.",
                "Remove the empty segment.",
                place=_Place(x12="IK304:1"),
            )

    def _say_too_long(self) -> None:
        self._say(
            "segment-too-long",
            "error",
            f"No segment terminator within {SEGMENT_CHARS_MAX} characters.",
            "End each segment with the terminator that stands after ISA16.",
            place=_Place(x12="TA105:004"),
        )

    def _say_unended(self, segment: Segment) -> None:
        self._say(
            "terminator-missing",
            "warning" if segment.id == "IEA" else "error",
            f"The last segment ({segment.id[:3]}) has no terminator.",
            "Send the whole file; end each segment, the last too, with the terminator.",
            place=_Place(segment.id[:3], None, "TA105:004"),
        )

    def _say(
        self, code: str, level: Level, message: str, fix: str, *, place: _Place = _NOWHERE
    ) -> None:
        self._report(
            Fault(
                level=level,
                code=code,
                message=message,
                fix=fix,
                interchange=self._control,
                segment_index=self._index or None,
                segment=place.segment,
                element=place.element,
                x12=place.x12,
            )
        )


def _may_separate(character: str) -> bool:
    return not character.isalnum() and character not in (" ", "")
