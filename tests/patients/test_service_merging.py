from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from audit.service import reading, writing
from config.changes import Job
from config.finding import MissingError, RefusedError
from config.people import PersonName
from patients.service import (
    add_coverage,
    find_patient_by_identifier,
    get_coverages,
    get_patients,
    list_merged_ids,
    merge_patient,
    register_patient,
    resolve_survivors,
    search_patients,
    unmerge_patient,
)
from practice.service import save_payer
from tests.factories.patients import TODAY, make_entry, make_identifier, make_patient
from tests.factories.practice import make_payer

if TYPE_CHECKING:
    from config.actor import Actor
    from config.tenancy import Database
    from patients.values import PatientId

PURPOSE = "payment"


def _register(database: Database, actor: Actor, *values: str) -> list[PatientId]:
    with writing(database, actor, purpose=PURPOSE) as session:
        return [
            register_patient(
                session,
                make_patient(
                    name=PersonName(f"Marlowe{value}", "Ines"),
                    identifiers=(make_identifier(value),),
                ),
                today=TODAY,
            ).id
            for value in values
        ]


def _refused(database: Database, actor: Actor, survivor: PatientId, merged: PatientId) -> str:
    with (
        pytest.raises(RefusedError) as refused,
        writing(database, actor, purpose=PURPOSE) as session,
    ):
        merge_patient(session, survivor, merged)
    (finding,) = refused.value.findings
    return finding.code


def test_merged_patient_is_read_as_its_survivor_and_unmerging_restores_all(
    database: Database, actor: Actor
) -> None:
    survivor, merged = _register(database, actor, "One", "Two")
    with writing(database, actor, purpose=PURPOSE) as session:
        payer = save_payer(session, make_payer())
        entry = make_entry(payer)
        coverage = add_coverage(session, merged, entry, today=TODAY)
    with reading(database, actor, purpose=PURPOSE) as session:
        before = get_patients(session, [survivor, merged])
    with writing(database, actor, purpose=PURPOSE) as session:
        merge_patient(session, survivor, merged)
        merge_patient(session, survivor, merged)
    with reading(database, actor, purpose=PURPOSE) as session:
        found = find_patient_by_identifier(session, make_identifier("Two"))
        assert found is not None
        assert found.id == survivor
        assert [p.id for p in search_patients(session, name="MarloweTwo")] == [survivor]
        assert [p.id for p in search_patients(session, name="Ines")] == [survivor]
        assert get_patients(session, [merged], is_resolved=True)[merged].id == survivor
        own = get_patients(session, [merged])[merged]
        assert own.survivor_id == survivor
        assert own.details == before[merged].details
        assert get_coverages(session, [survivor])[survivor] == [coverage]
        assert list_merged_ids(session, [merged]) == {merged: (survivor, merged)}
    with writing(database, actor, purpose=PURPOSE) as session:
        unmerge_patient(session, merged)
        unmerge_patient(session, merged)
    with reading(database, actor, purpose=PURPOSE) as session:
        assert get_patients(session, [survivor, merged]) == before
        assert get_coverages(session, [survivor])[survivor] == []
        assert get_coverages(session, [merged])[merged] == [coverage]
        again = find_patient_by_identifier(session, make_identifier("Two"))
        assert again is not None
        assert again.id == merged


def test_later_packages_hear_once_of_each_merge(database: Database, actor: Actor) -> None:
    survivor, merged = _register(database, actor, "One", "Two")
    for work in (merge_patient, merge_patient):
        with writing(database, actor, purpose=PURPOSE) as session:
            work(session, survivor, merged)
    with writing(database, actor, purpose=PURPOSE) as session:
        unmerge_patient(session, merged)
    with database.session(None) as session:
        jobs = session.execute(
            select(Job.kind, Job.subject_id).where(Job.kind.like("patient-%merged"))
        ).all()
    assert sorted(map(tuple, jobs)) == [("patient-merged", merged), ("patient-unmerged", merged)]


def test_chain_of_merges_leads_to_the_last_survivor_and_can_be_cut(
    database: Database, actor: Actor
) -> None:
    first, second, third = _register(database, actor, "One", "Two", "Three")
    with writing(database, actor, purpose=PURPOSE) as session:
        merge_patient(session, second, first)
        merge_patient(session, third, second)
        assert set(resolve_survivors(session, [first, second, third]).values()) == {third}
        assert list_merged_ids(session, [first])[first] == (third, second, first)
    with writing(database, actor, purpose=PURPOSE) as session:
        unmerge_patient(session, second)
        assert resolve_survivors(session, [first, third]) == {first: second, third: third}


def test_circles_and_second_survivors_are_refused(database: Database, actor: Actor) -> None:
    first, second, third = _register(database, actor, "One", "Two", "Three")
    with writing(database, actor, purpose=PURPOSE) as session:
        merge_patient(session, second, first)
        merge_patient(session, third, second)
    assert _refused(database, actor, first, first) == "merge-itself"
    assert _refused(database, actor, first, third) == "merge-circle"
    assert _refused(database, actor, third, first) == "merge-already"


def test_patient_of_another_practice_can_not_be_merged(
    database: Database, actor: Actor, other_actor: Actor
) -> None:
    (ours,) = _register(database, actor, "One")
    (theirs,) = _register(database, other_actor, "One")
    for survivor, merged in ((ours, theirs), (theirs, ours)):
        with (
            pytest.raises(MissingError),
            writing(database, actor, purpose=PURPOSE) as session,
        ):
            merge_patient(session, survivor, merged)
