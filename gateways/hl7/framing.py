"""MLLP framing: finds messages in a stream of bytes that comes in any pieces.

Source:
    HL7 v2 Transport: MLLP Release 1 (0x0B message 0x1C 0x0D).
"""

from __future__ import annotations

from dataclasses import dataclass, field

START = b"\x0b"
END = b"\x1c"
_GARBAGE_MAX = 65_536


class FrameTooLargeError(Exception):
    """A frame passed its bound; `head` is its beginning, enough to answer it."""

    def __init__(self, head: bytes) -> None:
        self.head = head
        super().__init__("frame larger than allowed")


class NoFrameError(Exception):
    """So many bytes came outside any frame that the other side does not speak MLLP."""


def frame(message: bytes) -> bytes:
    """Return a message in its frame."""
    return START + message + END + b"\r"


@dataclass(slots=True)
class FrameReader:
    """Takes bytes as they come and gives back whole messages.

    Bytes outside a frame are skipped: senders put line ends there, and after a fault there may be
    the rest of a message whose sender will send it again.

    Attributes:
        frame_bytes_max: A longer frame raises; its bytes are not kept.
    """

    frame_bytes_max: int
    _buffer: bytearray = field(default_factory=bytearray)
    _searched: int = 0
    _skipped: int = 0

    @property
    def is_inside(self) -> bool:
        """Whether a frame has begun and not ended."""
        return self._buffer.startswith(START)

    @property
    def size(self) -> int:
        """How many bytes are held of a frame that has not ended."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """Return the messages that these bytes complete, in order.

        Raises:
            FrameTooLargeError: The frame that has begun is longer than allowed.
            NoFrameError: More than 64 KiB in a row lie outside any frame.
        """
        self._buffer += data
        messages: list[bytes] = []
        while self._skip_to_start():
            end = self._buffer.find(END, self._searched)
            if end < 0:
                self._searched = len(self._buffer)
            size = (end if end >= 0 else len(self._buffer)) - 1
            if size > self.frame_bytes_max:
                head = bytes(self._buffer[1:2_001])
                self._buffer.clear()
                raise FrameTooLargeError(head)
            if end < 0:
                break
            messages.append(bytes(self._buffer[1:end]))
            del self._buffer[: end + 1]
            self._searched = self._skipped = 0
        return messages

    def _skip_to_start(self) -> bool:
        """Drop what stands before the next frame; say whether one has begun."""
        start = self._buffer.find(START)
        dropped = start if start >= 0 else len(self._buffer)
        if dropped:
            self._skipped += dropped
            del self._buffer[:dropped]
            self._searched = 0
        if start < 0 and self._skipped > _GARBAGE_MAX:
            raise NoFrameError
        return start >= 0
