"""Search a code set by number or by words: abbreviations, everyday words, misspellings, Spanish.

FTS5 finds candidates by BM25 over phrases; they are then ranked by how much of the question they
answer and how little more they say. Billable codes come first; a category leads to the code that
stands where nothing more is said.
"""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from coding.index import PhraseKind, find_spelling, get_weights
from coding.rules.codes import to_plain
from coding.values import CodeSystem, Hit
from coding.words import (
    ABSENT_MARK,
    LIGHT,
    find_phrase,
    read_lexicon,
    split_tokens,
    stem,
    to_index_keys,
    to_keys,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WORDS_MAX = 40
CHARACTERS_MAX = 400
CANDIDATES_MAX = 150
_COMMON = 3.2  # below this weight a key alone brings too many phrases to be worth fetching
_UNKNOWN_WEIGHT = 9.0
_BREVITY = 0.45  # how much of a score depends on saying little beyond the question
_HEADING = 0.05  # what a code loses that stands for its category
_CODE_TYPED = re.compile(
    r"^[A-Za-z]\d[\dA-Za-z]?\.?[\dA-Za-z]{0,4}$|^\d{3,4}[\dA-Za-z]$|^[A-Za-z]\d{4}$"
)


@dataclass(frozen=True)
class Shelf:
    """One release's index, open for reading."""

    system: CodeSystem
    index: sqlite3.Connection


@dataclass
class Question:
    """What was asked, made comparable; `why` says which words were taken for which."""

    keys: tuple[str, ...]
    prefix: str | None = None
    why: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Scored:
    """A code with how well it answers, 0 to about 2."""

    score: float
    hit: Hit
    plain: str


@cache
def list_concepts() -> dict[str, str]:
    """Return our own names of common conditions: {sorted keys: printed code, or '-'}."""
    table: dict[str, str] = {}
    for stems, code in read_lexicon("concepts").items():
        table.setdefault(to_sorted_keys(to_keys(stems)), code)
    return table


def to_sorted_keys(keys: Iterable[str]) -> str:
    """Return keys as one string in which their order no longer matters."""
    return " ".join(sorted(keys))


def translate(text: str, lexicon: str) -> tuple[str, list[str]]:
    """Return a text with the phrases of a lexicon replaced, and which were."""
    tokens = split_tokens(text)
    stems = tuple(stem(token.word) for token in tokens)
    out: list[str] = []
    notes: list[str] = []
    at = 0
    while at < len(tokens):
        found = find_phrase(stems, at, lexicon)
        if found is None:
            out.append(tokens[at].word)
            at += 1
            continue
        length, meaning = found
        said = " ".join(token.word for token in tokens[at : at + length])
        if meaning not in {"of", said}:
            notes.append(f"“{said}” is {meaning}")
        out.append(meaning)
        at += length
    return " ".join(out), notes


def read_question(words: str, shelves: Sequence[Shelf], *, lang: str = "en") -> Question:
    """Return the keys that a question asks for, with spelling mended where no word is known."""
    text = " ".join(words[:CHARACTERS_MAX].split()[:WORDS_MAX])
    text = re.sub(r"\bw/o\b", "without", text, flags=re.IGNORECASE)
    notes: list[str] = []
    if lang == "es":
        text, notes = translate(_mend_spanish(text), "spanish")
    text, more = translate(text, "query")
    question = Question(to_index_keys(text), why=notes + more)
    _mend_unknown(question, text, shelves)
    return question


def _mend_spanish(text: str) -> str:
    """Return a Spanish text with words one edit away from the lexicon's put right."""
    words = _spanish_words()
    return " ".join(
        word if word in words else _nearest(word, words)
        for word in (token.word for token in split_tokens(text))
    )


@cache
def _spanish_words() -> frozenset[str]:
    from importlib import resources  # noqa: PLC0415  # only for the few who ask in Spanish

    path = resources.files("coding").joinpath("lexicon/spanish.tsv")
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if "\t" in line]
    return frozenset(t.word for line in lines for t in split_tokens(line.split("\t")[0]))


def _nearest(word: str, words: frozenset[str]) -> str:
    if len(word) < 6:
        return word
    splits = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    letters = "abcdefghijklmnopqrstuvwxyz"
    edits = {left + right[1:] for left, right in splits if right}
    edits |= {left + char + right for left, right in splits for char in letters}
    edits |= {left + char + right[1:] for left, right in splits if right for char in letters}
    edits |= {left + right[1] + right[0] + right[2:] for left, right in splits if len(right) > 1}
    return min(edits & words, default=word)


def _mend_unknown(question: Question, text: str, shelves: Sequence[Shelf]) -> None:
    known = [get_weights(shelf.index) for shelf in shelves]
    last = split_tokens(text)[-1].word if text.strip() and split_tokens(text) else ""
    keys: list[str] = []
    for key in question.keys:
        bare = key.removeprefix(ABSENT_MARK)
        if any(key in weights or bare in weights for weights in known):
            keys.append(key)
        elif bare == stem(last) and _starts_something(bare, shelves):
            question.prefix = bare
        else:
            keys.extend(_spell(question, bare, text, shelves))
    question.keys = tuple(dict.fromkeys(keys))


def _starts_something(bare: str, shelves: Sequence[Shelf]) -> bool:
    return len(bare) >= 3 and any(
        shelf.index.execute(
            "SELECT 1 FROM weight WHERE key >= ? AND key < ? LIMIT 1", (bare, bare + "\U0010ffff")
        ).fetchone()
        for shelf in shelves
    )


def _spell(question: Question, bare: str, text: str, shelves: Sequence[Shelf]) -> list[str]:
    said = next((t.word for t in split_tokens(text) if stem(t.word) == bare), bare)
    for shelf in shelves:
        better = find_spelling(shelf.index, said)
        if better:
            question.why.append(f"“{said}” read as {better}")
            return list(to_index_keys(better))
    return [bare]


def search_words(
    question: Question, shelf: Shelf, weights: dict[str, float]
) -> tuple[list[Scored], list[Scored]]:
    """Return billable and not billable codes of one shelf that answer, best first."""
    scores: dict[int, tuple[float, int, str]] = {}
    for _number, doc, kind, text, keys in _fetch_candidates(question, shelf, weights):
        score = _score(question, keys.split(), weights) - 0.01 * kind
        if score > scores.get(doc, (0.0, 0, ""))[0]:
            scores[doc] = (score, kind, text)
    ranked = sorted(scores.items(), key=lambda item: -item[1][0])[:60]
    return _to_hits(question, shelf, ranked)


def _fetch_candidates(
    question: Question, shelf: Shelf, weights: dict[str, float]
) -> list[tuple[int, int, int, str, str]]:
    keys = [k for k in question.keys if k in get_weights(shelf.index)]
    parts = [f'"{key}"' for key in keys]
    if question.prefix:
        parts.append(f'"{question.prefix}"*')
    if not parts:
        return []
    rows = _ask(shelf, " AND ".join(parts))
    if len(parts) > 1 and len(rows) < 25:
        telling = [f'"{k}"' for k in keys if weights.get(k, 9.0) > _COMMON] or parts
        if question.prefix:
            telling.append(f'"{question.prefix}"*')
        rows += _ask(shelf, " OR ".join(dict.fromkeys(telling)))
    return rows


def _ask(shelf: Shelf, match: str) -> list[tuple[int, int, int, str, str]]:
    return shelf.index.execute(
        "SELECT id, doc, kind, text, keys FROM phrase WHERE id IN (SELECT rowid FROM phrase_words"
        " WHERE phrase_words MATCH ? ORDER BY rank LIMIT ?)",
        (match, CANDIDATES_MAX),
    ).fetchall()


def _score(question: Question, keys: Sequence[str], weights: dict[str, float]) -> float:
    """Return how much of the question a phrase answers, less what it says beyond."""
    here = set(keys)
    asked = got = 0.0
    for key in question.keys:
        weight = weights.get(key, _UNKNOWN_WEIGHT)
        asked += weight
        if key in here:
            got += weight
    if question.prefix:
        asked += 4.0
        got += 4.0 if any(key.startswith(question.prefix) for key in here) else 0.0
    if not got:
        return 0.0
    wanted = set(question.keys)
    extra = 0.0
    for key in here - wanted:
        if question.prefix and key.startswith(question.prefix):
            continue
        if key.startswith(ABSENT_MARK):
            extra += 0.3 if key[len(ABSENT_MARK) :] not in wanted else 8.0
        else:
            extra += 0.5 if key in LIGHT else weights.get(key, _UNKNOWN_WEIGHT)
    return got / asked * (1.0 - _BREVITY + _BREVITY * got / (got + extra))


def _to_hits(
    question: Question, shelf: Shelf, ranked: list[tuple[int, tuple[float, int, str]]]
) -> tuple[list[Scored], list[Scored]]:
    billable: dict[str, Scored] = {}
    headers: list[Scored] = []
    docs = _get_docs(shelf, [doc for doc, _ in ranked])
    usual = _get_docs(shelf, [docs[doc][5] for doc, _ in ranked])
    for doc, (score, kind, text) in ranked:
        row = docs[doc]
        why = [*question.why, _explain(kind, text, row[3])]
        if row[4]:
            _keep(billable, _scored(shelf, row, score + 0.03 * row[6], why))
            continue
        headers.append(_scored(shelf, row, score, [*why, "not billable: needs more characters"]))
        leaf, extra = resolve_seventh(question, shelf, usual[row[5]])
        why.append(f"{row[2]} needs more characters; this code says nothing more")
        _keep(billable, _scored(shelf, leaf, score - _HEADING + 0.03 * row[6], why + extra))
    order = sorted(billable.values(), key=lambda item: (-item.score, len(item.plain), item.plain))
    return order, headers


def _keep(found: dict[str, Scored], new: Scored) -> None:
    old = found.get(new.plain)
    if old is None or new.score > old.score:
        found[new.plain] = new


DOC = "SELECT id, plain, code, title, billable, usual, lean FROM doc"
Doc: TypeAlias = tuple[int, str, str, str, int, int, int]


def _get_docs(shelf: Shelf, numbers: Iterable[int]) -> dict[int, Doc]:
    wanted = sorted(set(numbers))
    marks = ",".join("?" * len(wanted))
    rows = shelf.index.execute(f"{DOC} WHERE id IN ({marks})", wanted)  # marks only
    return {row[0]: row for row in rows}


def resolve_seventh(question: Question, shelf: Shelf, row: Doc) -> tuple[Doc, list[str]]:
    """Return a code with the seventh character that fits the question best, and the reason."""
    if row[4]:
        return row, []
    below = shelf.index.execute(
        f"{DOC} WHERE plain >= ? AND plain < ? AND kind = 'seventh' ORDER BY id",
        (row[1], row[1] + "\U0010ffff"),
    ).fetchall()
    if not below:
        return row, []
    wanted = set(question.keys)

    def fit(child: Doc) -> tuple[int, int]:
        keys = set(to_index_keys(child[3][len(row[3]) :]))
        return (len(keys & wanted), int("unspecified" in child[3][len(row[3]) :]))

    best = max(below, key=fit)
    return best, [f"7th character {best[1][-1]}:{best[3][len(row[3]) + 1 :]}; check it"]


def _explain(kind: int, text: str, title: str) -> str:
    if kind == PhraseKind.TITLE or text == title:
        return f"title: {text}"
    if kind == PhraseKind.INCLUSION:
        return f"also called: {text}"
    return f"named in another code's note: {text}"


def _scored(shelf: Shelf, row: Doc, score: float, why: Iterable[str]) -> Scored:
    hit = Hit(row[2], shelf.system, row[3], bool(row[4]), tuple(dict.fromkeys(why)))
    return Scored(score, hit, row[1])


def search_code(typed: str, shelf: Shelf, *, limit: int) -> list[Hit]:
    """Return the code that was typed and those that start with it; dots and case don't matter."""
    plain = to_plain(typed)
    rows = shelf.index.execute(
        f"{DOC} WHERE plain >= ? AND plain < ? ORDER BY plain = ? DESC, billable DESC, plain"
        " LIMIT ?",
        (plain, plain + "\U0010ffff", plain, limit),
    ).fetchall()
    return [
        _scored(shelf, row, 0, [f"{'code' if row[1] == plain else 'starts with'} {plain}"]).hit
        for row in rows
    ]


def search(words: str, shelves: Sequence[Shelf], *, lang: str = "en", limit: int = 10) -> list[Hit]:
    """Return the codes that answer, best first.

    Args:
        words: A code, its beginning, or words in English or Spanish.
        shelves: The indexes to look in; the first one's word weights hold for all.
        lang: `en` or `es`.
        limit: Most hits to return.
    """
    if _CODE_TYPED.match(words.strip()):
        found = [hit for shelf in shelves for hit in search_code(words, shelf, limit=limit)]
        if found:
            return found[:limit]
    question = read_question(words, shelves, lang=lang)
    if not shelves or not (question.keys or question.prefix):
        return []
    weights = get_weights(shelves[0].index)
    billable: list[Scored] = _find_concept(question, shelves)
    headers: list[Scored] = []
    for shelf in shelves:
        some, others = search_words(question, shelf, weights)
        billable += some
        headers += others
    billable.sort(key=lambda item: -item.score)
    headers.sort(key=lambda item: -item.score)
    seen: dict[tuple[CodeSystem, str], Hit] = {}
    for scored in billable + headers:
        seen.setdefault((scored.hit.system, scored.hit.code), scored.hit)
    return list(seen.values())[:limit]


def _find_concept(question: Question, shelves: Sequence[Shelf]) -> list[Scored]:
    code = list_concepts().get(to_sorted_keys(question.keys), "-")
    if code == "-" or question.prefix:
        return []
    for shelf in shelves:
        if shelf.system is CodeSystem.ICD10CM:
            row = shelf.index.execute(f"{DOC} WHERE plain = ?", (to_plain(code),)).fetchone()
            if row and row[4]:
                return [_scored(shelf, row, 2.0, [*question.why, "usual code for these words"])]
    return []
