from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from audit.models import AuditCheckpoint, AuditEntry, AuditLeaf, AuditPending
from audit.rules.notes import SigningKey
from audit.service import IntegratorThread, integrate, note, open_entry, reading, writing
from audit.values import EntryRow, EventClass, ReadingChangedError
from config.blobs import Blob, read_blob, store_blob
from config.db import make_engine
from config.ddl import APP_ROLE
from config.finding import Finding, RefusedError
from config.sealed import UnrecordedTouchError

if TYPE_CHECKING:
    from typing import Any

    from config.actor import Actor
    from config.tenancy import Database

KEY = SigningKey("cleanclaim/audit/test", b"s" * 32)


def entries(database: Database) -> list[tuple[int, dict[str, Any]]]:
    with database.session(None) as session:
        rows = session.execute(
            select(
                AuditEntry.id,
                AuditEntry.practice_id,
                AuditEntry.utc_ms,
                AuditEntry.event_class,
                AuditEntry.kid,
                AuditEntry.ciphertext,
            ).order_by(AuditEntry.id)
        ).all()
        return [(row.event_class, open_entry(session, EntryRow(*row))) for row in rows]


def test_what_was_written_and_its_entry_commit_together(database: Database, actor: Actor) -> None:
    with writing(database, actor, purpose="payment") as session:
        blob_id = store_blob(session, "message", b"MSH|^~\\&|")
        note(session, "message.stored", message=blob_id)
    [(event_class, entry)] = entries(database)
    assert event_class == EventClass.WRITE
    assert entry["actor"] == {"kind": "service", "id": actor.id.hex, "name": "tester"}
    assert entry["purpose"] == "payment"
    assert entry["outcome"] == "done"
    assert entry["rows"] == {"write": {"blob": [blob_id.hex]}}
    assert entry["events"] == [{"event": "message.stored", "message": str(blob_id)}]


def test_what_was_read_is_on_record_when_the_block_has_ended(
    database: Database, actor: Actor
) -> None:
    with writing(database, actor, purpose="payment") as session:
        blob_id = store_blob(session, "message", b"hello")
    with reading(database, actor, purpose="treatment") as session:
        content = read_blob(session, blob_id)
        assert len(entries(database)) == 1
    assert content == b"hello"
    event_class, entry = entries(database)[1]
    assert event_class == EventClass.READ
    assert entry["rows"] == {"read": {"blob": [blob_id.hex]}}


def test_a_block_that_touches_nothing_leaves_no_entry(database: Database, actor: Actor) -> None:
    with reading(database, actor, purpose="payment") as session:
        session.scalars(select(Blob)).all()
    with writing(database, actor, purpose="payment"):
        pass
    assert entries(database) == []


def test_a_failed_change_is_rolled_back_and_recorded_without_its_text(
    database: Database, actor: Actor
) -> None:
    def fail() -> None:
        with writing(database, actor, purpose="payment") as session:
            store_blob(session, "message", b"hello")
            raise ZeroDivisionError("Quimbycanary")

    with pytest.raises(ZeroDivisionError):
        fail()
    [(event_class, entry)] = entries(database)
    assert event_class == EventClass.FAILED
    assert entry["outcome"] == "failed ZeroDivisionError"
    assert "Quimbycanary" not in str(entry)
    with database.session(actor.practice_id) as session:
        assert session.scalar(select(func.count()).select_from(Blob)) == 0


def test_a_refusal_is_recorded_with_its_codes(database: Database, actor: Actor) -> None:
    def refuse() -> None:
        with writing(database, actor, purpose="payment"):
            raise RefusedError([Finding("npi-check-digit", "row 1", "wrong", "mend it")])

    with pytest.raises(RefusedError):
        refuse()
    assert [(c, e["outcome"]) for c, e in entries(database)] == [
        (EventClass.REFUSED, "refused npi-check-digit")
    ]


def test_a_session_opened_elsewhere_opens_no_payload(database: Database, actor: Actor) -> None:
    with writing(database, actor, purpose="payment") as session:
        blob_id = store_blob(session, "message", b"hello")
    with database.session(actor.practice_id) as bare, pytest.raises(UnrecordedTouchError):
        read_blob(bare, blob_id)


def test_a_reading_session_refuses_changes(database: Database, actor: Actor) -> None:
    def change() -> None:
        with reading(database, actor, purpose="payment") as session:
            session.add(Blob(kind="message"))

    with pytest.raises(ReadingChangedError):
        change()


def test_an_act_on_no_practice_is_recorded_too(database: Database, actor: Actor) -> None:
    nowhere = replace(actor, practice_id=None)
    with writing(database, nowhere, purpose="operations") as session:
        note(session, "installation.upgraded", version=1)
    [(_class, entry)] = entries(database)
    assert entry["practice"] is None
    assert integrate(database, KEY) == 1


def stop_the_log(url: str) -> None:
    """Make the log refuse entries, as a full disk or a lost right would."""
    owner = make_engine(url)
    with owner.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(
                text(
                    "CREATE TRIGGER planted BEFORE INSERT ON audit_entry "
                    "BEGIN SELECT RAISE(ABORT, 'planted'); END"
                )
            )
        else:
            connection.execute(text(f"REVOKE INSERT ON audit_entry FROM {APP_ROLE}"))
    owner.dispose()


def test_nothing_is_read_or_written_where_the_log_takes_no_entry(
    database: Database, database_urls: tuple[str, str], actor: Actor
) -> None:
    with writing(database, actor, purpose="payment") as session:
        blob_id = store_blob(session, "message", b"hello")
    stop_the_log(database_urls[1])
    handed_out = []

    def read() -> None:
        with reading(database, actor, purpose="payment") as session:
            content = read_blob(session, blob_id)
        handed_out.append(content)

    def write() -> None:
        with writing(database, actor, purpose="payment") as session:
            store_blob(session, "message", b"more")

    for work in (read, write):
        with pytest.raises(DBAPIError):
            work()
    assert handed_out == []
    with database.session(actor.practice_id) as session:
        assert session.scalars(select(Blob.id)).all() == [blob_id]


def test_each_entry_gets_one_place_however_often_it_is_integrated(
    database: Database, actor: Actor
) -> None:
    for number in range(5):
        with writing(database, actor, purpose="payment") as session:
            note(session, "test.counted", number=number)
    assert integrate(database, KEY) == 5
    assert integrate(database, KEY) == 0
    with writing(database, actor, purpose="payment") as session:
        note(session, "test.counted", number=5)
    assert integrate(database, KEY) == 1
    with database.session(None) as session:
        assert session.scalars(select(AuditLeaf.seq).order_by(AuditLeaf.seq)).all() == [*range(6)]
        assert session.scalars(select(AuditCheckpoint.size)).all() == [5, 6]
        assert session.scalar(select(func.count()).select_from(AuditPending)) == 0


def test_integrators_that_run_at_once_give_each_entry_one_place(
    database: Database, actor: Actor
) -> None:
    threads = [IntegratorThread(database, KEY, seconds=0.01) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(40):
        with writing(database, actor, purpose="payment") as session:
            note(session, "test.counted", number=number)
    for thread in threads:
        thread.stop()
    with database.session(None) as session:
        assert session.scalars(select(AuditLeaf.seq).order_by(AuditLeaf.seq)).all() == [*range(40)]


def test_the_application_can_change_nothing_in_the_log(database: Database, actor: Actor) -> None:
    with writing(database, actor, purpose="payment") as session:
        note(session, "test.counted", number=1)
    integrate(database, KEY)
    for statement in (
        "DELETE FROM audit_entry",
        "DELETE FROM audit_leaf",
        "DELETE FROM audit_checkpoint",
        "UPDATE audit_entry SET utc_ms = 1",
        "UPDATE audit_leaf SET seq = seq + 1",
        "UPDATE audit_checkpoint SET size = size + 1",
    ):
        with database.engine.connect() as connection, pytest.raises(DBAPIError):
            connection.execute(text(statement))


@pytest.mark.parametrize("engine_name", ["postgresql"])  # SQLite knows no rights
def test_the_applications_role_may_insert_and_read_only(database: Database) -> None:
    with database.engine.connect() as connection:
        for table in ("audit_entry", "audit_leaf", "audit_checkpoint"):
            held = {
                right
                for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER")
                if connection.scalar(
                    text("SELECT has_table_privilege(current_user, :table, :right)"),
                    {"table": table, "right": right},
                )
            }
            assert held == {"SELECT", "INSERT"}
