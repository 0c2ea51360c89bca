"""Bundles that generators and EHRs make, kept and applied on both engines.

Synthea makes up NPIs whose check digit is wrong. No payer takes such a number, so none can be on
file, and such a visit stays held at the exact place; with numbers that can be real it applies.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from audit.service import reading, writing
from coding import service as coding
from config import clock
from config.finding import Level, RefusedError
from config.ids import is_npi
from config.settings import Settings
from encounters import service
from encounters.jobs import answer_fhir, process_message
from encounters.values import MessageState, VisitState
from practice import service as practice
from practice.values import PayerKind
from tests.factories.coding import make_code_folder
from tests.factories.encounters import Office, at
from tests.factories.practice import make_location, make_payer, make_provider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.actor import Actor
    from config.finding import Finding
    from config.tenancy import Database
    from encounters.values import MessageId

SAMPLES = Path(__file__).parents[1] / "samples" / "fhir"
SYNTHEA = (
    "synthea-sinusitis",
    "synthea-medicare-bronchitis",
    "synthea-emergency",
    "synthea-spanish-medicaid",
)
EHR = "ehr-dependent-visit"
NPI = re.compile(rb'http://hl7.org/fhir/sid/us-npi(?:",\s*"value": "|\|)(\d{10})"')


@pytest.fixture
def office(database: Database, actor: Actor) -> Iterator[Office]:
    made = Office(database, actor)
    with clock.frozen_at(at(15)):
        made.open()
        yield made


@pytest.fixture(scope="module")
def codes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_code_folder(tmp_path_factory.mktemp("codes"))


def read(name: str) -> bytes:
    return (SAMPLES / f"{name}.json").read_bytes()


def read_with_real_npis(name: str) -> bytes:
    """Return a bundle whose made-up NPIs are swapped for some with the right check digit."""
    raw = read(name)
    real = (n for n in range(9_999_000_000, 9_999_999_999) if is_npi(str(n)))
    for made_up in dict.fromkeys(NPI.findall(raw)):
        raw = raw.replace(made_up, str(next(real)).encode())
    return raw


def take(office: Office, raw: bytes) -> tuple[MessageId, int, list[Finding]]:
    kept = office.keep(raw, kind="FHIR", repeat_key="", sender="ehr", control_id="")
    answered = answer_fhir(office.database, office.actor, kept.message_id, raw)
    return kept.message_id, answered.answer.status, answered.findings


def replay(office: Office, message_id: MessageId, tmp_path: Path) -> list[Finding]:
    settings = Settings(tmp_path / "home", tmp_path / "keys", "unused", "unused", "unused")
    return process_message(
        office.database, office.actor, message_id, settings=settings, is_replay=True
    )


def resources(raw: bytes, kind: str) -> list[dict[str, Any]]:
    found = [entry["resource"] for entry in json.loads(raw)["entry"]]
    return [resource for resource in found if resource["resourceType"] == kind]


def errors(findings: list[Finding]) -> set[tuple[str, str]]:
    return {(f.code, f.where) for f in findings if f.level is Level.ERROR}


def add_what_it_names(office: Office, raw: bytes) -> None:
    """Put the payers and clinicians that a bundle names on the practice's file."""
    with writing(office.database, office.actor, purpose="operations") as session:
        for place, name in enumerate(
            {c["payor"][0]["display"] for c in resources(raw, "Coverage")}
        ):
            kind = PayerKind.MEDICARE if name == "Medicare" else PayerKind.COMMERCIAL
            practice.save_payer(session, make_payer(payer_code=f"P{place}", name=name, kind=kind))
        for npi in dict.fromkeys(NPI.findall(raw)):
            practice.save_provider(session, make_provider(npi=npi.decode()))


@pytest.mark.parametrize("name", [*SYNTHEA, EHR])
def test_bundle_that_names_what_is_not_on_file_is_held_whole(office: Office, name: str) -> None:
    raw = read(name)
    message_id, status, findings = take(office, raw)
    assert status == 422
    assert {code for code, _ in errors(findings)} == {"payer-unknown", "provider-unknown"}
    for _, where in errors(findings):
        assert re.match(r"Bundle\.entry\[\d+\]\.resource\.\w+", where), where
    assert len(findings) == len(set(findings)), "the same place is told twice"
    assert office.message(message_id).state is MessageState.HELD
    assert (office.visits(), office.counts()) == ([], {})


@pytest.mark.parametrize("name", SYNTHEA)
def test_synthea_bundle_applies_when_replayed_after_the_imports(
    office: Office, name: str, tmp_path: Path
) -> None:
    raw = read_with_real_npis(name)
    message_id, status, _ = take(office, raw)
    assert status == 422
    add_what_it_names(office, raw)
    assert errors(replay(office, message_id, tmp_path)) == set()
    assert office.message(message_id).state is MessageState.APPLIED
    visits = office.visits()
    assert len(visits) == len(resources(raw, "Encounter"))
    assert {visit.state for visit in visits} == {VisitState.READY}
    assert all(visit.provider_id is not None for visit in visits)
    for visit in visits:
        assert visit.details.sources["service_date"].path.startswith("Bundle.entry[")


def test_made_up_npi_cannot_be_put_on_file_so_the_visit_stays_held(
    office: Office, tmp_path: Path
) -> None:
    raw = read("synthea-sinusitis")
    (npi,) = dict.fromkeys(NPI.findall(raw))
    message_id, _, _ = take(office, raw)
    with (
        pytest.raises(RefusedError),
        writing(office.database, office.actor, purpose="operations") as session,
    ):
        practice.save_provider(session, make_provider(npi=npi.decode()))
    (payer,) = {c["payor"][0]["display"] for c in resources(raw, "Coverage")}
    office.add_payer(payer_code="P1", name=payer)
    left = errors(replay(office, message_id, tmp_path))
    assert left == {("provider-unknown", "Bundle.entry[5].resource.identifier[0].value")}


def test_snomed_conditions_are_work_for_the_coder(office: Office, codes: Path) -> None:
    raw = read_with_real_npis("synthea-sinusitis")
    add_what_it_names(office, raw)
    assert take(office, raw)[1] == 200
    visit = office.visit()
    assert {c.system for c in visit.details.conditions} == {"SNOMED"}
    with reading(office.database, office.actor, purpose="payment") as session:
        offered = coding.suggest_for_visit(session, visit.id, folder=codes)
    chosen = [choice.code for each in offered.conditions for choice in each.choices]
    assert any(code.startswith(("J01", "J32")) for code in chosen), chosen


def test_repeat_of_a_bundle_makes_nothing_new(office: Office) -> None:
    raw = read_with_real_npis("synthea-medicare-bronchitis")
    add_what_it_names(office, raw)
    first_id, status, _ = take(office, raw)
    assert status == 200
    before = (office.visits(), office.counts())
    kept = office.keep(raw, kind="FHIR", repeat_key="", sender="ehr", control_id="")
    assert (kept.message_id, kept.is_repeat) == (first_id, True)
    with reading(office.database, office.actor, purpose="payment") as session:
        again = service.answer_again(session, kept.message_id)
    assert again is not None
    assert again.status == 200
    assert (office.visits(), office.counts()) == before


def test_another_bundle_of_the_same_people_updates_them(office: Office) -> None:
    raw = read_with_real_npis("synthea-sinusitis")
    add_what_it_names(office, raw)
    take(office, raw)
    (visit,) = office.visits()
    assert take(office, raw.replace(b'"finished"', b'"finished" '))[1] == 200
    (again,) = office.visits()
    assert (again.id, again.number) == (visit.id, visit.number)


def test_us_core_bundle_without_insurance_makes_a_visit_to_be_coded(office: Office) -> None:
    _, status, findings = take(office, read("carebundle-diabetes"))
    assert status == 200
    assert [f.code for f in findings] == ["provider-missing"]
    assert {c.system for v in office.visits() for c in v.details.conditions} >= {"ICD-10-CM"}


def test_billing_ehrs_bundle_applies_with_the_mothers_insurance(office: Office) -> None:
    raw = read(EHR)
    (organization,) = resources(raw, "Organization")
    with writing(office.database, office.actor, purpose="operations") as session:
        code = organization["identifier"][0]["value"]
        practice.save_payer(session, make_payer(payer_code=code, name=organization["name"]))
        for npi in dict.fromkeys(NPI.findall(raw)):
            practice.save_provider(session, make_provider(npi=npi.decode()))
        for location in re.findall(rb'"urn:[^"]*location[^"]*",\s*"value": "([^"]+)"', raw):
            practice.save_location(session, make_location(code=location.decode()))
    _, status, findings = take(office, raw)
    assert errors(findings) == set()
    assert status == 200
    visit = office.visit()
    assert visit.details.charges[0].modifiers
    assert office.counts()["appointment:kept"] == 1
