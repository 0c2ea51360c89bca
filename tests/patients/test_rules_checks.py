from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from config.finding import Level, has_errors
from config.people import Identifier, PersonName, Sex
from patients import rules
from patients.values import CoverageDetails, Relationship, Subscriber
from practice.values import PayerKind
from tests.factories.patients import HOME, TODAY, make_patient

if TYPE_CHECKING:
    from config.finding import Finding


def _codes(findings: list[Finding]) -> set[tuple[str, Level]]:
    return {(finding.code, finding.level) for finding in findings}


@pytest.mark.parametrize("number", ["1EG4TE5MK73", "1eg4-te5-mk73", "9AA9AA9AA99"])
def test_medicare_number_of_its_form_passes(number: str) -> None:
    assert rules.check_mbi(number) == []


@pytest.mark.parametrize(
    "number",
    ["1EG4TE5MK7", "0EG4TE5MK73", "1SG4TE5MK73", "1EG4TE5MKA3", "900000001A", "1EGGTE5MK73"],
)
def test_medicare_number_of_another_form_is_a_warning(number: str) -> None:
    assert _codes(rules.check_mbi(number)) == {("mbi-form", Level.WARNING)}


def test_medicare_form_is_asked_of_medicare_only() -> None:
    details = CoverageDetails("SEA778812")
    assert _codes(rules.check_coverage(details, payer_kind=PayerKind.MEDICARE)) == {
        ("mbi-form", Level.WARNING)
    }
    assert rules.check_coverage(details, payer_kind=PayerKind.MEDICARE_ADVANTAGE) == []


@pytest.mark.parametrize("member_id", ["A*B", "A~B", "A:B", "-A1", "A1 ", "A^1", "Ä1", "A" * 81])
def test_member_id_with_other_characters_is_found(member_id: str) -> None:
    found = rules.check_coverage(CoverageDetails(member_id), payer_kind=PayerKind.COMMERCIAL)
    assert _codes(found) == {("member-id-characters", Level.ERROR)}


@pytest.mark.parametrize(
    ("kind", "level"),
    [(PayerKind.COMMERCIAL, Level.ERROR), (PayerKind.WORKERS_COMP, Level.WARNING)],
)
def test_missing_member_id_stops_where_the_payer_has_them(kind: PayerKind, level: Level) -> None:
    found = rules.check_coverage(CoverageDetails(""), payer_kind=kind)
    assert _codes(found) == {("member-id-missing", level)}


def test_dependent_needs_a_subscriber() -> None:
    alone = CoverageDetails("SEA1", relationship=Relationship.CHILD)
    assert _codes(rules.check_coverage(alone, payer_kind=PayerKind.COMMERCIAL)) == {
        ("subscriber-missing", Level.ERROR)
    }
    bare = Subscriber(PersonName("Vandersloot", "Piet"), None, Sex.UNKNOWN, None)
    half = CoverageDetails("SEA1", relationship=Relationship.CHILD, subscriber=bare)
    found = rules.check_coverage(half, payer_kind=PayerKind.COMMERCIAL)
    assert {finding.where for finding in found} == {"subscriber.birth_date", "subscriber.sex"}
    assert not has_errors(found)
    full = Subscriber(PersonName("Vandersloot", "Piet"), dt.date(1980, 1, 1), Sex.MALE, HOME)
    whole = CoverageDetails("SEA1", relationship=Relationship.CHILD, subscriber=full)
    assert rules.check_coverage(whole, payer_kind=PayerKind.COMMERCIAL) == []


@pytest.mark.parametrize("priority", [0, 12])
def test_priority_out_of_bounds_is_found(priority: int) -> None:
    details = CoverageDetails("SEA1")
    found = rules.check_coverage(details, payer_kind=PayerKind.BLUE, priority=priority)
    assert _codes(found) == {("coverage-priority", Level.ERROR)}


def test_whole_patient_passes() -> None:
    assert rules.check_patient(make_patient(), today=TODAY) == []


@pytest.mark.parametrize(
    ("changes", "code", "level"),
    [
        ({"name": PersonName("--")}, "name-missing", Level.ERROR),
        ({"birth_date": None}, "birth-date-missing", Level.WARNING),
        ({"birth_date": TODAY + dt.timedelta(days=1)}, "birth-date-future", Level.ERROR),
        ({"birth_date": dt.date(1890, 1, 1)}, "birth-date-age", Level.ERROR),
        ({"sex": Sex.UNKNOWN}, "sex-unknown", Level.WARNING),
        ({"deceased_on": dt.date(1980, 1, 1)}, "deceased-date", Level.ERROR),
        ({"language": "fr"}, "language-unknown", Level.ERROR),
        ({"identifiers": (Identifier("", "1"),)}, "identifier-incomplete", Level.ERROR),
    ],
)
def test_each_finding_of_a_patient(changes: dict[str, object], code: str, level: Level) -> None:
    assert _codes(rules.check_patient(make_patient(**changes), today=TODAY)) == {(code, level)}


def test_patient_born_today_passes() -> None:
    assert rules.check_patient(make_patient(birth_date=TODAY), today=TODAY) == []


def test_address_of_a_patient_never_stops_a_message() -> None:
    bad = make_patient(address=replace(HOME, state="XX", postal_code="1"))
    found = rules.check_patient(bad, today=TODAY)
    assert _codes(found) == {("state-code", Level.WARNING), ("address-zip", Level.WARNING)}
