"""The gallery of the scrub: for each finding code a claim that raises it and one that nearly does.

Where an edit asks about the world, the facts stand beside the claim.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import pytest

from claims.rules.scrub.edits import EDITS, NEEDS_NOTE, find_stops, scrub
from claims.rules.scrub.facts import ScrubFacts, SentLine
from claims.service.scrub_facts import find_faults
from claims.values import ClaimContent, ClaimPayer, Facility
from config.finding import Finding, Level
from config.money import Money
from config.people import Address, PersonName, Sex
from encounters.values import Accident, AccidentKind
from patients.values import Relationship
from practice.values import Enrolment, FilingLimits, PayerKind
from tests.factories.claims import (
    AT,
    CHARGE_LINE,
    PARTNER,
    PROVIDER,
    RENDERING,
    SERVED_ON,
    TODAY,
    change_line,
    make_billing,
    make_content,
    make_facts,
    make_facts_for,
    make_line,
    make_person,
)
from tests.factories.practice import OTHER_NPI, STREET, make_payer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claims.values import ContentLine

BAD_NPI: Final = "1234567890"
CHILD: Final[dict[str, Any]] = {"relationship": Relationship.CHILD, "patient": make_person()}
DRUG: Final[dict[str, Any]] = {"code": "J1885", "system": "HCPCS", "ndc": "00409379501",
                               "ndc_units": "1",
               "ndc_unit_of_measure": "ML"}  # fmt: skip
DAY: Final = dt.timedelta(days=1)


def sample(line: Mapping[str, Any] | None = None, **changes: Any) -> ClaimContent:  # noqa: ANN401  # any field
    content = make_content(**changes)
    return change_line(content, **line) if line else content


def person(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  # any field
    return {"subscriber": make_person(**changes)}


def billing(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  # any field
    return {"billing": make_billing(**changes)}


def found(code: str, where: str) -> Finding:
    return Finding(code, where, "E11.9 on 2026-09-14", "")


def diagnosis(code: str, where: str = "diagnosis 1") -> ScrubFacts:
    return make_facts(diagnosis_findings=(found(code, where),))


def sent(**changes: Any) -> ScrubFacts:  # noqa: ANN401  # any field
    values: dict[str, Any] = {
        "claim_number": "C00000021",
        "code": "99213",
        "modifiers": (),
        "service_date": SERVED_ON,
        "rendering_npi": OTHER_NPI,
    }
    return make_facts(sent_lines=(SentLine(**values | changes),))


def lines(count: int) -> tuple[ContentLine, ...]:
    return tuple(make_line(number, modifiers=(f"{number:02d}",)) for number in range(1, count + 1))


def filed(**changes: Any) -> ScrubFacts:  # noqa: ANN401  # any field
    limits = FilingLimits(180, 90, 180, 90, "contract 2026 §4")
    return make_facts(payer=make_payer(partner_id=PARTNER, limits=limits), **changes)


def enrolled(first: dt.date, last: dt.date | None = None) -> ScrubFacts:
    payer = make_payer(partner_id=PARTNER)
    span = Enrolment(PROVIDER, payer.id, first, last, is_participating=True)
    return make_facts(payer=payer, enrolments=(span,))


@dataclass(frozen=True)
class Sample:
    """A finding code, where it is found, what raises it and what nearly does."""

    code: str
    where: str
    bad: ClaimContent | tuple[ClaimContent, ScrubFacts]
    near: ClaimContent | tuple[ClaimContent, ScrubFacts]


PLAIN: Final = make_content()
AUTO: Final = Accident(AccidentKind.AUTO, SERVED_ON, "ME")
PLACE: Final = Facility("Annex", OTHER_NPI, STREET)

GALLERY: Final = (
    # Billing provider
    Sample("billing-name-missing", "2010AA/NM103", sample(**billing(name="")), PLAIN),
    Sample("npi-check-digit", "2010AA/NM109", sample(**billing(npi=BAD_NPI)),
           sample(**billing(npi="1245319599"))),
    Sample("tax-id-form", "2010AA/REF02", sample(**billing(tax_id="90-0000001")),
           sample(**billing(tax_id="900000002"))),
    Sample("tax-id-kind", "2010AA/REF01", sample(**billing(tax_id_kind="XX")),
           sample(**billing(tax_id_kind="SY"))),
    Sample("taxonomy-form", "2000A/PRV03", sample(**billing(taxonomy="207Q00000")),
           sample(**billing(taxonomy=""))),
    Sample("address-po-box", "2010AA/N301",
           sample(**billing(address=replace(STREET, line1="PO Box 44"))),
           sample(**billing(pay_to=replace(STREET, line1="PO Box 44")))),
    Sample("address-zip", "2010AA/N403",
           sample(**billing(address=replace(STREET, postal_code="04101"))),
           sample(**billing(pay_to=replace(STREET, postal_code="04101")))),
    Sample("address-missing", "2010BA/N401", sample(**person(address=replace(STREET, city=""))),
           sample(**person(address=replace(STREET, line2="")))),
    Sample("state-code", "2010BA/N402", sample(**person(address=replace(STREET, state="ZZ"))),
           sample(**person(address=replace(STREET, state="PR")))),
    # Clinicians, place, payer
    Sample("rendering-missing", "2310B/NM109", sample(rendering=None), PLAIN),
    Sample("npi-check-digit", "2310B/NM109", sample(rendering=replace(RENDERING, npi=BAD_NPI)),
           sample(rendering=replace(RENDERING, taxonomy=""))),
    Sample("npi-check-digit", "2420A[1]/NM109",
           sample({"rendering": replace(RENDERING, npi=BAD_NPI)}),
           sample({"rendering": RENDERING})),
    Sample("npi-check-digit", "2310A/NM109", sample(referring=replace(RENDERING, npi="")),
           sample(referring=RENDERING)),
    Sample("npi-check-digit", "2310C/NM109", sample(facility=replace(PLACE, npi=BAD_NPI)),
           sample(facility=replace(PLACE, npi=""))),
    Sample("provider-name-missing", "2310B/NM103", sample(rendering=replace(RENDERING, family="")),
           sample(rendering=replace(RENDERING, given=""))),
    Sample("referring-unknown", "2310A/NM109", (PLAIN, make_facts(referring_npi=OTHER_NPI)),
           (sample(referring=RENDERING), make_facts(referring_npi=OTHER_NPI))),
    Sample("referring-missing", "2310A/NM109",
           (PLAIN, make_facts(payer=make_payer(partner_id=PARTNER, asks_referring_provider=True))),
           (sample(referring=RENDERING),
            make_facts(payer=make_payer(partner_id=PARTNER, asks_referring_provider=True)))),
    Sample("facility-name-missing", "2310C/NM103", sample(facility=replace(PLACE, name="")),
           sample(facility=PLACE)),
    Sample("facility-zip", "2310C/N403",
           sample(facility=replace(PLACE, address=replace(STREET, postal_code="04101"))),
           sample(facility=PLACE)),
    Sample("payer-code-missing", "2010BB/NM109",
           sample(payer=ClaimPayer("", "Seaside", "CI", None)),
           sample(payer=ClaimPayer("S1", "Seaside", "CI", None))),
    Sample("payer-name-missing", "2010BB/NM103", sample(payer=ClaimPayer("SEA01", "", "CI", None)),
           PLAIN),
    Sample("payer-filing-code-missing", "2000B/SBR09",
           sample(payer=ClaimPayer("SEA01", "Seaside", "", None)), PLAIN),
    Sample("payer-partner-missing", "1000B/NM109",
           (PLAIN, make_facts(payer=make_payer(partner_id=None))), PLAIN),
    # Subscriber and patient
    Sample("member-id-missing", "2010BA/NM109", sample(member_id=""),
           (sample(member_id="", accident=AUTO), make_facts_for(PayerKind.AUTO))),
    Sample("mbi-form", "2010BA/NM109", (PLAIN, make_facts_for(PayerKind.MEDICARE)),
           (sample(member_id="1EG4TE5MK73"), make_facts_for(PayerKind.MEDICARE))),
    Sample("subscriber-missing", "2010BA/NM103", sample(relationship=Relationship.SPOUSE),
           sample(**CHILD)),
    Sample("subscriber-name-missing", "2010BA/NM103", sample(**person(name=PersonName(" "))),
           sample(**person(name=PersonName("Vandersloot")))),
    Sample("patient-name-missing", "2010CA/NM103",
           sample(**{**CHILD, "patient": make_person(name=PersonName(""))}), sample(**CHILD)),
    Sample("birth-date-missing", "2010BA/DMG02", sample(**person(birth_date=None)),
           sample(**CHILD, **person(birth_date=None))),
    Sample("birth-date-missing", "2010CA/DMG02",
           sample(**{**CHILD, "patient": make_person(birth_date=None)}), sample(**CHILD)),
    Sample("birth-date-after-service", "2010BA/DMG02",
           sample(**person(birth_date=SERVED_ON + DAY)), sample(**person(birth_date=SERVED_ON))),
    Sample("sex-unknown", "2010BA/DMG03", sample(**person(sex=Sex.UNKNOWN)),
           sample(**person(sex=Sex.MALE))),
    Sample("patient-address-missing", "2010BA/N301", sample(**person(address=None)),
           sample(**CHILD, **person(address=None))),
    # Diagnoses
    Sample("diagnosis-missing", "2300/HI01-2", sample({"pointers": ()}, diagnoses=()),
           sample(diagnoses=("E11.9",))),
    Sample("diagnosis-count", "2300/HI", sample(diagnoses=tuple(f"A0{n}.0" for n in range(13))),
           sample(diagnoses=tuple(f"A0{n}.0" for n in range(12)))),
    Sample("code-unknown", "2300/HI01-2", (PLAIN, diagnosis("code-unknown")), PLAIN),
    Sample("code-not-billable", "2300/HI02-2",
           (PLAIN, diagnosis("code-not-billable", "diagnosis 2")), PLAIN),
    Sample("code-seventh-character", "2300/HI01-2", (PLAIN, diagnosis("code-seventh-character")),
           PLAIN),
    Sample("code-release-missing", "2300/HI",
           (PLAIN, diagnosis("code-release-missing", "ICD-10-CM on 2026-11-01")), PLAIN),
    Sample("code-duplicate", "2300/HI02-2", sample(diagnoses=("E11.9", "E119")),
           sample(diagnoses=("E11.9", "E11.8"))),
    Sample("code-excludes1", "2300/HI01-2 and 2300/HI02-2",
           (PLAIN, diagnosis("code-excludes1", "diagnoses E11.9 and I10")),
           (PLAIN, replace(diagnosis("code-excludes1", "diagnoses E11.9 and I10"),
                           noted_diagnoses=frozenset({"I10"})))),
    # Lines
    Sample("code-release-missing", "2400[1]/SV101-2", (PLAIN, make_facts(releases=frozenset())),
           (PLAIN, make_facts(releases=frozenset({("CPT", SERVED_ON)})))),
    Sample("procedure-unknown", "2400[1]/SV101-2", sample({"code": "99299"}),
           sample({"code": "93000"})),
    Sample("modifier-form", "2400[1]/SV101-3", sample({"modifiers": ("2 ",)}),
           sample({"modifiers": ("25", "X1")})),
    Sample("modifier-count", "2400[1]/SV101", sample({"modifiers": ("25", "59", "76", "LT", "RT")}),
           sample({"modifiers": ("25", "59", "76", "LT")})),
    Sample("modifier-duplicate", "2400[1]/SV101", sample({"modifiers": ("25", "25")}),
           sample({"modifiers": ("25", "59")})),
    Sample("pointer-count", "2400[1]/SV107",
           sample({"pointers": (1, 2, 3, 4, 5)}, diagnoses=("A00.0", "A01.0", "A02.0", "A03.0",
                                                           "A04.0")),
           sample({"pointers": (1, 2, 3, 4)}, diagnoses=("A00.0", "A01.0", "A02.0", "A03.0"))),
    Sample("pointer-unknown", "2400[1]/SV107", sample({"pointers": (3,)}),
           sample({"pointers": (2,)})),
    Sample("pointer-duplicate", "2400[1]/SV107", sample({"pointers": (1, 1)}),
           sample({"pointers": (1, 2)})),
    # Money
    Sample("charge-total", "2300/CLM02", sample(total=Money(14_999)), sample(total=Money(15_000))),
    Sample("charge-zero", "2300/CLM02", sample({"charge": Money(0)}),
           sample(lines=(make_line(charge=Money(0)), make_line(2, modifiers=("59",))))),
    Sample("charge-digits", "2300/CLM02", sample({"charge": Money(10_000_000_000)}),
           sample({"charge": Money(9_999_999_999)})),
    Sample("charge-negative", "2400[1]/SV102", sample({"charge": Money(-1)}),
           sample({"charge": Money(1)})),
    Sample("units-zero", "2400[1]/SV104", sample({"units": 0}), sample({"units": 2})),
    # Situations
    Sample("place-of-service-unknown", "2300/CLM05-1", sample(place_of_service="28"),
           sample(place_of_service="27")),
    Sample("place-of-service-unknown", "2400[1]/SV105", sample({"place_of_service": "1"}),
           sample({"place_of_service": "02"})),
    Sample("service-date-future", "2400[1]/DTP*472",
           (PLAIN, make_facts(today=SERVED_ON - DAY)), (PLAIN, make_facts(today=SERVED_ON))),
    Sample("service-dates-order", "2400[1]/DTP*472", sample({"service_to": SERVED_ON - DAY}),
           sample({"service_to": SERVED_ON})),
    Sample("accident-missing", "2300/CLM11", (PLAIN, make_facts_for(PayerKind.WORKERS_COMP)),
           (sample(accident=Accident(AccidentKind.EMPLOYMENT, SERVED_ON)),
            make_facts_for(PayerKind.WORKERS_COMP))),
    Sample("accident-state-missing", "2300/CLM11-4",
           sample(accident=Accident(AccidentKind.AUTO, SERVED_ON)),
           sample(accident=Accident(AccidentKind.OTHER, SERVED_ON))),
    Sample("accident-date-after-service", "2300/DTP*439",
           sample(accident=replace(AUTO, on=SERVED_ON + DAY)), sample(accident=AUTO)),
    Sample("ndc-form", "2410[1]/LIN03", sample({**DRUG, "ndc": "0409-3795-01"}), sample(DRUG)),
    Sample("ndc-quantity", "2410[1]/CTP04", sample({**DRUG, "ndc_units": "0"}),
           sample({**DRUG, "ndc_units": "0.5"})),
    Sample("ndc-unit", "2410[1]/CTP05-1", sample({**DRUG, "ndc_unit_of_measure": "MG"}),
           sample({**DRUG, "ndc_unit_of_measure": "ME"})),
    Sample("clia-missing", "2300/REF*X4",
           (sample({"code": "80053"}, member_id="1EG4TE5MK73"), make_facts_for(PayerKind.MEDICARE)),
           sample({"code": "80053"})),
    Sample("clia-form", "2300/REF*X4", sample(clia_number="99D999999"),
           sample(clia_number="99D9999999")),
    Sample("authorization-number-form", "2300/REF*G1", sample(authorization_number="A" * 51),
           sample(authorization_number="A" * 50)),
    Sample("referral-number-form", "2300/REF*9F", sample(referral_number="R*1"),
           sample(referral_number="R-1")),
    Sample("referral-is-authorization", "2300/REF*9F",
           sample(authorization_number="X1", referral_number="X1"),
           sample(authorization_number="X1", referral_number="X2")),
    # Identity and filing
    Sample("claim-number-form", "2300/CLM01", sample(claim_number="C-0000013"),
           sample(claim_number="C0000000000013")),
    Sample("line-count", "2400/LX", sample(lines=lines(51)), sample(lines=lines(50))),
    Sample("line-control-number", "2400[2]/REF*6R",
           sample(lines=(make_line(), make_line(2, control_number="C0000001301", code="93000"))),
           sample(lines=(make_line(), make_line(2, code="93000", control_number="1" * 30)))),
    Sample("payer-control-number-extra", "2300/REF*F8", sample(payer_claim_number="ICN1"),
           sample(frequency="7", payer_claim_number="ICN1")),
    Sample("payer-control-number-missing", "2300/REF*F8", sample(frequency="8"),
           sample(frequency="8", payer_claim_number="ICN1")),
    Sample("frequency-code", "2300/CLM05-3", sample(frequency="6"), PLAIN),
    Sample("frequency-not-taken", "2300/CLM05-3",
           (sample(frequency="7", payer_claim_number="ICN1"),
            make_facts(payer=make_payer(partner_id=PARTNER, allows_replacement=False))),
           (PLAIN, make_facts(payer=make_payer(partner_id=PARTNER, allows_replacement=False)))),
    Sample("filing-limit-past", "2400[1]/DTP*472", (PLAIN, filed(file_by=TODAY - 2 * DAY)),
           (PLAIN, filed(file_by=TODAY))),
    Sample("filing-limit-near", "2400[1]/DTP*472", (PLAIN, filed(file_by=TODAY + 15 * DAY)),
           (PLAIN, filed(file_by=TODAY + 16 * DAY))),
    Sample("claim-duplicate", "2400[1]/SV101-2", (PLAIN, sent()), (PLAIN, sent(modifiers=("76",)))),
    Sample("claim-duplicate", "2400[2]/SV101-2", sample(lines=(make_line(), make_line(2))),
           sample(lines=(make_line(), make_line(2, modifiers=("76",))))),
    Sample("coverage-not-in-force", "2010BA/NM109", (PLAIN, make_facts(is_covered=False)), PLAIN),
    Sample("provider-not-enrolled", "2310B/NM109", (PLAIN, enrolled(SERVED_ON + DAY)),
           (PLAIN, enrolled(SERVED_ON, SERVED_ON))),
    Sample("line-legal-hold", "2400[1]/SV101-2",
           (PLAIN, make_facts(held_lines={CHARGE_LINE: "paid-in-full-restriction"})),
           (PLAIN, make_facts(held_lines={UUID(int=9): "paid-in-full-restriction"}))),
    Sample("claim-visit-open", "2400/SV1", (PLAIN, make_facts(is_signed=False)), PLAIN),
    Sample("claim-lines-outdated", "2400/SV1",
           (PLAIN, make_facts(signed_charges={CHARGE_LINE: Money(1)})),
           (PLAIN, make_facts(signed_charges={CHARGE_LINE: PLAIN.lines[0].charge}))),
    Sample("visit-lines-unclaimed", "2400/LX", (PLAIN, make_facts(has_unclaimed_lines=True)),
           PLAIN),
)  # fmt: skip
IDS: Final = [f"{each.code} {each.where}" for each in GALLERY]


def find(case: ClaimContent | tuple[ClaimContent, ScrubFacts]) -> list[Finding]:
    content, facts = case if isinstance(case, tuple) else (case, make_facts())
    return scrub(content, facts)


@pytest.mark.parametrize("case", GALLERY, ids=IDS)
def test_claim_with_the_fault_is_found_at_its_place(case: Sample) -> None:
    assert (case.code, case.where) in {(f.code, f.where) for f in find(case.bad)}


@pytest.mark.parametrize("case", GALLERY, ids=IDS)
def test_claim_that_nearly_has_the_fault_passes(case: Sample) -> None:
    assert (case.code, case.where) not in {(f.code, f.where) for f in find(case.near)}


@pytest.mark.parametrize("case", GALLERY, ids=IDS)
def test_finding_says_what_to_do_and_tells_nothing_of_the_patient(case: Sample) -> None:
    for finding in find(case.bad):
        assert finding.message
        assert finding.fix
        told = f"{finding.message} {finding.fix} {finding.where}"
        for secret in ("Vandersloot", "Marigold", "SEA778812", "1984", "E11", "I10", "2026-09-14"):
            assert secret not in told


@pytest.mark.parametrize("case", GALLERY, ids=IDS)
def test_faulty_claim_is_written_and_checked_without_falling(case: Sample) -> None:
    content, facts = case.bad if isinstance(case.bad, tuple) else (case.bad, make_facts())
    faults = find_faults(content, None, AT)
    findings = scrub(content, replace(facts, faults=faults))
    assert (case.code, case.where) in {(f.code, f.where) for f in findings}


def test_what_no_edit_speaks_of_is_found_in_the_written_claim() -> None:
    content = sample(payer=ClaimPayer("SEA01", "Seaside", "ZQ", None))
    assert find(content) == []
    (finding,) = find((content, make_facts(faults=find_faults(content, None, AT))))
    assert (finding.where, finding.level) == ("2000B/SBR09", Level.ERROR)


def test_number_that_x12_cannot_carry_is_a_finding() -> None:
    content = sample(member_id="SEA*1")
    findings = find((content, make_facts(faults=find_faults(content, None, AT))))
    assert [f.level for f in findings] == [Level.ERROR]
    assert "SEA" not in str(findings[0].message)


def test_clean_claim_has_no_finding() -> None:
    assert find(PLAIN) == []


def test_every_code_of_the_scrub_stands_in_the_gallery() -> None:
    folder = Path(__file__).parents[2] / "claims" / "rules" / "scrub"
    source = "".join(path.read_text() for path in sorted(folder.glob("*.py")))
    written = set(re.findall(r"(?:error|warning|Finding)\(\s*\"([a-z0-9-]+)\"", source))
    written |= set(re.findall(r"\(\s*\"([a-z0-9-]+-(?:missing|form))\",\s*\"2", source))
    assert len(written) > 50
    assert written - {case.code for case in GALLERY} == set()


def test_every_edit_names_its_source() -> None:
    for edit in EDITS:
        assert edit.__doc__ is not None
        assert "Source:" in edit.__doc__, edit


def test_warning_that_needs_a_note_stops_until_somebody_wrote_one() -> None:
    (finding,) = find((PLAIN, sent()))
    assert finding.level is Level.WARNING
    assert finding.code in NEEDS_NOTE
    assert find_stops([finding], {}) == [finding]
    assert find_stops([finding], {"claim-duplicate": "two injuries"}) == []


def test_plain_warning_does_not_stop() -> None:
    findings = find(sample(**person(sex=Sex.UNKNOWN)))
    assert [f.code for f in findings] == ["sex-unknown"]
    assert find_stops(findings, {}) == []


def test_error_cannot_be_passed_with_a_note() -> None:
    findings = find(sample(member_id=""))
    assert find_stops(findings, {"member-id-missing": "please"}) == findings


@pytest.mark.parametrize("kind", [PayerKind.MEDICARE, PayerKind.COMMERCIAL])
def test_past_filing_limit_names_where_the_limit_stands(kind: PayerKind) -> None:
    limits = FilingLimits(180, 90, 180, 90, "contract 2026")
    payer = make_payer(partner_id=PARTNER, kind=kind, limits=limits)
    facts = make_facts(payer=payer, file_by=TODAY - DAY)
    past = list(find((sample(member_id="1EG4TE5MK73"), facts)))
    expected = "42 CFR 424.44" if kind is PayerKind.MEDICARE else "contract 2026"
    assert [f.code for f in past] == ["filing-limit-past"]
    assert expected in past[0].message


@pytest.mark.parametrize(
    ("changes", "where", "words"),
    [
        ({"frequency": "7", "payer_claim_number": "ICN1"}, "2300/CLM05-3", "corrections"),
        ({"payer_sequence": 2}, "2000B/SBR01", "another payer"),
    ],
)
def test_corrections_and_later_payers_have_clocks_of_their_own(
    changes: dict[str, Any], where: str, words: str
) -> None:
    past = find((sample(**changes), make_facts(file_by=TODAY - DAY)))
    told = [(f.code, f.where) for f in past if f.code.startswith("filing-")]
    assert told == [("filing-limit-past", where)]
    assert words in next(f.message for f in past if f.code == "filing-limit-past")


def test_address_abroad_needs_no_state_and_zip() -> None:
    abroad = Address("Calle Mayor 1", "", "Tijuana", "", "", "MX")
    assert find(sample(**person(address=abroad))) == []
