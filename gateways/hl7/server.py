"""An MLLP listener: one thread a connection, messages of a connection answered in order."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, Self

from config.clock import now
from config.finding import Finding
from gateways.hl7.acknowledging import write_ack
from gateways.hl7.framing import FrameReader, FrameTooLargeError, NoFrameError, frame

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

_CHUNK: Final = 65_536
_POLL_SECONDS: Final = 0.5
_DRAIN_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """Bounds of a listener.

    Attributes:
        frame_bytes_max: A longer message is rejected while it comes, without being kept.
        connections_max: More are closed at once.
        idle_seconds: A connection without a message is closed after so long.
        frame_seconds: A message that has begun must end within so long.
        held_bytes_max: Of all connections' unfinished messages together.
    """

    frame_bytes_max: int = 10_000_000
    connections_max: int = 200
    idle_seconds: float = 300.0
    frame_seconds: float = 60.0
    held_bytes_max: int = 200_000_000


DEFAULT_LIMITS: Final = ServerLimits()


class Report(Protocol):
    """Told of what a listener sees: an event's name and, if any, the error. Never PHI."""

    def __call__(self, event: str, error: BaseException | None = None, /) -> None:
        """Take note."""


def _ignore(event: str, error: BaseException | None = None, /) -> None:
    """Take no note."""


class MllpServer:
    """A listener that is running; `port` is the one it got.

    A message is answered only when its handler has returned: when the handler raises or returns
    None the connection closes without an answer, and the sender sends again.
    """

    def __init__(
        self,
        listener: socket.socket,
        handle: Callable[[bytes], bytes | None],
        *,
        limits: ServerLimits,
        tls: ssl.SSLContext | None,
        report: Report,
    ) -> None:
        self._listener = listener
        self._handle = handle
        self._limits = limits
        self._tls = tls
        self._report = report
        self._stopping = threading.Event()
        self._connections: dict[threading.Thread, socket.socket] = {}
        self._held: dict[threading.Thread, int] = {}
        self._lock = threading.Lock()
        self.port: int = listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, name="mllp-accept", daemon=True)
        self._acceptor.start()

    def __enter__(self) -> Self:
        """Return the running listener."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()

    def wait(self, timeout_seconds: float | None = None) -> bool:
        """Block until the listener is stopped; say whether it was."""
        return self._stopping.wait(timeout_seconds)

    def stop(self, *, timeout_seconds: float = 10.0) -> bool:
        """Take no more messages, let those in hand be answered; say whether all were in time."""
        self._stopping.set()
        self._acceptor.join(timeout_seconds)
        self._listener.close()
        deadline = time.monotonic() + timeout_seconds
        with self._lock:
            threads = list(self._connections)
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    @property
    def connection_count(self) -> int:
        """How many senders are connected."""
        with self._lock:
            return len(self._connections)

    def _accept(self) -> None:
        self._listener.settimeout(_POLL_SECONDS / 5)
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError as error:
                if self._stopping.is_set():
                    return
                self._report("accept-failed", error)
                time.sleep(_POLL_SECONDS / 5)
                continue
            self._begin(connection)

    def _begin(self, connection: socket.socket) -> None:
        thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
        with self._lock:
            is_full = len(self._connections) >= self._limits.connections_max
            if not is_full:
                self._connections[thread] = connection
        if is_full:
            self._report("connection-refused")
            connection.close()
            return
        thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            connection.settimeout(_POLL_SECONDS)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            stream = self._secure(connection)
            with stream:
                self._converse(stream)
        except (OSError, NoFrameError) as error:
            self._report("connection-broken", error)
        except BaseException as error:  # noqa: BLE001  # a handler's fault ends one connection only
            self._report("handler-failed", error)
        finally:
            connection.close()
            with self._lock:
                self._connections.pop(threading.current_thread(), None)
                self._held.pop(threading.current_thread(), None)

    def _secure(self, connection: socket.socket) -> socket.socket:
        if self._tls is None:
            return connection
        connection.settimeout(self._limits.frame_seconds)
        stream = self._tls.wrap_socket(connection, server_side=True)
        stream.settimeout(_POLL_SECONDS)
        return stream

    def _converse(self, stream: socket.socket) -> None:
        reader = FrameReader(self._limits.frame_bytes_max)
        began = time.monotonic()
        while not (self._stopping.is_set() and not reader.is_inside):
            allowed = self._limits.frame_seconds if reader.is_inside else self._limits.idle_seconds
            if time.monotonic() - began > allowed:
                self._report("frame-timeout" if reader.is_inside else "idle-timeout")
                return
            data = _receive(stream)
            if data is None:
                continue
            if not data:
                self._report("connection-cut" if reader.is_inside else "connection-closed")
                return
            was_inside = reader.is_inside
            count = self._take(stream, reader, data)
            if count is None or not self._has_room(reader.size):
                return
            if count or (reader.is_inside and not was_inside):
                began = time.monotonic()

    def _has_room(self, size: int) -> bool:
        """Note what this connection holds; say whether all together stay within the bound."""
        with self._lock:
            self._held[threading.current_thread()] = size
            has_room = sum(self._held.values()) <= self._limits.held_bytes_max
        if not has_room:
            self._report("memory-full")
        return has_room

    def _take(self, stream: socket.socket, reader: FrameReader, data: bytes) -> int | None:
        """Answer what these bytes complete; return how many, or None to close the connection."""
        try:
            messages = reader.feed(data)
        except FrameTooLargeError as error:
            self._refuse(stream, error.head)
            return None
        for message in messages:
            answer = self._handle(message)
            if answer is None:
                self._report("not-acknowledged")
                return None
            _send(stream, frame(answer), self._limits.frame_seconds)
        return len(messages)

    def _refuse(self, stream: socket.socket, head: bytes) -> None:
        """Reject an oversize message, then read on for a moment so that the answer arrives.

        Closing with unread bytes would reset the connection and could take the answer with it.
        """
        self._report("message-too-large")
        bound = self._limits.frame_bytes_max
        finding = Finding(
            "message-too-large",
            f"byte {bound + 1}",
            f"The message is longer than {bound:,} bytes.",
            "Send it in parts, or leave out embedded documents.",
        )
        answer = write_ack(head, code="AR", control_id="1", sent_at=now(), findings=[finding])
        _send(stream, frame(answer), self._limits.frame_seconds)
        if self._tls is None:
            stream.shutdown(socket.SHUT_WR)
        deadline = time.monotonic() + _DRAIN_SECONDS
        while time.monotonic() < deadline and _receive(stream) != b"":
            pass


def serve_mllp(
    host: str,
    port: int,
    handle: Callable[[bytes], bytes | None],
    *,
    limits: ServerLimits = DEFAULT_LIMITS,
    tls: ssl.SSLContext | None = None,
    report: Report = _ignore,
) -> MllpServer:
    """Listen; the socket takes connections when this returns.

    Args:
        host: Address to bind, such as `127.0.0.1`.
        port: 0 for any free one.
        handle: Gets a message without framing, returns its acknowledgement without framing; it is
            called from several threads.
        limits: Bounds of a connection and its messages.
        tls: For TLS: a server context; a client certificate may be required in it.
        report: Told of faults and closings.

    Raises:
        OSError: The address cannot be bound.
    """
    listener = socket.create_server((host, port), backlog=128)
    return MllpServer(listener, handle, limits=limits, tls=tls, report=report)


def _receive(stream: socket.socket) -> bytes | None:
    """Return what came, empty at the end, None if nothing came for a moment."""
    try:
        return stream.recv(_CHUNK)
    except TimeoutError:
        return None


def _send(stream: socket.socket, data: bytes, seconds: float) -> None:
    stream.settimeout(seconds)
    stream.sendall(data)
    stream.settimeout(_POLL_SECONDS)
