"""Every byte of every column of a small store is flipped, one at a time, and each is found."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, text, update

from audit import verifier
from audit.models import AuditCheckpoint, AuditEntry, AuditLeaf, AuditPending
from audit.rules.notes import NoteError, SigningKey, read_checkpoint
from audit.rules.tree import Frontier, extend_log
from audit.service import export, integrate, note, proving, verify_store, writing
from audit.values import EntryRow, LogBrokenError
from config.db import Base, make_engine
from config.finding import MissingError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine, Table

    from audit.values import Verdict
    from config.actor import Actor
    from config.ids import PracticeId
    from config.tenancy import Database

KEY = SigningKey("cleanclaim/audit/test", b"s" * 32)
THIEF = SigningKey("cleanclaim/audit/test", b"t" * 32)
TABLES: dict[str, Table] = Base.metadata.tables


def add_entry(database: Database, actor: Actor, number: int) -> None:
    with writing(database, actor, purpose="payment") as session:
        note(session, "test.counted", number=number)


class Store(NamedTuple):
    """A log of four sealed entries under two checkpoints, and one that waits."""

    engine: Engine
    database: Database


@pytest.fixture
def store(
    database: Database, database_urls: tuple[str, str], actor: Actor, other_actor: Actor
) -> Iterator[Store]:
    add_entry(database, actor, 0)
    add_entry(database, other_actor, 1)
    add_entry(database, actor, 2)
    integrate(database, KEY)
    add_entry(database, actor, 3)
    integrate(database, KEY)
    add_entry(database, actor, 4)
    engine = make_engine(database_urls[1])
    yield Store(engine, database)
    engine.dispose()


@contextmanager
def tampering(engine: Engine) -> Iterator[Connection]:
    """Give a thief who owns the database a connection; what is done in it is undone."""
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]  # sqlite3's
            for name in connection.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            ).scalars():
                connection.execute(text(f"DROP TRIGGER {name}"))
        yield connection
        connection.rollback()


def verify(connection: Connection, key: SigningKey = KEY, older: bytes | None = None) -> Verdict:
    checkpoint = read_checkpoint(older, KEY.public) if older else None
    return proving._verify(connection, key.public, checkpoint)


def test_a_store_that_nobody_touched_holds_and_lists_what_is_not_sealed(store: Store) -> None:
    verdict = verify_store(store.database, KEY.public)
    assert verdict.holds
    assert (verdict.size, verdict.checkpoints, len(verdict.unsealed)) == (4, 2, 1)


def test_an_empty_store_holds(database: Database) -> None:
    verdict = verify_store(database, KEY.public)
    assert (verdict.holds, verdict.size) == (True, 0)


def flips(stored: object) -> Iterator[object]:
    """Yield a value with each of its bytes flipped."""
    if isinstance(stored, int):
        yield from (stored ^ (0x40 << 8 * place) for place in range(8))
    elif isinstance(stored, UUID):
        yield from (UUID(int=stored.int ^ (1 << 8 * place)) for place in range(16))
    elif isinstance(stored, bytes):
        for place in range(len(stored)):
            yield stored[:place] + bytes([stored[place] ^ 1]) + stored[place + 1 :]
    else:
        raise TypeError(type(stored))


def sealed_rows(connection: Connection, table: Table) -> list[Any]:
    statement = select(table).order_by(*table.primary_key.columns)
    rows = connection.execute(statement).all()
    return [row for row in rows if table.name != "audit_entry" or row != rows[-1]]


@pytest.mark.parametrize("name", ["audit_entry", "audit_leaf", "audit_checkpoint", "audit_pending"])
def test_a_flip_of_any_byte_of_any_column_is_found(store: Store, name: str) -> None:
    table, tried = TABLES[name], 0
    with tampering(store.engine) as connection:
        for place, row in enumerate(sealed_rows(connection, table)):
            own = [c == row._mapping[c] for c in table.primary_key.columns]
            for column in table.columns:
                for flipped in flips(row._mapping[column]):
                    savepoint = connection.begin_nested()
                    changed = connection.execute(
                        update(table).where(*own).values({column: flipped})
                    )
                    assert changed.rowcount == 1
                    verdict = verify(connection)
                    savepoint.rollback()
                    tried += 1
                    assert not verdict.holds, (place, column.name)
                    if name in {"audit_entry", "audit_leaf"}:
                        assert verdict.first_bad == place, (place, column.name)
        assert verify(connection).holds
    assert tried >= (16 if name == "audit_pending" else 300)


@pytest.mark.parametrize("engine_name", ["sqlite"])  # PostgreSQL stores no such thing
def test_an_id_stored_in_another_spelling_is_found(store: Store) -> None:
    with tampering(store.engine) as connection:
        for spelling in ("upper(id)", "id || ' '", "CAST(x'FF' AS TEXT)", "1"):
            savepoint = connection.begin_nested()
            connection.execute(
                text(
                    f"UPDATE audit_entry SET id = {spelling} "  # noqa: S608  # ours, above
                    "WHERE id = (SELECT entry_id FROM audit_leaf WHERE seq = 1)"
                )
            )
            assert verify(connection).first_bad == 1
            savepoint.rollback()


@pytest.mark.parametrize("engine_name", ["sqlite"])  # PostgreSQL stores no such thing
def test_a_value_of_another_kind_is_found(store: Store) -> None:
    with tampering(store.engine) as connection:
        for change in (
            "UPDATE audit_leaf SET header = 1 WHERE seq = 1",
            "UPDATE audit_leaf SET leaf_hash = 'x' WHERE seq = 1",
            "UPDATE audit_entry SET utc_ms = 'x'",
            "UPDATE audit_entry SET ciphertext = 1",
            "UPDATE audit_checkpoint SET note = 1",
            "UPDATE audit_checkpoint SET frontier = 'x'",
            "UPDATE audit_entry SET class = CAST(x'FF' AS TEXT)",
        ):
            savepoint = connection.begin_nested()
            connection.execute(text(change))
            assert not verify(connection).holds, change
            savepoint.rollback()


def leaf_ids(connection: Connection) -> list[UUID]:
    return list(connection.scalars(select(AuditLeaf.entry_id).order_by(AuditLeaf.seq)))


def test_a_deleted_entry_is_found_and_named(store: Store) -> None:
    for place in range(4):
        with tampering(store.engine) as connection:
            entry_id = leaf_ids(connection)[place]
            connection.execute(delete(AuditEntry).where(AuditEntry.id == entry_id))
            assert verify(connection).first_bad == place
            connection.execute(delete(AuditLeaf).where(AuditLeaf.entry_id == entry_id))
            verdict = verify(connection)
            assert not verdict.holds
            assert verdict.first_bad == (place if place < 3 else None)


def test_swapped_entries_are_found_and_named(store: Store) -> None:
    with tampering(store.engine) as connection:
        for seq, to in ((1, 99), (2, 1), (99, 2)):
            connection.execute(update(AuditLeaf).where(AuditLeaf.seq == seq).values(seq=to))
        assert verify(connection).first_bad == 1


def test_a_doubled_and_an_inserted_entry_are_found(store: Store) -> None:
    with tampering(store.engine) as connection:
        rows = connection.execute(select(TABLES["audit_entry"])).all()
        leaves = connection.execute(select(TABLES["audit_leaf"])).all()
        double = UUID(int=rows[1].id.int ^ 1)
        connection.execute(insert(AuditEntry), [{**rows[1]._mapping, "id": double}])
        assert not verify(connection).holds
        connection.execute(
            insert(AuditLeaf), [{**leaves[1]._mapping, "seq": 4, "entry_id": double}]
        )
        assert verify(connection).first_bad == 4


def test_an_entry_taken_out_of_the_queue_is_found(store: Store) -> None:
    with tampering(store.engine) as connection:
        connection.execute(delete(AuditPending))
        verdict = verify(connection)
        assert "neither in the log nor waiting" in verdict.others[0]


def test_a_log_cut_short_is_found(store: Store) -> None:
    with tampering(store.engine) as connection:
        connection.execute(delete(AuditLeaf).where(AuditLeaf.seq == 3))
        assert not verify(connection).holds
        connection.rollback()
    with tampering(store.engine) as connection:
        connection.execute(delete(AuditCheckpoint).where(AuditCheckpoint.size == 4))
        assert verify(connection).first_bad == 3


def test_a_deleted_checkpoint_is_missed(store: Store) -> None:
    for size in (3, 4):
        with tampering(store.engine) as connection:
            connection.execute(delete(AuditCheckpoint).where(AuditCheckpoint.size == size))
            assert f"checkpoint {size} is missing" in verify(connection).others


def test_a_log_rolled_back_whole_is_found_with_an_older_checkpoint(store: Store) -> None:
    with tampering(store.engine) as connection:
        older = connection.scalars(
            select(AuditCheckpoint.note).where(AuditCheckpoint.size == 4)
        ).one()
        last = leaf_ids(connection)[3]
        assert verify(connection, older=older).holds
        connection.execute(delete(AuditLeaf).where(AuditLeaf.seq == 3))
        connection.execute(delete(AuditEntry).where(AuditEntry.id == last))
        connection.execute(delete(AuditCheckpoint).where(AuditCheckpoint.size == 4))
        assert verify(connection).holds
        verdict = verify(connection, older=older)
        assert "rolled back" in verdict.others[0]


def rewrite(connection: Connection, key: SigningKey) -> None:
    """Change an entry, and compute all that hangs on it anew, as one who can sign would."""
    first = leaf_ids(connection)[0]
    connection.execute(update(AuditEntry).where(AuditEntry.id == first).values(utc_ms=1))
    entry = TABLES["audit_entry"]
    rows = [
        EntryRow(*connection.execute(select(entry).where(entry.c.id == entry_id)).one())
        for entry_id in leaf_ids(connection)
    ]
    frontier = Frontier()
    for size in (3, 4):
        for leaf in extend_log(frontier, rows[frontier.size : size]):
            connection.execute(
                update(AuditLeaf)
                .where(AuditLeaf.seq == leaf.seq)
                .values(header=leaf.header, leaf_hash=leaf.leaf_hash)
            )
        connection.execute(
            update(AuditCheckpoint)
            .where(AuditCheckpoint.size == size)
            .values(
                root=frontier.root(),
                frontier=frontier.pack(),
                note=key.sign(size, frontier.root()),
            )
        )


def test_a_log_rewritten_and_signed_with_another_key_is_found(store: Store) -> None:
    with tampering(store.engine) as connection:
        rewrite(connection, THIEF)
        assert verify(connection, THIEF).holds
        assert "another key" in verify(connection).others[0]


def test_a_log_rewritten_by_the_key_holder_is_found_with_an_older_checkpoint(store: Store) -> None:
    with tampering(store.engine) as connection:
        older = connection.scalars(
            select(AuditCheckpoint.note).where(AuditCheckpoint.size == 3)
        ).one()
        rewrite(connection, KEY)
        assert verify(connection).holds
        assert "not a prefix" in verify(connection, older=older).others[0]


def test_the_integrator_adds_nothing_to_a_log_that_it_did_not_sign(store: Store) -> None:
    with pytest.raises(LogBrokenError):
        integrate(store.database, THIEF)
    assert verify_store(store.database, KEY.public).holds
    assert integrate(store.database, KEY) == 1
    assert verify_store(store.database, KEY.public).unsealed == []


def test_a_checkpoint_of_another_log_is_refused(store: Store) -> None:
    with pytest.raises(NoteError):
        verify_store(store.database, KEY.public, checkpoint=THIEF.sign(1, bytes(32)))


def test_a_bundle_holds_all_headers_and_only_its_own_payloads(
    store: Store, practice_id: PracticeId, other_practice_id: PracticeId, tmp_path: Path
) -> None:
    integrate(store.database, KEY)
    own, other = tmp_path / "own.bundle", tmp_path / "other.bundle"
    assert export(store.database, practice_id, own, KEY.public) == 5
    assert export(store.database, other_practice_id, other, KEY.public) == 5
    with store.database.session(None) as session:
        rows = session.execute(select(AuditEntry.practice_id, AuditEntry.ciphertext)).all()
    for owner, ciphertext in rows:
        assert (ciphertext in own.read_bytes()) == (owner == practice_id)
        assert (ciphertext in other.read_bytes()) == (owner == other_practice_id)
    with own.open("rb") as stream:
        report = verifier.verify(stream, verifier.read_key(KEY.public.to_text()), None)
    assert report.holds
    assert (report.size, report.own) == (5, 4)
    assert [path.name for path in tmp_path.glob("*.part")] == []


def test_an_empty_log_has_no_bundle(
    database: Database, practice_id: PracticeId, tmp_path: Path
) -> None:
    with pytest.raises(MissingError):
        export(database, practice_id, tmp_path / "out", KEY.public)
