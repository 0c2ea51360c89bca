from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.money import AmountError, CurrencyMismatchError, Money

CENTS = st.integers(min_value=-(10**14), max_value=10**14)


@given(CENTS)
def test_an_amount_reads_back_what_it_writes(cents: int) -> None:
    assert Money.from_text(Money(cents).text) == Money(cents)
    assert Money.from_decimal(Decimal(cents) / 100) == Money(cents)


@given(st.lists(CENTS))
def test_a_total_is_the_sum_of_its_cents(cents: list[int]) -> None:
    assert Money.total(Money(c) for c in cents).cents == sum(cents)


@pytest.mark.parametrize(
    "text", ["", "1.234", "1e9", "NaN", "+1", "1,000", " 1", "--1", ".", "\u0661"]
)
def test_what_is_no_amount_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(AmountError) as refused:
        Money.from_text(text)
    assert str(refused.value) == "expected an amount such as 120 or 120.50"


@pytest.mark.parametrize("amount", [Decimal("0.001"), Decimal("NaN"), Decimal("Infinity")])
def test_a_fraction_of_a_cent_is_refused(amount: Decimal) -> None:
    with pytest.raises(AmountError):
        Money.from_decimal(amount)


def test_two_currencies_do_not_add() -> None:
    with pytest.raises(CurrencyMismatchError):
        Money(1) + Money(1, "MXN")


def test_amounts_compare_and_negate() -> None:
    assert Money(1) < Money(2) <= Money(2)
    assert -Money(5) == Money(-5)
    assert Money(3) * 4 == Money(12)
    assert Money.from_text(".50").text == "0.50"
