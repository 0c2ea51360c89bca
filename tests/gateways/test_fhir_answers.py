"""Answers out, and references read."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateways.fhir import service
from gateways.fhir.shapes import check_resource
from gateways.fhir.values import Element, EntryResult, FhirProblem, Reference

if TYPE_CHECKING:
    from gateways.fhir.values import FhirBundle, JsonObject

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests" / "samples" / "fhir" / "ehr-dependent-visit.json"


def read_sample() -> FhirBundle:
    bundle = service.parse_bundle(SAMPLE.read_bytes()).bundle
    assert bundle is not None
    return bundle


def check(resource: JsonObject) -> list[FhirProblem]:
    return check_resource(resource, expression="X", entry=None)


def test_outcome_lists_each_problem_with_its_expression() -> None:
    outcome = service.build_outcome(
        [FhirProblem("error", "required", "Bundle.entry[0].resource.status", "Needed.", 0)]
    )
    assert check(outcome) == []
    assert outcome["issue"] == [
        {
            "severity": "error",
            "code": "required",
            "diagnostics": "Needed.",
            "expression": ["Bundle.entry[0].resource.status"],
        }
    ]


def test_outcome_without_problems_is_valid_too() -> None:
    outcome = service.build_outcome([])
    assert check(outcome) == []
    assert outcome["issue"]


def test_capability_statement_is_valid_and_tells_where_tokens_come_from() -> None:
    statement = service.build_capability_statement(
        base_url="http://localhost:8000/fhir/R4",
        token_url="http://localhost:8000/oauth/token",  # noqa: S106  # an address, no secret
        date="2026-09-15",
        software_version="0.1.0",
    )
    assert check(statement) == []
    assert statement["fhirVersion"] == "4.0.1"
    text = json.dumps(statement)
    assert "http://localhost:8000/oauth/token" in text
    rest = statement["rest"][0]  # type: ignore[index]  # JSON of our own making
    assert {item["type"] for item in rest["resource"]} == set(service.USED_TYPES)  # type: ignore[index,call-overload,union-attr]  # as above


def test_response_bundle_is_valid_and_in_order() -> None:
    response = service.build_bundle_response(
        "transaction",
        [
            EntryResult("201 Created", "Patient/1/_history/1", 'W/"1"', "2026-09-15T12:00:00Z"),
            EntryResult("200 OK", outcome=service.build_outcome([])),
        ],
    )
    assert check(response) == []
    assert response["type"] == "transaction-response"


def test_decimals_keep_their_digits() -> None:
    body = b'{"resourceType":"Location","position":{"longitude":-71.10,"latitude":42.300}}'
    bundle = service.parse_resource(body, resource_type="Location").bundle
    assert bundle is not None
    assert service.to_json(bundle.entries[0].resource) == body


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("urn:uuid:5", Reference("urn", "urn:uuid:5")),
        ("Patient/5", Reference("local", "5", "Patient")),
        ("Patient/5/_history/2", Reference("local", "5", "Patient")),
        ("#c1", Reference("contained", "c1")),
        ("https://e.org/Patient/5", Reference("absolute", "https://e.org/Patient/5")),
        ("Location?identifier=u|MAIN", Reference("conditional", "MAIN", "Location", "u")),
        ("Location?identifier=MAIN", Reference("conditional", "MAIN", "Location")),
        ("Location?identifier=u%3Ax%7CM", Reference("conditional", "M", "Location", "u:x")),
    ],
)  # fmt: skip
def test_reference_is_read_in_each_of_its_forms(address: str, expected: Reference) -> None:
    assert service.read_reference(Element({"reference": address}, "")) == expected


def test_reference_by_identifier_alone_is_logical() -> None:
    element = Element({"type": "Patient", "identifier": {"system": "urn:x", "value": "7"}}, "p")
    assert service.read_reference(element) == Reference("logical", "7", "Patient", "urn:x", "p")
    assert service.read_reference(Element({"display": "Somebody"}, "p")) is None
    assert service.read_reference(None) is None


def test_references_find_their_entry_by_every_name() -> None:
    bundle = read_sample()
    index = service.ReferenceIndex(bundle)
    patient = bundle.entries[0]
    by_url = Reference("urn", str(patient.full_url))
    by_number = Reference("conditional", "MRN-7000142", "Patient", "urn:oid:2.999.10.1")
    assert index.resolve(by_url) is patient
    assert index.resolve(by_number) is patient
    assert index.resolve(Reference("urn", "urn:uuid:nobody")) is None
    assert index.resolve(Reference("conditional", "1234567893", "Practitioner")) is None


def test_contained_resource_is_found_in_its_container_only() -> None:
    resource = {
        "resourceType": "Coverage",
        "status": "active",
        "contained": [{"resourceType": "Organization", "id": "o", "name": "Payer"}],
        "beneficiary": {"reference": "Patient/1"},
        "payor": [{"reference": "#o"}],
    }
    bundle = service.parse_resource(json.dumps(resource).encode(), resource_type="Coverage").bundle
    assert bundle is not None
    index = service.ReferenceIndex(bundle)
    payor = service.read_reference(bundle.entries[0].element().get("payor"))
    found = index.resolve(payor, base=bundle.entries[0])
    assert found is not None
    assert found.expression == "Coverage.contained[0]"
    assert index.resolve(payor) is None


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("identifier=urn:x|7", ("urn:x", "7")),
        ("Patient?identifier=urn:x|7", ("urn:x", "7")),
        ("identifier=7", (None, "7")),
        ("name=Lopez", None),
        ("identifier=urn:x|7&name=Lopez", None),
        ("identifier=", None),
        (None, None),
    ],
)
def test_if_none_exist_is_read_by_identifier_only(
    search: str | None, expected: tuple[str | None, str] | None
) -> None:
    assert service.read_if_none_exist(search) == expected


def test_elements_keep_the_path_of_what_they_read() -> None:
    name = read_sample().entries[0].element().each("name")[1]
    family = name.text("family")
    assert family is not None
    assert (family.text, family.path) == ("Villanueva", "Patient.name[1].family")
    assert [given.path for given in name.texts("given")] == [
        "Patient.name[1].given[0]",
        "Patient.name[1].given[1]",
    ]
    entry = read_sample().entries[0]
    assert entry.where(family.path) == "Bundle.entry[0].resource.name[1].family"


def test_numbers_are_exact() -> None:
    number = Element({"value": Decimal("1.10"), "flag": True}, "q").number("value")
    assert number is not None
    assert str(number.number) == "1.10"
    assert Element({"flag": True}, "q").number("flag") is None


def test_models_are_not_loaded_before_the_first_body() -> None:
    code = "import sys, gateways.fhir.service; print('pydantic' in sys.modules)"
    done = subprocess.run(  # noqa: S603  # our own interpreter and our own words
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == "False"
