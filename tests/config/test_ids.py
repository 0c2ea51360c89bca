from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.ids import is_npi, is_readable_number, readable_number, uuid7


def test_keys_are_version_seven_and_sort_by_time() -> None:
    first = uuid7()
    keys = [uuid7() for _ in range(1000)]
    assert {key.version for key in keys} == {7}
    assert {key.variant for key in keys} == {first.variant}
    assert keys == sorted(set(keys))
    assert first < keys[0]


@given(st.integers(min_value=1, max_value=10**9), st.data())
def test_one_wrong_character_is_noticed(count: int, data: st.DataObject) -> None:
    number = readable_number("C", count)
    assert is_readable_number(number)
    place = data.draw(st.integers(min_value=0, max_value=len(number) - 1))
    other = data.draw(st.sampled_from([c for c in "0123456789ABCDEF" if c != number[place]]))
    assert not is_readable_number(number[:place] + other + number[place + 1 :])


@pytest.mark.parametrize(
    ("number", "is_right"),
    [
        ("1234567893", True),
        ("1234567890", False),
        ("123456789", False),
        ("12345678931", False),
        ("123456789A", False),
        ("١٢٣٤٥٦٧٨٩٣", False),
    ],
)
def test_npi_check_digit(number: str, *, is_right: bool) -> None:
    assert is_npi(number) is is_right
