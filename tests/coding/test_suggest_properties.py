"""Whatever the text, offsets hold, nothing raises, and the same words give the same answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coding.service import search_codes, suggest_codes
from coding.words import fold, split_tokens

if TYPE_CHECKING:
    from pathlib import Path

PIECES = st.sampled_from(
    [
        "HTN", "type 2 diabetes", "left knee pain", "denies", "no", "rule out", "family history of",
        "asthma", "and", ",", ".", "\n", "CKD stage 3", "Niega", "dolor de pecho", "both", "\u00e9",
        "\u0130", "\ufb01", "\U0001f48a", "(", ")", "w/o", "'s", "\u2019s", "migraine",
        "without aura",
    ]
)  # fmt: skip
NOTES = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=14).map(" ".join))
QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@given(text=st.text(max_size=60))
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)
    for token in split_tokens(text):
        assert fold(text[token.start : token.end]) == token.word


@QUICK
@given(text=NOTES)
def test_suggestions_point_into_the_text(codes_folder: Path, text: str) -> None:
    found = suggest_codes(codes_folder, text)
    assert found == suggest_codes(codes_folder, text)
    for suggestion in found.suggestions:
        assert suggestion.words
        assert text[suggestion.start : suggestion.end] == suggestion.words
        assert 0 < suggestion.confidence <= 100


@QUICK
@given(text=NOTES, lang=st.sampled_from(["en", "es"]))
def test_any_search_gives_billable_codes_first(codes_folder: Path, text: str, lang: str) -> None:
    hits = search_codes(codes_folder, text, lang=lang).hits
    assert len(hits) <= 10
    assert len({(hit.system, hit.code) for hit in hits}) == len(hits)
    if len(text.split()) != 1:  # a heading typed as a number comes first
        flags = [hit.billable for hit in hits]
        assert flags == sorted(flags, reverse=True)
