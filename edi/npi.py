"""The check digit of a National Provider Identifier."""

from __future__ import annotations

from functools import lru_cache

_PREFIX_SUM = 24
"""What the prefix 80840, which every NPI carries unwritten, adds to the sum."""


@lru_cache(maxsize=4096)
def is_npi(text: str) -> bool:
    """Whether the text is ten digits with the right check digit.

    Source:
        45 CFR 162.406; ISO/IEC 7812 (Luhn) over 80840 and the NPI.
    """
    if len(text) != 10 or not text.isascii() or not text.isdigit():
        return False
    digits = [int(digit) for digit in text]
    doubled = (2 * digit for digit in digits[0::2])
    total = _PREFIX_SUM + sum(d - 9 if d > 9 else d for d in doubled) + sum(digits[1::2])
    return total % 10 == 0
