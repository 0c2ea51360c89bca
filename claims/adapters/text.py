"""Texts and amounts as an 837 carries them."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import datetime as dt

    from config.money import Money

# Delimiters can't be sent in data: X12 5010 has no escape character.
_UNSENDABLE: Final = str.maketrans(dict.fromkeys("*:~^|\r\n\t", " "))
_SPELLED: Final = str.maketrans(
    {
        "ß": "SS",
        "Æ": "AE",
        "æ": "AE",
        "Ø": "O",
        "ø": "O",
        "Ł": "L",
        "ł": "L",
        "Đ": "D",
        "đ": "D",
        "\u2018": "'",  # quotation marks and dashes that keyboards make of plain ones
        "\u2019": "'",
        "\u2013": "-",
    }
)


def to_x12_text(text: str) -> str:
    """Return a text in the basic character set: capitals, no accents, no delimiters, one blank.

    Source:
        TR3 appendix B.1.1.2.2, basic character set.
    """
    plain = unicodedata.normalize("NFKD", text.translate(_SPELLED))
    ascii_only = "".join(c for c in plain if c.isascii() and c.isprintable())
    return " ".join(ascii_only.translate(_UNSENDABLE).upper().split())


def to_x12_amount(amount: Money) -> str:
    """Return an amount without trailing zeros and without a point where it needs none."""
    text = amount.text
    return text.rstrip("0").rstrip(".") if "." in text else text


def to_x12_date(day: dt.date) -> str:
    """Return a date as CCYYMMDD."""
    return f"{day:%Y%m%d}"


def to_x12_code(code: str) -> str:
    """Return a diagnosis code without its point."""
    return code.replace(".", "").upper()
