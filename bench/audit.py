"""The audit log: how fast entries become durable, are sealed into the log, and are verified."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final
from uuid import UUID

from audit import models, verifier
from audit.rules.notes import SigningKey
from audit.service import BATCH_MAX, export, integrate, record_entries, seal_entry, verify_store
from audit.values import EventClass
from bench.values import Measured
from config.db import Base
from config.ddl import make_append_only
from config.ids import PracticeId
from config.keyring import Keyring
from config.keyring_table import WrappedKey
from config.tenancy import Database

if TYPE_CHECKING:
    from collections.abc import Callable

ENTRIES: Final = 100_000
SINGLES: Final = 1_000
BATCH: Final = 100
PRACTICE: Final = PracticeId(UUID("01920000-0000-7000-8000-00000000000a"))
PAYLOAD: Final = b'{"v":1,"actor":{"kind":"person","id":"0192"},"purpose":"payment","rows":{}}' * 3
KEY: Final = SigningKey("cleanclaim/audit/bench", b"s" * 32)


def measure() -> list[Measured]:
    """Measure appending, sealing and verifying on SQLite with `synchronous=FULL`."""
    with TemporaryDirectory(prefix="cleanclaim-bench-") as folder:
        database = _open(Path(folder))
        try:
            return _measure(database, Path(folder))
        finally:
            database.dispose()


def _open(folder: Path) -> Database:
    database = Database(
        f"sqlite:///{folder}/audit.db", keyring=Keyring(bytes(range(32)), bytes(range(1, 33)))
    )
    tables = (
        WrappedKey,
        models.AuditEntry,
        models.AuditPending,
        models.AuditLeaf,
        models.AuditCheckpoint,
    )
    with database.engine.begin() as connection:
        Base.metadata.create_all(
            connection, [Base.metadata.tables[t.__tablename__] for t in tables]
        )
        for table in ("audit_entry", "audit_leaf", "audit_checkpoint"):
            make_append_only(connection, table)
    return database


def _measure(database: Database, folder: Path) -> list[Measured]:
    def append(count: int) -> None:
        with database.session(PRACTICE, is_writing=True) as session, session.begin():
            record_entries(
                session,
                [seal_entry(session, PRACTICE, EventClass.READ, PAYLOAD) for _ in range(count)],
            )

    append(1)
    singles = _rate(SINGLES, lambda: append(1), SINGLES)
    batched = _rate(ENTRIES, lambda: append(BATCH), ENTRIES // BATCH)
    total = SINGLES + ENTRIES + 1
    sealed = _rate(total, lambda: integrate(database, KEY))
    verified = _rate(total, lambda: _must_hold(verify_store(database, KEY.public).holds))
    out = folder / "bundle"
    export(database, PRACTICE, out, KEY.public)
    with out.open("rb") as bundle:
        alone = _rate(total, lambda: _must_hold(verifier.verify(bundle, None, None).holds))
    return [
        _line("append, 1 a commit", singles, 1_000, "encrypted, durable (SQLite FULL)"),
        _line(f"append, {BATCH} a commit", batched, 10_000, "encrypted, durable (SQLite FULL)"),
        _line("seal into the log", sealed, 10_000, f"≤{BATCH_MAX} a signed checkpoint"),
        _line("verify the store", verified, 100_000, f"{total} entries, without secrets"),
        _line("verify a bundle", alone, 100_000, f"{total} entries with payloads, one file"),
    ]


def _rate(count: int, work: Callable[[], object], times: int = 1) -> float:
    start = time.perf_counter()
    for _ in range(times):
        work()
    return count / (time.perf_counter() - start)


def _must_hold(holds: bool) -> None:  # noqa: FBT001  # one value, named by the function
    if not holds:
        raise RuntimeError("the log does not hold")


def _line(name: str, rate: float, bar: float, note: str) -> Measured:
    return Measured(
        name=f"audit: {name}",
        ours=rate,
        theirs=None,
        unit="entries/s",
        ratio=None,
        bar=bar,
        higher_is_better=True,
        note=note,
    )
