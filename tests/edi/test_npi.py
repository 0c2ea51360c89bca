from __future__ import annotations

import pytest

from edi.npi import is_npi


@pytest.mark.parametrize("text", ["1234567893", "1245319599"])
def test_a_right_check_digit_is_accepted(text: str) -> None:
    assert is_npi(text)


@pytest.mark.parametrize(
    "text", ["1234567890", "123456789", "12345678933", "123456789X", "", "١٢٣٤٥٦٧٨٩٣"]
)
def test_anything_else_is_refused(text: str) -> None:
    assert not is_npi(text)


def test_every_change_of_one_digit_is_found() -> None:
    right = "1234567893"
    for place in range(10):
        for digit in "0123456789":
            changed = right[:place] + digit + right[place + 1 :]
            assert is_npi(changed) == (changed == right)
