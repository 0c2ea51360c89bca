"""FHIR R4 over HTTP: what is taken in, what is refused, and what an integrator is told."""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from access import service as access
from audit.service import open_entry, reading, writing
from config import clock
from config.actor import Actor
from config.db import Base
from config.ddl import APP_ROLE
from config.tenancy import CORE_REASON, Database
from encounters import service
from encounters.jobs import processing
from encounters.values import MessageState
from office.demo import feeds
from office.demo.world import make_world
from practice import service as practice
from tests.factories.access import make_assertion, make_form, make_jwks
from tests.factories.installation import Installation, make_installation
from tests.factories.practice import make_payer
from web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from werkzeug.test import TestResponse


pytestmark = pytest.mark.journey
BUSINESS = ("patient", "coverage", "visit", "appointment", "fhir_resource", "guarantor", "entry")
MRN = "urn:oid:2.999.10.1"


@dataclass
class Site:
    """A practice's FHIR door, and an EHR that is registered there."""

    installation: Installation
    database: Database
    http: FlaskClient
    actor: Actor

    def register(self, name: str, scopes: str = "", actor: Actor | None = None) -> str:
        """Register a client and return an access token of its own."""
        actor = actor or self.actor
        with writing(self.database, actor, purpose="operations") as session:
            client = access.find_client(session, name) or access.add_client(
                session, name, jwks=make_jwks(), now=clock.now()
            )
        form = make_form(make_assertion(client.client_id, int(time.time())))
        answer = self.http.post("/oauth/token", data=form | ({"scope": scopes} if scopes else {}))
        assert answer.status_code == 200, answer.text
        token: str = answer.get_json()["access_token"]
        return token

    def post(
        self,
        body: Any,  # noqa: ANN401  # any JSON
        token: str,
        path: str = "",
        **headers: str,  # any JSON
    ) -> TestResponse:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post(
            f"/fhir/R4{path}",
            data=raw,
            headers={
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/fhir+json",
                **given,
            },
        )

    def get(self, path: str, token: str) -> TestResponse:
        return self.http.get(f"/fhir/R4/{path}", headers={"Authorization": f"Bearer {token}"})

    def count(self, *names: str) -> dict[str, int]:
        """Count the rows of tables, of all practices."""
        tables = Base.metadata.tables
        counts = {}
        for name in names or BUSINESS:
            query = select(func.count()).select_from(tables[name])
            with self.database.session(self.actor.practice_id) as session:
                options = {CORE_REASON: "a test counts rows"}
                counts[name] = session.execute(query, execution_options=options).scalar_one()
        return counts


@pytest.fixture
def site(
    database_urls: tuple[str, str], key_folder: Path, actor: Actor, tmp_path: Path
) -> Iterator[Site]:
    made = make_installation(tmp_path / "site", database_urls[0], keys=key_folder, actor=actor)
    with made.opened() as database:
        app = create_app(made.settings, database=database)
        with app.test_client() as http:
            yield Site(made, database, http, actor)


@pytest.fixture
def token(site: Site) -> str:
    return site.register("ehr")


@pytest.fixture(scope="module")
def bundles() -> list[dict[str, Any]]:
    """Return a visit's bundle that has charges, and its schedule's, of one demo patient."""
    day = feeds.write_fhir_day(make_world(1, dt.date(2026, 9, 15)))
    return [json.loads(raw) for raw in day]


@pytest.fixture
def visit(bundles: list[dict[str, Any]]) -> dict[str, Any]:
    found = next(b for b in bundles if any(_type(e) == "ChargeItem" for e in b["entry"]))
    copied: dict[str, Any] = json.loads(json.dumps(found))
    return copied


def _type(entry: dict[str, Any]) -> str:
    kind: str = entry["resource"]["resourceType"]
    return kind


def patient(number: str = "7001", family: str = "Quillfeather", **more: Any) -> dict[str, Any]:  # noqa: ANN401  # any element
    return {
        "resourceType": "Patient",
        "identifier": [{"system": MRN, "value": number}],
        "name": [{"use": "official", "family": family, "given": ["Rosalind"]}],
        "gender": "female",
        "birthDate": "1971-03-05",
        **more,
    }


def bundle(*resources: dict[str, Any], kind: str = "transaction") -> dict[str, Any]:
    return {
        "resourceType": "Bundle",
        "type": kind,
        "entry": [
            {
                "fullUrl": f"urn:uuid:01920000-0000-7000-8000-0000000000{place:02x}",
                "resource": resource,
                "request": {"method": "POST", "url": resource["resourceType"]},
            }
            for place, resource in enumerate(resources)
        ],
    }


def issues(answer: TestResponse) -> list[dict[str, Any]]:
    """Return the issues of an OperationOutcome, which every refusal must be."""
    assert answer.content_type.startswith("application/fhir+json")
    body = answer.get_json(force=True)
    assert body["resourceType"] == "OperationOutcome"
    found: list[dict[str, Any]] = body["issue"]
    assert found
    return found


def locations(answer: TestResponse) -> list[str]:
    return [entry["response"]["location"] for entry in answer.get_json(force=True)["entry"]]


def family_of(site: Site, number: str = "7001") -> str:
    from config.people import Identifier  # noqa: PLC0415  # for this one read
    from patients import service as patients  # noqa: PLC0415  # as above

    with reading(site.database, site.actor, purpose="payment") as session:
        found = patients.find_patient_by_identifier(session, Identifier(MRN, number, "MR"))
        return found.details.name.family if found else ""


def test_transaction_is_taken_in_and_each_resource_can_be_read_back(
    site: Site, token: str, visit: dict[str, Any]
) -> None:
    answer = site.post(visit, token)
    assert answer.status_code == 200, answer.text
    entries = answer.get_json(force=True)["entry"]
    assert len(entries) == len(visit["entry"])
    for sent, got in zip(visit["entry"], entries, strict=True):
        kind, key = got["response"]["location"].split("/")[:2]
        assert kind == _type(sent)
        read = site.get(f"{kind}/{key}", token)
        assert (read.status_code, read.headers["ETag"]) == (200, 'W/"1"')
        body = read.get_json(force=True)
        assert (body["id"], body["meta"]["versionId"]) == (key, "1")
        assert body.get("identifier") == sent["resource"].get("identifier")
    assert site.count("visit", "patient") == {"visit": 1, "patient": 1}


def test_repeat_gets_the_stored_answer_and_makes_nothing(
    site: Site, token: str, visit: dict[str, Any]
) -> None:
    first = site.post(visit, token)
    before = site.count()
    receipts = site.count("message", "message_receipt", "audit_entry")
    second = site.post(visit, token)
    assert (second.status_code, second.data) == (first.status_code, first.data)
    assert site.count() == before
    after = site.count("message", "message_receipt", "audit_entry")
    assert after["message"] == receipts["message"]
    assert after["message_receipt"] == receipts["message_receipt"] + 1
    assert after["audit_entry"] > receipts["audit_entry"]


def test_known_identifier_updates_and_raises_the_version(site: Site, token: str) -> None:
    first = site.post(bundle(patient()), token)
    second = site.post(bundle(patient(family="Thistlewood")), token)
    assert first.get_json(force=True)["entry"][0]["response"]["status"] == "201 Created"
    entry = second.get_json(force=True)["entry"][0]["response"]
    assert (entry["status"], entry["etag"]) == ("200 OK", 'W/"2"')
    assert locations(first)[0].split("/")[1] == locations(second)[0].split("/")[1]
    assert site.count("patient", "fhir_resource") == {"patient": 1, "fhir_resource": 1}
    read = site.get("/".join(locations(second)[0].split("/")[:2]), token)
    assert read.headers["ETag"] == 'W/"2"'
    assert "Thistlewood" in read.text


def test_put_under_the_id_that_we_gave_updates_that_resource(site: Site, token: str) -> None:
    key = locations(site.post(bundle(patient()), token))[0].split("/")[1]
    changed = bundle(patient(family="Thistlewood", id=key))
    changed["entry"][0]["request"] = {"method": "PUT", "url": f"Patient/{key}"}
    answer = site.post(changed, token)
    assert answer.status_code == 200, answer.text
    assert locations(answer) == [f"Patient/{key}/_history/2"]
    assert site.count("fhir_resource") == {"fhir_resource": 1}


def test_if_none_exist_leaves_a_known_resource_and_patient_as_they_are(
    site: Site, token: str
) -> None:
    site.post(patient(), token, "/Patient")
    again = patient(family="Thistlewood")
    answer = site.post(again, token, "/Patient", If_None_Exist=f"identifier={MRN}|7001")
    assert answer.status_code == 200, answer.text
    assert family_of(site) == "Quillfeather"
    new = site.post(patient("7002"), token, "/Patient", If_None_Exist=f"identifier={MRN}|7002")
    assert new.status_code == 201, new.text
    inside = bundle(patient(family="Thistlewood", active=True))
    inside["entry"][0]["request"]["ifNoneExist"] = f"identifier={MRN}|7001"
    assert site.post(inside, token).status_code == 200
    assert family_of(site) == "Quillfeather"
    assert site.count("patient") == {"patient": 2}


def test_if_none_exist_that_is_no_search_by_identifier_is_refused(site: Site, token: str) -> None:
    answer = site.post(patient(), token, "/Patient", If_None_Exist="birthdate=1971-03-05")
    assert answer.status_code == 400
    assert issues(answer)[0]["expression"] == ["If-None-Exist"]
    assert site.count("patient", "message") == {"patient": 0, "message": 0}


def test_same_resource_twice_in_one_body_is_one(site: Site, token: str) -> None:
    answer = site.post(bundle(patient(), patient(active=True)), token)
    assert answer.status_code == 200, answer.text
    first, second = locations(answer)
    assert first.split("/")[:2] == second.split("/")[:2]
    assert site.count("patient", "fhir_resource") == {"patient": 1, "fhir_resource": 1}


def test_broken_entry_fails_the_whole_transaction_with_every_problem(
    site: Site, token: str
) -> None:
    body = bundle(patient(), patient("7002", birthDate="yesterday"), patient("7003", gender="blue"))
    answer = site.post(body, token)
    assert answer.status_code == 422
    places = [place for issue in issues(answer) for place in issue.get("expression", [])]
    assert any("entry[1].resource.birthDate" in place for place in places)
    assert any("entry[2].resource.gender" in place for place in places)
    assert "Quillfeather" not in answer.text
    assert set(site.count().values()) == {0}


def test_broken_entry_of_a_batch_fails_alone(site: Site, token: str) -> None:
    body = bundle(patient(), patient("7002", birthDate="yesterday"), kind="batch")
    answer = site.post(body, token)
    assert answer.status_code == 200
    statuses = [e["response"]["status"] for e in answer.get_json(force=True)["entry"]]
    assert statuses == ["201 Created", "422 Unprocessable Entity"]
    assert site.count("patient") == {"patient": 1}


def test_type_that_we_do_not_use_is_kept_and_said_to_be(site: Site, token: str) -> None:
    seen = {"resourceType": "Observation", "status": "final", "code": {"text": "Weight"}}
    answer = site.post(seen, token, "/Observation")
    assert answer.status_code == 200, answer.text
    assert issues(answer)[0]["severity"] == "information"
    assert site.count("fhir_resource") == {"fhir_resource": 1}


def test_unknown_payer_holds_the_body_until_it_is_known_and_replayed(
    site: Site, token: str, visit: dict[str, Any]
) -> None:
    raw = re.sub(r'"99(00\d)"', r'"88\1"', json.dumps(visit)).replace("Simulated", "Elsewhere")
    answer = site.post(raw.encode(), token)
    assert answer.status_code == 422
    assert any("payer-unknown" in issue["diagnostics"] for issue in issues(answer))
    assert set(site.count().values()) == {0}
    with reading(site.database, site.actor, purpose="payment") as session:
        (message,) = service.list_messages(session, states=(MessageState.HELD,))
    code = next(
        payor["identifier"]["value"]
        for entry in json.loads(raw)["entry"]
        if _type(entry) == "Coverage"
        for payor in entry["resource"]["payor"]
    )
    with writing(site.database, site.actor, purpose="operations") as session:
        practice.save_payer(session, make_payer(payer_code=code, name="Newly Known"))
    findings = processing.process_message(
        site.database,
        site.actor,
        message.id,
        settings=site.installation.settings,
        is_replay=True,
    )
    assert not [f for f in findings if f.level == "error"], findings
    assert site.count("visit", "patient") == {"visit": 1, "patient": 1}
    repeat = site.post(raw.encode(), token)
    assert repeat.status_code == 200
    location = locations(repeat)[0].split("/_history")[0]
    assert site.get(location, token).status_code == 200, "the client owns what a person replayed"


def test_body_kept_by_a_process_that_died_is_applied_as_its_clients(site: Site, token: str) -> None:
    """The job stands in for the request: same owner, same address, same condition."""
    client = access.find_actor_by_token(site.database, token, now=clock.now())
    assert client is not None
    raw = json.dumps(patient()).encode()
    with writing(site.database, client, purpose="payment") as session:
        service.keep_message(
            session,
            service.Envelope(
                "",
                client.name,
                "FHIR",
                clock.now(),
                repeat_key="as the request names it",
                request=service.FhirRequest(client.id, "Patient"),
            ),
            raw,
        )
    assert site.installation.drain() == (1, 0)
    assert family_of(site) == "Quillfeather"
    with reading(site.database, site.actor, purpose="payment") as session:
        (message,) = service.list_messages(session)
    location = json.loads(message.details.answer)
    assert message.details.answer_status == 201, location
    again = site.post(bundle(patient(active=True)), token)
    key = locations(again)[0]
    assert key.endswith("_history/2"), "the client's resource is the one that the job made"


def test_request_and_job_of_one_body_apply_it_once(
    site: Site, token: str, visit: dict[str, Any]
) -> None:
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            site.installation.drain()

    jobs = threading.Thread(target=work)
    jobs.start()
    try:
        answers = [site.post(visit, token)]
        answers += [site.post(bundle(patient(str(n))), token) for n in range(7100, 7106)]
    finally:
        done.set()
        jobs.join()
    assert [answer.status_code for answer in answers] == [200] * 7
    for answer in answers:
        for location in locations(answer):
            read = site.get(location.split("/_history")[0], token)
            assert (read.status_code, read.headers["ETag"]) == (200, 'W/"1"')
    assert site.count("patient", "visit") == {"patient": 7, "visit": 1}


def test_another_practices_token_sees_and_changes_nothing(
    site: Site, token: str, other_actor: Actor, visit: dict[str, Any]
) -> None:
    """Identifiers of one practice mean nothing in another; its ids look like none at all."""
    location = locations(site.post(visit, token))[0].split("/_history")[0]
    before = site.count()
    other = site.register("other ehr", actor=other_actor)
    foreign = site.get(location, other)
    missing = site.get("Patient/01920000-0000-7000-8000-0000000000ff", other)
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert foreign.data == missing.data
    assert issues(foreign)[0]["code"] == "not-found"
    site.post(visit, other)  # its payers and providers aren't known there: held in the other one
    assert site.count() == before
    own = site.register("second ehr")
    assert site.get(location, own).data == missing.data, "another client's resource"


def test_scope_that_does_not_reach_is_refused_and_noted(site: Site, visit: dict[str, Any]) -> None:
    reader = site.register("reader", "system/*.rs")
    writer = site.register("writer", "system/Patient.c")
    refused = site.post(visit, reader)
    assert refused.status_code == 403
    refused = site.post(visit, writer)
    assert refused.status_code == 403
    assert any("Coverage" in issue["diagnostics"] for issue in issues(refused))
    update = bundle(patient(id="a"))
    update["entry"][0]["request"] = {"method": "PUT", "url": "Patient/a"}
    assert site.post(update, writer).status_code == 403
    assert site.get("Patient/01920000-0000-7000-8000-0000000000ff", writer).status_code == 403
    assert set(site.count().values()) == {0}
    assert site.count("message") == {"message": 0}
    assert sum("access.refused" in str(entry) for entry in read_log(site)) == 4


def test_no_token_a_wrong_one_and_an_expired_one_look_alike(site: Site, token: str) -> None:
    path = "/fhir/R4/Patient/01920000-0000-7000-8000-0000000000ff"
    none = site.http.get(path)
    wrong = site.get(path.removeprefix("/fhir/R4/"), token[:-2] + "xx")
    basic = site.http.get(path, headers={"Authorization": f"Basic {token}"})
    with clock.frozen_at(clock.now() + dt.timedelta(hours=1)):
        expired = site.get(path.removeprefix("/fhir/R4/"), token)
    for answer in (none, wrong, basic, expired):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.data == none.data
        assert issues(answer)[0]["code"] == "login"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("Patient/not-an-id", 404),
        ("Patient/01920000-0000-7000-8000-0000000000ff", 404),
        ("Nonsense/01920000-0000-7000-8000-0000000000ff", 404),
        ("Patient/..%2F..%2Fetc%2Fpasswd", 404),
        ("Patient", 405),
        ("Patient/1/_history/1", 404),
    ],
)
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_reading_what_is_not_there(site: Site, token: str, path: str, status: int) -> None:
    answer = site.get(path, token)
    assert answer.status_code == status
    assert issues(answer)[0]["severity"] == "error"


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_wrong_type_and_wrong_content_are_refused(site: Site, token: str) -> None:
    unknown = site.post(patient(), token, "/Nonsense")
    assert (unknown.status_code, issues(unknown)[0]["code"]) == (404, "not-supported")
    other = site.post(patient(), token, "/Coverage")
    assert other.status_code == 400
    assert issues(other)[0]["expression"] == ["Coverage.resourceType"]
    xml = site.post(b"<Patient/>", token, Content_Type="application/fhir+xml")
    assert xml.status_code == 415
    assert "application/fhir+json" in issues(xml)[0]["diagnostics"]
    assert set(site.count().values()) == {0}


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_metadata_needs_no_token_and_tells_where_to_get_one(site: Site) -> None:
    body = site.http.get("/fhir/R4/metadata").get_json(force=True)
    assert (body["resourceType"], body["fhirVersion"]) == ("CapabilityStatement", "4.0.1")
    found = site.http.get("/fhir/R4/.well-known/smart-configuration").get_json()
    assert found["token_endpoint"].endswith("/oauth/token")
    assert "private_key_jwt" in found["token_endpoint_auth_methods_supported"]


# Before the bytes leave, the entry is durable (security.md S33)


def read_log(site: Site) -> list[dict[str, Any]]:
    """Return what all of this practice's entries say."""
    from audit.models import AuditEntry  # noqa: PLC0415  # for this one read
    from audit.values import EntryRow  # noqa: PLC0415  # as above

    columns = AuditEntry.__table__.columns
    with site.database.session(site.actor.practice_id) as session:
        rows = session.execute(select(*columns).order_by(columns["id"])).all()
        return [
            open_entry(session, EntryRow(*row))
            for row in rows
            if row.practice_id == site.actor.practice_id
        ]


@contextmanager
def broken_log(site: Site, owner_url: str) -> Iterator[None]:
    """Let every insert into the audit store fail, as a full disk or a lost right would."""
    from config.db import make_engine  # noqa: PLC0415  # the owner's own engine

    broken, mended = (
        (
            "CREATE TRIGGER broken BEFORE INSERT ON audit_entry BEGIN SELECT RAISE(ABORT, ''); END",
            "DROP TRIGGER broken",
        )
        if site.database.is_sqlite
        else (
            f"REVOKE INSERT ON audit_entry FROM {APP_ROLE}",
            f"GRANT INSERT ON audit_entry TO {APP_ROLE}",
        )
    )
    engine = make_engine(owner_url).execution_options(is_writing=True)
    try:
        with engine.begin() as connection:
            connection.execute(text(broken))
        yield
    finally:
        with engine.begin() as connection:
            connection.execute(text(mended))
        engine.dispose()


def test_nothing_leaves_when_its_entry_cannot_be_written(
    site: Site, token: str, database_urls: tuple[str, str]
) -> None:
    location = locations(site.post(bundle(patient()), token))[0].split("/_history")[0]
    assert "Quillfeather" in site.get(location, token).text
    with broken_log(site, database_urls[1]):
        read = site.get(location, token)
        assert read.status_code == 503
        assert "error id" in issues(read)[0]["diagnostics"]
        assert "Quillfeather" not in read.text
        before = site.count()
        written = site.post(bundle(patient("7002", "Thistlewood")), token)
        assert written.status_code == 503
        assert "Thistlewood" not in written.text
        assert site.count() == before
        assert site.http.get("/healthz").status_code == 200
    assert site.get(location, token).status_code == 200


def test_every_answer_with_a_patients_data_has_its_entry(site: Site, token: str) -> None:
    location = locations(site.post(bundle(patient()), token))[0].split("/_history")[0]
    before = len(read_log(site))
    for _ in range(5):
        assert site.get(location, token).status_code == 200
    entries = read_log(site)[before:]
    assert len(entries) == 5
    key = location.split("/")[1].replace("-", "")
    assert all("fhir_resource" in str(entry) and key in str(entry) for entry in entries)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_fault_of_ours_is_answered_with_an_error_id_only(
    site: Site, token: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("Quillfeather was here")

    monkeypatch.setattr("encounters.service.read_resource", fail)
    answer = site.get("Patient/01920000-0000-7000-8000-0000000000ff", token)
    assert answer.status_code == 500
    (issue,) = issues(answer)
    assert issue["diagnostics"].startswith("something failed here; error id ")
    for told in (answer.text, caplog.text):
        assert "Quillfeather" not in told
        assert "Traceback" not in told
        assert base64.b64encode(b"Quillfeather")[:10].decode() not in told
