"""An MLLP sender: sends, waits for the acknowledgement, sends again when none came."""

from __future__ import annotations

import socket
import time
from collections import deque
from typing import TYPE_CHECKING, Self

from gateways.hl7.framing import FrameReader, FrameTooLargeError, NoFrameError, frame

if TYPE_CHECKING:
    import ssl

_ACK_BYTES_MAX = 1_000_000


class MllpError(Exception):
    """No acknowledgement came: not reached, cut off, or too late. Send again."""


class MllpClient:
    """One connection that is opened when first needed and again after a fault.

    Attributes:
        host: The listener's address.
        port: The listener's port.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        timeout_seconds: float = 10.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self._timeout_seconds = timeout_seconds
        self._tls = tls
        self._stream: socket.socket | None = None
        self._reader = FrameReader(_ACK_BYTES_MAX)
        self._waiting: deque[bytes] = deque()

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection; the next send opens another."""
        if self._stream is not None:
            self._stream.close()
        self._stream = None
        self._reader = FrameReader(_ACK_BYTES_MAX)
        self._waiting.clear()

    def send(self, message: bytes) -> bytes:
        """Send one message and return its acknowledgement, both without framing.

        Raises:
            MllpError: None came; the listener may or may not have the message.
        """
        self.send_only(message)
        return self.receive()

    def send_only(self, message: bytes) -> None:
        """Send one message and do not wait.

        Raises:
            MllpError: It could not be sent whole.
        """
        try:
            self._connected().sendall(frame(message))
        except OSError as error:
            self.close()
            raise MllpError(f"not sent: {error}") from error

    def receive(self) -> bytes:
        """Return the next acknowledgement.

        Raises:
            MllpError: None came in time.
        """
        deadline = time.monotonic() + self._timeout_seconds
        while not self._waiting:
            try:
                self._waiting.extend(self._reader.feed(self._receive_some(deadline)))
            except (OSError, FrameTooLargeError, NoFrameError) as error:
                self.close()
                raise MllpError(f"no acknowledgement: {error}") from error
        return self._waiting.popleft()

    def send_until_acknowledged(
        self, message: bytes, *, tries: int = 5, pause_seconds: float = 0.2
    ) -> bytes:
        """Send, and send again on a new connection, until an acknowledgement comes.

        Raises:
            MllpError: None came in so many tries.
        """
        for attempt in range(1, tries + 1):
            try:
                return self.send(message)
            except MllpError:
                if attempt == tries:
                    raise
                time.sleep(pause_seconds)
        raise MllpError("no tries were allowed")

    def _connected(self) -> socket.socket:
        if self._stream is None:
            stream = socket.create_connection((self.host, self.port), self._timeout_seconds)
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                stream = self._tls.wrap_socket(stream, server_hostname=self.host)
            self._stream = stream
        return self._stream

    def _receive_some(self, deadline: float) -> bytes:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("too late")
        stream = self._connected()
        stream.settimeout(left)
        data = stream.recv(65_536)
        if not data:
            raise ConnectionError("closed by the listener")
        return data
