from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from audit.service import reading, writing
from config.db import Base, make_engine
from config.finding import MissingError, RefusedError
from config.ids import uuid7
from patients.models import CoverageRecord
from patients.service import (
    add_coverage,
    end_coverage,
    find_coverages_by_member_id,
    get_coverages,
    get_coverages_by_id,
    register_patient,
    replace_coverages,
)
from patients.values import CoverageId
from practice.service import save_payer
from practice.values import PayerId
from tests.factories.patients import TODAY, make_entry, make_identifier, make_patient
from tests.factories.practice import make_payer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from config.actor import Actor
    from config.tenancy import Database, PracticeSession
    from patients.values import CoverageEntry, PatientId

PURPOSE = "payment"
COVERAGES = Base.metadata.tables["coverage"]
PATIENTS = Base.metadata.tables["patient"]
DAY = dt.timedelta(days=1)


@pytest.fixture
def payers(database: Database, actor: Actor) -> list[PayerId]:
    with writing(database, actor, purpose=PURPOSE) as session:
        return [
            save_payer(session, make_payer(payer_code=code, name=f"Payer {code}"))
            for code in ("SEA01", "SEA02")
        ]


@pytest.fixture
def patient(database: Database, actor: Actor) -> PatientId:
    with writing(database, actor, purpose=PURPOSE) as session:
        return register_patient(session, make_patient(), today=TODAY).id


def _add_all(
    session: PracticeSession, patient: PatientId, entries: Iterable[CoverageEntry]
) -> None:
    for entry in entries:
        add_coverage(session, patient, entry, today=TODAY)


def _codes(
    database: Database, actor: Actor, patient: PatientId, *entries: CoverageEntry
) -> set[str]:
    with (
        pytest.raises(RefusedError) as refused,
        writing(database, actor, purpose=PURPOSE) as session,
    ):
        _add_all(session, patient, entries)
    return {finding.code for finding in refused.value.findings}


def test_coverages_come_in_the_order_of_billing(
    database: Database, actor: Actor, patient: PatientId, payers: list[PayerId]
) -> None:
    with writing(database, actor, purpose=PURPOSE) as session:
        second = add_coverage(session, patient, make_entry(payers[0], priority=2), today=TODAY)
        first = add_coverage(session, patient, make_entry(payers[1], priority=1), today=TODAY)
    with reading(database, actor, purpose=PURPOSE) as session:
        assert get_coverages(session, [patient]) == {patient: [first, second]}
        assert get_coverages_by_id(session, [second.id]) == {second.id: second}
        assert find_coverages_by_member_id(session, "sea 778812") == [second, first]
        assert find_coverages_by_member_id(session, "SEA778813") == []


def test_only_coverages_in_force_on_the_day_count(
    database: Database, actor: Actor, patient: PatientId, payers: list[PayerId]
) -> None:
    old = make_entry(payers[0], to_date=TODAY - DAY)
    new = make_entry(payers[1], from_date=TODAY)
    with writing(database, actor, purpose=PURPOSE) as session:
        was = add_coverage(session, patient, old, today=TODAY)
        now = add_coverage(session, patient, new, today=TODAY)
    with reading(database, actor, purpose=PURPOSE) as session:
        assert get_coverages(session, [patient], on=TODAY)[patient] == [now]
        assert get_coverages(session, [patient], on=TODAY - DAY)[patient] == [was]


def test_the_same_card_again_changes_nothing_and_a_changed_one_is_the_same_row(
    database: Database, actor: Actor, patient: PatientId, payers: list[PayerId]
) -> None:
    with writing(database, actor, purpose=PURPOSE) as session:
        first = add_coverage(session, patient, make_entry(payers[0]), today=TODAY)
    with writing(database, actor, purpose=PURPOSE) as session:
        assert add_coverage(session, patient, make_entry(payers[0]), today=TODAY) == first
        record = session.get_one(CoverageRecord, (actor.practice_id, first.id))
        assert record.row_version == 1
        moved = make_entry(payers[0], group_number="G-56")
        again = add_coverage(session, patient, moved, today=TODAY)
    assert again.id == first.id
    assert again.details.group_number == "G-56"


def test_two_insurances_in_one_place_are_refused(
    database: Database, actor: Actor, patient: PatientId, payers: list[PayerId]
) -> None:
    entries = [make_entry(payer) for payer in payers]
    assert _codes(database, actor, patient, *entries) == {"coverage-priority-twice"}


def test_replacing_ends_what_is_no_longer_named_and_brings_it_back(
    database: Database, actor: Actor, patient: PatientId, payers: list[PayerId]
) -> None:
    one, two = make_entry(payers[0]), make_entry(payers[1])
    with writing(database, actor, purpose=PURPOSE) as session:
        (first,) = replace_coverages(session, patient, [one], today=TODAY)
        later = TODAY + 5 * DAY
        (second,) = replace_coverages(session, patient, [two], today=later)
        ended = get_coverages_by_id(session, [first.id])[first.id]
        assert ended.details.to_date == later - DAY
        assert get_coverages(session, [patient], on=TODAY)[patient][0].id == first.id
        assert [c.id for c in get_coverages(session, [patient], on=later)[patient]] == [second.id]
        both = [one, replace(two, priority=2)]
        back = replace_coverages(session, patient, both, today=later + DAY)
        assert [c.id for c in back] == [first.id, second.id]
        assert back[0].details.to_date is None
        assert replace_coverages(session, patient, [], today=later + 2 * DAY) == []
        assert get_coverages(session, [patient], on=later + 2 * DAY)[patient] == []


def test_insurance_that_begins_again_after_a_gap_is_another_row(
    database: Database, actor: Actor, patient: PatientId, payers: list[PayerId]
) -> None:
    old = make_entry(payers[0], from_date=dt.date(2024, 1, 1), to_date=dt.date(2024, 12, 31))
    new = make_entry(payers[0], from_date=dt.date(2026, 1, 1))
    with writing(database, actor, purpose=PURPOSE) as session:
        first = add_coverage(session, patient, old, today=TODAY)
        second = add_coverage(session, patient, new, today=TODAY)
        assert first.id != second.id
        gap = get_coverages(session, [patient], on=dt.date(2025, 6, 1))[patient]
    assert gap == []


def test_coverage_ends_on_a_day_that_is_not_before_its_first(
    database: Database, actor: Actor, patient: PatientId, payers: list[PayerId]
) -> None:
    with writing(database, actor, purpose=PURPOSE) as session:
        entry = make_entry(payers[0], from_date=TODAY)
        coverage = add_coverage(session, patient, entry, today=TODAY)
        end_coverage(session, coverage.id, to_date=TODAY)
        assert get_coverages(session, [patient], on=TODAY + DAY)[patient] == []
        with pytest.raises(RefusedError):
            end_coverage(session, coverage.id, to_date=TODAY - DAY)
        with pytest.raises(MissingError):
            end_coverage(session, CoverageId(uuid7()), to_date=TODAY)


def test_family_shares_a_member_id(
    database: Database, actor: Actor, patient: PatientId, payers: list[PayerId]
) -> None:
    with writing(database, actor, purpose=PURPOSE) as session:
        sibling = register_patient(
            session, make_patient(identifiers=(make_identifier("MRN-2"),)), today=TODAY
        )
        for key in (patient, sibling.id):
            add_coverage(session, key, make_entry(payers[0]), today=TODAY)
    with reading(database, actor, purpose=PURPOSE) as session:
        found = find_coverages_by_member_id(session, "SEA778812")
    assert {coverage.patient_id for coverage in found} == {patient, sibling.id}


def test_unknown_payer_and_another_practices_payer_look_alike(
    database: Database, other_actor: Actor, payers: list[PayerId]
) -> None:
    with writing(database, other_actor, purpose=PURPOSE) as session:
        theirs = register_patient(session, make_patient(), today=TODAY).id
    messages = set()
    for payer in (payers[0], PayerId(uuid7())):
        entry = make_entry(payer)
        with (
            pytest.raises(MissingError) as missing,
            writing(database, other_actor, purpose=PURPOSE) as session,
        ):
            add_coverage(session, theirs, entry, today=TODAY)
        messages.add(str(missing.value))
    assert len(messages) == 1


def test_the_database_itself_refuses_references_across_practices(  # fixtures
    database: Database,
    database_urls: tuple[str, str],
    actor: Actor,
    other_actor: Actor,
    patient: PatientId,
    payers: list[PayerId],
) -> None:
    """As the owner, past the session's checks and row-level security."""
    other_practice_id = other_actor.practice_id
    with writing(database, actor, purpose=PURPOSE) as session:
        ours = add_coverage(session, patient, make_entry(payers[0]), today=TODAY)
        record = session.get_one(CoverageRecord, (actor.practice_id, ours.id))
        columns = {c.name: getattr(record, c.name) for c in COVERAGES.columns}
    with writing(database, other_actor, purpose=PURPOSE) as session:
        theirs = register_patient(session, make_patient(), today=TODAY).id
        their_payer = save_payer(session, make_payer())
    stolen = [
        {**columns, "id": uuid7(), "practice_id": other_practice_id, "payer_id": their_payer},
        {**columns, "id": uuid7(), "practice_id": other_practice_id, "patient_id": theirs},
    ]
    engine = make_engine(database_urls[1])
    for row in stolen:
        with pytest.raises(IntegrityError), engine.begin() as connection:
            connection.execute(insert(COVERAGES), [row])
    with engine.begin() as connection:
        mended = {**stolen[0], "patient_id": theirs}
        connection.execute(insert(COVERAGES), [mended])
    with pytest.raises(IntegrityError), engine.begin() as connection:  # noqa: PT012  # one statement
        into_ours = update(PATIENTS).where(PATIENTS.c.id == theirs).values(survivor_id=patient)
        connection.execute(into_ours)
    with engine.begin() as connection:
        count = connection.execute(select(COVERAGES.c.id)).all()
    engine.dispose()
    assert len(count) == 2
