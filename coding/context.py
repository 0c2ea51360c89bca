"""What the words around a condition say of it: absent, a relative's, uncertain, in the past.

Pure text rules over sentences, in English and the commonest Spanish; no code sets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from coding.words import Token, split_tokens, split_words, word_list, word_set

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT_CHARACTERS_MAX = 200_000
_SPANISH = word_set("con de del la el los las en por sin y un una niega paciente tiene desde dolor")
_ENGLISH = word_set("with of the in on at for and a an denies patient has had is was no to")


class Assertion(StrEnum):
    """How a note speaks of a condition."""

    PRESENT = "present"
    ABSENT = "absent"
    FAMILY = "family"
    UNCERTAIN = "uncertain"
    PAST = "past"


@dataclass(frozen=True)
class Sentence:
    """A sentence's words, with offsets into the whole text, and its own span."""

    start: int
    end: int
    tokens: tuple[Token, ...]
    lang: str = "en"


@dataclass(frozen=True)
class Scope:
    """A stretch of a sentence, by word places (end excluded), that a cue word governs."""

    assertion: Assertion
    first: int
    last: int
    cue: str


def _phrases(text: str) -> list[str]:
    return text.split(",")


_BREAK = re.compile(r"(?<!\d)\.(?=\s|$)|\.(?=\s+[A-Z])|[!?;]+|\n+|\u2022|(?<=\s)[-*](?=\s)")
_CUES: tuple[tuple[Assertion, str], ...] = (
    (Assertion.FAMILY, "family history of"),
    (Assertion.FAMILY, "family history"),
    (Assertion.FAMILY, "family hx"),
    (Assertion.FAMILY, "fhx"),
    (Assertion.FAMILY, "antecedentes familiares"),
    *(
        (Assertion.FAMILY, relative)
        for relative in word_list(
            "mother father sister brother aunt uncle grandmother grandfather mom dad cousin "
            "madre padre hermana hermano abuela abuelo parents"
        )
    ),
    *(
        (Assertion.ABSENT, cue)
        for cue in _phrases(
            "no evidence of,no signs of,no sign of,no history of,negative for,free of,absence of,"
            "denies,denied,deny,denying,no,not,without,never had,never,ruled out,doesn t have,"
            "does not have,niega,sin,nor,neither,rules out"
        )
    ),
    *(
        (Assertion.UNCERTAIN, cue)
        for cue in _phrases(
            "cannot exclude,can t exclude,cannot rule out,can t rule out,"
            "rule out,r o,probable,probably,possible,possibly,suspected,suspect,suspicion of,"
            "likely,questionable,concern for,concerning for,consistent with,compatible with,"
            "working diagnosis,differential includes,differential diagnosis,differential,versus,"
            "vs,may have,might be,could be,evaluate for,presumed,posible,probablemente,sospecha de"
        )
    ),
    *(
        (Assertion.PAST, cue)
        for cue in _phrases(
            "history of,h o,past medical history,hx of,status post,s p,antecedentes de"
        )
    ),
)
_AFTER: tuple[tuple[Assertion, str], ...] = (
    (Assertion.ABSENT, "ruled out"),
    (Assertion.ABSENT, "was negative"),
    (Assertion.ABSENT, "is negative"),
    (Assertion.ABSENT, "negative"),
    (Assertion.ABSENT, "unlikely"),
    (Assertion.ABSENT, "absent"),
    (Assertion.UNCERTAIN, "suspected"),
    (Assertion.UNCERTAIN, "is possible"),
    (Assertion.UNCERTAIN, "cannot be excluded"),
    (Assertion.UNCERTAIN, "not excluded"),
)
# A cue governs the words up to one of these.
_ENDS = word_set(
    "but however except although though presents presenting complains complaining reports "
    "reporting has positive pero because since now today plan assessment"
)


def find_language(text: str) -> str:
    """Return `es` where Spanish small words outnumber English ones, else `en`."""
    words = split_words(text)
    spanish = sum(word in _SPANISH for word in words)
    return "es" if spanish > sum(word in _ENGLISH for word in words) else "en"


def split_sentences(text: str) -> Iterator[Sentence]:
    """Yield the sentences of a text in order; a line end, a bullet or a semicolon ends one too."""
    start = 0
    lang = find_language(text)
    for match in [*_BREAK.finditer(text), None]:
        end = match.start() if match else len(text)
        tokens = tuple(
            Token(token.word, token.start + start, token.end + start)
            for token in split_tokens(text[start:end])
        )
        if tokens:
            yield Sentence(start, end, tokens, lang)
        start = match.end() if match else end


def find_scopes(sentence: Sentence, text: str) -> list[Scope]:
    """Return the stretches of a sentence that cue words govern."""
    words = [token.word for token in sentence.tokens]
    scopes: list[Scope] = []
    for place in range(len(words)):
        for assertion, cue in _CUES:
            parts = cue.split()
            if words[place : place + len(parts)] == parts:
                first = place + len(parts)
                scopes.append(
                    Scope(assertion, first, _find_end(sentence, first, text, assertion), cue)
                )
                break
        for assertion, cue in _AFTER:
            parts = cue.split()
            if words[place : place + len(parts)] == parts:
                scopes.append(Scope(assertion, _find_start(sentence, place, text), place, cue))
    return scopes


def _find_end(sentence: Sentence, first: int, text: str, assertion: Assertion) -> int:
    family = assertion is Assertion.FAMILY
    for place in range(first, len(sentence.tokens)):
        word = sentence.tokens[place].word
        if word in _ENDS and not (family and word == "has"):
            return place
        if assertion is Assertion.PAST and _has_comma(sentence, place, text):
            return place
        if assertion is Assertion.UNCERTAIN and _has_comma(sentence, place, text) and word not in {
            "or", "and", "versus", "vs",
        }:  # fmt: skip
            return place
        if not family and place > first and word == "with" and assertion is Assertion.ABSENT:
            return place
    return len(sentence.tokens)


def _has_comma(sentence: Sentence, place: int, text: str) -> bool:
    before = sentence.tokens[place - 1].end if place else sentence.start
    return "," in text[before : sentence.tokens[place].start]


def _find_start(sentence: Sentence, place: int, text: str) -> int:
    for at in range(place - 1, -1, -1):
        if sentence.tokens[at].word in _ENDS or _has_comma(sentence, at, text):
            return at
    return 0


def find_assertion(scopes: list[Scope], first: int, last: int) -> tuple[Assertion, str]:
    """Return how words first to last (excluded) are spoken of, and the cue; absent wins."""
    here = [s for s in scopes if s.first <= first and last <= s.last]
    for assertion in (
        Assertion.ABSENT,
        Assertion.FAMILY,
        Assertion.UNCERTAIN,
        Assertion.PAST,
    ):
        for scope in here:
            if scope.assertion is assertion:
                return assertion, scope.cue
    return Assertion.PRESENT, ""


_SIDES = {
    "left": "left",
    "lt": "left",
    "l": "left",
    "izquierdo": "left",
    "izquierda": "left",
    "right": "right",
    "rt": "right",
    "r": "right",
    "derecho": "right",
    "derecha": "right",
    "bilateral": "bilateral",
    "bilat": "bilateral",
    "both": "bilateral",
    "ambos": "bilateral",
    "ambas": "bilateral",
}


def find_side(sentence: Sentence, first: int, last: int, text: str) -> str | None:
    """Return left, right or bilateral where a side is said in a span or near it.

    Near is up to four words before and three after, not past a comma or another condition joined
    by "and"; "left and right" is bilateral.
    """
    words = [token.word for token in sentence.tokens]
    inside = {_SIDES[word] for word in words[first:last] if word in _SIDES}
    if inside:
        return inside.pop() if len(inside) == 1 else "bilateral"
    for place in range(first - 1, max(-1, first - 5), -1):
        if _has_comma(sentence, place + 1, text) or words[place] in {"and", "or", "y"}:
            break
        if words[place] in _SIDES:
            joined = place > 1 and words[place - 1] in {"and", "y"} and words[place - 2] in _SIDES
            return "bilateral" if joined else _SIDES[words[place]]
    for place in range(last, min(len(words), last + 3)):
        if words[place] in {"and", "or", "y"}:
            break
        if words[place] in _SIDES:
            return _SIDES[words[place]]
    return None
