"""HL7 v2 intake: reading and checking a charge message, ours beside hl7apy on the same bytes."""

from __future__ import annotations

import itertools
import sqlite3
import time
import warnings
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from audit.service import writing
from bench.values import Measured
from config.db import make_engine
from config.ddl import harden
from config.ids import PracticeId, uuid7
from config.key_files import make_key_files
from config.keyring import Keyring
from config.settings import Settings
from config.tenancy import Database
from encounters.adapters_hl7 import to_intake
from encounters.jobs.taking import answer_hl7
from gateways.hl7.service import check_message, read_ack, read_message
from practice import service as practice
from practice.values import Feed, FeedId, FeedKind
from tests.factories.hl7 import long_charge_message
from tests.factories.practice import make_practice
from web.wiring import load_metadata

if TYPE_CHECKING:
    from collections.abc import Callable

_SECONDS: Final = 1.5
_RATIO_MIN: Final = 100.0
_DURABLE_RATIO_MIN: Final = 10.0
_ZONE: Final = ZoneInfo("America/Chicago")


def measure() -> list[Measured]:
    """Return messages a second: to the durable acknowledgement, and the parts it is made of."""
    raw = long_charge_message()
    note = f"DFT^P03, {raw.count(bytes([13]))} segments, {len(raw):,} bytes, one process"
    ours = per_second(lambda: _read_and_check(raw))
    theirs = per_second(lambda: _parse_with_hl7apy(raw))
    with TemporaryDirectory(prefix="cleanclaim-bench-") as folder:
        durable = _durable_acknowledgements(raw, Path(folder))
        peer = _durable_peer(raw, Path(folder))
    return [
        Measured(
            name="HL7 v2 to durable ACK",
            ours=durable,
            theirs=peer,
            unit="messages/s",
            ratio=durable / peer,
            bar=_DURABLE_RATIO_MIN,
            note=f"{note}; ours encrypted and audited; peer: hl7apy 1.3.5 parse + SQLite commit",
        ),
        Measured(
            name="HL7 v2 read and check",
            ours=ours,
            theirs=theirs,
            unit="messages/s",
            ratio=ours / theirs,
            bar=_RATIO_MIN,
            note=f"{note}; hl7apy 1.3.5 parse and validate",
        ),
        Measured(
            name="HL7 v2 read, check and turn into intake values",
            ours=per_second(lambda: _read_to_intake(raw)),
            theirs=None,
            unit="messages/s",
            ratio=None,
            bar=None,
            note=note,
        ),
    ]


def per_second(work: Callable[[], object]) -> float:
    """Return how often work is done in a second, warmed up, of at least one and a half."""
    work()
    count, began = 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < _SECONDS or count == 0:
        work()
        count += 1
    return count / spent


def _read_and_check(raw: bytes) -> None:
    message = read_message(raw).message
    if message is None or check_message(message):
        raise RuntimeError("the benchmark's message must be spotless")


def _read_to_intake(raw: bytes) -> None:
    message = read_message(raw).message
    if message is None or to_intake(message, time_zone=_ZONE).findings:
        raise RuntimeError("the benchmark's message must be spotless")


def _parse_with_hl7apy(raw: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from hl7apy.parser import parse_message  # noqa: PLC0415  # warns when imported

        if not parse_message(raw.decode(), find_groups=True).validate():
            raise RuntimeError("the benchmark's message must be spotless")


def _durable_acknowledgements(raw: bytes, folder: Path) -> float:
    """Return how many new messages a second one connection gets acknowledged, SQLite FULL."""
    make_key_files(folder / "keys")
    url = f"sqlite:///{folder}/ours.db"
    engine = make_engine(url)
    metadata = load_metadata()
    with engine.begin() as connection:
        metadata.create_all(connection)
        harden(connection, metadata)
    engine.dispose()
    database = Database(url, keyring=Keyring.load(folder / "keys"))
    actor = practice.open_practice(database, make_practice(PracticeId(uuid7())), os_user="bench")
    with writing(database, actor, purpose="operations") as session:
        practice.save_feed(session, Feed(FeedId(uuid7()), FeedKind.MLLP, "EHR|CLINIC", "EHR"))
    settings = Settings(folder, folder / "keys", url, url, url)
    numbers = itertools.count()

    def acknowledge() -> None:
        fresh = raw.replace(b"|MSG0001|", f"|M{next(numbers)}|".encode(), 1)
        ack = read_ack(answer_hl7(database, actor, settings, fresh))
        if ack is None or not ack.is_accepted:
            raise RuntimeError("the benchmark's message must be accepted")

    try:
        return per_second(acknowledge)
    finally:
        database.dispose()


def _durable_peer(raw: bytes, folder: Path) -> float:
    """Return how many messages a second hl7apy and a plain durable insert manage together."""
    with closing(sqlite3.connect(folder / "peer.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE message (id INTEGER PRIMARY KEY, body BLOB)")

        def keep() -> None:
            _parse_with_hl7apy(raw)
            connection.execute("INSERT INTO message (body) VALUES (?)", (raw,))

        return per_second(keep)
