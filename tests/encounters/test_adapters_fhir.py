"""FHIR Bundles to intake values: what they say, where it stood, and what can't be used."""

from __future__ import annotations

import copy
import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from config.finding import Level
from config.people import Address, Identifier, PersonName, Sex
from encounters.adapters_fhir import to_intake
from encounters.values import AppointmentState, IntakeMerge
from gateways.fhir.service import parse_bundle, parse_resource
from patients.values import Relationship

if TYPE_CHECKING:
    from encounters.values import Intake

SAMPLES = Path(__file__).parents[1] / "samples" / "fhir"
EHR = json.loads((SAMPLES / "ehr-dependent-visit.json").read_text("utf-8"))
PLACES = [entry["resource"]["resourceType"] for entry in EHR["entry"]]
BOSTON = ZoneInfo("America/New_York")


def take(bundle: dict[str, Any], time_zone: ZoneInfo | None = None) -> Intake:
    parsed = parse_bundle(json.dumps(bundle).encode())
    assert parsed.problems == ()
    assert parsed.bundle is not None
    return to_intake(parsed.bundle, sender="ehr", time_zone=time_zone)


def take_sample(name: str) -> Intake:
    return take(json.loads((SAMPLES / f"{name}.json").read_text("utf-8")))


def change(kind: str, **values: object) -> dict[str, Any]:
    """Return the EHR's bundle, the first resource of a type changed; None drops an element."""
    bundle: dict[str, Any] = copy.deepcopy(EHR)
    entry = bundle["entry"][PLACES.index(kind)]
    changed = entry["resource"] | values
    entry["resource"] = {name: value for name, value in changed.items() if value is not None}
    return bundle


def without(kind: str) -> dict[str, Any]:
    bundle: dict[str, Any] = copy.deepcopy(EHR)
    bundle["entry"] = [e for e in bundle["entry"] if e["resource"]["resourceType"] != kind]
    return bundle


def errors(intake: Intake) -> list[tuple[str, str]]:
    return [(f.code, f.where) for f in intake.findings if f.level is Level.ERROR]


def notes(intake: Intake) -> list[tuple[str, str]]:
    return [(f.code, f.where) for f in intake.findings if f.level is not Level.ERROR]


def place(kind: str, rest: str = "") -> str:
    return f"Bundle.entry[{PLACES.index(kind)}].resource{rest}"


def test_message_is_known_by_the_bundles_own_number_and_time() -> None:
    intake = take(EHR)
    assert (intake.control_id, intake.sender, intake.kind) == ("MSG-20260915-0001", "ehr", "FHIR")
    assert intake.occurred_at == dt.datetime(2026, 9, 15, 18, 30, tzinfo=dt.UTC)
    assert intake.findings == ()


def test_patient_has_the_official_name_and_each_value_its_place() -> None:
    patient = take(EHR).patients[0]
    person = patient.person
    assert patient.identifiers == (Identifier("urn:oid:2.999.10.1", "MRN-7000142", "MR"),)
    assert person.name == PersonName("Villanueva", "Guadalupe", "Inés", "II")
    assert (person.sex, person.birth_date) == (Sex.FEMALE, dt.date(2017, 4, 11))
    assert person.address == Address("18 Orchard Lane", "Unit 3", "Somerville", "MA", "021431201")
    assert (person.phone, person.language) == ("+1 617 555 0142", "es")
    assert person.paths["name.family"] == place("Patient", ".name[1].family")
    assert person.paths["address.line2"] == place("Patient", ".address[0].line[1]")
    assert patient.paths["identifiers"] == place("Patient", ".identifier[0]")


def test_child_is_covered_by_her_mother_who_answers_for_the_bill() -> None:
    patient = take(EHR).patients[0]
    assert patient.guarantor is not None
    assert patient.guarantor.name == PersonName("Villanueva", "Rosario")
    assert patient.coverages is not None
    (coverage,) = patient.coverages
    assert (coverage.payer_code, coverage.payer_name) == ("EVGRN", "Evergreen Health Plan")
    assert (coverage.member_id, coverage.group_number) == ("W200417711", "GRP-88120")
    assert (coverage.priority, coverage.plan_name) == (1, "Evergreen PPO 500")
    assert coverage.relationship is Relationship.CHILD
    assert coverage.subscriber is not None
    assert coverage.subscriber.birth_date == dt.date(1988, 9, 2)
    assert coverage.subscriber.paths["birth_date"] == place("RelatedPerson", ".birthDate")
    assert coverage.paths["payer_code"] == place("Organization", ".identifier[0].value")
    assert (coverage.from_date, coverage.to_date) == (dt.date(2026, 1, 1), None)


def test_visit_has_its_keys_people_and_place() -> None:
    (visit,) = take(EHR).visits
    assert visit.identifier == Identifier("urn:oid:2.999.10.2", "VIS-910044", "VN")
    assert visit.patient == Identifier("urn:oid:2.999.10.1", "MRN-7000142", "MR")
    assert (visit.service_date, visit.end_date) == (dt.date(2026, 9, 15), None)
    assert (visit.provider_npi, visit.referring_npi) == ("1234567893", "9999999987")
    assert visit.location_code == "MAIN"
    assert visit.appointment == Identifier("urn:oid:2.999.10.5", "APT-55120", "AP")
    assert visit.is_finished
    assert visit.paths["provider_npi"] == place("Encounter", ".participant[0].individual")


def test_conditions_come_in_rank_with_icd_before_snomed_and_without_the_refuted() -> None:
    (visit,) = take(EHR).visits
    assert [(c.rank, c.system, c.code, c.words) for c in visit.conditions] == [
        (1, "ICD-10-CM", "J02.0", "Strep throat"),
        (2, "SNOMED", "386661006", "Fever (finding)"),
    ]


def test_charges_come_with_modifier_diagnosis_and_performer() -> None:
    (visit,) = take(EHR).visits
    office, strep = visit.charges
    assert (office.system, office.code, office.modifiers) == ("CPT", "99213", ("25",))
    assert (office.units, office.diagnosis_codes) == (1, ("J02.0",))
    assert office.identifier == "urn:oid:2.999.10.7|CHG-600201"
    assert (strep.code, strep.performer_npi) == ("87880", "1234567893")
    assert strep.diagnosis_codes == ("J02.0",)
    assert office.paths["code"] == place("ChargeItem", ".code.coding[0].code")


def test_appointment_was_kept() -> None:
    (appointment,) = take(EHR).appointments
    assert appointment.starts_at == dt.datetime(2026, 9, 15, 18, 0, tzinfo=dt.UTC)
    assert (appointment.minutes, appointment.state) == (20, AppointmentState.KEPT)
    assert (appointment.provider_npi, appointment.location_code) == ("1234567893", "MAIN")
    assert appointment.reason == "Sore throat"


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("synthea-sinusitis", ["2026-05-13"]),
        ("synthea-medicare-bronchitis", ["2026-07-13", "2026-07-25"]),
        ("synthea-spanish-medicaid", ["2026-06-13", "2026-07-30", "2026-09-05"]),
        ("carebundle-diabetes", ["2026-09-14"]),
    ],
)
def test_generated_bundles_hold_nothing_and_give_their_visits(name: str, days: list[str]) -> None:
    intake = take_sample(name)
    assert errors(intake) == []
    assert [visit.service_date.isoformat() for visit in intake.visits] == days
    assert all(visit.patient == intake.patients[0].identifiers[0] for visit in intake.visits)


def test_snomed_conditions_are_work_for_the_coder_and_no_error() -> None:
    (visit,) = take_sample("synthea-sinusitis").visits
    assert [(c.system, c.words) for c in visit.conditions] == [
        ("SNOMED", "Viral sinusitis (disorder)")
    ]


def test_generated_patient_has_a_state_of_two_letters_and_no_social_security_number() -> None:
    (patient,) = take_sample("synthea-spanish-medicaid").patients
    assert patient.person.address is not None
    assert patient.person.address.state == "MA"
    assert patient.person.language == "es"
    assert patient.identifiers[0].kind == "MR"
    assert "999-" not in repr(patient.identifiers)


def test_only_coverages_in_force_count_and_a_missing_member_id_is_said() -> None:
    intake = take_sample("synthea-medicare-bronchitis")
    assert intake.patients[0].coverages is not None
    assert [c.payer_name for c in intake.patients[0].coverages] == ["Medicare"]
    assert [code for code, _ in notes(intake)] == ["member-id-missing"]


def test_conditions_of_a_bundle_with_one_visit_belong_to_it() -> None:
    (visit,) = take_sample("carebundle-diabetes").visits
    assert [c.code for c in visit.conditions] == ["E11.9", "E66.9", "I10"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("finished", (True, False)),
        ("in-progress", (False, False)),
        ("cancelled", (False, True)),
        ("entered-in-error", (False, True)),
    ],
)
def test_state_of_the_visit_follows_the_encounter(status: str, expected: tuple[bool, bool]) -> None:
    (visit,) = take(change("Encounter", status=status)).visits
    assert (visit.is_finished, visit.is_cancelled) == expected


def test_planned_encounter_is_no_visit_yet() -> None:
    intake = take(change("Encounter", status="planned"))
    assert intake.visits == ()
    assert notes(intake) == [("visit-planned", place("Encounter", ".status"))]


ALONE = [{"status": "accepted"}]
NOBODY = {"extension": [{"url": "urn:x", "valueString": "y"}]}


@pytest.mark.parametrize(
    ("kind", "changes", "code", "rest"),
    [
        ("Patient", {"identifier": None}, "patient-identifier-missing", ".identifier"),
        ("Patient", {"name": [{"given": ["Ana"]}]}, "patient-name-missing", ".name"),
        ("Encounter", {"period": None}, "service-date-missing", ".period.start"),
        ("Encounter", {"period": {"start": "2026-09"}}, "service-date-missing", ".period.start"),
        ("Encounter", {"subject": None}, "visit-patient-missing", ".subject"),
        ("Coverage", {"payor": [NOBODY]}, "payer-missing", ".payor[0]"),
        ("Coverage", {"subscriber": {"reference": "#x"}}, "subscriber-missing", ".subscriber"),
        ("Coverage", {"beneficiary": NOBODY}, "coverage-patient-missing", ".beneficiary"),
        ("ChargeItem", {"context": {"reference": "#x"}}, "charge-visit-missing", ".context"),
        ("ChargeItem", {"context": None}, "charge-visit-missing", ".context"),
        ("ChargeItem", {"quantity": {"value": 1.5}}, "charge-units", ".quantity.value"),
        ("ChargeItem", {"quantity": {"value": 0}}, "charge-units", ".quantity.value"),
        ("ChargeItem", {"code": NOBODY}, "charge-code-missing", ".code"),
        ("Appointment", {"start": None}, "appointment-incomplete", ".start"),
        ("Appointment", {"participant": ALONE}, "appointment-incomplete", ".participant"),
    ],
)  # fmt: skip
def test_what_can_not_be_applied_is_held_with_its_place(
    kind: str, changes: dict[str, Any], code: str, rest: str
) -> None:
    assert (code, place(kind, rest)) in errors(take(change(kind, **changes)))


def test_findings_hold_nothing_of_the_patient() -> None:
    bundle = change("Patient", identifier=None, birthDate="2017", name=[{"text": "Ana Secret"}])
    findings = take(bundle).findings
    assert findings
    assert not any(word in repr(findings) for word in ("Secret", "Ana", "2017", "Villanueva"))


@pytest.mark.parametrize(
    ("period", "zone", "day"),
    [
        ("2026-09-16T01:30:00Z", BOSTON, dt.date(2026, 9, 15)),
        ("2026-09-16T01:30:00Z", None, dt.date(2026, 9, 16)),
        ("2026-09-15T22:30:00-07:00", BOSTON, dt.date(2026, 9, 15)),
        ("2026-09-15", BOSTON, dt.date(2026, 9, 15)),
    ],
)
def test_service_date_is_the_day_at_the_desk(
    period: str, zone: ZoneInfo | None, day: dt.date
) -> None:
    bundle = change("Encounter", period={"start": period})
    assert take(bundle, time_zone=zone).visits[0].service_date == day


def test_bundle_without_coverage_says_nothing_of_insurance() -> None:
    assert take(without("Coverage")).patients[0].coverages is None


def test_cancelled_coverage_means_that_there_is_none_in_force() -> None:
    assert take(change("Coverage", status="cancelled")).patients[0].coverages == ()


def test_two_coverages_with_one_place_in_the_order_are_held() -> None:
    bundle = copy.deepcopy(EHR)
    second = copy.deepcopy(bundle["entry"][PLACES.index("Coverage")])
    second["fullUrl"] = "urn:uuid:second"
    bundle["entry"].append(second)
    assert [code for code, _ in errors(take(bundle))] == ["coverage-order"]
    second["resource"]["order"] = 2
    coverages = take(bundle).patients[0].coverages
    assert coverages is not None
    assert [coverage.priority for coverage in coverages] == [1, 2]


def test_relationship_is_told_from_who_the_subscriber_is_where_coverage_is_silent() -> None:
    coverages = take(change("Coverage", relationship=None)).patients[0].coverages
    assert coverages is not None
    assert coverages[0].relationship is Relationship.CHILD


def test_patient_who_holds_the_insurance_has_no_subscriber() -> None:
    patient = {"reference": EHR["entry"][0]["fullUrl"]}
    bundle = change("Coverage", relationship=None, subscriber=patient)
    coverages = take(bundle).patients[0].coverages
    assert coverages is not None
    assert (coverages[0].relationship, coverages[0].subscriber) == (Relationship.SELF, None)


def test_adult_answers_for_herself_unless_a_guardian_is_named() -> None:
    mother = [{"coding": [{"code": "MTH"}]}]
    grown = change("Patient", birthDate="1990-04-11")
    grown["entry"][PLACES.index("RelatedPerson")]["resource"]["relationship"] = mother
    assert take(grown).patients[0].guarantor is None
    child = change("RelatedPerson", relationship=mother)
    assert take(child).patients[0].guarantor is not None


def test_charge_taken_back_is_a_reversal_and_one_billed_elsewhere_is_left_out() -> None:
    (visit,) = take(change("ChargeItem", status="entered-in-error")).visits
    assert visit.charges[0].is_reversal
    intake = take(change("ChargeItem", status="billed"))
    assert [charge.code for charge in intake.visits[0].charges] == ["87880"]
    assert notes(intake) == [("charge-not-billable", place("ChargeItem", ".status"))]


def test_procedure_behind_a_charge_item_is_charged_once() -> None:
    procedure = {"reference": EHR["entry"][PLACES.index("Procedure")]["fullUrl"]}
    (visit,) = take(change("ChargeItem", service=[procedure])).visits
    assert [charge.code for charge in visit.charges] == ["99213"]


def test_procedure_that_was_not_done_is_no_charge() -> None:
    (visit,) = take(change("Procedure", status="not-done")).visits
    assert [charge.code for charge in visit.charges] == ["99213"]


@pytest.mark.parametrize(
    ("coding", "extension", "modifiers"),
    [
        ([{"system": "http://www.ama-assn.org/go/cpt", "code": "99213-25-59"}], [], ("25", "59")),
        (
            [
                {"system": "http://www.ama-assn.org/go/cpt", "code": "99213"},
                {"system": "http://www.ama-assn.org/go/cpt", "code": "25"},
            ],
            [],
            ("25",),
        ),
        (
            [{"system": "http://www.ama-assn.org/go/cpt", "code": "99213"}],
            [{"url": "https://ehr.example.org/fhir/modifier", "valueString": "lt"}],
            ("LT",),
        ),
        ([{"system": "http://www.ama-assn.org/go/cpt", "code": "99213"}], [], ()),
    ],
)
def test_modifiers_are_read_in_each_way_that_senders_have(
    coding: list[dict[str, str]], extension: list[dict[str, str]], modifiers: tuple[str, ...]
) -> None:
    changes: dict[str, Any] = {"code": {"coding": coding}}
    if extension:
        changes["extension"] = extension
    (visit,) = take(change("ChargeItem", **changes)).visits
    assert visit.charges[0].code == "99213"
    assert visit.charges[0].modifiers == modifiers


def test_emergency_visit_gets_its_place_of_service() -> None:
    places = [visit.place_of_service for visit in take_sample("synthea-emergency").visits]
    assert places.count("23") == 1


def test_condition_of_no_visit_stays_in_the_raw_message_and_that_is_said() -> None:
    bundle = change("Condition", encounter={"reference": "Encounter/elsewhere"})
    bundle["entry"][PLACES.index("Encounter")]["resource"]["diagnosis"].pop(0)
    intake = take(bundle)
    assert notes(intake) == [("condition-without-visit", place("Condition", ".encounter"))]
    assert [c.code for c in intake.visits[0].conditions] == ["386661006"]


def test_patient_that_replaces_another_is_a_merge() -> None:
    other = {"identifier": {"system": "urn:oid:2.999.10.1", "value": "MRN-1"}}
    bundle = change("Patient", link=[{"type": "replaces", "other": other}])
    (merge,) = take(bundle).merges
    assert isinstance(merge, IntakeMerge)
    assert (merge.survivor.value, merge.merged.value) == ("MRN-7000142", "MRN-1")
    reverse = change("Patient", link=[{"type": "replaced-by", "other": other}])
    (merge,) = take(reverse).merges
    assert (merge.survivor.value, merge.merged.value) == ("MRN-1", "MRN-7000142")


def test_visit_may_name_a_patient_of_an_earlier_message_by_id_or_number() -> None:
    for subject, expected in (
        ({"reference": "Patient/77"}, Identifier("urn:fhir:ehr", "77", "RI")),
        ({"reference": "Patient?identifier=urn:x|M1"}, Identifier("urn:x", "M1")),
        ({"identifier": {"system": "urn:x", "value": "M1"}}, Identifier("urn:x", "M1")),
    ):
        (visit,) = take(change("Encounter", subject=subject)).visits
        assert visit.patient == expected


def test_single_patient_is_an_intake_of_its_own() -> None:
    body = json.dumps(EHR["entry"][0]["resource"]).encode()
    bundle = parse_resource(body, resource_type="Patient").bundle
    assert bundle is not None
    (patient,) = to_intake(bundle, sender="ehr").patients
    assert patient.person.paths["name.family"] == "Patient.name[1].family"


def test_name_in_one_piece_is_cut_with_a_word_of_warning() -> None:
    intake = take(change("Patient", name=[{"text": "Ana Maria Lopez"}]))
    assert intake.patients[0].person.name == PersonName("Lopez", "Ana Maria")
    assert notes(intake) == [("name-in-one-piece", place("Patient", ".name[0].text"))]
