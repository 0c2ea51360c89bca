"""The listener is killed at any moment: what it acknowledged is kept once and applied once.

The listener is a process of the `cleanclaim` command; the sender sends what wasn't acknowledged
again; what was acknowledged is held against the stored rows when the killing is over.
"""

from __future__ import annotations

import datetime as dt
import random
import signal
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from audit.service import load_public_key, reading, verify_store
from config.sealed import unseal
from encounters import service
from encounters.jobs.taking import make_handler
from encounters.models import MessageReceipt
from encounters.values import MessageState, VisitState
from gateways.hl7.service import peek
from office.demo import feeds
from office.demo.world import make_world
from patients.models import PatientRecord
from patients.values import PatientDetails
from tests.factories.installation import make_installation, yield_copies
from tests.factories.kills import Command, Sender, find_port, listen_and_acknowledge_first

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from uuid import UUID

    from config.actor import Actor
    from tests.factories.installation import Copies, Installation

pytestmark = pytest.mark.journey
POINTS = ("message-stored", "message-committed", "message-applied", "job-done")
LIFE_SECONDS = 0.35


@pytest.fixture
def installation(
    database_urls: tuple[str, str], key_folder: Path, actor: Actor, tmp_path: Path
) -> Installation:
    return make_installation(tmp_path / "first", database_urls[0], keys=key_folder, actor=actor)


@pytest.fixture(scope="module")
def messages() -> list[bytes]:
    return feeds.write_hl7_day(make_world(1, dt.date(2026, 9, 15)))


@pytest.fixture
def copies(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Copies]:
    yield from yield_copies(request, tmp_path)


def listen(installation: Installation, port: int, failpoint: str = "") -> Command:
    return Command(installation, ("mllp", "--port", str(port)), failpoint)


def read_messages(installation: Installation) -> list[tuple[Any, bytes]]:
    """Return every stored message with its bytes."""
    with (
        installation.opened() as database,
        reading(database, installation.actor, purpose="payment") as session,
    ):
        found = service.list_messages(session, limit=100_000)
        return [(each, service.read_message_bytes(session, each.id)) for each in found]


def read_outcome(installation: Installation) -> tuple[Counter[Any], Counter[Any]]:
    """Return what the messages came to: visits with their charges, and patients."""
    with (
        installation.opened() as database,
        reading(database, installation.actor, purpose="payment") as session,
    ):
        ids = [v for state in VisitState for v in service.list_visit_ids(session, state)]
        rows = session.scalars(select(PatientRecord)).all()
        people = {row.id: unseal(session, row, PatientDetails) for row in rows}
        visits = service.get_visits(session, ids).values()
        return (
            Counter(
                (
                    visit.state,
                    people[visit.patient_id].name,
                    visit.details.service_date,
                    tuple((c.code, c.units, c.service_date) for c in visit.details.charges),
                    tuple(c.code for c in visit.details.conditions),
                )
                for visit in visits
            ),
            Counter((p.name, p.birth_date, p.identifiers) for p in people.values()),
        )


def count_receipts(installation: Installation) -> Counter[UUID]:
    with (
        installation.opened() as database,
        reading(database, installation.actor, purpose="payment") as session,
    ):
        return Counter(session.scalars(select(MessageReceipt.message_id)))


def check_kept(installation: Installation, sender: Sender, messages: Sequence[bytes]) -> None:
    """Hold the sender's acknowledgements against the stored rows: none lost, none doubled."""
    sent = {peek(raw).control_id: raw for raw in messages}
    stored = read_messages(installation)
    by_id = {message.details.control_id: raw for message, raw in stored}
    lost = sorted(set(sender.acknowledged) - set(by_id))
    assert not lost, f"{len(lost)} messages were acknowledged and are not there"
    assert len(by_id) == len(stored), "a message is stored twice"
    for control_id, raw in by_id.items():
        assert raw == sent[control_id]
    receipts = count_receipts(installation)
    for message, _ in stored:
        acknowledged = sender.acknowledged.get(message.details.control_id, 0)
        assert 1 + receipts[message.id] >= acknowledged, "an acknowledged receipt is not noted"


def check_applied(installation: Installation, unkilled: Installation) -> None:
    """Hold what the messages came to against an installation that was never killed."""
    states = Counter(message.state for message, _ in read_messages(installation))
    assert set(states) == {MessageState.APPLIED}, states
    assert read_outcome(installation) == read_outcome(unkilled)


def finish(installation: Installation, port: int, sender: Sender) -> None:
    """Let the sender come to its end with a listener that lives, then stop it in order."""
    last = listen(installation, port)
    assert sender.has_sent_all.wait(60)
    sender.stop()
    deadline = time.monotonic() + 60
    while any(m.state is MessageState.RECEIVED for m, _ in read_messages(installation)):
        assert time.monotonic() < deadline, "kept messages stay unapplied"
        time.sleep(0.2)
    assert last.send(signal.SIGTERM) == 0, last.text
    assert "Traceback" not in last.text
    with installation.opened() as database:
        verdict = verify_store(database, load_public_key(installation.keys / "audit-public.key"))
    assert verdict.holds, verdict
    assert not verdict.unsealed, "the log isn't sealed after a stop in order"


@pytest.fixture
def unkilled(installation: Installation, messages: list[bytes], copies: Copies) -> Installation:
    """Take the same messages in once, in order, in a process that nobody kills."""
    made = copies.make(installation, "unkilled")
    with made.opened() as database:
        handler = make_handler(database, made.actor, made.settings)
        for raw in messages:
            handler(raw)
    assert made.drain() == (len(messages), 0)
    return made


@pytest.mark.parametrize("kills", [25, pytest.param(250, marks=pytest.mark.long)])
def test_killed_at_random_moments_loses_and_doubles_nothing(
    installation: Installation, unkilled: Installation, messages: list[bytes], kills: int
) -> None:
    chance = random.Random(f"listener {kills}")  # noqa: S311  # moments, not secrets
    port = find_port()
    sender = Sender(port, messages)
    sender.start()
    for number in range(kills):
        listener = listen(installation, port)
        if number % 4:  # the others die wherever they are, while they start or recover too
            listener.wait_for("listening")
        time.sleep(chance.uniform(0, LIFE_SECONDS))
        assert listener.kill(), listener.text
    finish(installation, port, sender)
    assert not sender.refused
    assert len(sender.acknowledged) == len(messages)
    check_kept(installation, sender, messages)
    check_applied(installation, unkilled)


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_each_failpoint_loses_and_doubles_nothing(
    installation: Installation,
    copies: Copies,
    messages: list[bytes],
    point: str,
) -> None:
    few = messages[:6]
    unkilled = copies.make(installation, "unkilled")
    with unkilled.opened() as database:
        handler = make_handler(database, unkilled.actor, unkilled.settings)
        for raw in few:
            handler(raw)
    unkilled.drain()
    port = find_port()
    sender = Sender(port, few)
    sender.start()
    for passes in (0, 2):
        listener = listen(installation, port, f"{point}:{passes}")
        assert listener.wait() == -signal.SIGKILL, listener.text
    finish(installation, port, sender)
    check_kept(installation, sender, few)
    check_applied(installation, unkilled)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_listener_that_acknowledges_before_it_commits_is_found_out(
    installation: Installation, messages: list[bytes]
) -> None:
    """The same check fails where the acknowledgement goes out first: so it can see a loss."""
    chance = random.Random("acknowledged first")  # noqa: S311  # as above
    port = find_port()
    sender = Sender(port, messages)
    sender.start()
    for _ in range(4):
        listener = Command(
            installation, ("mllp", "--port", str(port)), target=listen_and_acknowledge_first
        )
        listener.wait_for("listening")
        time.sleep(chance.uniform(0.2, LIFE_SECONDS))
        assert listener.kill(), listener.text
    sender.stop()
    assert sender.acknowledged
    with pytest.raises(AssertionError, match="were acknowledged and are not there"):
        check_kept(installation, sender, messages)
