"""The demo's world: made from a seed alone, and of names that no search finds by chance."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from config.people import Sex
from office.demo import catalogue
from office.demo.feeds import comes_by_fhir, write_fhir_day, write_hl7_day
from office.demo.seeding import PRICES
from office.demo.world import MEDICAID, MEDICARE, PATIENTS, PROVIDERS, VISITS, make_world
from practice.service import check_npi

if TYPE_CHECKING:
    from office.demo.world import World

DAY = dt.date(2026, 9, 15)


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(1, DAY)


def test_same_seed_is_the_same_world_and_the_same_messages(world: World) -> None:
    again = make_world(1, DAY)
    assert again == world
    assert write_hl7_day(again) == write_hl7_day(world)
    assert write_fhir_day(again) == write_fhir_day(world)


def test_another_seed_is_another_world(world: World) -> None:
    other = make_world(2, DAY)
    assert other != world
    assert write_fhir_day(other) != write_fhir_day(world)


def test_sixty_visits_of_forty_patients(world: World) -> None:
    assert (len(world.patients), len(world.visits)) == (PATIENTS, VISITS) == (40, 60)
    assert {visit.patient.identifier for visit in world.visits} == {
        patient.identifier for patient in world.patients
    }
    assert len({visit.number for visit in world.visits}) == VISITS


@pytest.mark.parametrize("seed", [1, 2, 3, 17])
def test_every_name_street_and_member_number_has_seven_letters_or_more(seed: int) -> None:
    for patient in make_world(seed, DAY).patients:
        names = [patient.name, *(c.subscriber for c in patient.coverages if c.subscriber)]
        words = [word for name in names for word in (name.family, name.given)]
        words.append(patient.address.line1.split(" ", 1)[1])
        words += [coverage.member_id for coverage in patient.coverages]
        assert [word for word in words if len(word) < 7] == []


@pytest.mark.parametrize("seed", [1, 2, 3, 17])
def test_member_numbers_are_one_persons_each(seed: int) -> None:
    members = Counter(
        (coverage.plan.payer_code, coverage.member_id)
        for patient in make_world(seed, DAY).patients
        for coverage in patient.coverages
    )
    assert [member for member, count in members.items() if count > 1] == []


@pytest.mark.parametrize("seed", [1, 2, 3, 17])
def test_children_have_somebody_who_answers_and_holds_the_insurance(seed: int) -> None:
    world = make_world(seed, DAY)
    children = [p for p in world.patients if (DAY - p.birth_date).days < 18 * 365]
    assert children
    for child in children:
        assert child.guarantor is not None
        assert all(
            (coverage.subscriber is None) == (coverage.plan is MEDICAID)
            for coverage in child.coverages
        )
    elders = [p for p in world.patients if p.coverages[0].plan is MEDICARE]
    assert all((DAY - p.birth_date).days >= 65 * 365 for p in elders)
    assert any(len(p.coverages) == 2 for p in elders)


def test_patients_are_of_both_sexes_and_languages_and_come_both_ways(world: World) -> None:
    assert {patient.sex for patient in world.patients} == {Sex.FEMALE, Sex.MALE}
    assert {patient.language for patient in world.patients} == {"en", "es"}
    assert {comes_by_fhir(visit) for visit in world.visits} == {True, False}
    assert len(world.no_shows) == 3


def test_flaws_are_planted_where_the_day_needs_them(world: World) -> None:
    flaws = Counter(visit.flaw for visit in world.visits)
    assert flaws == {"": 56, "uncodable": 2, "accident-without-state": 2}


def test_complaints_have_a_word_for_each_snomed_code_and_a_price_for_each_charge() -> None:
    for complaint in catalogue.COMPLAINTS:
        assert len(complaint.words) == len(complaint.snomed)
        assert complaint.key
        assert {code for code, _ in complaint.charges} <= set(PRICES)


def test_clinicians_have_numbers_that_pass_the_check_digit() -> None:
    for provider in PROVIDERS:
        assert check_npi(provider.npi, "npi") == []


def test_messages_name_nobody_but_by_the_codes_of_the_ehr(world: World) -> None:
    """The key that the coder's work is compared with never reaches the messages."""
    sent = b"".join((*write_hl7_day(world), *write_fhir_day(world)))
    for complaint in catalogue.COMPLAINTS:
        for code in complaint.key:
            if len(code) > 4:
                assert code.encode() not in sent
