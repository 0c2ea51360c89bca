r"""Escape sequences of ER7 text: `\F\`, `\S\`, `\T\`, `\R\`, `\E\`, `\Xhh\`, `\.br\`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_HEX = re.compile(r"X((?:[0-9A-Fa-f]{2})+)\Z")
_FORMATTING = {".br": "\n", ".sp": "\n", ".ce": "\n", ".fi": "", ".nf": "", "H": "", "N": ""}


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The five characters a message separates its text by; those it does not name are empty."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"

    @property
    def encoding_characters(self) -> str:
        """MSH-2 as it is written."""
        return f"{self.component}{self.repetition}{self.escape}{self.subcomponent}"


DEFAULT_DELIMITERS = Delimiters()


@lru_cache(maxsize=64)
def _sequence_pattern(escape: str) -> re.Pattern[str]:
    mark = re.escape(escape)
    return re.compile(f"{mark}([^{mark}\r\n]*){mark}")


def unescape(text: str, delimiters: Delimiters, *, charset: str = "utf-8") -> str:
    r"""Return text with its escape sequences resolved.

    An unknown sequence or a lone escape character (`C:\temp`) stays as it came: senders that do
    not escape are common, and a changed value would be worse than an odd one.

    Args:
        text: One subcomponent as it stands in the message.
        delimiters: Those of the message.
        charset: Python's name of the message's character set, for `\Xhh\`.

    Source:
        HL7 2.5.1 ch. 2.7.
    """
    mark = delimiters.escape
    if not mark or mark not in text:
        return text
    plain = {
        "F": delimiters.field,
        "S": delimiters.component,
        "T": delimiters.subcomponent,
        "R": delimiters.repetition,
        "E": mark,
    } | _FORMATTING

    def resolve(match: re.Match[str]) -> str:
        name = match[1]
        if name in plain:
            return plain[name]
        hexed = _HEX.match(name)
        if hexed is None:
            return match[0]
        try:
            return bytes.fromhex(hexed[1]).decode(charset)
        except UnicodeDecodeError:
            return match[0]

    return _sequence_pattern(mark).sub(resolve, text)


@lru_cache(maxsize=64)
def _escape_table(delimiters: Delimiters) -> dict[int, str]:
    mark = delimiters.escape
    return {
        ord(delimiters.field): f"{mark}F{mark}",
        ord(delimiters.component): f"{mark}S{mark}",
        ord(delimiters.subcomponent): f"{mark}T{mark}",
        ord(delimiters.repetition): f"{mark}R{mark}",
        ord(mark): f"{mark}E{mark}",
        ord("\r"): f"{mark}X0D{mark}",
        ord("\n"): f"{mark}.br{mark}",
    }


def escape(text: str, delimiters: Delimiters = DEFAULT_DELIMITERS) -> str:
    """Return text that may stand in a field: `unescape(escape(x)) == x`.

    Args:
        text: Any text without control characters other than line ends.
        delimiters: All five must be set.
    """
    return text.translate(_escape_table(delimiters))
