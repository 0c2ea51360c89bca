"""Pure rules about passwords: how they are read, and which are taken."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from config.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable

CHARACTERS_MIN: Final = 8
CHARACTERS_ALONE_MIN: Final = 15
CHARACTERS_MAX: Final = 256
_DISTINCT_MIN: Final = 3
_OWN_WORD_MIN: Final = 3
_LEFT_MIN: Final = 4


def normalise_password(text: str) -> str:
    """Return one form of what may be typed in several; never cut off.

    Source:
        NIST SP 800-63B-4 section 3.1.1.2 (NFKC or NFKD before hashing).
    """
    return unicodedata.normalize("NFKC", text)


def check_password(
    password: str,
    *,
    is_breached: bool,
    own_words: Iterable[str] = (),
    has_second_factor: bool = True,
) -> list[Finding]:
    """Return findings about a new password: its length, and whether others would guess it.

    Nothing is asked about kinds of characters, and a password never grows too old.

    Args:
        password: Normalised.
        is_breached: It stands on a list of passwords that are known to attackers.
        own_words: The person's and the product's names, which a guesser tries first.
        has_second_factor: False where the password would stand alone.

    Source:
        NIST SP 800-63B-4 section 3.1.1; OWASP ASVS 5.0 6.2.
    """
    least = CHARACTERS_MIN if has_second_factor else CHARACTERS_ALONE_MIN
    if not least <= len(password) <= CHARACTERS_MAX:
        return [
            Finding(
                "password-length",
                "password",
                f"expected {least} to {CHARACTERS_MAX} characters",
                "four or five words that don't belong together are long and easy to keep",
            )
        ]
    if is_breached or len(set(password)) < _DISTINCT_MIN or _is_own_word(password, own_words):
        return [
            Finding(
                "password-guessable",
                "password",
                "attackers try this password first",
                "choose words that nobody connects with you or with each other",
            )
        ]
    return []


def _is_own_word(password: str, own_words: Iterable[str]) -> bool:
    """Say whether little is left of a password once the person's own words are taken out."""
    rest = password.casefold()
    for word in sorted(own_words, key=len, reverse=True):
        if len(word) >= _OWN_WORD_MIN:
            rest = rest.replace(word.casefold(), "")
    return sum(letter.isalnum() for letter in rest) < _LEFT_MIN
