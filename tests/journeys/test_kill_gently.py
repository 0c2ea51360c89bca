"""SIGTERM stops a listener, a server and a worker in order; each answers what it has in hand."""

from __future__ import annotations

import datetime as dt
import http.client
import json
import re
import signal
import socket
import time
import urllib.parse
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from access import service as access
from audit.service import load_public_key, reading, verify_store, writing
from config import clock
from encounters import service
from gateways.hl7.service import MllpClient, read_ack
from office.demo import feeds
from office.demo.world import make_world
from tests.factories.access import make_assertion, make_form, make_jwks
from tests.factories.installation import make_installation
from tests.factories.kills import Command, find_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.actor import Actor
    from tests.factories.installation import Installation

pytestmark = pytest.mark.journey
LARGE = 50 * 1024 * 1024
MEMORY_MARGIN = 40 * 1024 * 1024


@pytest.fixture
def installation(
    database_urls: tuple[str, str], key_folder: Path, actor: Actor, tmp_path: Path
) -> Installation:
    return make_installation(tmp_path / "site", database_urls[0], keys=key_folder, actor=actor)


@pytest.fixture(scope="module")
def messages() -> list[bytes]:
    return feeds.write_hl7_day(make_world(1, dt.date(2026, 9, 15)))[:10]


def check_sealed(installation: Installation) -> None:
    """Hold that the log has every entry, before anything else makes one."""
    with installation.opened() as database:
        verdict = verify_store(database, load_public_key(installation.keys / "audit-public.key"))
    assert verdict.holds, verdict
    assert not verdict.unsealed


def memory_peak(pid: int) -> int:
    """Return the most memory that a process ever had, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) * 1024


def ask(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def wait_until_served(port: int, server: Command) -> None:
    deadline = time.monotonic() + 60
    while True:
        assert server.wait(0) is None, server.text
        assert time.monotonic() < deadline, server.text
        try:
            if ask(port, "/healthz")[0] == 200:
                return
        except OSError:
            time.sleep(0.05)


def test_listener_prints_its_port_and_ends_in_order(
    installation: Installation, messages: list[bytes]
) -> None:
    listener = Command(installation, ("mllp", "--port", "0"), is_executed=True)
    said = listener.wait_for("stop with Ctrl-C")
    found = re.search(r"127\.0\.0\.1:(\d+)", said)
    assert found
    with MllpClient("127.0.0.1", int(found[1])) as client:
        for message in messages:
            client.send_only(message)  # not waiting: answers are still due when it is told to stop
        answers = [read_ack(client.receive())]
        assert listener.send(signal.SIGTERM) == 0, listener.text
    assert answers[0] is not None
    assert "Traceback" not in listener.text
    check_sealed(installation)
    with (
        installation.opened() as database,
        reading(database, installation.actor, purpose="payment") as session,
    ):
        assert service.list_messages(session)


@pytest.fixture
def server(installation: Installation) -> Iterator[tuple[Command, int]]:
    port = find_port()
    running = Command(installation, ("serve", "--port", str(port)), is_executed=True)
    wait_until_served(port, running)
    yield running, port
    running.kill()


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_server_ends_in_order_with_its_log_sealed(
    installation: Installation, server: tuple[Command, int], messages: list[bytes]
) -> None:
    """Jobs that other commands left are done beside the pages; the last round seals the log."""
    command, port = server
    path = installation.home.parent / "day.hl7"
    path.write_bytes(b"\r".join(messages))
    assert Command(installation, ("intake", "hl7", str(path))).wait() == 0
    assert ask(port, "/fhir/R4/metadata")[0] == 200
    assert command.send(signal.SIGTERM) == 0, command.text
    assert "Traceback" not in command.text
    check_sealed(installation)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_worker_ends_in_order(installation: Installation) -> None:
    worker = Command(installation, ("worker",))
    worker.wait_for("doing waiting jobs")
    assert worker.send(signal.SIGTERM) == 0, worker.text
    assert "Traceback" not in worker.text
    check_sealed(installation)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_50_megabytes_over_http_are_refused_with_flat_memory(
    installation: Installation, server: tuple[Command, int]
) -> None:
    command, port = server
    children = Path(f"/proc/{command.pid}/task/{command.pid}/children").read_text().split()
    worker = int(children[0])
    before = memory_peak(worker)
    token = fetch_token(installation, port)
    for is_chunked in (False, True):
        status, body = _post_large(port, token, is_chunked=is_chunked)
        assert status == 413, (is_chunked, body)
        assert json.loads(body)["resourceType"] == "OperationOutcome"
    assert memory_peak(worker) - before < MEMORY_MARGIN
    assert ask(port, "/healthz")[0] == 200


def fetch_token(installation: Installation, port: int) -> str:
    """Register an API client and get it a token of the running server."""
    with (
        installation.opened() as database,
        writing(database, installation.actor, purpose="operations") as session,
    ):
        client = access.add_client(session, "ehr", jwks=make_jwks(), now=clock.now())
    form = make_form(make_assertion(client.client_id, int(clock.true_now().timestamp())))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(
        "POST",
        "/oauth/token",
        urllib.parse.urlencode(form),
        {"Content-Type": "application/x-www-form-urlencoded"},
    )
    token: str = json.load(connection.getresponse())["access_token"]
    connection.close()
    return token


def _post_large(port: int, token: str, *, is_chunked: bool) -> tuple[int, bytes]:
    """Send 50 MB, or as much of it as the server reads before it answers."""
    length = "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {LARGE}"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as stream:
        stream.sendall(
            b"POST /fhir/R4 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            b"Content-Type: application/fhir+json\r\n"
            b"Authorization: Bearer " + token.encode() + b"\r\n" + length.encode() + b"\r\n\r\n"
        )
        part = b"A" * 65_536
        chunk = f"{len(part):x}\r\n".encode() + part + b"\r\n" if is_chunked else part
        try:
            for _ in range(LARGE // len(part)):
                stream.sendall(chunk)
            if is_chunked:
                stream.sendall(b"0\r\n\r\n")
        except OSError:
            pass  # it has heard enough
        answer = http.client.HTTPResponse(stream)
        answer.begin()
        return answer.status, answer.read()


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_50_megabytes_over_mllp_are_rejected_with_flat_memory(
    installation: Installation, messages: list[bytes]
) -> None:
    listener = Command(installation, ("mllp", "--port", str(port := find_port())))
    listener.wait_for("listening")
    with MllpClient("127.0.0.1", port) as client:
        client.send(messages[0])
    before = memory_peak(listener.pid)
    head = messages[1].split(b"\r")[0] + b"\rOBX|1|ED|"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as stream:
        stream.sendall(b"\x0b" + head)
        try:
            for _ in range(LARGE // 65_536):
                stream.sendall(b"A" * 65_536)
        except OSError:
            pass  # it has heard enough
        answer = read_ack(stream.recv(65_536).strip(b"\x0b\x1c\r"))
    assert answer is not None
    assert answer.code == "AR"
    assert "longer" in answer.text
    assert memory_peak(listener.pid) - before < MEMORY_MARGIN
    with MllpClient("127.0.0.1", port) as client:
        assert b"MSA|AA" in client.send(messages[2])
    assert listener.send(signal.SIGTERM) == 0
