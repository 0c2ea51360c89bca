"""The `cleanclaim` command as processes that are killed, and a sender that doesn't give up."""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from config import clock
from gateways.hl7.service import MllpClient, MllpError, peek, read_ack, serve_mllp, write_ack
from tests.factories.installation import Installation

if TYPE_CHECKING:
    from collections.abc import Sequence


ROOT: Final = Path(__file__).parents[2]
SECONDS_MAX: Final = 60.0
# Loaded once in a server that forks, so that a kill costs a tenth of a second and not three.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [
        "web.cli",
        "web.background",
        "access.service",
        "audit.service",
        "encounters.cli",
        "encounters.jobs.taking",
        "claims.cli_remit",
        "claims.jobs.posting",
        "tests.factories.kills",
    ]
)


def run_command(words: tuple[str, ...]) -> None:
    """Be the command: what `bin/cleanclaim` does."""
    from web.cli import main  # noqa: PLC0415  # in the new process only

    sys.argv = ["cleanclaim", *words]
    main()


def listen_and_acknowledge_first(words: tuple[str, ...]) -> None:
    """Be a listener with a planted fault: it acknowledges, and commits a moment later."""
    from access.service import current_os_user, find_service_actor  # noqa: PLC0415  # here only
    from config.cli import Context  # noqa: PLC0415  # as above
    from encounters.jobs.taking import answer_hl7  # noqa: PLC0415  # as above
    from web.cli import WebRoof  # noqa: PLC0415  # as above

    obj = Context(WebRoof())
    actor = find_service_actor(obj.database, current_os_user(), None)
    taken: queue.Queue[bytes] = queue.Queue()

    def handle(raw: bytes) -> bytes:
        taken.put(raw)
        return write_ack(raw, code="AA", control_id="1", sent_at=clock.now())

    with serve_mllp("127.0.0.1", int(words[-1]), handle):
        sys.stdout.write("listening\n")
        while True:
            raw = taken.get()
            time.sleep(0.02)
            answer_hl7(obj.database, actor, obj.settings, raw)


def _become(
    target: Callable[[tuple[str, ...]], None],
    words: tuple[str, ...],
    environment: dict[str, str],
    output: str,
) -> None:
    """Run a target in the new process, its output in a file."""
    out = os.open(output, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    os.dup2(out, 1)
    os.dup2(out, 2)
    sys.stdout = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115  # for the process's life
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115  # as above
    os.environ.update(environment)
    os.chdir(ROOT)
    target(words)


@dataclass
class Command:
    """A running command; what it prints goes to a file.

    Attributes:
        is_executed: Started from nothing, as a person does, instead of forked from a process
            that has the modules loaded.
        target: What the forked process is: the command, or one with a planted fault.
    """

    installation: Installation
    words: tuple[str, ...]
    failpoint: str = ""
    is_executed: bool = False
    target: Callable[[tuple[str, ...]], None] = run_command
    output: Path = field(init=False)
    _forked: BaseProcess | None = None
    _executed: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        environment = self.installation.environment(self.failpoint)
        self.output = self.installation.home.parent / f"{self.words[0]}-{time.monotonic_ns()}.txt"
        if self.is_executed:
            with self.output.open("wb") as out:
                self._executed = subprocess.Popen(  # noqa: S603  # our own command
                    [sys.executable, "-c", "from web.cli import main; main()", *self.words],
                    cwd=ROOT,
                    env=os.environ | environment,
                    stdout=out,
                    stderr=out,
                )
            return
        self.output.touch()
        self._forked = _FORKS.Process(
            target=_become, args=(self.target, self.words, environment, str(self.output))
        )
        self._forked.start()

    @property
    def pid(self) -> int:
        found = self._forked.pid if self._forked else self._executed and self._executed.pid
        assert found
        return found

    @property
    def text(self) -> str:
        return self.output.read_text()

    def wait(self, seconds: float = SECONDS_MAX) -> int | None:
        """Return the exit status, negative for a signal's number; None if it still runs."""
        if self._forked is not None:
            self._forked.join(seconds)
            return self._forked.exitcode
        assert self._executed is not None
        try:
            return self._executed.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def send(self, number: signal.Signals) -> int:
        """Send a signal and return the exit status that follows."""
        if self.wait(0) is None:
            os.kill(self.pid, number)
        status = self.wait()
        assert status is not None, f"{self.words} still runs: {self.text}"
        return status

    def kill(self) -> bool:
        """Kill it at once; say whether it was still running."""
        return self.send(signal.SIGKILL) == -signal.SIGKILL

    def wait_for(self, words: str, seconds: float = SECONDS_MAX) -> str:
        """Wait until it has printed these words; return what it printed."""
        deadline = time.monotonic() + seconds
        while words not in (text := self.text):
            assert self.wait(0) is None, f"it ended: {text}"
            assert time.monotonic() < deadline, f"it said only: {text}"
            time.sleep(0.005)
        return text


def find_port() -> int:
    """Return a free port that no outgoing connection of this machine is given meanwhile."""
    for port in range(21_000 + os.getpid() % 5_000, 32_000):
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no port is free")


class Sender(threading.Thread):
    """An EHR that sends its messages in order, each until it is acknowledged, then all again.

    Attributes:
        acknowledged: By control id: how often it was acknowledged.
        refused: Acknowledgements that were not AA.
    """

    def __init__(self, port: int, messages: Sequence[bytes]) -> None:
        super().__init__(name="sender", daemon=True)
        self._client = MllpClient("127.0.0.1", port, timeout_seconds=5)
        self._messages = list(messages)
        self._stop_asked = threading.Event()
        self.has_sent_all = threading.Event()
        self.acknowledged: dict[str, int] = {}
        self.refused: list[str] = []

    def run(self) -> None:
        """Send until told to stop."""
        with self._client:
            while not self._stop_asked.is_set():
                for message in self._messages:
                    if not self._send(message):
                        return
                self.has_sent_all.set()

    def _send(self, message: bytes) -> bool:
        while not self._stop_asked.is_set():
            try:
                answer = read_ack(self._client.send(message))
            except MllpError:
                self._client.close()
                time.sleep(0.005)
                continue
            if answer is None or answer.code != "AA":
                self.refused.append(answer.code if answer else "none")
                return True
            control_id = peek(message).control_id
            assert answer.control_id == control_id
            self.acknowledged[control_id] = self.acknowledged.get(control_id, 0) + 1
            return True
        return False

    def stop(self) -> None:
        """Stop sending."""
        self._stop_asked.set()
        self.join(SECONDS_MAX)
        assert not self.is_alive()
