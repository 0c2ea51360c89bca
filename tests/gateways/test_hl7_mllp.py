"""The listener over real sockets on loopback: pieces, bursts, faults, bounds and a clean stop."""

from __future__ import annotations

import datetime as dt
import ipaddress
import resource
import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from gateways.hl7.acknowledging import read_ack, write_ack
from gateways.hl7.client import MllpClient, MllpError
from gateways.hl7.framing import FrameReader, FrameTooLargeError, NoFrameError, frame
from gateways.hl7.reading import peek
from gateways.hl7.server import ServerLimits, serve_mllp
from tests.factories.hl7 import AT, planned

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gateways.hl7.server import MllpServer

HOST = "127.0.0.1"
SMALL = ServerLimits(
    frame_bytes_max=100_000, connections_max=5, idle_seconds=0.7, frame_seconds=0.7
)


class Listener:
    """Acknowledges all that comes and remembers it."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.events: list[str] = []
        self.gate = threading.Event()
        self.gate.set()

    def handle(self, message: bytes) -> bytes | None:
        self.gate.wait(5)
        if b"|REFUSE|" in message:
            return None
        if b"|FAIL|" in message:
            raise RuntimeError("a fault of the handler")
        self.messages.append(message)
        return write_ack(message, code="AA", control_id="K", sent_at=AT)

    def report(self, event: str, _error: BaseException | None = None, /) -> None:
        self.events.append(event)

    def saw(self, event: str) -> bool:
        deadline = time.monotonic() + 5
        while event not in self.events and time.monotonic() < deadline:
            time.sleep(0.01)
        return event in self.events


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def server(listener: Listener) -> Iterator[MllpServer]:
    with serve_mllp(HOST, 0, listener.handle, limits=SMALL, report=listener.report) as running:
        yield running


def control_id(ack: bytes) -> str:
    found = read_ack(ack)
    assert found is not None
    return found.control_id


def test_message_is_handed_over_whole_and_acknowledged(
    server: MllpServer, listener: Listener
) -> None:
    with MllpClient(HOST, server.port) as client:
        assert control_id(client.send(planned())) == "MSG0001"
    assert listener.messages == [planned()]


def test_frames_back_to_back_are_answered_in_order(server: MllpServer) -> None:
    with MllpClient(HOST, server.port) as client:
        for number in range(50):
            client.send_only(planned(control_id=f"M{number}"))
        assert [control_id(client.receive()) for _ in range(50)] == [f"M{n}" for n in range(50)]


def test_frame_in_single_bytes_is_put_together(server: MllpServer, listener: Listener) -> None:
    with socket.create_connection((HOST, server.port)) as stream:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in frame(planned("ADT^A40")):
            stream.send(bytes([byte]))
        assert stream.recv(10).startswith(b"\x0bMSH")
    assert listener.messages == [planned("ADT^A40")]


def test_garbage_between_frames_is_skipped(server: MllpServer, listener: Listener) -> None:
    with socket.create_connection((HOST, server.port)) as stream:
        stream.sendall(b"\r\nhello\r\n" + frame(planned()) + b"noise" + frame(planned("ADT^A04")))
        received = b""
        while received.count(b"\x1c") < 2:
            received += stream.recv(4_096)
    assert len(listener.messages) == 2


def test_sender_that_does_not_speak_mllp_is_closed(server: MllpServer, listener: Listener) -> None:
    with socket.create_connection((HOST, server.port)) as stream:
        stream.sendall(b"GET / HTTP/1.1\r\n" * 6_000)
        assert listener.saw("connection-broken")
    assert listener.messages == []


def test_many_senders_at_once_are_all_answered(listener: Listener) -> None:
    def send(sender: int) -> list[str]:
        with MllpClient(HOST, running.port) as client:
            return [
                control_id(client.send(planned(control_id=f"S{sender}N{number}")))
                for number in range(10)
            ]

    with (
        serve_mllp(HOST, 0, listener.handle) as running,
        ThreadPoolExecutor(20) as senders,
    ):
        answers = list(senders.map(send, range(20)))
    assert answers == [[f"S{sender}N{number}" for number in range(10)] for sender in range(20)]
    assert len({peek(message).control_id for message in listener.messages}) == 200


def test_fifty_megabytes_are_rejected_without_taking_memory(
    server: MllpServer, listener: Listener
) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    head = planned(control_id="BIG")
    chunk = b"x" * 100_000
    received = b""
    with socket.create_connection((HOST, server.port)) as stream:
        stream.sendall(b"\x0b" + head)
        try:
            for _ in range(500):
                stream.sendall(chunk)
        except OSError:
            pass
        received = stream.recv(65_536)
    ack = read_ack(received)
    assert ack is not None
    assert (ack.code, ack.control_id) == ("AR", "BIG")
    assert "100,000" in ack.text
    assert listener.messages == []
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # KiB
    with MllpClient(HOST, server.port) as client:
        assert control_id(client.send(planned())) == "MSG0001"


def test_idle_sender_is_closed(server: MllpServer, listener: Listener) -> None:
    with socket.create_connection((HOST, server.port)) as stream:
        assert stream.recv(1) == b""
    assert listener.saw("idle-timeout")


def test_sender_that_does_not_end_its_frame_is_closed(
    server: MllpServer, listener: Listener
) -> None:
    with socket.create_connection((HOST, server.port)) as stream:
        stream.sendall(b"\x0bMSH")
        while not listener.events:
            stream.sendall(b"S")
            time.sleep(0.05)
    assert listener.saw("frame-timeout")
    assert listener.messages == []


def test_cut_off_frame_is_never_handed_over(server: MllpServer, listener: Listener) -> None:
    with socket.create_connection((HOST, server.port)) as stream:
        stream.sendall(frame(planned())[:-2])
    assert listener.saw("connection-cut")
    assert listener.messages == []


@pytest.mark.parametrize("word", ["REFUSE", "FAIL"])
def test_message_that_is_not_kept_is_not_acknowledged(
    server: MllpServer, listener: Listener, word: str
) -> None:
    with MllpClient(HOST, server.port) as client:
        with pytest.raises(MllpError):
            client.send(planned() + f"ZZZ|{word}|".encode())
        assert control_id(client.send(planned())) == "MSG0001"
    assert listener.messages == [planned()]
    assert listener.saw("not-acknowledged" if word == "REFUSE" else "handler-failed")


def test_connections_beyond_the_bound_are_closed_and_others_served(
    server: MllpServer, listener: Listener
) -> None:
    held = [socket.create_connection((HOST, server.port)) for _ in range(5)]
    try:
        deadline = time.monotonic() + 5
        while server.connection_count < 5 and time.monotonic() < deadline:
            time.sleep(0.01)
        with socket.create_connection((HOST, server.port)) as sixth:
            assert sixth.recv(1) == b""
        assert listener.saw("connection-refused")
        held[0].sendall(frame(planned()))
        assert held[0].recv(10).startswith(b"\x0bMSH")
    finally:
        for stream in held:
            stream.close()


def test_unfinished_messages_of_all_senders_share_one_bound(listener: Listener) -> None:
    limits = ServerLimits(held_bytes_max=150_000)
    with (
        serve_mllp(HOST, 0, listener.handle, limits=limits, report=listener.report) as server,
        socket.create_connection((HOST, server.port)) as one,
        socket.create_connection((HOST, server.port)) as two,
    ):
        one.sendall(b"\x0b" + b"x" * 100_000)
        time.sleep(0.2)
        two.sendall(b"\x0b" + b"x" * 100_000)
        assert listener.saw("memory-full")
        one.sendall(b"\x1c\r" + frame(planned()))
        assert one.recv(10).startswith(b"\x0bMSH")
    assert listener.messages[-1] == planned()


def test_stop_answers_what_is_in_hand_and_takes_no_more(listener: Listener) -> None:
    server = serve_mllp(HOST, 0, listener.handle)
    listener.gate.clear()
    with MllpClient(HOST, server.port) as client, ThreadPoolExecutor(1) as pool:
        client.send_only(planned())
        time.sleep(0.1)
        stopped = pool.submit(server.stop)
        time.sleep(0.1)
        listener.gate.set()
        assert control_id(client.receive()) == "MSG0001"
        assert stopped.result(5)
    with pytest.raises(MllpError):
        MllpClient(HOST, server.port).send(planned())


def test_client_sends_again_until_it_is_acknowledged(listener: Listener) -> None:
    refusals = iter([None, None])

    def handle(message: bytes) -> bytes | None:
        return next(refusals, listener.handle(message))

    with serve_mllp(HOST, 0, handle) as server, MllpClient(HOST, server.port) as client:
        assert control_id(client.send_until_acknowledged(planned(), pause_seconds=0)) == "MSG0001"


def test_client_gives_up_after_its_tries() -> None:
    with socket.create_server((HOST, 0)) as silent:
        client = MllpClient(HOST, silent.getsockname()[1], timeout_seconds=0.1)
        with pytest.raises(MllpError):
            client.send_until_acknowledged(planned(), tries=2, pause_seconds=0)
        client.close()


def test_messages_travel_over_tls(listener: Listener, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    inside.load_cert_chain(certificate)
    outside = ssl.create_default_context(cafile=str(certificate))
    with serve_mllp(HOST, 0, listener.handle, tls=inside, report=listener.report) as server:
        with MllpClient(HOST, server.port, tls=outside) as client:
            assert control_id(client.send(planned())) == "MSG0001"
        with pytest.raises(MllpError):
            MllpClient(HOST, server.port, timeout_seconds=1).send(planned())
    assert listener.messages == [planned()]


def make_certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    day = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(day)
        .not_valid_after(day + dt.timedelta(days=36_500))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    path = folder / "loopback.pem"
    pem = serialization.Encoding.PEM
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(pem)
    )
    return path


BODY = st.binary(max_size=40).map(lambda raw: raw.replace(b"\x0b", b"").replace(b"\x1c", b""))


@given(st.lists(BODY, max_size=6), st.data())
def test_frames_cut_anywhere_give_the_same_messages(
    bodies: list[bytes], data: st.DataObject
) -> None:
    stream = b"\r\n".join(frame(body) for body in bodies)
    reader = FrameReader(1_000)
    got: list[bytes] = []
    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        got += reader.feed(stream[:cut])
        stream = stream[cut:]
    assert got == bodies
    assert not reader.is_inside


def test_frame_reader_bounds_frames_and_garbage() -> None:
    reader = FrameReader(10)
    assert reader.feed(frame(b"0123456789")) == [b"0123456789"]
    with pytest.raises(FrameTooLargeError) as caught:
        reader.feed(b"\x0b0123456789A")
    assert caught.value.head == b"0123456789A"
    with pytest.raises(NoFrameError):
        FrameReader(10).feed(b"x" * 70_000)
