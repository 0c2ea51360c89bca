"""Find the longest stretches of words in a sentence that are names of conditions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from coding.index import PhraseKind
from coding.question import Question, list_concepts, to_sorted_keys, translate
from coding.rules.codes import to_plain
from coding.search import DOC, Doc, resolve_seventh
from coding.words import STOP, split_words, stem, to_index_keys, word_set

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coding.context import (
        Sentence,
    )
    from coding.question import Shelf

WINDOW_WORDS_MAX = 12
# Words that name a code's title by chance, or name no condition by themselves.
GENERIC = word_set(
    "pain injury infection disease fall falls other male female right left acute chronic test "
    "tests history problem problems lesion wound open closed mild moderate severe follow up "
    "examination exam screening counseling normal procedure drug alcohol accident exposure "
    "swelling mass lump discharge bleeding inflammation syndrome stage type primary secondary "
    "benign malignant neoplasm trauma complication complications operation surgery medication "
    "medications status adult child newborn work home school family walking running standing "
    "sitting sleeping eating cooking reading activity place street car occupant pedestrian "
    "cold hot heat light water air noise radiation knife gun dog cat horse sports age "
    "alone today aspirin insulin heroin cocaine cannabis blood urine stool throat chest heart "
    "unspecified tendon muscle bone skin hand foot knee hip back neck positive negative "
    "immune therapy consultation observation delivery birth labor twins triplets rest ulcer "
    "drowning hanging struck collision contact fever blister discomfort screen tobacco use "
    "caffeine nicotine opioid opioids stimulant sedative hypnotic inhalant smoke fire"
)
_GENERIC_STEMS = frozenset(stem(word) for word in GENERIC)
# Names of conditions that mean something else more often, when they stand alone in a note.
AMBIGUOUS = word_set(
    "shot shots vaccine physical gas cut fits moles reflux cold stress burn chill mono pain "
    "fracture sprain overdose aids shock fall strep edema pregnant pregnancy"
)
_SPANISH_STOP = word_set("de del la el los las en por con y un una su")
SIDES = word_set("izquierdo izquierda derecho derecha left right lt rt l r bilateral bilat both")


@dataclass(frozen=True)
class Match:
    """A stretch of words, by place in its sentence, and the code that it names."""

    first: int
    last: int
    row: Doc
    why: tuple[str, ...]
    confidence: int


def find_matches(sentence: Sentence, shelf: Shelf) -> Iterator[Match]:
    """Yield the longest names of conditions in a sentence, left to right, none overlapping."""
    at = 0
    while at < len(sentence.tokens):
        match = _longest_match(sentence, at, shelf)
        if match is None:
            at += 1
        else:
            yield match
            at = match.last


def _longest_match(sentence: Sentence, at: int, shelf: Shelf) -> Match | None:
    tokens = sentence.tokens
    if tokens[at].word in STOP or tokens[at].word in _SPANISH_STOP:
        return None
    for last in range(min(len(tokens), at + WINDOW_WORDS_MAX), at, -1):
        word = tokens[last - 1].word
        if word in STOP or word in _SPANISH_STOP or word in {"without", "not"}:
            continue
        match = match_window(sentence, at, last, shelf)
        if match:
            return _shrink(sentence, match, shelf)
    return None


def _shrink(sentence: Sentence, match: Match, shelf: Shelf) -> Match:
    """Return the shortest stretch inside a match that names the same code."""
    shorter = [
        *((match.first, last) for last in range(match.first + 1, match.last)),
        *((first, match.last) for first in range(match.last - 1, match.first, -1)),
    ]
    for first, last in shorter:
        found = match_window(sentence, first, last, shelf)
        if found and found.row == match.row and found.confidence >= match.confidence:
            return _shrink(sentence, found, shelf)
    return match


def match_window(  # a window is three arguments
    sentence: Sentence, first: int, last: int, shelf: Shelf, *, whole: bool = False
) -> Match | None:
    r"""Return what a stretch of words names, or None; `whole` is a condition\'s whole text."""
    said = " ".join(token.word for token in sentence.tokens[first:last])
    if said in AMBIGUOUS and not whole:
        return None
    heard: list[str] = []
    if sentence.lang == "es":
        said, heard = translate(said, "spanish")
    words, notes = translate(said, "query")
    notes = heard + notes
    asked = [to_index_keys(said), to_index_keys(words)]
    found = [list_concepts().get(to_sorted_keys(keys)) for keys in asked]
    code = found[0] or found[1]
    if code == "-" or not asked[1]:
        return None
    if code:
        row = shelf.index.execute(f"{DOC} WHERE plain = ?", (to_plain(code),)).fetchone()
        if row and row[4]:
            return Match(first, last, row, (*notes, f"“{said}” is a usual name"), 95)
    if last - first == 1 and _is_generic(said) and not whole:
        return None
    if not whole and len(asked[1]) < 3 and _is_all_generic(asked[1]):
        return None
    window = Match(first, last, (0, "", "", "", 0, 0, 0), tuple(notes), 0)
    return match_phrase(window, asked[1], said, shelf) or _match_without_side(window, said, shelf)


def _is_all_generic(keys: tuple[str, ...]) -> bool:
    return all(key in _GENERIC_STEMS or len(key) < 3 for key in keys)


def _is_generic(word: str) -> bool:
    return word in GENERIC or stem(word) in _GENERIC_STEMS


def _match_without_side(window: Match, said: str, shelf: Shelf) -> Match | None:
    """Return the concept that the words name once the side is left out; the side is put back."""
    words = said.split()
    rest = [word for word in words if word not in SIDES]
    sides = len(words) - len(rest)
    if sides != 1 or not rest or rest[0] in STOP or rest[-1] in STOP:
        return None
    keys = to_index_keys(translate(" ".join(rest), "query")[0])
    code = list_concepts().get(to_sorted_keys(keys), "-")
    row = shelf.index.execute(f"{DOC} WHERE plain = ?", (to_plain(code),)).fetchone()
    why = (*window.why, f"“{' '.join(rest)}” is a usual name")
    return replace(window, row=row, why=why, confidence=85) if row and row[4] else None


def match_phrase(window: Match, keys: tuple[str, ...], said: str, shelf: Shelf) -> Match | None:
    """Return a window as the code that has these keys for a name, or None."""
    found = shelf.index.execute(
        "SELECT doc, phrase.kind, text FROM phrase JOIN doc ON doc.id = phrase.doc WHERE"
        " sorted_keys = ? ORDER BY phrase.kind, doc.billable DESC, doc.lean DESC, doc LIMIT 1",
        (to_sorted_keys(keys),),
    ).fetchone()
    if found is None:
        return None
    doc, kind, text = found
    joined = {"and", "or"}.intersection(said.split())
    if joined and not joined.intersection(split_words(text)):
        return None
    if len(keys) == 1 and to_index_keys(text) != keys:
        return None
    row: Doc = shelf.index.execute(f"{DOC} WHERE id = ?", (doc,)).fetchone()
    why = [*window.why, _explain(said, kind, text)]
    confidence = {PhraseKind.TITLE: 90, PhraseKind.INCLUSION: 85}.get(PhraseKind(kind), 70)
    if not row[4]:
        heading = row[2]
        row = shelf.index.execute(f"{DOC} WHERE id = ?", (row[5],)).fetchone()
        row, seventh = resolve_seventh(Question(keys), shelf, row)
        why += [f"{heading} needs more characters; this code says nothing more", *seventh]
        confidence -= 10
    return replace(window, row=row, why=tuple(why), confidence=confidence) if row[4] else None


def _explain(said: str, kind: int, text: str) -> str:
    where = ("the title", "the inclusion term", "another code's note, which says")[kind]
    return f"“{said}” is {where} “{text}”"
