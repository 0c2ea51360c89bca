"""Reading a question: translate, expand short forms, mend spelling, and name its keys.

The lexicons are our own; what was taken for what is told, so that a coder can judge it.
"""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from coding.index import find_spelling, get_weights
from coding.values import CodeSystem
from coding.words import (
    ABSENT_MARK,
    find_phrase,
    read_lexicon,
    read_lines,
    split_tokens,
    split_words,
    stem,
    to_index_keys,
    to_keys,
    word_list,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WORDS_MAX = 40
CHARACTERS_MAX = 400
_FORMS_LETTERS_MIN = 6
_ENDINGS = ("", *word_list("s es al ic ous ar ary us e y a"))


@dataclass(frozen=True)
class Shelf:
    """One release's index, open for reading."""

    system: CodeSystem
    index: sqlite3.Connection


@dataclass
class Question:
    """What was asked, made comparable.

    `prefix` is a word only begun; `further` are keys of the building blocks of long words, a hint
    only; `why` says which words were taken for which.
    """

    keys: tuple[str, ...]
    prefix: str | None = None
    further: tuple[str, ...] = ()
    why: list[str] = field(default_factory=list)


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
    question.further = tuple(
        key for word in split_words(text) for key in read_forms(word) if key not in question.keys
    )
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
    return frozenset(word for phrase, _ in read_lines("spanish") for word in split_words(phrase))


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


@cache
def _list_forms() -> dict[str, tuple[str, ...]]:
    """Return the building blocks of clinical words: {block: keys of what it stands for}."""
    return {block: to_index_keys(meaning) for block, meaning in read_lines("forms")}


@cache
def read_forms(word: str) -> tuple[str, ...]:
    """Return what the building blocks of a long word stand for, if it is made of them alone.

    Meningoencephalitis is meninges, brain and inflammation.
    """
    if len(word) < _FORMS_LETTERS_MIN:
        return ()
    for ending in _ENDINGS:
        if word.endswith(ending):
            found = _split_forms(word.removesuffix(ending))
            if found:
                return tuple(dict.fromkeys(found))
    return ()


def _split_forms(rest: str) -> tuple[str, ...] | None:
    if not rest:
        return ()
    for length in range(min(len(rest), 10), 1, -1):
        meaning = _list_forms().get(rest[:length])
        if meaning is None:
            continue
        after = rest[length:]
        for further in (after, after[1:] if after[:1] in "aeioy" else after):
            found = _split_forms(further)
            if found is not None:
                return meaning + found
    return None
