"""Names, addresses and numbers in the form in which a letter prints them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.people import Address


def write_address(address: Address) -> tuple[str, ...]:
    """Return an address as two to four lines of a letter."""
    postal = address.postal_code
    if len(postal) == 9:
        postal = f"{postal[:5]}-{postal[5:]}"
    town = " ".join(part for part in (f"{address.city},", address.state, postal) if part)
    country = "" if address.country in ("", "US") else address.country
    return tuple(line for line in (address.line1, address.line2, town, country) if line)


def write_phone(phone: str) -> str:
    """Return ten digits as `(617) 555-0100`; anything else as it is."""
    digits = "".join(character for character in phone if character.isdigit())
    if len(digits) == 11 and digits.startswith("1"):
        digits = digits[1:]
    if len(digits) != 10:
        return phone
    return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"


def write_scan_line(account_number: str, statement_number: str, cents: int) -> str:
    """Return the coupon's digits: account, statement, amount and a check digit; no PHI.

    Source:
        House: the check digit is Luhn's (ISO/IEC 7812-1 annex B).
    """
    body = "".join(
        [
            *(character for character in account_number if character.isdigit()),
            *(character for character in statement_number if character.isdigit()),
            f"{cents:08d}",
        ]
    )
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value // 10 + value % 10
    return body + str(-total % 10)
