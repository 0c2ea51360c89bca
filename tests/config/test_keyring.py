from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from config import clock
from config.envelope import SealBrokenError
from config.key_files import KeyFileError, make_key_files
from config.keyring import CHUNK_BYTES, Cell, Keyring
from config.keyring_table import Purpose, WrappedKey
from config.registry import COLUMNS, TABLES, UnknownNameError, column_number, table_number

if TYPE_CHECKING:
    from config.ids import PracticeId
    from config.tenancy import Database

FOLDER = Path(__file__).parent / "vectors"
VECTORS: dict[str, Any] = json.loads((FOLDER / "look_up.json").read_text("utf-8"))
RING = Keyring(bytes.fromhex(VECTORS["root"]), bytes.fromhex(VECTORS["index"]))
PRACTICE = UUID(VECTORS["practice"])
ROW = UUID("01920000-0000-7000-8000-0000000000ff")


def fresh() -> Keyring:
    return Keyring(bytes.fromhex(VECTORS["root"]), bytes.fromhex(VECTORS["index"]))


def cell(practice_id: UUID, version: int = 1) -> Cell:
    return Cell(practice_id, "message", "payload", ROW, version)


# Look-up keys


def test_look_up_keys_are_what_they_were() -> None:
    for v in VECTORS["unique"]:
        found = RING.unique_key(PRACTICE, v["table"], v["column"], v["value"])
        assert found.hex() == v["key"]
    for v in VECTORS["search"]:
        assert RING.search_key(PRACTICE, v["table"], v["column"], v["token"]) == v["key"]
    for v in VECTORS["day"]:
        day = dt.date.fromisoformat(v["day"])
        assert RING.day_key(PRACTICE, v["table"], day).hex() == v["key"]


def test_spellings_of_one_identifier_share_its_key() -> None:
    assert len({v["key"] for v in VECTORS["unique"]}) == 1


def test_look_up_keys_differ_by_practice_table_column_and_use() -> None:
    other = UUID(int=PRACTICE.int + 1)
    keys = {
        RING.unique_key(PRACTICE, "patient", "mrn", "1"),
        RING.unique_key(other, "patient", "mrn", "1"),
        RING.unique_key(PRACTICE, "coverage", "mrn", "1"),
        RING.unique_key(PRACTICE, "patient", "member", "1"),
        RING.unique_key(PRACTICE, "patientm", "rn", "1"),
    }
    assert len(keys) == 5


# The practice's keys


def test_a_value_sealed_in_one_process_opens_in_another(
    database: Database, practice_id: PracticeId
) -> None:
    with database.session(practice_id, is_writing=True) as session, session.begin():
        sealed = fresh().encrypt(session, cell(practice_id), b"secret")
    with database.session(practice_id) as session:
        assert fresh().decrypt(session, cell(practice_id), sealed) == b"secret"
        with pytest.raises(SealBrokenError):
            fresh().decrypt(session, cell(practice_id, 2), sealed)


def test_another_practice_cannot_open_a_value(
    database: Database, practice_id: PracticeId, other_practice_id: PracticeId
) -> None:
    ring = fresh()
    with database.session(practice_id, is_writing=True) as session, session.begin():
        sealed = ring.encrypt(session, cell(practice_id), b"secret")
    with database.session(other_practice_id) as session, pytest.raises(SealBrokenError):
        ring.decrypt(session, cell(other_practice_id), sealed)


def test_a_key_of_a_change_that_was_rolled_back_seals_nothing_more(
    database: Database, practice_id: PracticeId
) -> None:
    ring = fresh()
    with database.session(practice_id, is_writing=True) as session:
        ring.encrypt(session, cell(practice_id), b"lost")
        session.rollback()
    with database.session(practice_id, is_writing=True) as session:
        with session.begin():
            ring.encrypt(session, cell(practice_id), b"lost")
            session.rollback()
        with session.begin():
            sealed = ring.encrypt(session, cell(practice_id), b"kept")
    with database.session(practice_id) as session:
        assert fresh().decrypt(session, cell(practice_id), sealed) == b"kept"


def test_a_key_made_inside_a_savepoint_that_was_rolled_back_seals_nothing_more(
    database: Database, practice_id: PracticeId
) -> None:
    ring = fresh()
    with database.session(practice_id, is_writing=True) as session, session.begin():
        inner = session.begin_nested()
        ring.encrypt(session, cell(practice_id), b"lost")
        inner.rollback()
        with session.begin_nested():
            sealed = ring.encrypt(session, cell(practice_id), b"kept")
        again = ring.encrypt(session, cell(practice_id), b"kept")
    with database.session(practice_id) as session:
        assert fresh().decrypt(session, cell(practice_id), sealed) == b"kept"
        assert fresh().decrypt(session, cell(practice_id), again) == b"kept"


def test_each_purpose_and_epoch_has_its_own_key(
    database: Database, practice_id: PracticeId
) -> None:
    ring = fresh()
    start = dt.datetime(2026, 9, 15, 12, tzinfo=dt.UTC)
    with database.session(practice_id, is_writing=True) as session, session.begin():
        with clock.frozen_at(start):
            old = ring.encrypt(session, cell(practice_id), b"old")
        for days in (0, 0, 95):
            with clock.frozen_at(start + dt.timedelta(days=days)):
                ring.encrypt(session, cell(practice_id), b"new")
                ring.encrypt(session, cell(practice_id), b"audit", purpose=Purpose.AUDIT)
        rows = session.execute(
            select(WrappedKey.purpose, func.count()).group_by(WrappedKey.purpose)
        ).all()
        assert {row[0]: row[1] for row in rows} == {"kek": 1, "field": 2, "audit": 2}
    with database.session(practice_id) as session:
        assert ring.decrypt(session, cell(practice_id), old) == b"old"


def test_a_wrapped_key_moved_to_another_practice_or_purpose_does_not_open(
    database: Database,
    practice_id: PracticeId,
    other_practice_id: PracticeId,
) -> None:
    with database.session(practice_id, is_writing=True) as session, session.begin():
        sealed = fresh().encrypt(session, cell(practice_id), b"secret")
    for change in ({"practice_id": other_practice_id}, {"purpose": "blob"}, {"epoch": 1}):
        with database.session(practice_id, is_writing=True) as session, session.begin():
            session.connection().execute(
                update(WrappedKey).where(WrappedKey.purpose == "field").values(**change)
            )
            with pytest.raises(SealBrokenError):
                fresh().decrypt(session, cell(practice_id), sealed)
            session.rollback()


def test_another_root_key_opens_nothing(database: Database, practice_id: PracticeId) -> None:
    with database.session(practice_id, is_writing=True) as session, session.begin():
        sealed = fresh().encrypt(session, cell(practice_id), b"secret")
    thief = Keyring(bytes(range(1, 33)), bytes(32))
    with database.session(practice_id) as session, pytest.raises(SealBrokenError):
        thief.decrypt(session, cell(practice_id), sealed)


def test_a_blob_opens_only_whole_and_in_order(database: Database, practice_id: PracticeId) -> None:
    ring, place = fresh(), Cell(practice_id, "blob_chunk", "chunk", ROW, 1)
    with database.session(practice_id, is_writing=True) as session, session.begin():
        for size in (0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES):
            blob = bytes(n % 251 for n in range(size))
            chunks = ring.encrypt_blob(session, place, blob)
            assert ring.decrypt_blob(session, place, chunks) == blob
            for wrong in (chunks[:-1], [*chunks, chunks[-1]], chunks[1:] + chunks[:1]):
                if wrong != chunks:
                    with pytest.raises(SealBrokenError):
                        ring.decrypt_blob(session, place, wrong)


# Key files


def test_key_files_are_made_once_and_for_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    paths = make_key_files(folder)
    assert [oct(path.stat().st_mode & 0o777) for path in [folder, *paths]] == [
        "0o700",
        "0o600",
        "0o600",
    ]
    Keyring.load(folder)
    with pytest.raises(KeyFileError, match="already"):
        make_key_files(folder)


def test_missing_and_weak_keys_are_refused_with_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    with pytest.raises(KeyFileError, match="cleanclaim keys make"):
        Keyring.load(folder)
    root, index = make_key_files(folder)
    good = root.read_bytes()
    for weak in (b"", good[:31], good + b"x", bytes(32), b"ab" * 16):
        root.write_bytes(weak)
        with pytest.raises(KeyFileError, match="keys make"):
            Keyring.load(folder)
    root.write_bytes(good)
    index.unlink()
    with pytest.raises(KeyFileError, match="cleanclaim keys make"):
        Keyring.load(folder)


def test_keys_that_others_can_read_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    root, _index = make_key_files(folder)
    root.chmod(0o640)
    with pytest.raises(KeyFileError, match="chmod 0600"):
        Keyring.load(folder)
    root.chmod(0o600)
    folder.chmod(0o755)
    with pytest.raises(KeyFileError, match="chmod 0700"):
        Keyring.load(folder)


def test_keys_inside_the_data_folder_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "home" / "keys"
    make_key_files(folder)
    with pytest.raises(KeyFileError, match="CLEANCLAIM_KEYS"):
        Keyring.load(folder, home=tmp_path / "home")


# The registry


def test_registry_numbers_are_those_that_were_frozen() -> None:
    frozen = json.loads((FOLDER / "registry.json").read_text("utf-8"))
    assert frozen["tables"].items() <= TABLES.items()
    assert frozen["columns"].items() <= COLUMNS.items()


def test_no_registry_number_is_given_twice() -> None:
    for numbers in (TABLES, COLUMNS):
        assert len(set(numbers.values())) == len(numbers)
        assert all(0 < number < 2**16 for number in numbers.values())


def test_a_name_without_a_number_says_where_to_add_it() -> None:
    for look_up in (table_number, column_number):
        with pytest.raises(UnknownNameError, match=r"config/registry\.py"):
            look_up("nobody")
