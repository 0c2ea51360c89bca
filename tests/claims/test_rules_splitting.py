"""How a visit's lines become claims, and until when a payer takes one."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.rules.filing import compute_file_by
from claims.rules.splitting import DIAGNOSES_MAX, LINES_MAX, split_visit
from claims.rules.states import (
    LEGAL_MOVES,
    STANDS,
    IllegalMoveError,
    check_move,
    compute_next_on,
)
from claims.values import ClaimState, OwnerRole
from coding.values import ChargeLineId, CodedDiagnosis, CodedLine
from config.money import Money
from config.provenance import Source, SourceKind
from practice.values import FilingLimits, PayerKind, ProviderId
from tests.factories.claims import SERVED_ON, make_content, make_line
from tests.factories.practice import make_payer

TYPED = Source(SourceKind.PERSON, "tester")
ONE, OTHER = ProviderId(UUID(int=1)), ProviderId(UUID(int=2))


def make_coded(number: int, **changes: Any) -> CodedLine:  # noqa: ANN401  # any field
    values: dict[str, Any] = {
        "id": ChargeLineId(UUID(int=number)),
        "number": number,
        "code": "99213",
        "system": "CPT",
        "modifiers": (),
        "units": 1,
        "charge": Money(100),
        "pointers": (1,),
        "service_date": SERVED_ON,
        "source": TYPED,
    }
    return CodedLine(**values | changes)


def diagnoses(count: int) -> list[CodedDiagnosis]:
    return [CodedDiagnosis(f"A{number:02d}", TYPED) for number in range(count)]


def test_visit_of_one_clinician_and_place_is_one_claim() -> None:
    (part,) = split_visit(
        diagnoses(2), [make_coded(1), make_coded(2)], provider_id=ONE, place_of_service="11"
    )
    assert (part.provider_id, part.place_of_service) == (ONE, "11")
    assert [line.number for line in part.lines] == [1, 2]


def test_other_clinician_and_other_place_get_claims_of_their_own() -> None:
    lines = [
        make_coded(1),
        make_coded(2, provider_id=OTHER),
        make_coded(3, place_of_service="02"),
        make_coded(4),
    ]
    parts = split_visit(diagnoses(1), lines, provider_id=ONE, place_of_service="11")
    assert [[line.number for line in part.lines] for part in parts] == [[1, 4], [2], [3]]


def test_diagnosis_that_no_line_points_at_stays_while_there_is_room() -> None:
    (part,) = split_visit(
        diagnoses(3), [make_coded(1, pointers=(2,))], provider_id=ONE, place_of_service="11"
    )
    assert [d.code for d in part.diagnoses] == ["A00", "A01", "A02"]
    assert part.lines[0].pointers == (2,)


def test_thirteenth_diagnosis_goes_and_pointers_are_counted_again() -> None:
    lines = [make_coded(1, pointers=(13, 2))]
    (part,) = split_visit(diagnoses(13), lines, provider_id=ONE, place_of_service="11")
    assert [d.code for d in part.diagnoses] == ["A01", "A12"]
    assert part.lines[0].pointers == (2, 1)


@given(st.lists(st.sets(st.integers(1, 30), min_size=1, max_size=4), max_size=130))
def test_no_line_is_lost_and_no_claim_is_too_large(pointed: list[set[int]]) -> None:
    known = diagnoses(30)
    lines = [make_coded(n, pointers=tuple(p)) for n, p in enumerate(pointed, start=1)]
    parts = split_visit(known, lines, provider_id=ONE, place_of_service="11")
    assert [line.id for part in parts for line in part.lines] == [line.id for line in lines]
    for part in parts:
        assert 1 <= len(part.lines) <= LINES_MAX
        assert 1 <= len(part.diagnoses) <= DIAGNOSES_MAX
        for line in part.lines:
            before = lines[line.number - 1]
            assert [part.diagnoses[p - 1].code for p in line.pointers] == [
                known[p - 1].code for p in before.pointers
            ]


@pytest.mark.parametrize(
    ("kind", "days", "served", "file_by"),
    [
        (PayerKind.COMMERCIAL, 90, dt.date(2026, 9, 14), dt.date(2026, 12, 13)),
        (PayerKind.COMMERCIAL, None, dt.date(2026, 9, 14), None),
        (PayerKind.MEDICARE, None, dt.date(2026, 9, 14), dt.date(2027, 9, 14)),
        (PayerKind.MEDICARE, None, dt.date(2028, 2, 29), dt.date(2029, 2, 28)),
        (PayerKind.MEDICARE, 90, dt.date(2026, 9, 14), dt.date(2026, 12, 13)),
        (PayerKind.MEDICARE, 500, dt.date(2026, 9, 14), dt.date(2027, 9, 14)),
    ],
)
def test_filing_limit_counts_from_the_earliest_line(
    kind: PayerKind, days: int | None, served: dt.date, file_by: dt.date | None
) -> None:
    payer = make_payer(kind=kind, limits=FilingLimits(days, None, None, None, "contract"))
    later = served + dt.timedelta(days=9)
    content = make_content(lines=(make_line(service_date=later), make_line(2, service_date=served)))
    assert compute_file_by(content, payer) == file_by


ANSWERED = dt.date(2028, 2, 29)


@pytest.mark.parametrize(
    ("kind", "changes", "start", "file_by"),
    [
        (PayerKind.COMMERCIAL, {"frequency": "7"}, ANSWERED, dt.date(2029, 2, 28)),
        (PayerKind.COMMERCIAL, {"frequency": "8"}, ANSWERED, dt.date(2029, 2, 28)),
        (PayerKind.COMMERCIAL, {"frequency": "7"}, None, None),
        (PayerKind.COMMERCIAL, {"payer_sequence": 2}, ANSWERED, dt.date(2028, 5, 29)),
        (PayerKind.COMMERCIAL, {"payer_sequence": 2}, None, None),
        (PayerKind.COMMERCIAL, {}, ANSWERED, dt.date(2028, 8, 27)),
        (PayerKind.MEDICARE, {"payer_sequence": 2}, dt.date(2029, 1, 1), dt.date(2029, 2, 28)),
        (PayerKind.MEDICARE, {"payer_sequence": 2}, None, dt.date(2029, 2, 28)),
        (PayerKind.MEDICARE, {"frequency": "7"}, ANSWERED, dt.date(2029, 2, 28)),
    ],
)
def test_clock_of_a_correction_or_a_later_payer_starts_with_an_answer(
    kind: PayerKind, changes: dict[str, Any], start: dt.date | None, file_by: dt.date | None
) -> None:
    payer = make_payer(kind=kind, limits=FilingLimits(180, 365, 180, 90, "contract"))
    content = make_content(lines=(make_line(service_date=dt.date(2028, 2, 29)),), **changes)
    assert compute_file_by(content, payer, start=start) == file_by


def test_every_state_has_moves_an_owner_and_a_next_date_unless_it_is_done() -> None:
    for state in ClaimState:
        assert state in LEGAL_MOVES
        is_done = STANDS[state].owner is OwnerRole.NOBODY
        assert is_done == (compute_next_on(state, today=SERVED_ON) is None)


def test_move_outside_the_table_is_a_bug() -> None:
    check_move(ClaimState.BUILT, ClaimState.READY)
    with pytest.raises(IllegalMoveError):
        check_move(ClaimState.HELD, ClaimState.BATCHED)
    with pytest.raises(IllegalMoveError):
        check_move(ClaimState.BUILT, ClaimState.SENT)
