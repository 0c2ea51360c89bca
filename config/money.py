"""Money to the cent: an integer count of cents with its currency."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

_AMOUNT: Final = re.compile(r"(-?)([0-9]{1,13})(?:\.([0-9]{1,2}))?")
_DOT_DECIMAL: Final = re.compile(r"(-?)([0-9]{0,13})\.([0-9]{1,2})")


class AmountError(ValueError):
    """A text is not an amount of money; the message says what was expected, never the text."""


class CurrencyMismatchError(ValueError):
    """Two amounts of different currencies met in one sum."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount of money.

    Attributes:
        cents: Signed count of cents; rules about sign live where the amount is used.
        currency: ISO 4217 code; one practice keeps one currency.
    """

    cents: int
    currency: str = "USD"

    @classmethod
    def zero(cls) -> Self:
        """Return no money."""
        return cls(0)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read `12`, `12.3`, `12.34`, `-12.34` or `.50`; no sign `+`, comma, blank or exponent.

        Raises:
            AmountError: The text has another form or more than two decimals.
        """
        match = _AMOUNT.fullmatch(text) or _DOT_DECIMAL.fullmatch(text)
        if match is None:
            raise AmountError("expected an amount such as 120 or 120.50")
        sign, whole, fraction = match.groups()
        cents = int(whole or "0") * 100 + int((fraction or "").ljust(2, "0"))
        return cls(-cents if sign else cents)

    @classmethod
    def from_decimal(cls, amount: Decimal) -> Self:
        """Take an exact decimal; a fraction of a cent is refused.

        Raises:
            AmountError: The amount is not finite or not a whole number of cents.
        """
        if not amount.is_finite() or amount * 100 != int(amount * 100):
            raise AmountError("expected a finite amount with at most two decimals")
        return cls(int(amount * 100))

    @classmethod
    def total(cls, amounts: Iterable[Money]) -> Self:
        """Add up amounts of one currency; nothing adds up to zero."""
        total = cls.zero()
        for amount in amounts:
            total = total + amount
        return total

    @property
    def text(self) -> str:
        """Return the amount as `-1234.50`: two decimals, a point, no thousands mark."""
        sign = "-" if self.cents < 0 else ""
        return f"{sign}{abs(self.cents) // 100}.{abs(self.cents) % 100:02d}"

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise CurrencyMismatchError(f"{self.currency} met {other.currency}")
        return other.cents

    def __add__(self, other: Money) -> Self:
        return type(self)(self.cents + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Self:
        return type(self)(self.cents - self._same(other), self.currency)

    def __mul__(self, count: int) -> Self:
        return type(self)(self.cents * count, self.currency)

    def __neg__(self) -> Self:
        return type(self)(-self.cents, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.cents < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.cents <= self._same(other)

    def __bool__(self) -> bool:
        return self.cents != 0

    def __str__(self) -> str:
        return self.text
