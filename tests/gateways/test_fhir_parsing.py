"""Bodies in: every problem at once, with its place, and none of the sender's values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gateways.fhir import service
from gateways.fhir.values import Limits
from tests.factories.fhir_r4 import RESOURCES, make_resource

if TYPE_CHECKING:
    from gateways.fhir.values import ParsedBundle

SAMPLES = Path(__file__).parents[1] / "samples" / "fhir"
WORD = "Zyxwvutsrq"


def make_bundle(*resources: object, kind: str = "transaction") -> bytes:
    entries = [
        {
            "fullUrl": f"urn:uuid:{index}",
            "resource": resource,
            "request": {
                "method": "POST",
                "url": resource.get("resourceType") if isinstance(resource, dict) else "X",
            },
        }
        for index, resource in enumerate(resources)
    ]
    return json.dumps({"resourceType": "Bundle", "type": kind, "entry": entries}).encode()


def tell(parsed: ParsedBundle) -> set[tuple[str, str]]:
    return {(problem.expression, problem.code) for problem in parsed.problems}


def parse_one(**changes: object) -> ParsedBundle:
    patient = {"resourceType": "Patient"} | changes
    return service.parse_resource(json.dumps(patient).encode(), resource_type="Patient")


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_real_bundles_are_taken_whole(path: Path) -> None:
    parsed = service.parse_bundle(path.read_bytes())
    assert parsed.problems == ()
    assert parsed.bundle is not None
    assert len(parsed.bundle.entries) == len(json.loads(path.read_bytes())["entry"])


@pytest.mark.parametrize("name", sorted(RESOURCES))
def test_every_element_of_r4_is_taken_in_the_types_that_we_use(name: str) -> None:
    body = json.dumps(make_resource(name)).encode()
    assert service.parse_resource(body, resource_type=name).problems == ()


@pytest.mark.parametrize("name", sorted(RESOURCES))
def test_element_that_r4_does_not_have_is_named(name: str) -> None:
    body = json.dumps(make_resource(name, favouriteColour="x")).encode()
    found = tell(service.parse_resource(body, resource_type=name))
    assert found == {(f"{name}.favouriteColour", "structure")}


def test_types_that_we_use_are_those_with_a_fixture() -> None:
    assert set(RESOURCES) == set(service.USED_TYPES)


def test_all_problems_of_a_bundle_come_at_once() -> None:
    parsed = service.parse_bundle(
        make_bundle(
            {"resourceType": "Encounter"},
            {"resourceType": "Patient", "birthDate": "13/02/1990", "gender": "F"},
            {"resourceType": "Coverage", "status": "active"},
            {"resourceType": "Nonsense"},
            {"resourceType": "Patient", "deceasedBoolean": True, "deceasedDateTime": "2026"},
            "not an object",
        )
    )
    assert tell(parsed) == {
        ("Bundle.entry[0].resource.status", "required"),
        ("Bundle.entry[0].resource.class", "required"),
        ("Bundle.entry[1].resource.birthDate", "value"),
        ("Bundle.entry[1].resource.gender", "code-invalid"),
        ("Bundle.entry[2].resource.beneficiary", "required"),
        ("Bundle.entry[2].resource.payor", "required"),
        ("Bundle.entry[3].resource.resourceType", "not-supported"),
        ("Bundle.entry[4].resource.deceasedDateTime", "invariant"),
        ("Bundle.entry[5].resource", "required"),
    }
    assert parsed.is_refused


@pytest.mark.parametrize(
    ("changes", "place", "code"),
    [
        ({"birthDate": "1990-02-31"}, "birthDate", "value"),
        ({"active": "yes"}, "active", "value"),
        ({"name": {"family": "x"}}, "name", "structure"),
        ({"name": []}, "name", "structure"),
        ({"name": [{"family": ["x"]}]}, "name[0].family", "structure"),
        ({"maritalStatus": '{"text": "M"}'}, "maritalStatus", "structure"),
        ({"maritalStatus": [{"text": "M"}]}, "maritalStatus", "structure"),
        ({"telecom": [{"system": "telegraph"}]}, "telecom[0].system", "code-invalid"),
        ({"telecom": [{"rank": 0}]}, "telecom[0].rank", "value"),
        ({"id": "no spaces please"}, "id", "value"),
        ({"link": [{"type": "seealso"}]}, "link[0].other", "required"),
        ({"link": [{"other": {"reference": "Patient/2"}}]}, "link[0].type", "required"),
        ({"extension": [{"valueString": "x"}]}, "extension[0].url", "required"),
        ({"contained": [{"resourceType": "Wrong"}]}, "contained[0].resourceType", "value"),
        ({"contained": [{"resourceType": "Coverage"}]}, "contained[0].beneficiary", "required"),
        ({"multipleBirthInteger": "2"}, "multipleBirthInteger", "value"),
        ({"deceasedDateTime": "2026-01-01T10:00:00"}, "deceasedDateTime", "value"),
    ],
)  # fmt: skip
def test_fault_is_found_at_its_place(changes: dict[str, Any], place: str, code: str) -> None:
    assert (f"Patient.{place}", code) in tell(parse_one(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"birthDate": WORD},
        {"gender": WORD},
        {"name": WORD},
        {"name": [{"family": 5, "given": [WORD, 5]}]},
        {"active": WORD},
        {"id": f"{WORD} {WORD}"},
        {"multipleBirthInteger": WORD},
        {"name": [{"family": f"{WORD}\u202e"}]},
        {"text": {"status": "generated", "div": f"<!DOCTYPE {WORD}>"}},
        {f"{WORD} of Boston": "x"},
        {"contained": [{"resourceType": WORD}]},
        {"deceasedDateTime": WORD},
        {"photo": [{"data": WORD, "size": WORD}]},
    ],
)
def test_no_problem_repeats_what_the_sender_wrote(changes: dict[str, Any]) -> None:
    parsed = parse_one(**changes)
    assert parsed.problems
    assert WORD not in repr(parsed.problems)
    assert WORD.encode() not in service.to_json(service.build_outcome(parsed.problems))


@pytest.mark.parametrize(
    "character", ["\x00", "\x1b", "\x7f", "\x85", "\u202e", "\u2066", "\ud800"]
)
@pytest.mark.parametrize("resource_type", ["Patient", "Observation"])
def test_control_and_bidirectional_characters_are_refused_everywhere(
    character: str, resource_type: str
) -> None:
    resource = {"resourceType": resource_type, "text": {"div": f"a{character}b"}}
    parsed = service.parse_bundle(make_bundle(resource))
    assert ("Bundle.entry[0].resource.text.div", "value") in tell(parsed)
    assert any(f"U+{ord(character):04X}" in problem.diagnostics for problem in parsed.problems)


def test_line_breaks_tabs_and_accents_are_no_problem() -> None:
    assert parse_one(name=[{"family": "Núñez\tÅ\r\nŁ 王"}]).problems == ()


@pytest.mark.parametrize(
    "text", ["<!DOCTYPE x>", "<!doctype x [", '< ! <!ENTITY a "b">', "<! DOCTYPE"]
)
def test_document_types_are_refused_in_any_text(text: str) -> None:
    parsed = service.parse_bundle(make_bundle({"resourceType": "Basic", "code": {"text": text}}))
    assert tell(parsed) == {("Bundle.entry[0].resource.code.text", "security")}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"{", "line 1, column 2"),
        (b'{"a": 1,\n}', "line 2"),
        (b"<Bundle/>", "not JSON"),
        (b"[]", "not a JSON object"),
        (b'"x"', "not a JSON object"),
        (b"\xff\xfe{\x00", "not UTF-8"),
        (b'{"resourceType":"Bundle","total":NaN}', "NaN"),
        (b'{"resourceType":"Bundle","total":1e999999}', "exponent"),
        (b'{"resourceType":"Bundle","total":' + b"9" * 5000 + b"}", "characters"),
        (b"[" * 200_000, "too deep"),
    ],
)
def test_body_that_is_no_json_object_says_why(body: bytes, said: str) -> None:
    parsed = service.parse_bundle(body)
    assert parsed.bundle is None
    assert parsed.is_refused
    assert [problem.severity for problem in parsed.problems] == ["fatal"]
    assert said in parsed.problems[0].diagnostics


def test_repeated_name_is_refused_for_readers_differ_in_which_one_they_take() -> None:
    body = b'{"resourceType":"Patient","gender":"male","gender":"female"}'
    assert tell(service.parse_resource(body, resource_type="Patient")) == {("Patient", "structure")}


def test_limits_hold_and_just_below_them_passes() -> None:
    body = make_bundle({"resourceType": "Patient"}, {"resourceType": "Patient"})
    size = len(body)
    assert service.parse_bundle(body, limits=Limits(bytes_max=size)).problems == ()
    assert service.parse_bundle(body, limits=Limits(bytes_max=size - 1)).bundle is None
    assert service.parse_bundle(body, limits=Limits(entries_max=2)).problems == ()
    assert service.parse_bundle(body, limits=Limits(entries_max=1)).bundle is None


def test_nesting_beyond_the_limit_is_refused_and_not_walked() -> None:
    inner: dict[str, Any] = {"valueString": "x"}
    for _ in range(60):
        inner = {"extension": [inner]}
    parsed = parse_one(**inner)
    assert [problem.code for problem in parsed.problems] == ["too-costly"]


def test_broken_entry_fails_a_transaction_and_only_itself_in_a_batch() -> None:
    good, bad = {"resourceType": "Patient"}, {"resourceType": "Patient", "gender": "x"}
    assert service.parse_bundle(make_bundle(good, bad)).is_refused
    batch = service.parse_bundle(make_bundle(good, bad, kind="batch"))
    assert not batch.is_refused
    assert batch.problems_of(0) == ()
    assert [problem.code for problem in batch.problems_of(1)] == ["code-invalid"]


@pytest.mark.parametrize(
    ("kind", "code"),
    [(None, "required"), ("history", "not-supported"), ("parcel", "code-invalid")],
)
def test_other_kinds_of_bundle_are_refused(kind: str | None, code: str) -> None:
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": kind, "entry": []}
    parsed = service.parse_bundle(json.dumps(bundle).encode())
    assert tell(parsed) == {("Bundle.type", code)}


@pytest.mark.parametrize(
    ("request_", "place", "code"),
    [
        (None, "request", "required"),
        ({"method": "POST"}, "request.url", "required"),
        ({"method": "DELETE", "url": "Patient/1"}, "request.method", "not-supported"),
        ({"method": "FETCH", "url": "Patient"}, "request.method", "code-invalid"),
        ({"method": "POST", "url": "Coverage"}, "request.url", "value"),
        ({"method": "PUT", "url": "Patient"}, "request.url", "value"),
    ],
)
def test_request_of_an_entry_has_to_fit(
    request_: dict[str, str] | None, place: str, code: str
) -> None:
    entry = {"resource": {"resourceType": "Patient"}, "request": request_}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    parsed = service.parse_bundle(json.dumps(bundle).encode())
    assert tell(parsed) == {(f"Bundle.entry[0].{place}", code)}


def test_entries_with_one_full_url_are_refused() -> None:
    body = make_bundle({"resourceType": "Patient"}, {"resourceType": "Patient"})
    parsed = service.parse_bundle(body.replace(b"urn:uuid:1", b"urn:uuid:0"))
    assert tell(parsed) == {("Bundle.entry[1].fullUrl", "duplicate")}


def test_known_type_that_we_do_not_use_is_kept_raw_and_not_judged() -> None:
    parsed = service.parse_bundle(make_bundle({"resourceType": "Claim", "status": "nonsense"}))
    assert parsed.problems == ()
    assert parsed.bundle is not None
    assert not parsed.bundle.entries[0].is_used


def test_create_has_to_be_of_the_type_in_the_address() -> None:
    body = b'{"resourceType":"Patient"}'
    assert service.parse_resource(body, resource_type="Coverage").is_refused
    assert service.parse_resource(body, resource_type="Nonsense").is_refused


def test_list_of_problems_is_cut_and_says_so() -> None:
    body = make_bundle(*[{"resourceType": "Encounter"}] * 20)
    parsed = service.parse_bundle(body, limits=Limits(problems_max=10))
    assert len(parsed.problems) == 11
    assert parsed.problems[-1].code == "too-long"
