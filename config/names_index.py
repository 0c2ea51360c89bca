"""Which words of a name go into the look-up keys: tokens, their beginnings and their sound.

Hits are candidates only: what was found is decrypted and compared, so that a rough match here
costs time and never a wrong answer.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

PREFIX_LETTERS: Final = 3
PHONETIC_LETTERS_MAX: Final = 6

_APOSTROPHE: Final = re.compile("['\u2019]")
_WORD: Final = re.compile(r"[^\W_]+")
# Letters that casefold and decomposition leave as they are.
_LIGATURES: Final = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
)
# Spellings of one sound, applied in this order; English and Spanish names meet in the middle.
_SOUNDS: Final = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"^(?:kn|gn|pn|wr)", lambda m: m.group()[1]),
        (r"^x", "s"),
        (r"^ll", "y"),
        (r"tsch|sch|tch|ch|sh", "x"),
        (r"ph", "f"),
        (r"gh(?=[^aeiou]|$)", ""),
        (r"gh", "g"),
        (r"th", "t"),
        (r"dg(?=[eiy])", "j"),
        (r"c(?=[eiy])|z", "s"),
        (r"ck|c|q", "k"),
        (r"g(?=[ei])", "j"),
        (r"v", "b"),
        (r"w(?=[aeiouy])", "w"),
        (r"w|(?<!^)h|^h", ""),
        (r"m(?=b$)b", "m"),
    )
)
_DOUBLED: Final = re.compile(r"(.)\1+")
_INNER_VOWELS: Final = re.compile(r"(?<!^)[aeiouy]")


def normalise(text: str) -> str:
    """Return a value as it is compared: one Unicode form, one case, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def name_tokens(text: str) -> list[str]:
    """Return a name's words in order, lower case, without accents and marks."""
    decomposed = unicodedata.normalize("NFKD", text.casefold()).translate(_LIGATURES)
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _WORD.findall(_APOSTROPHE.sub("", bare))


def phonetic(token: str) -> str:
    """Return how a word sounds, roughly; equal for Smith and Smyth, Gonzales and Gonzalez."""
    sound = token
    for pattern, replacement in _SOUNDS:
        sound = pattern.sub(replacement, sound)
    sound = _DOUBLED.sub(r"\1", sound)
    sound = _INNER_VOWELS.sub("", sound)
    if sound and sound[0] in "aeiouy":
        sound = "a" + sound[1:]
    return _DOUBLED.sub(r"\1", sound)[:PHONETIC_LETTERS_MAX]


def search_terms(text: str) -> set[str]:
    """Return what a name is found by: its words, `^` with their first letters, `~` with sounds."""
    tokens = name_tokens(text)
    prefixes = {"^" + token[:PREFIX_LETTERS] for token in tokens if len(token) >= PREFIX_LETTERS}
    sounds = {"~" + sound for token in tokens if (sound := phonetic(token))}
    return {*tokens, *prefixes, *sounds}
