"""The search index of a release: a read-only SQLite file beside it, made from it and our words.

It can be thrown away: it is rebuilt when it is missing or when our lexicons changed, and its name
carries the version of both. One row per phrase (title, inclusion term, words that a note elsewhere
gives for a code), so that a code is found by any of its names and the shortest fit ranks first.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from coding.releases import open_file, write_aside
from coding.rules.codes import read_references, without_references
from coding.words import ABSENT_MARK, INDEX_VERSION, fold, split_words, to_index_keys

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from coding.values import Release

_SCHEMA = """
CREATE TABLE doc (
  id INTEGER PRIMARY KEY, plain TEXT NOT NULL, code TEXT NOT NULL, title TEXT NOT NULL,
  kind TEXT NOT NULL, billable INTEGER NOT NULL, usual INTEGER NOT NULL, lean INTEGER NOT NULL,
  effective_from TEXT NOT NULL, effective_to TEXT NOT NULL
);
CREATE UNIQUE INDEX doc_plain ON doc (plain);
CREATE TABLE phrase (
  id INTEGER PRIMARY KEY, doc INTEGER NOT NULL, kind INTEGER NOT NULL, text TEXT NOT NULL,
  keys TEXT NOT NULL, sorted_keys TEXT NOT NULL
);
CREATE INDEX phrase_sorted_keys ON phrase (sorted_keys);
CREATE VIRTUAL TABLE phrase_words USING fts5(
  keys, content='', tokenize="unicode61 tokenchars '_'"
);
CREATE TABLE weight (key TEXT PRIMARY KEY, phrases INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE word (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE, phrases INTEGER NOT NULL);
CREATE VIRTUAL TABLE word_shape USING fts5(word, content='', tokenize='trigram');
"""
_UNSPECIFIED = ("unspecified", "nos", "uncomplicated")
_OTHER = ("other", "specified", "nec", "elsewhere")


class PhraseKind(IntEnum):
    """Where the words of a phrase stand."""

    TITLE = 0
    INCLUSION = 1
    CROSS_REFERENCE = 2


@dataclass(frozen=True)
class Phrase:
    """One name of a code."""

    plain: str
    kind: PhraseKind
    text: str


@cache
def lexicon_version() -> str:
    """Return a short mark of the code and lexicon that an index is built with."""
    digest = hashlib.sha256(INDEX_VERSION.encode())
    digest.update(resources.files("coding").joinpath("lexicon/synonyms.tsv").read_bytes())
    return digest.hexdigest()[:8]


def open_index(folder: Path, release: Release) -> sqlite3.Connection:
    """Return a read-only connection to a release's index, built first where it is missing."""
    path = folder / f"{release.file.removesuffix('.sqlite')}.index-{lexicon_version()}.sqlite"
    if not path.exists():
        source = open_file(folder / release.file)
        write_aside(path, lambda connection: build_index(source, connection))
    return open_file(path)


def build_index(
    source: sqlite3.Connection,
    target: sqlite3.Connection,
    *,
    kinds: frozenset[PhraseKind] = frozenset(PhraseKind),
) -> None:
    """Fill an empty database with the index of a release.

    Args:
        source: The release's file.
        target: An empty database.
        kinds: Which phrases to index; an evaluation leaves some out.
    """
    target.executescript(_SCHEMA)
    rows = source.execute(
        "SELECT plain, code, title, kind, parent, billable, effective_from, effective_to FROM code"
        " WHERE kind NOT IN ('chapter', 'section') ORDER BY place"
    ).fetchall()
    numbers = {row[0]: number for number, row in enumerate(rows, start=1)}
    keys = {row[0]: to_index_keys(row[2]) for row in rows if row[3] != "seventh"}
    usual = _choose_usual(rows, keys)
    target.executemany(
        "INSERT INTO doc VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                numbers[plain],
                plain,
                code,
                title,
                kind,
                billable,
                numbers[usual.get(plain, plain)],
                _lean(title) if kind != "seventh" else 0,
                first,
                last,
            )
            for plain, code, title, kind, _, billable, first, last in rows
        ),
    )
    _store_phrases(target, _list_phrases(source, rows, kinds), numbers)


def _lean(title: str) -> int:
    words = set(split_words(title))
    if words.intersection(_UNSPECIFIED):
        return 1
    return -1 if words.intersection(_OTHER) else 0


def _choose_usual(rows: list[tuple[str, ...]], keys: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Return, for each code that needs more characters, the code where nothing more is said."""
    children: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for row in rows:
        if row[3] != "seventh":
            children[row[4]].append(row)

    def cost(row: tuple[str, ...], above: set[str]) -> float:
        extra = [k for k in keys[row[0]] if k not in above and not k.startswith(ABSENT_MARK)]
        ends = {"9": -1.0, "0": -0.5}.get(row[0][-1], 0.0)
        return 2.0 * len(extra) - 3.0 * _lean(row[2]) + ends

    usual: dict[str, str] = {}
    for row in reversed(rows):
        below = children.get(row[0])
        if below:
            best = min(below, key=lambda child: cost(child, set(keys[row[0]])))  # used at once
            usual[row[0]] = usual.get(best[0], best[0])
    return usual


def _list_phrases(
    source: sqlite3.Connection, rows: list[tuple[str, ...]], kinds: frozenset[PhraseKind]
) -> Iterator[Phrase]:
    known = {row[0] for row in rows if row[3] != "seventh"}
    if PhraseKind.TITLE in kinds:
        for row in rows:
            if row[3] != "seventh":
                yield Phrase(row[0], PhraseKind.TITLE, row[2])
    for owner, kind, text in source.execute("SELECT owner, kind, text FROM note ORDER BY id"):
        if kind in {"inclusionTerm", "includes"}:
            if PhraseKind.INCLUSION in kinds and owner in known:
                yield Phrase(owner, PhraseKind.INCLUSION, without_references(text))
        elif PhraseKind.CROSS_REFERENCE in kinds and not text.endswith(":"):
            yield from _list_cross_references(text, known)


def _list_cross_references(text: str, known: set[str]) -> Iterator[Phrase]:
    spans = read_references(text)
    words = without_references(text)
    if len(spans) == 1 and spans[0][0] == spans[0][1] and spans[0][0] in known and words:
        yield Phrase(spans[0][0], PhraseKind.CROSS_REFERENCE, words)


def _variants(text: str) -> list[str]:
    """Return a phrase without its parenthesised words, and with them where they differ."""
    if "(" not in text:
        return [text]
    bare, depth = [], 0
    for char in text:
        depth += char == "("
        if depth == 0:
            bare.append(char)
        depth -= char == ")" and depth > 0
    short = " ".join("".join(bare).split())
    return [short, text] if short != text and short else [text]


def _store_phrases(
    target: sqlite3.Connection, phrases: Iterable[Phrase], numbers: dict[str, int]
) -> None:
    counts: Counter[str] = Counter()
    words: Counter[str] = Counter()
    seen: set[tuple[int, str]] = set()
    number = 0
    for phrase in phrases:
        for text in _variants(phrase.text):
            keys = to_index_keys(text)
            ordered = " ".join(sorted(keys))
            doc = numbers[phrase.plain]
            vague = phrase.kind is PhraseKind.CROSS_REFERENCE and len(keys) < 2
            if not keys or vague or (doc, ordered) in seen:
                continue
            seen.add((doc, ordered))
            number += 1
            joined = " ".join(keys)
            target.execute(
                "INSERT INTO phrase VALUES (?, ?, ?, ?, ?, ?)",
                (number, doc, phrase.kind, phrase.text, joined, ordered),
            )
            target.execute("INSERT INTO phrase_words (rowid, keys) VALUES (?, ?)", (number, joined))
            counts.update(keys)
            words.update({word for word in split_words(text) if len(word) > 3})
    target.executemany("INSERT INTO weight VALUES (?, ?)", counts.items())
    for place, (word, count) in enumerate(sorted(words.items()), start=1):
        target.execute("INSERT INTO word VALUES (?, ?, ?)", (place, word, count))
        target.execute("INSERT INTO word_shape (rowid, word) VALUES (?, ?)", (place, word))
    target.executescript(
        "INSERT INTO phrase_words (phrase_words) VALUES ('optimize');"
        "INSERT INTO word_shape (word_shape) VALUES ('optimize'); ANALYZE;"
    )


@lru_cache(maxsize=16)
def get_weights(connection: sqlite3.Connection) -> dict[str, float]:
    """Return how much each key tells: rare keys much, frequent ones little."""
    rows = connection.execute("SELECT key, phrases FROM weight").fetchall()
    total = connection.execute("SELECT count(*) FROM phrase").fetchone()[0] or 1
    return {key: math.log(1 + total / (1 + count)) for key, count in rows}


@lru_cache(maxsize=4096)
def find_spelling(connection: sqlite3.Connection, word: str) -> str | None:
    """Return the known word that a misspelt one is nearest to, or None."""
    folded = fold(word)
    if len(folded) < 5 or not folded.isalpha():
        return None
    pieces = {folded[at : at + 3] for at in range(len(folded) - 2)}
    rows = connection.execute(
        "SELECT word, phrases FROM word WHERE id IN (SELECT rowid FROM word_shape WHERE word_shape"
        " MATCH ? ORDER BY rank LIMIT 60)",
        (" OR ".join(f'"{piece}"' for piece in sorted(pieces)),),
    ).fetchall()
    allowed = 1 if len(folded) < 8 else 2
    near = [
        (distance, -count, known)
        for known, count in rows
        if abs(len(known) - len(folded)) <= allowed
        and (distance := _count_edits(folded, known)) <= allowed
    ]
    return min(near)[2] if near else None


def _count_edits(left: str, right: str) -> int:
    """Return the edits between two words: insert, delete, change, swap of neighbours."""
    before: list[int] = []
    above = list(range(len(right) + 1))
    for row, char in enumerate(left, start=1):
        here = [row]
        for column, other in enumerate(right, start=1):
            least = min(above[column] + 1, here[-1] + 1, above[column - 1] + (char != other))
            if row > 1 and column > 1 and char == right[column - 2] and left[row - 2] == other:
                least = min(least, before[column - 2] + 1)
            here.append(least)
        before, above = above, here
    return above[-1]
