"""Member ids and drug codes in the form in which payers take them."""

from __future__ import annotations

import pytest

from claims.rules.numbers import to_member_id, to_ndc
from practice.values import PayerKind


@pytest.mark.parametrize(
    ("code", "sent"),
    [
        ("0409-3795-01", "00409379501"),
        ("50242-041-21", "50242004121"),
        ("60575-4112-1", "60575411201"),
        ("00409-3795-01", "00409379501"),
        ("00409379501", "00409379501"),
        ("0409379501", "0409379501"),
        ("409-3795-1", "409-3795-1"),
        ("0409-3795", "0409-3795"),
        ("040X-3795-01", "040X-3795-01"),
        ("", ""),
    ],
)
def test_drug_code_gets_its_zero_where_its_hyphens_say(code: str, sent: str) -> None:
    assert to_ndc(code) == sent


def test_medicare_number_is_sent_without_the_cards_hyphens() -> None:
    assert to_member_id("1eg4-te5-mk73", PayerKind.MEDICARE) == "1EG4TE5MK73"


def test_other_payers_member_ids_stay_as_they_stand_on_the_card() -> None:
    assert to_member_id("xyz-001 a", PayerKind.COMMERCIAL) == "xyz-001 a"
