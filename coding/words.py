"""Words of clinical text made comparable: folding, tokens with offsets, stems, lexicons.

Used the same way when an index is built and when it is asked, so that "Fractures, renal" and
"kidney fracture" meet. The lexicons are our own; they lie beside this file as tab-separated text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources

INDEX_VERSION = "4"


def word_list(text: str) -> list[str]:
    """Return the words of a line: keeps long word lists readable."""
    return text.split()


def word_set(text: str) -> frozenset[str]:
    """Return the words of a line as a set: keeps long word lists readable."""
    return frozenset(text.split())


_TOKEN = re.compile(r"[a-z0-9]+")
_POSSESSIVE = re.compile(r"['\u2019]s(?![a-z0-9])")
_BRITISH = tuple(
    pair.split(":")
    for pair in word_list(
        "haem:hem oesoph:esoph oedem:edem anaem:anem anaes:anes rrhoea:rrhea paed:ped foet:fet "
        "kaem:kem ischaem:ischem pnoea:pnea gynaec:gynec caec:cec faec:fec tumour:tumor "
        "labour:labor colour:color caem:cem"
    )
)
_SUFFIXES = word_list(
    "ization isation ically ations ation ative ating ated ates ities ional ious ions ion ives ive "
    "ical ics ity ous ful ing ed ic al es um us is er e y a"
)
# Words whose stems would meet though they mean different things.
_WHOLE = frozenset(("tetany", "tetanus"))
STOP = word_set(
    "a an and or of the to in on at by for from as is are was with due elsewhere classified "
    "specified unspecified nos nec other type finding situation unspecific "
    "his her this that be has had have patient pt some any all it its which also"
)
# What follows one of these, up to the next comma or "with", is said to be absent.
_ABSENT = frozenset(("without", "not", "w/o"))
ABSENT_MARK = "wo_"
# Words that carry little: kept, but cheap when a title has them and the question has not.
LIGHT = word_set(
    "diseas disorder part region state status site side femal primary essential simple "
    "uncomplicat acut clos initi encount"
)


@dataclass(frozen=True)
class Token:
    """A word of a text: folded, with the character offsets where it stands (end excluded)."""

    word: str
    start: int
    end: int


def fold(text: str) -> str:
    """Return lower-case text without accents, character for character.

    The result has the length of the input, so that offsets hold in both.
    """
    return text.lower() if text.isascii() else "".join(_fold_char(char) for char in text)


@cache
def _fold_char(char: str) -> str:
    base = unicodedata.normalize("NFKD", char)[:1].lower()
    return base[:1] if base else char


def split_tokens(text: str) -> list[Token]:
    """Return the words of a text in order; a possessive 's is left out."""
    return [
        Token(match.group(), match.start(), match.end())
        for match in _TOKEN.finditer(_without_possessives(text))
    ]


def split_words(text: str) -> list[str]:
    """Return the words of a text without their offsets: faster where those aren't asked for."""
    return _TOKEN.findall(_without_possessives(text))


def _without_possessives(text: str) -> str:
    """Return the folded text with each possessive 's blanked out, so that offsets still hold."""
    folded = fold(text)
    return _POSSESSIVE.sub("  ", folded)


@cache
def stem(word: str) -> str:
    """Return the part of an English clinical word that its forms share.

    Lighter than Porter's and bent to this field: necrosis and necrotic, infection and
    infected, hypertension and hypertensive, diabetes and diabetic meet.
    """
    if word in _WHOLE or len(word) <= 3 or word.isdigit() or any(char.isdigit() for char in word):
        return word
    for british, american in _BRITISH:
        word = word.replace(british, american)
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("sis") and len(word) > 6:
        return word[:-3] + "t"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for suffix in _SUFFIXES:
        least = 4 if len(suffix) == 1 else 3
        if word.endswith(suffix) and len(word) - len(suffix) >= least:
            return word[: -len(suffix)]
    return word


def to_stems(text: str) -> tuple[str, ...]:
    """Return the stems of all words, stop words included."""
    return tuple([stem(word) for word in split_words(text)])


@cache
def read_lexicon(name: str) -> dict[tuple[str, ...], str]:
    """Return a lexicon file as {stems of the phrase: what it stands for}.

    A line is `phrase, phrase, …<TAB>meaning`; lines that start with # are remarks.
    """
    table: dict[tuple[str, ...], str] = {}
    for phrase, meaning in read_lines(name):
        if stems := to_stems(phrase):
            table.setdefault(stems, meaning)
    return table


def read_lines(name: str) -> list[tuple[str, str]]:
    """Return the (phrase, meaning) pairs of a lexicon file, in order."""
    path = resources.files("coding").joinpath("lexicon").joinpath(f"{name}.tsv")
    pairs: list[tuple[str, str]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            phrases, _, meaning = line.partition("\t")
            pairs += [(phrase.strip(), meaning.strip()) for phrase in phrases.split(",")]
    return pairs


@cache
def _longest_from(name: str) -> dict[str, int]:
    """Return, for each stem that starts a phrase of a lexicon, the most words that follow it."""
    longest: dict[str, int] = {}
    for stems in read_lexicon(name):
        longest[stems[0]] = max(len(stems), longest.get(stems[0], 0))
    return longest


def find_phrase(stems: tuple[str, ...], at: int, lexicon: str) -> tuple[int, str] | None:
    """Return (words taken, meaning) of the longest lexicon phrase that starts at a place."""
    longest = _longest_from(lexicon).get(stems[at])
    if longest is None:
        return None
    table = read_lexicon(lexicon)
    for length in range(min(longest, len(stems) - at), 0, -1):
        meaning = table.get(stems[at : at + length])
        if meaning is not None:
            return length, meaning
    return None


@cache
def _meaning_stems(meaning: str) -> tuple[str, ...]:
    return to_stems(meaning)


def conflate(stems: tuple[str, ...]) -> tuple[str, ...]:
    """Return stems with synonyms made one: renal is kidney, carcinoma is malignant neoplasm."""
    out: list[str] = []
    at = 0
    while at < len(stems):
        found = find_phrase(stems, at, "synonyms")
        if found is None:
            out.append(stems[at])
            at += 1
        else:
            out.extend(_meaning_stems(found[1]))
            at += found[0]
    return tuple(out)


_STOP_STEMS = frozenset(stem(word) for word in STOP)


def to_keys(stems: tuple[str, ...]) -> tuple[str, ...]:
    """Return the stems that carry meaning, synonyms made one, each once, in order.

    What stands after "without" or "not" is marked as absent (`wo_`), so that "with aura" and
    "without aura" never meet.
    """
    keys: dict[str, None] = {}
    absent = False
    for key in conflate(stems):
        if key in _ABSENT:
            absent = True
        elif key in {"with", "and", ","}:
            absent = False
        elif key not in _STOP_STEMS:
            keys[ABSENT_MARK + key if absent else key] = None
    return tuple(keys)


def to_index_keys(text: str) -> tuple[str, ...]:
    """Return the keys under which a title or term is indexed, or by which it is asked for."""
    keys: dict[str, None] = {}
    for part in re.split(r"[,;:]", text.replace("w/o", "without")):
        keys.update(dict.fromkeys(to_keys(to_stems(part))))
    return tuple(keys)
