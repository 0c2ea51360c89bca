"""Reads of the code sets in force: which release holds on a day, codes, notes, conflicts."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from coding.releases import list_in_force, open_file
from coding.rules.codes import is_excluded, list_prefixes, to_plain
from coding.values import Code, CodeNote

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from coding.values import CodeSystem, Release


def find_release(folder: Path, system: CodeSystem, *, on: dt.date | None) -> Release | None:
    """Return the release of a system that is in force on a day; without a day the newest."""
    held = [release for release in list_in_force(folder) if release.system is system]
    if on is None:
        return max(held, key=lambda release: release.effective_from, default=None)
    return next((release for release in held if release.period.contains(on)), None)


def open_release(folder: Path, release: Release) -> sqlite3.Connection:
    """Return a read-only connection to a release's file."""
    return open_file(folder / release.file)


def find_code(folder: Path, release: Release, code: str) -> Code | None:
    """Return a code of a release, or None; dots and case don't matter."""
    row = (
        open_release(folder, release)
        .execute(
            "SELECT code, title, billable, kind, effective_from, effective_to FROM code"
            " WHERE plain = ? AND kind NOT IN ('chapter', 'section')",
            (to_plain(code),),
        )
        .fetchone()
    )
    if row is None:
        return None
    return Code(
        system=release.system,
        code=row[0],
        title=row[1],
        billable=bool(row[2]),
        kind=row[3],
        effective_from=dt.date.fromisoformat(row[4]),
        effective_to=dt.date.fromisoformat(row[5]),
        release=release.release,
    )


def has_seventh(folder: Path, release: Release, code: str) -> bool:
    """Return whether a code's only lack is a seventh character."""
    return (
        open_release(folder, release)
        .execute(
            "SELECT 1 FROM code WHERE parent = ? AND kind = 'seventh' LIMIT 1", (to_plain(code),)
        )
        .fetchone()
        is not None
    )


def list_notes(folder: Path, release: Release, code: str) -> list[CodeNote]:
    """Return the instructions that hold for a code, its own first, then its ancestors'."""
    connection = open_release(folder, release)
    owners = _list_owners(connection, to_plain(code))
    marks = ",".join("?" * len(owners))
    rows = connection.execute(
        f"SELECT kind, owner, text FROM note WHERE owner IN ({marks}) ORDER BY id",  # noqa: S608  # marks only
        owners,
    ).fetchall()
    notes = [CodeNote(kind, owner, text) for kind, owner, text in rows]
    notes = [n for n in notes if n.kind != "inclusionTerm" or n.owner == owners[0]]
    return sorted(notes, key=lambda note: owners.index(note.owner))


def _list_owners(connection: sqlite3.Connection, plain: str) -> list[str]:
    owners: list[str] = []
    here = plain
    while here:
        owners.append(here)
        row = connection.execute("SELECT parent FROM code WHERE plain = ?", (here,)).fetchone()
        here = row[0] if row else ""
    return owners


def list_excluded_pairs(
    folder: Path, release: Release, codes: Sequence[str]
) -> list[tuple[str, str, str]]:
    """Return (code, other, note) for each two codes that an Excludes1 note keeps apart.

    Notes of the codes and of their ancestors among the codes speak; each pair is told once.

    Source:
        ICD-10-CM Official Guidelines I.A.12.a.
    """
    connection = open_release(folder, release)
    plains = list(dict.fromkeys(to_plain(code) for code in codes))
    found: dict[frozenset[str], tuple[str, str, str]] = {}
    for plain in plains:
        spans = _list_spans(connection, plain)
        for other in plains:
            pair = frozenset((plain, other))
            if other == plain or pair in found:
                continue
            for owner, first, last, text in spans:
                if is_excluded(owner, [(first, last)], other):
                    found[pair] = (plain, other, text)
                    break
    return list(found.values())


_SPANS = (
    "SELECT excludes1.owner, first, last, text FROM excludes1 JOIN note ON note.id = excludes1.note"
)


def _list_spans(connection: sqlite3.Connection, plain: str) -> Iterable[tuple[str, str, str, str]]:
    owners = list_prefixes(plain)
    marks = ",".join("?" * len(owners))
    return connection.execute(
        f"{_SPANS} WHERE excludes1.owner IN ({marks})",
        owners,
    ).fetchall()
