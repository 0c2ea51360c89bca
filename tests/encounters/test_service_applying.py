"""What messages say of patients, applied on both engines: early, late, twice, and held whole."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from audit.service import reading, writing
from config.finding import Level, has_errors
from config.people import Identifier, PersonName
from config.provenance import Source, SourceKind
from encounters.values import Intake, IntakeMerge, MessageState, VisitState
from patients import service as patients
from patients.values import Relationship
from practice import service as practice
from tests.factories.encounters import (
    OLD_RECORD,
    RECORD,
    Office,
    at,
    make_charge,
    make_coverage,
    make_patient,
    make_person,
    make_visit,
)
from tests.factories.practice import make_location, make_provider

if TYPE_CHECKING:
    from config.actor import Actor
    from config.finding import Finding
    from config.tenancy import Database


@pytest.fixture
def office(database: Database, actor: Actor) -> Office:
    made = Office(database, actor)
    made.open()
    return made


def places(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(f.code, f.where) for f in findings if f.level is Level.ERROR]


def codes(findings: list[Finding]) -> list[str]:
    return [f.code for f in findings]


def test_patient_guarantor_and_insurance_carry_their_place_in_the_message(office: Office) -> None:
    mother = make_person(
        name=PersonName("Quenneville", "Adelaide"),
        birth_date=dt.date(1975, 5, 5),
        paths={"name.family": "GT1-3.1"},
    )
    covered = make_coverage(
        relationship=Relationship.CHILD,
        subscriber=replace(mother, paths={"name.family": "IN1-16.1"}),
    )
    kept = office.keep()
    child = make_patient(
        person=make_person(birth_date=dt.date(2019, 3, 3)), guarantor=mother, coverages=(covered,)
    )
    said = Intake("M", "EHR|LAB", "ADT^A04", at(8), patients=(child,))
    assert not has_errors(office.apply(kept.message_id, said))
    origin = str(kept.message_id)
    patient = office.patient()
    assert patient is not None
    assert patient.details.sources["name.family"] == Source(SourceKind.MESSAGE, origin, "PID-5.1")
    with reading(office.database, office.actor, purpose="payment") as session:
        assert patient.guarantor_id is not None
        guarantor = patients.get_guarantors(session, [patient.guarantor_id])[patient.guarantor_id]
    assert guarantor.details.name.given == "Adelaide"
    assert guarantor.details.sources["name.family"].path == "GT1-3.1"
    (coverage,) = office.coverages()
    assert coverage.details.sources["member_id"] == Source(SourceKind.MESSAGE, origin, "IN1-36")
    assert coverage.details.sources["subscriber.name.family"].path == "IN1-16.1"
    assert coverage.details.subscriber is not None
    assert coverage.details.relationship is Relationship.CHILD


def test_adult_without_guarantor_answers_for_themselves(office: Office) -> None:
    office.tell(patients=(make_patient(),))
    patient = office.patient()
    assert patient is not None
    assert patient.guarantor_id is not None


def test_unknown_payer_holds_all_and_a_replay_after_the_import_applies(office: Office) -> None:
    kept = office.keep()
    other = make_coverage(
        payer_code="MCD", payer_name="Elsewhere", paths={"payer_code": "IN1[2]-3.1"}
    )
    said = Intake(
        "M",
        "EHR|LAB",
        "ADT^A04",
        patients=(make_patient(coverages=(make_coverage(), replace(other, priority=2))),),
        visits=(make_visit(),),
    )
    assert places(office.apply(kept.message_id, said)) == [("payer-unknown", "IN1[2]-3.1")]
    message = office.message(kept.message_id)
    assert message.state is MessageState.HELD
    assert places(list(message.details.findings)) == [("payer-unknown", "IN1[2]-3.1")]
    assert (office.patient(), office.visits()) == (None, [])
    office.add_payer(payer_code="MCD", name="Elsewhere Medicaid")
    assert not has_errors(office.apply(kept.message_id, said))
    assert office.message(kept.message_id).state is MessageState.APPLIED
    assert len(office.coverages()) == 2
    assert office.visit().state is VisitState.READY


def test_payer_is_found_by_another_of_its_names(office: Office) -> None:
    named = make_coverage(payer_code="", payer_name="  seaside  HEALTH plan ")
    assert not has_errors(office.tell(patients=(make_patient(coverages=(named,)),)))
    assert len(office.coverages()) == 1


def test_unknown_clinician_and_place_hold_the_message_at_their_places(office: Office) -> None:
    visit = make_visit(provider_npi="1234567893", location_code="ANNEX")
    findings = office.tell(patients=(make_patient(),), visits=(visit,))
    assert places(findings) == [("provider-unknown", "PV1-7.1"), ("location-unknown", "PV1-3.1")]
    assert office.patient() is None
    with writing(office.database, office.actor, purpose="operations") as session:
        practice.save_provider(session, make_provider(npi="1234567893"))
        practice.save_location(session, make_location(code="ANNEX"))
    assert not has_errors(office.tell(patients=(make_patient(),), visits=(visit,)))


def test_every_problem_of_a_message_is_told_at_once(office: Office) -> None:
    covered = make_coverage(payer_code="NONE", payer_name="")
    visit = make_visit(provider_npi="1234567893")
    findings = office.tell(patients=(make_patient(coverages=(covered,)),), visits=(visit,))
    assert {code for code, _ in places(findings)} == {"payer-unknown", "provider-unknown"}


def test_visit_of_a_patient_whom_nobody_announced_is_held(office: Office) -> None:
    assert places(office.tell(visits=(make_visit(),))) == [("patient-unknown", "PID-3")]


def test_update_before_the_registration_makes_the_patient_and_stays_the_newer(
    office: Office,
) -> None:
    moved = make_person(phone="2075550777")
    office.tell(occurred_at=at(12), patients=(make_patient(person=moved),))
    findings = office.tell(occurred_at=at(8), patients=(make_patient(),))
    assert codes(findings) == ["patient-message-stale"]
    assert findings[0].level is Level.INFO
    patient = office.patient()
    assert patient is not None
    assert patient.details.phone == "2075550777"


def test_older_message_still_fills_what_nobody_had_said(office: Office) -> None:
    """Charges come before the registration: they know neither address nor insurance."""
    bare = make_person(address=None, phone="")
    office.tell(occurred_at=at(17), patients=(make_patient(person=bare, coverages=None),))
    office.tell(occurred_at=at(8), patients=(make_patient(),))
    patient = office.patient()
    assert patient is not None
    assert patient.details.address is not None
    assert patient.details.phone == "2075550188"
    assert [c.details.member_id for c in office.coverages()] == ["SEA778812"]


def test_older_insurance_does_not_replace_a_newer_one(office: Office) -> None:
    newer = make_coverage(member_id="NEW1")
    office.tell(occurred_at=at(12), patients=(make_patient(coverages=(newer,)),))
    office.tell(occurred_at=at(8), patients=(make_patient(),))
    assert [c.details.member_id for c in office.coverages()] == ["NEW1"]


def test_message_that_says_no_insurance_ends_what_was_known(office: Office) -> None:
    office.tell(patients=(make_patient(),))
    office.tell(patients=(make_patient(coverages=None),))
    assert [c.is_in_force(at(9).date()) for c in office.coverages()] == [True]
    office.tell(patients=(make_patient(coverages=()),))
    assert [c.is_in_force(at(9).date()) for c in office.coverages()] == [False]


def test_insurance_without_a_member_number_is_stored_and_completed_later(office: Office) -> None:
    """The claim's check asks for the number; who sent the visit may not have it."""
    bare = make_coverage(member_id="")
    assert places(office.tell(patients=(make_patient(coverages=(bare,)),))) == []
    assert [c.details.member_id for c in office.coverages()] == [""]
    office.tell(patients=(make_patient(),))
    assert [c.details.member_id for c in office.coverages()] == ["SEA778812"]
    office.tell(patients=(make_patient(coverages=(bare,)),))
    (coverage,) = office.coverages()
    assert coverage.details.member_id == "SEA778812"
    assert coverage.is_in_force(at(9).date())


def test_insurance_that_cannot_be_right_is_held_at_its_place(office: Office) -> None:
    paths = {"member_id": "IN1[2]-36", "to_date": "IN1[2]-13"}
    broken = make_coverage(
        member_id="A*B", from_date=at(9).date(), to_date=dt.date(2026, 1, 1), paths=paths
    )
    findings = office.tell(patients=(make_patient(coverages=(broken,)),))
    assert places(findings) == [
        ("member-id-characters", "IN1[2]-36"),
        ("span-backwards", "IN1[2]-13"),
    ]
    assert office.patient() is None


def merge(office: Office) -> None:
    office.tell(patients=(make_patient(),))
    office.tell(patients=(make_patient(identifiers=(OLD_RECORD,)),))
    assert places(office.tell(merges=(IntakeMerge(RECORD, OLD_RECORD),))) == []


def test_merged_patient_is_the_survivor_to_later_messages(office: Office) -> None:
    merge(office)
    survivor = office.patient()
    assert survivor is not None
    found = office.patient(OLD_RECORD)
    assert found is not None
    assert found.id == survivor.id
    visit = make_visit(patient=OLD_RECORD, charges=(make_charge(),))
    late = office.tell(patients=(make_patient(identifiers=(OLD_RECORD,)),), visits=(visit,))
    assert places(late) == []
    assert office.visit().patient_id == survivor.id
    assert office.patient(OLD_RECORD) == office.patient(RECORD)


def test_merge_moves_no_row_and_can_be_undone(office: Office) -> None:
    office.tell(patients=(make_patient(identifiers=(OLD_RECORD,)),))
    office.tell(visits=(make_visit(patient=OLD_RECORD),))
    merged = office.patient(OLD_RECORD)
    assert merged is not None
    merge(office)
    assert office.visit().patient_id == merged.id
    again = office.tell(visits=(make_visit(patient=RECORD),))
    assert places(again) == []
    assert office.visit().patient_id == merged.id
    with writing(office.database, office.actor, purpose="payment") as session:
        patients.unmerge_patient(session, merged.id)
    found = office.patient(OLD_RECORD)
    assert found is not None
    assert found.id == merged.id == office.visit().patient_id


def test_merge_of_somebody_unknown_is_held_at_their_place(office: Office) -> None:
    office.tell(patients=(make_patient(),))
    unknown = IntakeMerge(RECORD, OLD_RECORD, {"survivor": "PID-3", "merged": "MRG-1"})
    assert places(office.tell(merges=(unknown,))) == [("merge-patient-missing", "MRG-1")]


def test_merge_in_a_circle_is_held(office: Office) -> None:
    merge(office)
    office.tell(patients=(make_patient(identifiers=(Identifier("EHR", "MR-3"),)),))
    third = IntakeMerge(Identifier("EHR", "MR-3"), OLD_RECORD, {})
    assert has_errors(office.tell(merges=(third,)))
    assert places(office.tell(merges=(IntakeMerge(RECORD, OLD_RECORD),))) == []


def test_visit_number_of_another_patient_is_held(office: Office) -> None:
    other = Identifier("EHR", "MR-2")
    office.tell(patients=(make_patient(), make_patient(identifiers=(other,))))
    office.tell(visits=(make_visit(),))
    findings = office.tell(visits=(make_visit(patient=other),))
    assert places(findings) == [("visit-other-patient", "PID-3")]


def test_applied_message_is_not_applied_again(office: Office) -> None:
    kept = office.keep()
    said = Intake("M", "EHR|LAB", "ADT^A04", patients=(make_patient(),), visits=(make_visit(),))
    office.apply(kept.message_id, said)
    changed = replace(said, visits=(make_visit(is_cancelled=True),))
    office.apply(kept.message_id, changed)
    assert office.visit().state is VisitState.READY
