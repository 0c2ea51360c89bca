"""What pages of several packages are made of: marks, links and what was told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

# A text that is translated when it is written; typed loosely, as Flask-Babel ships no types.
Words = Any

PAGE_ROWS: Final = 50


@dataclass(frozen=True, slots=True)
class Mark:
    """A short word with a colour that says how good it is.

    Attributes:
        kind: `ok`, `info`, `warn`, `bad` or empty.
    """

    words: Words
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A link with, where there is one, how many rows stand behind it."""

    words: Words
    url: str
    count: int | None = None
    is_current: bool = False
