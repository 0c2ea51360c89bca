"""Amounts, counts and dates of X12 elements as exact values, never floats."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation

DIGITS_MAX = 18
"""No number of the standard is longer; a longer one is not read (nor turned into an int)."""


def read_cents(text: str) -> int | None:
    """Return an amount (type R, dollars) as integer cents.

    Args:
        text: "12", "12.3", "-.5"; as X12 has it, without plus, comma or blanks.

    Returns:
        Cents, or None if the text is empty, no number, too long, or finer than a cent.
    """
    digits = text[1:] if text[:1] == "-" else text
    whole, _, rest = digits.partition(".")
    joined = whole + rest
    if not joined.isdigit() or not joined.isascii() or len(joined) > DIGITS_MAX:
        return None
    if len(rest) > 2:
        if rest[2:].strip("0"):
            return None
        rest = rest[:2]
    cents = int(whole or "0") * 100 + int((rest + "00")[:2])
    return -cents if text[0] == "-" else cents


def is_number(text: str) -> bool:
    """Return whether the text is a decimal as X12 writes one."""
    digits = text.removeprefix("-").replace(".", "", 1)
    return digits.isdigit() and digits.isascii()


def write_cents(cents: int) -> str:
    """Return cents as X12 writes an amount: no trailing zeros after the point, no lone point."""
    sign = "-" if cents < 0 else ""
    whole, rest = divmod(abs(cents), 100)
    if rest == 0:
        return f"{sign}{whole}"
    return f"{sign}{whole}.{rest:02d}".rstrip("0")


def read_quantity(text: str) -> Decimal | None:
    """Return a quantity, or None if there is none or it is no number."""
    if not is_number(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def read_count(text: str) -> int | None:
    """Return a whole number, or None."""
    is_count = text.isdigit() and text.isascii() and len(text) <= DIGITS_MAX
    return int(text) if is_count else None


def read_date(text: str) -> dt.date | None:
    """Return a CCYYMMDD or YYMMDD date (as ISA09: this century), or None."""
    digits = f"20{text}" if len(text) == 6 else text
    if len(digits) != 8 or not digits.isdigit() or not digits.isascii():
        return None
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def read_period(text: str) -> tuple[dt.date | None, dt.date | None]:
    """Return first and last day of a D8 or RD8 value; a single day is both."""
    first, mark, last = text.partition("-")
    start = read_date(first)
    return (start, read_date(last)) if mark else (start, start)
