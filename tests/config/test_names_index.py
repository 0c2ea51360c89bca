from __future__ import annotations

import pytest

from config.names_index import name_tokens, normalise, phonetic, search_terms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("smith", "smyth"),
        ("gonzales", "gonzalez"),
        ("catherine", "kathryn"),
        ("knight", "night"),
        ("philips", "fillips"),
        ("jimenez", "gimenez"),
        ("hernandez", "ernandez"),
        ("vargas", "bargas"),
        ("wright", "rite"),
    ],
)
def test_names_that_sound_alike_share_their_sound(one: str, other: str) -> None:
    assert phonetic(one) == phonetic(other)


@pytest.mark.parametrize(("one", "other"), [("smith", "jones"), ("garcia", "lopez")])
def test_names_that_sound_different_do_not(one: str, other: str) -> None:
    assert phonetic(one) != phonetic(other)


def test_accents_apostrophes_and_hyphens_do_not_matter() -> None:
    assert name_tokens("Peña-O\u2019Brien, JOSÉ") == ["pena", "obrien", "jose"]
    assert name_tokens("Ørsted Łukasz") == ["orsted", "lukasz"]


def test_a_name_is_found_by_word_beginning_and_sound() -> None:
    assert search_terms("Smith") == {"smith", "^smi", "~smt"}
    assert search_terms("") == set()


def test_normalised_values_ignore_case_width_and_blanks() -> None:
    assert normalise("  \uff2d\uff32\uff2e  0001 ") == normalise("mrn 0001")
