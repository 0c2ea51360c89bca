"""FHIR resources stored on both engines: known again, versioned, read back by their sender."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from audit.service import reading, writing
from config.finding import MissingError
from config.ids import uuid7
from encounters import service
from encounters.service import FhirAnswer, Origin
from gateways.fhir.service import parse_bundle
from tests.factories.encounters import Office, at

if TYPE_CHECKING:
    import datetime as dt

    from config.actor import Actor
    from config.tenancy import Database
    from gateways.fhir.values import EntryResult, JsonObject

CLIENT = UUID("01920000-0000-7000-8000-0000000000c1")
OTHER_CLIENT = UUID("01920000-0000-7000-8000-0000000000c2")
NAME = [{"family": "Quenneville"}]


@pytest.fixture
def office(database: Database, actor: Actor) -> Office:
    made = Office(database, actor)
    made.open()
    return made


def entry(resource: dict[str, Any], *, url: str = "", condition: str = "") -> dict[str, Any]:
    request = {"method": "POST", "url": resource["resourceType"]}
    if condition:
        request["ifNoneExist"] = condition
    made = {"resource": resource, "request": request}
    return made | ({"fullUrl": url} if url else {})


def person(*, value: str = "1", **changes: object) -> dict[str, Any]:
    whole = {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:mrn", "value": value}],
        "name": NAME,
    } | changes
    return {name: value for name, value in whole.items() if value is not None}


def store(office: Office, *entries: dict[str, Any], client: UUID = CLIENT) -> list[EntryResult]:
    body = {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}
    raw = json.dumps(body).encode()
    parsed = parse_bundle(raw)
    assert parsed.problems == ()
    assert parsed.bundle is not None
    kept = office.keep(raw, kind="FHIR", repeat_key="")
    with writing(office.database, office.actor, purpose="payment") as session:
        origin = Origin(client, kept.message_id, at(12))
        return service.store_resources(session, parsed.bundle.entries, origin)


def place(result: EntryResult) -> str:
    assert result.location is not None
    return result.location.split("/_history")[0]


def fetch(
    office: Office, where: str, *, client: UUID = CLIENT, actor: Actor | None = None
) -> tuple[JsonObject, int, dt.datetime]:
    kind, _, key = where.partition("/")
    with reading(office.database, actor or office.actor, purpose="payment") as session:
        return service.read_resource(session, kind, key, client_id=client)


def test_resource_is_created_and_read_back_under_our_id(office: Office) -> None:
    (result,) = store(office, entry(person(id="theirs")))
    assert result.status == "201 Created"
    assert result.etag == 'W/"1"'
    body, version, written = fetch(office, place(result))
    assert (version, written) == (1, at(12))
    assert body["id"] == place(result).split("/")[1] != "theirs"
    assert body["meta"] == {"versionId": "1", "lastUpdated": "2026-09-15T12:00:00Z"}
    assert body["name"] == NAME


def test_known_identifier_is_updated_with_the_next_version(office: Office) -> None:
    (first,) = store(office, entry(person()))
    (second,) = store(office, entry(person(name=[{"family": "Pemberton"}])))
    assert (second.status, second.etag) == ("200 OK", 'W/"2"')
    assert place(second) == place(first)
    body, version, _ = fetch(office, place(second))
    assert (version, body["name"]) == (2, [{"family": "Pemberton"}])


@pytest.mark.parametrize(
    ("resource", "url"),
    [
        (person(identifier=None, id="p-1"), ""),
        (person(identifier=None), "urn:uuid:0192c1ea-0000-7000-8000-000000000001"),
        (person(identifier=[{"value": "no-system"}]), ""),
    ],
)
def test_resource_is_known_again_by_id_or_full_url_too(
    office: Office, resource: dict[str, Any], url: str
) -> None:
    (first,) = store(office, entry(resource, url=url))
    (second,) = store(office, entry(resource, url=url))
    assert (first.status, second.status) == ("201 Created", "200 OK")
    assert place(first) == place(second)


def test_resource_without_any_name_is_always_new(office: Office) -> None:
    nameless = person(identifier=None)
    first, second = store(office, entry(nameless), entry(nameless))
    assert place(first) != place(second)


def test_if_none_exist_leaves_what_is_there_as_it_is(office: Office) -> None:
    (first,) = store(office, entry(person()))
    condition = "identifier=urn:mrn|1"
    changed = entry(person(name=[{"family": "Pemberton"}]), condition=condition)
    (second,) = store(office, changed)
    assert (second.status, second.etag) == ("200 OK", 'W/"1"')
    assert place(second) == place(first)
    assert fetch(office, place(first))[0]["name"] == NAME
    (third,) = store(office, entry(person(value="2"), condition="identifier=urn:mrn|2"))
    assert third.status == "201 Created"


def test_two_entries_of_one_identifier_are_one_resource(office: Office) -> None:
    first, second = store(office, entry(person()), entry(person(name=[{"family": "Pemberton"}])))
    assert place(first) == place(second)
    assert fetch(office, place(first))[0]["name"] == [{"family": "Pemberton"}]


def test_references_among_entries_become_references_to_our_ids(office: Office) -> None:
    url = "urn:uuid:0192c1ea-0000-7000-8000-000000000001"
    condition = {
        "resourceType": "Condition",
        "subject": {"reference": url},
        "code": {"text": "Acute cough"},
        "evidence": [{"detail": [{"reference": url}, {"reference": "Observation/elsewhere"}]}],
    }
    patient, stored = store(office, entry(person(), url=url), entry(condition))
    body, _, _ = fetch(office, place(stored))
    assert body["subject"] == {"reference": place(patient)}
    assert body["evidence"] == [
        {"detail": [{"reference": place(patient)}, {"reference": "Observation/elsewhere"}]}
    ]


def test_reference_by_the_senders_own_id_becomes_one_to_ours(office: Office) -> None:
    condition = {"resourceType": "Condition", "subject": {"reference": "Patient/p-1"}}
    patient, stored = store(office, entry(person(id="p-1")), entry(condition))
    assert fetch(office, place(stored))[0]["subject"] == {"reference": place(patient)}


def test_type_that_we_do_not_use_is_kept_raw_and_said_so(office: Office) -> None:
    raw = {"resourceType": "Observation", "status": "final", "code": {"text": "Weight"}}
    (result,) = store(office, entry(raw))
    assert result.status == "200 OK"
    assert result.outcome is not None
    assert fetch(office, place(result))[0]["code"] == {"text": "Weight"}


def test_clients_do_not_meet(office: Office, other_actor: Actor) -> None:
    (ours,) = store(office, entry(person()))
    (theirs,) = store(office, entry(person()), client=OTHER_CLIENT)
    assert place(ours) != place(theirs)
    for where, client, actor in (
        (place(ours), OTHER_CLIENT, office.actor),
        (place(ours), CLIENT, other_actor),
        (place(ours).replace("Patient", "Condition"), CLIENT, office.actor),
        (f"Patient/{uuid7()}", CLIENT, office.actor),
        ("Patient/no-key", CLIENT, office.actor),
    ):
        with pytest.raises(MissingError, match=r"^no such resource$"):
            fetch(office, where, client=client, actor=actor)


def test_answer_is_kept_for_repeats(office: Office) -> None:
    kept = office.keep(b"{}", kind="FHIR", repeat_key="")
    with writing(office.database, office.actor, purpose="payment") as session:
        assert service.answer_again(session, kept.message_id) is None
        service.keep_answer(session, kept.message_id, FhirAnswer(201, '{"a":1}'))
    with reading(office.database, office.actor, purpose="payment") as session:
        assert service.answer_again(session, kept.message_id) == FhirAnswer(201, '{"a":1}')
