"""Code releases on disk: one immutable SQLite file each, and the pointer that says which hold.

A file is built aside, checked, flushed, renamed and never written again; every process opens it
read-only and may keep it open. The pointer is a small JSON file, replaced whole; undo restores
what it said before. Nothing here touches the main database.
"""

from __future__ import annotations

import atexit
import contextlib
import datetime as dt
import fcntl
import json
import os
import sqlite3
import tempfile
from dataclasses import asdict
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from coding.rules.codes import read_references
from coding.values import CodeSystem, Release

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from coding.importers.rows import CodeFile

POINTER = "in-force.json"
UNDO_STEPS_MAX = 50
_SCHEMA = """
CREATE TABLE release (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE code (
  plain TEXT PRIMARY KEY, code TEXT NOT NULL, title TEXT NOT NULL, kind TEXT NOT NULL,
  parent TEXT NOT NULL, billable INTEGER NOT NULL, effective_from TEXT NOT NULL,
  effective_to TEXT NOT NULL, place INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX code_parent ON code (parent, place);
CREATE TABLE note (
  id INTEGER PRIMARY KEY, owner TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL
);
CREATE INDEX note_owner ON note (owner);
CREATE TABLE excludes1 (owner TEXT NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL, note INTEGER);
CREATE INDEX excludes1_owner ON excludes1 (owner);
"""


class ReleaseOverlapError(ValueError):
    """A release was to come into force on days that another of its system already has."""


def write_release(folder: Path, book: CodeFile, release: Release) -> None:
    """Write a release file aside, check it and rename it into place.

    Raises:
        sqlite3.DatabaseError: The file that was written does not hold what it should.
    """
    folder.mkdir(parents=True, exist_ok=True)

    def fill(connection: sqlite3.Connection) -> None:
        connection.executescript(_SCHEMA)
        _fill(connection, book, release)
        count = connection.execute(
            "SELECT count(*) FROM code WHERE kind NOT IN ('chapter', 'section')"
        ).fetchone()[0]
        if count != release.rows:
            raise sqlite3.DatabaseError(f"{count} codes stored, {release.rows} read")

    write_aside(folder / release.file, fill)


def write_aside(path: Path, fill: Callable[[sqlite3.Connection], None]) -> None:
    """Build a SQLite file beside its place, check it, flush it to disk and rename it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".building-", suffix=".sqlite")
    os.close(handle)
    try:
        connection = sqlite3.connect(name)
        try:
            connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
            with connection:
                fill(connection)
            if connection.execute("PRAGMA quick_check").fetchone()[0] != "ok":
                raise sqlite3.DatabaseError("quick_check failed")
        finally:
            connection.close()
        os.chmod(name, 0o444)  # noqa: PTH101  # the name is a string from mkstemp
        _flush(name)
        os.replace(name, path)  # noqa: PTH105  # the name is a string from mkstemp
        _flush(str(path.parent))
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)  # noqa: PTH108  # the name is a string from mkstemp


def _flush(path: str) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _fill(connection: sqlite3.Connection, book: CodeFile, release: Release) -> None:
    connection.executemany("INSERT INTO release VALUES (?, ?)", _to_json(release).items())
    connection.executemany(
        "INSERT INTO code VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                row.plain,
                row.code,
                row.title,
                row.kind,
                row.parent,
                row.billable,
                row.effective_from.isoformat(),
                row.effective_to.isoformat(),
                place,
            )
            for place, row in enumerate(book.codes)
        ),
    )
    for number, note in enumerate(book.notes, start=1):
        connection.execute(
            "INSERT INTO note VALUES (?, ?, ?, ?)", (number, note.owner, note.kind, note.text)
        )
        if note.kind == "excludes1":
            connection.executemany(
                "INSERT INTO excludes1 VALUES (?, ?, ?, ?)",
                ((note.owner, first, last, number) for first, last in read_references(note.text)),
            )


def _to_json(release: Release) -> dict[str, Any]:
    return {
        key: value.isoformat() if isinstance(value, dt.date) else value
        for key, value in asdict(release).items()
    }


def _from_json(record: dict[str, Any]) -> Release:
    return Release(
        system=CodeSystem(record["system"]),
        release=record["release"],
        effective_from=dt.date.fromisoformat(record["effective_from"]),
        effective_to=dt.date.fromisoformat(record["effective_to"]),
        source_file=record["source_file"],
        sha256=record["sha256"],
        rows=record["rows"],
        file=record["file"],
    )


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Hold the folder for one writer; readers are never held up."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def list_in_force(folder: Path) -> list[Release]:
    """Return the releases that the pointer names, by system and first day."""
    return list(_read_pointer(folder)["in_force"])


def _read_pointer(folder: Path) -> dict[str, Any]:
    try:
        stamp = (folder / POINTER).stat()
    except FileNotFoundError:
        return {"in_force": [], "before": []}
    return _read_pointer_file(folder, stamp.st_mtime_ns, stamp.st_ino)


@lru_cache(maxsize=16)
def _read_pointer_file(folder: Path, _changed: int, _inode: int) -> dict[str, Any]:
    record = json.loads((folder / POINTER).read_text(encoding="utf-8"))
    return {
        "in_force": [_from_json(item) for item in record["in_force"]],
        "before": record["before"],
    }


def put_in_force(folder: Path, releases: list[Release]) -> list[Release]:
    """Add releases to the pointer; call inside `writing`.

    Raises:
        ReleaseOverlapError: A release of the same system already has some of the days.
    """
    pointer = _read_pointer(folder)
    held: list[Release] = list(pointer["in_force"])
    for new in releases:
        for old in held:
            if old.system is new.system and old.period.overlaps(new.period):
                raise ReleaseOverlapError(
                    f"{new.system} {new.release} overlaps release {old.release}, in force "
                    f"{old.effective_from} to {old.effective_to}"
                )
        held.append(new)
    held.sort(key=lambda release: (release.system, release.effective_from))
    before = [[_to_json(release) for release in pointer["in_force"]], *pointer["before"]]
    _write_pointer(folder, held, before[:UNDO_STEPS_MAX])
    return held


def step_back(folder: Path) -> list[Release]:
    """Restore what the pointer said before its last change; call inside `writing`."""
    pointer = _read_pointer(folder)
    if not pointer["before"]:
        return list(pointer["in_force"])
    restored = [_from_json(item) for item in pointer["before"][0]]
    _write_pointer(folder, restored, pointer["before"][1:])
    return restored


def _write_pointer(folder: Path, held: list[Release], before: list[Any]) -> None:
    record = {"in_force": [_to_json(release) for release in held], "before": before}
    handle, name = tempfile.mkstemp(dir=folder, prefix=".pointer-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(record, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(name, folder / POINTER)  # noqa: PTH105  # the name is a string from mkstemp
    _flush(str(folder))


def open_file(path: Path) -> sqlite3.Connection:
    """Return this process's read-only connection to an immutable file; threads may share it."""
    stamp = path.stat()
    return _open(str(path), stamp.st_ino, os.getpid())


@cache
def _open(path: str, _inode: int, _process: int) -> sqlite3.Connection:
    # Kept for the life of the process: there are few releases, and threads share them.
    connection = sqlite3.connect(
        f"file:{quote(path)}?mode=ro&immutable=1",
        uri=True,
        check_same_thread=False,
        cached_statements=64,
    )
    atexit.register(connection.close)
    return connection
