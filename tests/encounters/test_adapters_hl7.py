"""Messages as real EHRs shape them become the values that they mean, each with its place."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from config.finding import Finding, Level, has_errors
from config.people import Identifier, Sex
from encounters.adapters_hl7 import TAKEN_KINDS, to_intake
from encounters.values import (
    AccidentKind,
    AppointmentState,
)
from gateways.hl7.service import read_message
from patients.values import Relationship
from tests.factories.hl7 import EVENTS, planned

if TYPE_CHECKING:
    from encounters.values import (
        Intake,
        IntakeCharge,
        IntakeCoverage,
        IntakeVisit,
    )

SAMPLES = Path(__file__).parents[1] / "samples" / "hl7"
CHICAGO = ZoneInfo("America/Chicago")
UTC = dt.UTC


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.hl7").read_bytes().replace(b"\n", b"\r")


def read(raw: bytes) -> Intake:
    result = read_message(raw)
    assert result.message is not None, result.findings
    return to_intake(result.message, time_zone=CHICAGO)


def taken(name: str, *changes: tuple[bytes, bytes]) -> Intake:
    """Read a sample, changed here and there."""
    raw = sample(name)
    for old, new in changes:
        assert old in raw, old
        raw = raw.replace(old, new, 1)
    return read(raw)


def errors(intake: Intake) -> list[tuple[str, str]]:
    return [(f.code, f.where) for f in intake.findings if f.level is Level.ERROR]


def warnings(intake: Intake) -> list[tuple[str, str]]:
    return [(f.code, f.where) for f in intake.findings if f.level is Level.WARNING]


def visit_of(intake: Intake) -> IntakeVisit:
    assert len(intake.visits) == 1, intake.findings
    return intake.visits[0]


def coverages_of(intake: Intake) -> tuple[IntakeCoverage, ...]:
    coverages = intake.patients[0].coverages
    assert coverages is not None
    return coverages


def charges_of(intake: Intake) -> tuple[IntakeCharge, ...]:
    return visit_of(intake).charges


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.hl7")), ids=lambda path: path.stem)
def test_every_sample_is_taken_without_an_error(path: Path) -> None:
    intake = taken(path.stem)
    assert errors(intake) == []
    assert intake.patients or intake.merges


@pytest.mark.parametrize("event", EVENTS)
def test_every_message_that_we_build_is_taken_without_a_finding(event: str) -> None:
    assert read(planned(event)).findings == ()


class TestRegistration:
    """epic_adt_a04: a child, her mother's plan first, Medicaid second."""

    def test_message_is_named(self) -> None:
        intake = taken("epic_adt_a04")
        assert (intake.control_id, intake.sender, intake.kind) == (
            "20260915081502001",
            "EPIC|LAKESIDE",
            "ADT^A04",
        )
        assert intake.occurred_at == dt.datetime(2026, 9, 15, 13, 15, 2, tzinfo=UTC)

    def test_record_number_comes_first_and_no_social_security_number_is_kept(self) -> None:
        patient = taken("epic_adt_a04").patients[0]
        assert patient.identifiers == (
            Identifier("LAKESIDE", "88001234", "MR"),
            Identifier("EPIC", "E7001", "EPI"),
        )

    def test_person_has_legal_name_home_address_and_places(self) -> None:
        person = taken("epic_adt_a04").patients[0].person
        assert person.name.full == "Josephine Ada Winterbourne"
        assert (person.birth_date, person.sex) == (dt.date(2015, 4, 12), Sex.FEMALE)
        assert person.address is not None
        assert (person.address.line1, person.address.line2) == ("482 Larkspur Court", "APT 3B")
        assert (person.address.postal_code, person.address.country) == ("602011234", "US")
        assert (person.phone, person.email) == (
            "(847)555-0133",
            "winterbourne.family@example.com",
        )
        assert (person.language, person.deceased_on) == ("es", None)
        assert person.paths["name.family"] == "PID-5.1"
        assert person.paths["address.line1"] == "PID-11[2].1"
        assert person.paths["email"] == "PID-13[2].4"

    def test_guarantor_is_the_mother(self) -> None:
        guarantor = taken("epic_adt_a04").patients[0].guarantor
        assert guarantor is not None
        assert guarantor.name.full == "Henrietta Winterbourne"
        assert guarantor.birth_date == dt.date(1984, 3, 22)
        assert guarantor.paths["name.family"] == "GT1-3.1"

    def test_coverages_keep_their_order_payer_member_and_subscriber(self) -> None:
        first, second = coverages_of(taken("epic_adt_a04"))
        assert (first.priority, first.payer_code, first.payer_name) == (
            1,
            "60054",
            "LAKE HEALTH PLAN",
        )
        assert (first.member_id, first.group_number) == ("LHP900112233", "GRP778")
        assert first.plan_name == "LAKE CHOICE PPO"
        assert first.relationship is Relationship.CHILD
        assert first.subscriber is not None
        assert first.subscriber.name.given == "Henrietta"
        assert first.subscriber.sex is Sex.FEMALE
        assert first.paths["payer_code"] == "IN1-3[2].1"
        assert first.from_date == dt.date(2026, 1, 1)
        assert (second.priority, second.member_id) == (2, "ILK44556677")
        assert second.paths["member_id"] == "IN2[2]-8"
        assert (second.relationship, second.subscriber) == (Relationship.SELF, None)
        assert (second.from_date, second.to_date) == (dt.date(2025, 7, 1), None)

    def test_visit_is_open_with_its_clinicians(self) -> None:
        visit = visit_of(taken("epic_adt_a04"))
        assert visit.identifier == Identifier("LAKESIDE", "300123456", "VN")
        assert visit.patient == Identifier("LAKESIDE", "88001234", "MR")
        assert visit.service_date == dt.date(2026, 9, 15)
        assert (visit.provider_npi, visit.referring_npi) == ("1234567893", "9900000016")
        assert visit.paths["provider_npi"] == "PV1-7[2].1"
        assert visit.location_code == "LKS-PEDS"
        assert not visit.is_finished


class TestCharges:
    """epic_dft_p03, ecw_dft_p03 and comp_dft_p03."""

    def test_charges_have_codes_modifiers_pointers_and_places(self) -> None:
        first, second = charges_of(taken("epic_dft_p03"))
        assert (first.identifier, first.system, first.code) == ("900001", "CPT", "99213")
        assert (first.modifiers, first.units) == (("25",), 1)
        assert first.diagnosis_codes == ("J02.0", "R50.9")
        assert first.performer_npi == "1234567893"
        assert first.paths["code"] == "FT1-25.1"
        assert (second.code, second.modifiers, second.units) == ("87880", ("QW",), 1)
        assert second.paths["service_date"] == "FT1[2]-4"

    def test_conditions_follow_their_priority(self) -> None:
        conditions = visit_of(taken("epic_dft_p03")).conditions
        assert [(c.code, c.rank) for c in conditions] == [("J02.0", 1), ("R50.9", 2)]
        assert conditions[0].paths["code"] == "DG1[2]-3.1"

    def test_charges_finish_the_visit_and_tell_its_place(self) -> None:
        visit = visit_of(taken("epic_dft_p03"))
        assert visit.is_finished
        assert (visit.place_of_service, visit.paths["place_of_service"]) == ("11", "FT1-16.6")

    def test_message_without_insurance_says_nothing_of_it(self) -> None:
        patient = taken("epic_dft_p03").patients[0]
        assert (patient.coverages, patient.guarantor) == (None, None)

    def test_old_sender_is_understood(self) -> None:
        intake = taken("ecw_dft_p03")
        visit = visit_of(intake)
        first, second = visit.charges
        assert (first.system, first.code, first.modifiers) == ("CPT", "99214", ("25",))
        assert first.diagnosis_codes == ("E11.65", "Z00.00")
        assert (second.system, second.code) == ("HCPCS", "G0439")
        assert second.diagnosis_codes == ("Z00.00",)
        assert [c.words for c in visit.conditions] == [
            "Type 2 diabetes with high sugar",
            "General exam",
        ]
        assert (visit.service_date, visit.paths["service_date"]) == (
            dt.date(2026, 9, 15),
            "FT1-4",
        )
        assert visit.identifier == Identifier("RIVERBEND", "ENC90077", "VN")
        assert coverages_of(intake)[0].relationship is Relationship.SELF

    def test_pointer_to_no_diagnosis_is_said_and_left_out(self) -> None:
        intake = taken("ecw_dft_p03", (b"|1~2|", b"|1~7|"))
        assert charges_of(intake)[0].diagnosis_codes == ("E11.65",)
        assert ("diagnosis-pointer", "FT1-19[2]") in warnings(intake)

    def test_payments_are_not_taken_and_said_so(self) -> None:
        assert ("transaction-not-taken", "FT1[3]-6") in warnings(taken("ecw_dft_p03"))

    def test_accident_reversal_and_drug_code_are_taken(self) -> None:
        visit = visit_of(taken("comp_dft_p03"))
        assert visit.accident is not None
        assert visit.accident.kind is AccidentKind.EMPLOYMENT
        assert (visit.accident.on, visit.accident.state) == (dt.date(2026, 9, 17), "PA")
        assert visit.paths["accident"] == "ACC-1"
        assert visit.authorization_number == "WCAUTH-5"
        kept, drug, taken_back = visit.charges
        assert (drug.units, drug.ndc, drug.system) == (4, "00409379501", "HCPCS")
        assert (kept.is_reversal, taken_back.is_reversal) == (False, True)
        assert (taken_back.identifier, taken_back.service_date) == ("T099", dt.date(2026, 9, 10))

    def test_employer_may_answer_for_the_bill(self) -> None:
        guarantor = taken("comp_dft_p03").patients[0].guarantor
        assert guarantor is not None
        assert guarantor.name.family == "Ironworks Fabrication LLC"
        assert guarantor.paths["name.family"] == "GT1-21"

    def test_negative_quantity_is_a_reversal(self) -> None:
        charge = charges_of(taken("epic_dft_p03", (b"|1.00|28.50", b"|-1.00|-28.50")))[1]
        assert (charge.is_reversal, charge.units) == (True, 1)

    def test_procedure_group_names_the_code_where_the_charge_does_not(self) -> None:
        raw = sample("ecw_dft_p03").replace(
            b"FT1|2|", b"PR1|1||71046^Chest X-ray^C4||20260915|||||||||||26~59\rFT1|2|"
        )
        assert charges_of(read(raw))[0].code == "71046"
        assert charges_of(read(raw))[0].modifiers == ("26", "59")

    def test_diagnoses_between_charges_belong_to_the_one_before(self) -> None:
        lines = sample("ecw_dft_p03").replace(b"|1~2|", b"||").split(b"\r")
        first = next(place for place, line in enumerate(lines) if line.startswith(b"DG1|1"))
        lines.insert(5, lines.pop(first))
        charge = charges_of(read(b"\r".join(lines)))[0]
        assert charge.diagnosis_codes == ("E11.65",)
        assert charge.paths["diagnosis_codes"] == "DG1-3"

    def test_diagnoses_of_charges_serve_where_there_is_no_dg1(self) -> None:
        raw = b"\r".join(
            line for line in sample("epic_dft_p03").split(b"\r") if not line.startswith(b"DG1")
        )
        conditions = visit_of(read(raw)).conditions
        assert [(c.code, c.words, c.rank) for c in conditions] == [
            ("J02.0", "Streptococcal pharyngitis", 1),
            ("R50.9", "Fever, unspecified", 2),
        ]
        assert conditions[1].paths["code"] == "FT1-19[2].1"


class TestUpdate:
    """oncology_adt_a08."""

    def test_conditions_in_snomed_and_in_words_are_work_for_the_coder(self) -> None:
        conditions = visit_of(taken("oncology_adt_a08")).conditions
        assert [(c.system, c.code, c.words, c.rank) for c in conditions] == [
            ("ICD-10-CM", "C50.912", "Cancer of left breast", 1),
            ("SNOMED", "254837009", "Malignant neoplasm of breast", 2),
            ("", "", "Nausea after treatment", 3),
        ]

    def test_name_is_read_in_the_declared_character_set(self) -> None:
        name = taken("oncology_adt_a08").patients[0].person.name
        assert (name.family, name.given, name.suffix) == ("Nuñez", "Zoë", "III")

    def test_deletion_is_not_applied_and_said_so(self) -> None:
        intake = taken("oncology_adt_a08")
        assert intake.patients[0].person.address is None
        assert ("deletion-not-applied", "PID-11") in warnings(intake)

    def test_day_of_an_instant_is_the_senders_own(self) -> None:
        """03:30 UTC on the 15th is the evening of the 14th in Chicago."""
        visit = visit_of(taken("oncology_adt_a08"))
        assert visit.service_date == dt.date(2026, 9, 14)
        midnight = taken("oncology_adt_a08", (b"20260915033000+0000", b"20260915000000+0000"))
        assert visit_of(midnight).service_date == dt.date(2026, 9, 15)

    def test_update_finishes_a_visit_only_when_it_has_ended(self) -> None:
        assert not visit_of(taken("oncology_adt_a08")).is_finished
        ended = (b"|20260915033000+0000", b"|20260914090000|20260914113000")
        assert visit_of(taken("oncology_adt_a08", ended)).is_finished

    def test_comment_is_the_visits_note(self) -> None:
        visit = visit_of(taken("oncology_adt_a08"))
        assert visit.note == "Tolerated well.\nNext cycle in three weeks."

    def test_update_of_a_patient_without_a_visit_is_taken(self) -> None:
        intake = taken("oncology_adt_a08", (b"|V-8802|", b"||"))
        assert (len(intake.patients), intake.visits, errors(intake)) == (1, (), [])


class TestStay:
    """inpatient_adt_a01 and inpatient_adt_a03."""

    def test_stay_has_its_days_and_place(self) -> None:
        opened, ended = visit_of(taken("inpatient_adt_a01")), visit_of(taken("inpatient_adt_a03"))
        assert (opened.is_finished, ended.is_finished) == (False, True)
        assert (ended.service_date, ended.end_date) == (dt.date(2026, 9, 10), dt.date(2026, 9, 12))
        assert ended.place_of_service == "21"

    def test_closing_time_of_an_outpatient_record_is_no_end_date(self) -> None:
        assert visit_of(taken("inpatient_adt_a03", (b"PV1|1|I", b"PV1|1|O"))).end_date is None

    def test_opening_without_a_time_happened_when_it_was_told(self) -> None:
        visit = visit_of(taken("inpatient_adt_a01", (b"|20260910214500", b"|")))
        assert (visit.service_date, visit.paths["service_date"]) == (
            dt.date(2026, 9, 10),
            "EVN-2",
        )

    def test_cancelled_visit_says_so(self) -> None:
        visit = visit_of(taken("inpatient_adt_a01", (b"ADT^A01^ADT_A01", b"ADT^A11")))
        assert visit.is_cancelled


class TestAppointment:
    """athena_siu_s12 and athena_siu_s15."""

    def test_appointment_is_booked_then_cancelled(self) -> None:
        intake = taken("athena_siu_s12")
        (booked,) = intake.appointments
        assert booked.identifier == Identifier("ATHENANET", "4455667", "AP")
        assert booked.patient == intake.patients[0].identifiers[0]
        assert booked.starts_at == dt.datetime(2026, 9, 15, 18, 30, tzinfo=UTC)
        assert (booked.minutes, booked.provider_npi, booked.location_code) == (
            30,
            "1234567893",
            "112",
        )
        assert booked.reason == "Annual physical"
        assert booked.state is AppointmentState.BOOKED
        assert booked.paths["starts_at"] == "SCH-11.4"
        (cancelled,) = taken("athena_siu_s15").appointments
        assert cancelled.identifier == booked.identifier
        assert cancelled.state is AppointmentState.CANCELLED

    @pytest.mark.parametrize(
        ("status", "state"),
        [
            (b"Arrived", AppointmentState.ARRIVED),
            (b"Completed", AppointmentState.KEPT),
            (b"NOSHOW", AppointmentState.NO_SHOW),
            (b"Canceled", AppointmentState.CANCELLED),
            (b"Something", AppointmentState.BOOKED),
        ],
    )
    def test_filler_status_decides(self, status: bytes, state: AppointmentState) -> None:
        end = b"202609151400"
        (found,) = taken("athena_siu_s12", (end, end + b"|" * 14 + status)).appointments
        assert found.state is state

    def test_resources_tell_time_clinician_and_room_where_the_schedule_does_not(self) -> None:
        raw = planned("SIU^S12").replace(b"^^^20260915143000+0000", b"").replace(b"|30|min", b"||")
        (found,) = read(raw).appointments
        assert found.starts_at == dt.datetime(2026, 9, 15, 14, 30, tzinfo=UTC)
        assert found.paths["starts_at"] == "AIS-4"
        assert found.provider_npi == "1234567893"


class TestMerge:
    """merge_adt_a40."""

    def test_each_pair_is_a_merge(self) -> None:
        intake = taken("merge_adt_a40")
        assert [(m.survivor.value, m.merged.value) for m in intake.merges] == [
            ("88001234", "88009999"),
            ("88005000", "88005001"),
        ]
        assert intake.merges[1].paths == {"survivor": "PID[2]-3.1", "merged": "MRG[2]-1.1"}
        assert [p.person.name.family for p in intake.patients] == ["Winterbourne", "Ashgrove"]
        assert intake.visits == ()


@pytest.mark.parametrize(
    ("name", "old", "new", "code", "where"),
    [
        ("epic_adt_a04", b"ADT^A04", b"ORU^R01", "message-unsupported", "MSH-9"),
        ("epic_adt_a04", b"|P|2.5.1", b"|T|2.5.1", "processing-unsupported", "MSH-11"),
        ("epic_adt_a04", b"|20260915081502001|", b"||", "control-id-missing", "MSH-10"),
        ("ecw_dft_p03", b"|5521|5521|", b"|||", "patient-identifier-missing", "PID-3"),
        ("merge_adt_a40", b"88009999^^^LAKESIDE", b"88001234^^^LAKESIDE", "merge-same", "MRG-1"),
        ("epic_adt_a04", b"|20150412|F||2106", b"|2015-04-12|F||2106", "date-unreadable", "PID-7"),
        (
            "epic_adt_a04",
            b"Winterbourne^Josephine^Ada",
            b"^Josephine^Ada",
            "patient-name-missing",
            "PID-5.1",
        ),
        ("epic_adt_a04", b"|20260101|", b"|20261301|", "date-unreadable", "IN1-12"),
        ("epic_adt_a04", b"|20260101|", b"|02260101|", "date-unreadable", "IN1-12"),
        (
            "epic_adt_a04",
            b"A04|20260915081502",
            b"A04|20260915081502+9900",
            "date-unreadable",
            "EVN-2",
        ),
        ("epic_adt_a04", b"MCDIL|ILLINOIS HEALTHY KIDS", b"|", "payer-missing", "IN1[2]-3.1"),
        (
            "epic_adt_a04",
            b"|Winterbourne^Henrietta|MTH|1984",
            b"||MTH|1984",
            "subscriber-missing",
            "IN1-16.1",
        ),
        ("epic_adt_a04", b"SEL|20150412||||2", b"SEL|20150412||||1", "coverage-order", "IN1[2]-22"),
        ("epic_dft_p03", b"|300123456|", b"||", "visit-number-missing", "PV1-19"),
        ("epic_dft_p03", b"|B77|20260915081500|", b"|B77|2026091|", "date-unreadable", "FT1-4"),
        ("epic_dft_p03", b"|20260915081500\rFT1", b"|soon\rFT1", "date-unreadable", "PV1-44"),
        ("epic_dft_p03", b"|1.00|28.50", b"|1.5|28.50", "charge-units", "FT1[2]-10"),
        ("epic_dft_p03", b"|1.00|28.50", b"|0|28.50", "charge-units", "FT1[2]-10"),
        ("ecw_dft_p03", b"CG|G0439", b"CG|", "charge-code-missing", "FT1[2]-25.1"),
        (
            "ecw_dft_p03",
            b"DG1|2|I10|Z0000|General exam",
            b"DG1|2|I10",
            "diagnosis-missing",
            "DG1[2]-3.1",
        ),
        ("comp_dft_p03", b"FT1|3|T099", b"FT1|3|", "reversal-unnamed", "FT1[3]-2"),
        ("comp_dft_p03", b"ACC|202609170830", b"ACC|", "accident-date-missing", "ACC-1"),
        (
            "inpatient_adt_a03",
            b"|20260910214500|20260912110000",
            b"|",
            "visit-date-missing",
            "PV1-44",
        ),
        (
            "athena_siu_s12",
            b"^^30^202609151330^202609151400",
            b"",
            "appointment-time-missing",
            "SCH-11.4",
        ),
        (
            "athena_siu_s12",
            b"4455667^ATHENANET|4455667^ATHENANET",
            b"|",
            "appointment-number-missing",
            "SCH-2.1",
        ),
    ],
)
def test_what_cannot_be_applied_is_held_with_its_exact_place(
    name: str, old: bytes, new: bytes, code: str, where: str
) -> None:
    assert (code, where) in errors(taken(name, (old, new)))


@pytest.mark.parametrize("line", [b"SCH", b"PID"])
def test_missing_segment_is_named(line: bytes) -> None:
    lines = [part for part in sample("athena_siu_s12").split(b"\r") if not part.startswith(line)]
    assert [where for _, where in errors(read(b"\r".join(lines)))] == [line.decode()]


@pytest.mark.parametrize(
    ("code", "relationship"),
    [
        (b"SEL", Relationship.SELF),
        (b"18", Relationship.SELF),
        (b"SPO", Relationship.SPOUSE),
        (b"01", Relationship.SPOUSE),
        (b"FTH", Relationship.CHILD),
        (b"CHD", Relationship.CHILD),
        (b"19", Relationship.CHILD),
        (b"EMC", Relationship.OTHER),
        (b"???", Relationship.OTHER),
    ],
)
def test_relationship_is_understood_both_ways_round(
    code: bytes, relationship: Relationship
) -> None:
    change = (b"|MTH|19840322|482", b"|" + code + b"|19840322|482")
    intake = taken("epic_adt_a04", change)
    assert coverages_of(intake)[0].relationship is relationship
    assert (("relationship-unknown", "IN1-17") in warnings(intake)) == (code == b"???")


def test_insured_who_is_younger_is_no_parent() -> None:
    intake = taken("epic_adt_a04", (b"|MTH|19840322|482", b"|CHD|20200322|482"))
    assert coverages_of(intake)[0].relationship is Relationship.OTHER


def test_end_of_all_days_is_no_end() -> None:
    intake = taken("epic_adt_a04", (b"|20250701|00000000|", b"|20250701|99991231|"))
    assert (coverages_of(intake)[1].to_date, errors(intake)) == (None, [])


def test_insurance_deleted_by_the_sender_leaves_none() -> None:
    raw = sample("ecw_dft_p03").split(b"\rIN1")[0] + b'\rIN1|1|""|""'
    assert coverages_of(read(raw)) == ()


def test_breaches_of_the_standard_alone_do_not_hold_a_message() -> None:
    intake = taken("athena_siu_s12")
    assert ("segment-missing", "RGS") in warnings(intake)
    assert not has_errors(intake.findings)


def test_findings_tell_nothing_of_the_patient() -> None:
    for path in SAMPLES.glob("*.hl7"):
        text = repr(taken(path.stem).findings)
        assert "Winterbourne" not in text
        assert "1EG4TE5MK73" not in text
    broken = taken("epic_adt_a04", (b"|20150412|F||2106", b"|Winterbourne|F||2106"))
    assert all("Winterbourne" not in f"{finding}" for finding in broken.findings)


def test_every_value_of_a_message_names_its_place() -> None:
    intake = taken("epic_dft_p03")
    visit = visit_of(intake)
    values: list[IntakeVisit | IntakeCharge] = [visit, *visit.charges]
    for value in values:
        given = {
            name
            for name in value.__slots__
            if getattr(value, name) and name not in {"paths", "system", "is_finished"}
        } - {"conditions", "charges"}
        assert given <= set(value.paths), given - set(value.paths)


def test_kinds_of_the_issue_are_all_taken() -> None:
    assert set(EVENTS) <= TAKEN_KINDS


def test_findings_are_findings() -> None:
    assert all(isinstance(f, Finding) for f in taken("athena_siu_s12").findings)
