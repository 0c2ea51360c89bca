"""Keys and numbers: UUIDv7 made by the application, and short numbers that people read out.

A number that people read out carries a check character, so that one wrong or two swapped
characters are noticed, and nothing about a patient.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from typing import Final, NewType
from uuid import UUID

PracticeId = NewType("PracticeId", UUID)

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BASE: Final = len(_ALPHABET)


class _Last:
    """The newest key of this process: the next one is larger, also within a millisecond."""

    lock = threading.Lock()
    value = 0


def uuid7() -> UUID:
    """Make a key that sorts by the time it was made, within a process strictly.

    Source:
        RFC 9562 sections 5.7 and 6.2, method 2 (monotonic random).
    """
    millis = time.time_ns() // 1_000_000
    fresh = (millis & ((1 << 48) - 1)) << 74 | int.from_bytes(os.urandom(10), "big") >> 6
    with _Last.lock:
        if fresh <= _Last.value:
            fresh = _Last.value + 1 + secrets.randbelow(1 << 32)
        _Last.value = fresh
    # 48 bits of time, version, 12 bits, variant, 62 bits
    high, middle, low = fresh >> 74, fresh >> 62 & 0xFFF, fresh & ((1 << 62) - 1)
    return UUID(int=high << 80 | 0x7 << 76 | middle << 64 | 0x2 << 62 | low)


def check_character(body: str) -> str:
    """Return the check character of a body of digits and capitals without I, L, O and U.

    Source:
        Luhn mod N with N = 32.
    """
    total, factor = 0, 2
    for character in reversed(body):
        addend = _ALPHABET.index(character) * factor
        factor = 3 - factor
        total += addend // _BASE + addend % _BASE
    return _ALPHABET[-total % _BASE]


def readable_number(prefix: str, count: int, *, width: int = 6) -> str:
    """Make the number that people read out: prefix, count, check character.

    Args:
        prefix: Capital letters that say what it numbers; without I, L, O and U.
        count: The count that a practice's counter gave; 1 or more.
        width: Digits of the count at least.
    """
    body = f"{prefix}{count:0{width}d}"
    return body + check_character(body)


def is_readable_number(number: str) -> bool:
    """Say whether the number's check character is right."""
    body, check = number[:-1], number[-1:]
    return bool(body) and all(c in _ALPHABET for c in number) and check_character(body) == check


def is_npi(number: str) -> bool:
    """Say whether ten digits carry the check digit of a National Provider Identifier.

    Source:
        45 CFR 162.406(a): Luhn over 80840 and the number.
    """
    if len(number) != 10 or not (number.isascii() and number.isdigit()):
        return False
    total = 24  # what the prefix 80840 adds to the sum
    for place, digit in enumerate(number):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value // 10 + value % 10
    return total % 10 == 0
