"""Search a code set by number or by words: abbreviations, everyday words, misspellings, Spanish.

FTS5 finds candidates by BM25 over phrases; they are then ranked by how much of the question they
answer and how little more they say. Billable codes come first; a category leads to the code that
stands where nothing more is said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from coding.index import PhraseKind, get_weights
from coding.question import list_concepts, read_question, to_sorted_keys
from coding.rules.codes import to_plain
from coding.values import CodeSystem, Hit
from coding.words import (
    ABSENT_MARK,
    LIGHT,
    stem,
    to_index_keys,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from coding.question import Question, Shelf

CANDIDATES_MAX = 150
_COMMON = 3.2  # below this weight a key alone brings too many phrases to be worth fetching
_UNKNOWN_WEIGHT = 9.0
_LIGHT_WEIGHT = 0.5
_SIDES = {stem(side): side for side in ("left", "right", "bilateral")}
_ENCOUNTER = frozenset(("initi", "encount", "clos"))
_BREVITY = 0.45  # how much of a score depends on saying little beyond the question
_RANK = 0.5  # how much the order that BM25 gives counts
_HINT = 0.15  # how much the building blocks of words count
_HEADING = 0.05  # what a code loses that stands for its category
_CODE_TYPED = re.compile(
    r"^[A-Za-z]\d[\dA-Za-z]?\.?[\dA-Za-z]{0,4}$|^\d{3,4}[\dA-Za-z]$|^[A-Za-z]\d{4}$"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A phrase that answers: its score for ordering, its fit, where it stands and its words."""

    score: float
    fit: float
    kind: int
    text: str


@dataclass(frozen=True)
class Scored:
    """A code with how well it answers.

    `score` orders hits; `fit`, 0 to about 1, says how well the words agree.
    """

    score: float
    fit: float
    hit: Hit
    plain: str


def search_words(
    question: Question, shelf: Shelf, weights: dict[str, float]
) -> tuple[list[Scored], list[Scored]]:
    """Return billable and not billable codes of one shelf that answer, best first."""
    best: dict[int, Candidate] = {}
    rows = _fetch_candidates(question, shelf, weights)
    first = min((row[5] for row in rows), default=-1.0)
    for _number, doc, kind, text, keys, rank in rows:
        fit = _score(question, keys.split(), weights) - 0.01 * kind
        found = Candidate(fit + _RANK * rank / first, fit, kind, text)
        if fit > 0 and (doc not in best or found.score > best[doc].score):
            best[doc] = found
    ranked = sorted(best.items(), key=lambda item: -item[1].score)[:60]
    return _to_hits(question, shelf, ranked)


def _fetch_candidates(question: Question, shelf: Shelf, weights: dict[str, float]) -> list[_Row]:
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
        telling += [f'"{key}"' for key in question.further if key in get_weights(shelf.index)]
        rows += _ask(shelf, " OR ".join(dict.fromkeys(telling)))
    return rows


def _ask(shelf: Shelf, match: str) -> list[_Row]:
    return shelf.index.execute(
        "SELECT phrase.id, doc, kind, text, phrase.keys, rank FROM phrase_words JOIN phrase ON"
        " phrase.id = phrase_words.rowid WHERE phrase_words MATCH ? ORDER BY rank LIMIT ?",
        (match, CANDIDATES_MAX),
    ).fetchall()


def _score(question: Question, keys: Sequence[str], weights: dict[str, float]) -> float:
    """Return how much of the question a phrase answers, less what it says beyond."""
    here = set(keys)
    asked = got = 0.0
    for key in question.keys:
        weight = _LIGHT_WEIGHT if key in LIGHT else weights.get(key, _UNKNOWN_WEIGHT)
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
            extra += _LIGHT_WEIGHT if key in LIGHT else weights.get(key, _UNKNOWN_WEIGHT)
    hint = sum(weights.get(key, 0.0) for key in question.further if key in here)
    return _HINT * hint / asked + got / asked * (1.0 - _BREVITY + _BREVITY * got / (got + extra))


def _to_hits(
    question: Question, shelf: Shelf, ranked: list[tuple[int, Candidate]]
) -> tuple[list[Scored], list[Scored]]:
    billable: dict[str, Scored] = {}
    headers: list[Scored] = []
    docs = _get_docs(shelf, [doc for doc, _ in ranked])
    usual = _get_docs(shelf, [docs[doc][5] for doc, _ in ranked])
    for doc, found in ranked:
        row = docs[doc]
        why = [*question.why, _explain(found.kind, found.text, row[3])]
        lean = 0.03 * row[6]
        if row[4]:
            _keep(billable, _scored(shelf, row, found, why, lean))
            continue
        headers.append(_scored(shelf, row, found, [*why, "not billable: needs more characters"]))
        leaf, extra = resolve_seventh(question, shelf, usual[row[5]])
        why.append(f"{row[2]} needs more characters; this code says nothing more")
        _keep(billable, _scored(shelf, leaf, found, why + extra, lean - _HEADING))
    order = sorted(billable.values(), key=lambda item: (-item.score, len(item.plain), item.plain))
    return order, headers


def _keep(found: dict[str, Scored], new: Scored) -> None:
    old = found.get(new.plain)
    if old is None or new.score > old.score:
        found[new.plain] = new


_Row: TypeAlias = tuple[int, int, int, str, str, float]
_EXACT = Candidate(3.0, 1.0, 0, "")
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


def _scored(
    shelf: Shelf, row: Doc, found: Candidate, why: Iterable[str], extra: float = 0.0
) -> Scored:
    hit = Hit(row[2], shelf.system, row[3], bool(row[4]), tuple(dict.fromkeys(why)))
    return Scored(found.score + extra, found.fit + extra, hit, row[1])


def search_code(typed: str, shelf: Shelf, *, limit: int) -> list[Hit]:
    """Return the code that was typed and those that start with it; dots and case don't matter."""
    plain = to_plain(typed)
    rows = shelf.index.execute(
        f"{DOC} WHERE plain >= ? AND plain < ? ORDER BY plain = ? DESC, billable DESC, plain"
        " LIMIT ?",
        (plain, plain + "\U0010ffff", plain, limit),
    ).fetchall()
    return [
        _scored(shelf, row, _EXACT, [f"{'code' if row[1] == plain else 'starts with'} {plain}"]).hit
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
    """Return the code of a usual name, on the side that is asked for."""
    shelf = next((s for s in shelves if s.system is CodeSystem.ICD10CM), None)
    if shelf is None or question.prefix:
        return []
    sides = [key for key in question.keys if key in _SIDES]
    rest = [key for key in question.keys if key not in _SIDES and key not in _ENCOUNTER]
    for keys in (question.keys, rest):
        code = list_concepts().get(to_sorted_keys(keys), "-")
        row = shelf.index.execute(f"{DOC} WHERE plain = ?", (to_plain(code),)).fetchone()
        if row and row[4]:
            sided = find_sided(shelf, row, _SIDES[sides[0]]) if len(sides) == 1 else None
            why = [*question.why, "usual code for these words"]
            return [_scored(shelf, sided or row, _EXACT, why)]
    return []


def find_sided(shelf: Shelf, row: Doc, side: str) -> Doc | None:
    """Return the code that says `side` where a code's title says "unspecified", or None.

    Args:
        shelf: Where to look.
        row: The code whose side is open.
        side: left, right or bilateral.
    """
    title, wanted = row[3], []
    for part in re.finditer(r"unspecified (\w+)", title):
        before, after = title[: part.start()], title[part.end() :]
        wanted.append(f"{before}{side} {part.group(1)}{after}")
        if side == "bilateral":
            wanted += [f"{before}bilateral{after}", f"{before}{side} {part.group(1)}{after}s"]
    marks, near = ",".join("?" * len(wanted)), row[1][:4]
    found: Doc | None = shelf.index.execute(
        f"{DOC} WHERE plain >= ? AND plain < ? AND billable AND title IN ({marks})",
        (near, near + "\U0010ffff", *wanted),
    ).fetchone()
    return found
