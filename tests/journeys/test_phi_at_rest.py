"""No demo patient's name, birth date, address or member id lies anywhere in the clear."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import sqlite3
import zlib
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from office.demo.feeds import write_hl7_day
from office.demo.world import make_world
from tests.factories.sweeping import Sweep, date_forms

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.journeys.conftest import Demo

pytestmark = pytest.mark.journey
DAY = dt.date(2026, 9, 15)
OPEN_FOLDERS = ("837", "999", "277", "835", "statements", "simulator")
CANARY = "Zephyrinus-Quillfeather"


@pytest.fixture(scope="module")
def secrets() -> list[str]:
    texts: list[str] = []
    for patient in make_world(1, DAY).patients:
        texts += [patient.name.family, patient.name.given, patient.address.line1]
        texts += [coverage.member_id for coverage in patient.coverages]
        texts += date_forms(patient.birth_date)
        if patient.guarantor is not None:
            texts.append(patient.guarantor.given)
    assert all(len(text) >= 7 for text in texts)
    return texts


@pytest.fixture(scope="module")
def sweep(secrets: list[str]) -> Sweep:
    return Sweep([*secrets, CANARY])


@pytest.fixture
def written(demo: Demo, tmp_path: Path) -> Iterator[Path]:
    """Yield the installation's root while its WAL holds a message that was just taken in."""
    source = tmp_path.parent / "again.hl7"
    source.write_bytes(write_hl7_day(make_world(1, DAY))[40])
    with closing(sqlite3.connect(demo.home / "cleanclaim.db")) as reader:
        reader.execute("SELECT count(*) FROM message").fetchone()  # keeps the WAL alive
        demo.run("intake", "hl7", str(source))  # a repeat: one more receipt and audit entry
        assert (demo.home / "cleanclaim.db-wal").stat().st_size > 0
        yield demo.home.parent


def _leave_out(demo: Demo) -> list[Path]:
    return [demo.home / name for name in OPEN_FOLDERS]


def test_nothing_lies_in_the_clear(demo: Demo, written: Path, sweep: Sweep) -> None:
    found = sweep.find_under(written, leaving_out=_leave_out(demo))
    assert found == {}


def test_the_open_folders_do_hold_them(demo: Demo, sweep: Sweep) -> None:
    """Negative control: the sweep sees what is there, the PDF's packed text aside."""
    assert len(sweep.find_under(demo.home / "837")) == len(list((demo.home / "837").iterdir()))


@pytest.mark.parametrize(
    "dressed",
    [
        CANARY.encode(),
        CANARY.lower().encode(),
        CANARY.encode("utf-16-le"),
        CANARY.encode("utf-16-be"),
        base64.b64encode(b"x" + CANARY.encode() + b"yz"),
        base64.b64encode(b"xy" + CANARY.encode() + b"z"),
        base64.b64encode(CANARY.encode()),
        CANARY.encode().hex().encode(),
        b"name=Zephyrinus%2DQuillfeather".replace(b"%2D", b"-"),
        gzip.compress(b"before " + CANARY.encode(), mtime=0),
        b"junk" + zlib.compress(b"<p>" + CANARY.encode() + b"</p>"),
    ],
    ids=lambda dressed: dressed[:8].hex(),
)
def test_the_sweep_finds_every_dress(sweep: Sweep, dressed: bytes) -> None:
    assert sweep.find_in(b"\x00\x01" + dressed + b"\xff") == {CANARY}


def test_a_canary_in_a_log_line_is_found(demo: Demo, sweep: Sweep) -> None:
    before = demo.log.read_bytes()
    demo.log.write_bytes(before + f'{{"event": "x", "name": "{CANARY}"}}\n'.encode())
    try:
        assert demo.log in sweep.find_under(demo.home.parent, leaving_out=_leave_out(demo))
    finally:
        demo.log.write_bytes(before)


def test_a_canary_in_a_temporary_file_is_found(demo: Demo, sweep: Sweep) -> None:
    planted = demo.temporary / "left-behind.tmp"
    planted.write_bytes(gzip.compress(CANARY.encode() * 3))
    try:
        assert planted in sweep.find_under(demo.home.parent, leaving_out=_leave_out(demo))
    finally:
        planted.unlink()


def test_a_canary_in_a_column_and_in_the_wal_is_found(
    demo: Demo, sweep: Sweep, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    with (
        closing(sqlite3.connect(demo.home / "cleanclaim.db")) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
    with closing(sqlite3.connect(copy)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("UPDATE job SET failure = ?", (CANARY,))
        database.commit()
        found = sweep.find_under(tmp_path)
        assert tmp_path / "copy.db-wal" in found
    assert copy in sweep.find_under(tmp_path)  # closing moved it from the WAL into the file


def test_a_deleted_value_leaves_no_trace(tmp_path: Path, sweep: Sweep) -> None:
    """`secure_delete` is on for every connection that the application opens."""
    from sqlalchemy import text  # noqa: PLC0415  # this test only

    from config.db import make_engine  # noqa: PLC0415  # this test only

    path = tmp_path / "deleted.db"
    engine = make_engine(f"sqlite:///{path}").execution_options(is_writing=True)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (v TEXT)"))
        connection.execute(text("INSERT INTO t VALUES (:v)"), {"v": CANARY * 50})
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM t"))
    engine.dispose()
    assert sweep.find_under(tmp_path) == {}
