"""Bad input at every door: a clear answer, nothing half-stored, the service stays up."""

from __future__ import annotations

import datetime as dt
import json
import socket
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from access import service as access
from audit.service import reading, writing
from config import clock
from config.actor import Actor
from config.changes import PAUSES
from config.db import Base
from config.tenancy import CORE_REASON, Database
from encounters import service
from encounters.jobs.taking import make_handler
from encounters.values import MessageState
from gateways.hl7.service import MllpClient, MllpServer, ServerLimits, peek, read_ack, serve_mllp
from office.demo import feeds
from office.demo.world import make_world
from practice import service as practice
from tests.factories.access import make_assertion, make_form, make_jwks
from tests.factories.installation import Installation, make_installation
from tests.factories.kills import Command
from tests.factories.practice import make_payer
from tests.factories.remittances import Check, Clp, Svc, write_835
from web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.journey
SAMPLES = Path(__file__).parents[1] / "samples"
# Whatever comes in badly may add to these and to no other table.
RECORDS = {
    "message", "message_receipt", "blob", "blob_chunk", "job", "received_file", "wrapped_key",
    "audit_entry", "audit_pending", "audit_leaf", "audit_checkpoint", "api_token", "api_assertion",
}  # fmt: skip
NAME = "Quillfeather"
BYTES_MAX = 10 * 1024 * 1024


@dataclass
class Site:
    """A practice with its doors open, and what lies in its tables."""

    installation: Installation
    database: Database
    actor: Actor
    http: FlaskClient
    token: str
    mllp: MllpServer

    def post(self, raw: bytes, path: str = "") -> tuple[int, str]:
        answer = self.http.post(
            f"/fhir/R4{path}",
            data=raw,
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/fhir+json",
            },
        )
        assert answer.content_type.startswith("application/fhir+json")
        return answer.status_code, answer.text

    def send(self, *messages: bytes) -> list[bytes]:
        with MllpClient("127.0.0.1", self.mllp.port) as client:
            return [client.send(message) for message in messages]

    def messages(self, *states: MessageState) -> list[tuple[str, tuple[str, ...]]]:
        """Return state and finding codes of each message, oldest first."""
        with reading(self.database, self.actor, purpose="payment") as session:
            found = service.list_messages(session, states=states or tuple(MessageState))
            return [(m.state, tuple(f.code for f in m.details.findings)) for m in found]

    def count(self) -> dict[str, int]:
        """Count the rows of every table that bad input may not add to."""
        counts = {}
        with self.database.session(self.actor.practice_id) as session:
            for table in Base.metadata.sorted_tables:
                if table.name not in RECORDS:
                    counts[table.name] = session.execute(
                        select(func.count()).select_from(table),
                        execution_options={CORE_REASON: "a test counts rows"},
                    ).scalar_one()
        return counts

    @contextmanager
    def unmoved(self) -> Iterator[None]:
        """Hold that the block, and the jobs after it, change nothing, and that all still works."""
        before = self.count()
        yield
        self.installation.drain()
        assert self.count() == before
        assert self.http.get("/healthz").get_json()["status"] == "up"

    def command(self, *words: str) -> tuple[int | None, str]:
        """Run a command as a process; return its status and what it said."""
        command = Command(self.installation, words)
        return command.wait(), command.text


@pytest.fixture
def site(
    database_urls: tuple[str, str], key_folder: Path, actor: Actor, tmp_path: Path
) -> Iterator[Site]:
    made = make_installation(tmp_path / "site", database_urls[0], keys=key_folder, actor=actor)
    with made.opened() as database:
        with writing(database, actor, purpose="operations") as session:
            client = access.add_client(session, "ehr", jwks=make_jwks(), now=clock.now())
        app = create_app(made.settings, database=database)
        handler = make_handler(database, actor, made.settings)
        limits = ServerLimits(frame_bytes_max=made.settings.message_bytes_max)
        with (
            app.test_client() as http,
            serve_mllp("127.0.0.1", 0, handler, limits=limits) as mllp,
        ):
            now = int(clock.true_now().timestamp())
            form = make_form(make_assertion(client.client_id, now))
            token = http.post("/oauth/token", data=form).get_json()["access_token"]
            yield Site(made, database, actor, http, token, mllp)


@pytest.fixture(scope="module")
def registration() -> bytes:
    """Return an ADT^A04 of the demo's day, its patient renamed."""
    day = feeds.write_hl7_day(make_world(1, dt.date(2026, 9, 15)))
    raw = next(m for m in day if peek(m).kind.startswith("ADT^A04"))
    lines = raw.split(b"\r")
    place = next(n for n, line in enumerate(lines) if line.startswith(b"PID"))
    fields = lines[place].split(b"|")
    fields[5] = NAME.encode() + b"^Rosalind"
    lines[place] = b"|".join(fields)
    return b"\r".join(lines)


def _pid(raw: bytes, number: int, value: bytes) -> bytes:
    """Return the message with another value in a field of its PID."""
    lines = raw.split(b"\r")
    place = next(n for n, line in enumerate(lines) if line.startswith(b"PID"))
    fields = lines[place].split(b"|")
    fields[number] = value
    lines[place] = b"|".join(fields)
    return b"\r".join(lines)


# HL7 over a socket

UNREADABLE: dict[str, Callable[[bytes], bytes]] = {
    "without-msh": lambda raw: raw.split(b"\r", 1)[1],
    "odd-delimiters": lambda raw: raw.replace(b"MSH|^~\\&|", b"MSHAB~\\&A", 1),
    "delimiters-alike": lambda raw: raw.replace(b"MSH|^~\\&|", b"MSH|^^\\&|", 1),
    "nul": lambda raw: _pid(raw, 5, NAME.encode() + b"\x00^Rosalind"),
    "bidi": lambda raw: _pid(raw, 5, NAME.encode() + "\u202e^Rosalind".encode()),
    "5000-repeats": lambda raw: _pid(
        raw, 3, b"~".join(b"%d^^^DEMOEHR^MR" % n for n in range(5000))
    ),
    "5000-segments": lambda raw: raw + b"DG1|1||E11.9\r" * 5000,
    "not-utf-8": lambda raw: _pid(raw, 5, NAME.encode() + b"\xff\xfe"),
    "not-hl7": lambda _: b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "blank": lambda _: b"   \r\n",
}


@pytest.mark.parametrize("kind", sorted(UNREADABLE))
def test_message_that_cannot_be_read_is_rejected_with_its_place_and_kept(
    site: Site, registration: bytes, kind: str
) -> None:
    with site.unmoved():
        (raw,) = site.send(UNREADABLE[kind](registration))
    answer = read_ack(raw)
    assert answer is not None
    assert answer.code == "AR"
    assert answer.text
    assert NAME.encode() not in raw
    ((state, codes),) = site.messages()
    assert (state, bool(codes)) == ("failed", True)


def test_message_cut_short_in_its_frame_leaves_nothing(site: Site, registration: bytes) -> None:
    with site.unmoved():
        with socket.create_connection(("127.0.0.1", site.mllp.port)) as stream:
            stream.sendall(b"\x0b" + registration[:200])
        assert site.send(registration.replace(b"MSH|", b"NOT|"))  # the listener takes the next one
    assert len(site.messages()) == 1


def test_message_cut_short_before_it_was_framed_is_held_whole(
    site: Site, registration: bytes
) -> None:
    with site.unmoved():
        (raw,) = site.send(registration[: registration.index(NAME.encode()) - 3])
    answer = read_ack(raw)
    assert answer is not None
    assert answer.code == "AA"
    ((state, codes),) = site.messages()
    assert state == "held"
    assert codes


def test_message_with_other_delimiters_is_taken(site: Site, registration: bytes) -> None:
    table = bytes.maketrans(b"|^~&", b"#!*%")
    head, rest = registration.split(b"\r", 1)
    odd = head.translate(table) + b"\r" + rest.translate(table)
    answer = read_ack(site.send(odd)[0])
    assert answer is not None
    assert answer.code == "AA"
    site.installation.drain()
    assert site.messages() == [("applied", site.messages()[0][1])]
    assert site.count()["patient"] == 1


def test_same_number_with_another_body_is_held_and_the_first_stays(
    site: Site, registration: bytes
) -> None:
    site.send(registration)
    site.installation.drain()
    with site.unmoved():
        (raw,) = site.send(_pid(registration, 5, b"Thistlewood^Rosalind"))
    assert b"MSA|AA" in raw
    assert site.messages(MessageState.HELD) == [("held", ("control-id-reused",))]


def test_unknown_sender_is_acknowledged_and_held(site: Site, registration: bytes) -> None:
    with site.unmoved():
        (raw,) = site.send(registration.replace(b"|DEMOEHR|BRIGHTWATER|", b"|OTHER|PLACE|", 1))
    assert b"MSA|AA" in raw
    assert site.messages() == [("held", ("sender-unknown",))]


def test_same_message_again_and_again_is_one(site: Site, registration: bytes) -> None:
    site.send(registration)
    site.installation.drain()
    with site.unmoved():
        answers = site.send(*[registration] * 50)
    assert len(set(answers)) <= 50
    assert all(b"MSA|AA" in answer for answer in answers)
    assert len(site.messages()) == 1


@pytest.mark.long
def test_5000_repeats_of_a_message_are_one(site: Site, registration: bytes) -> None:
    site.send(registration)
    site.installation.drain()
    with site.unmoved():
        answers = site.send(*[registration] * 5000)
    assert all(b"MSA|AA" in answer for answer in answers)
    assert len(site.messages()) == 1


def test_unknown_payer_is_held_and_applied_by_command_once_it_is_known(
    site: Site, registration: bytes
) -> None:
    with site.unmoved():
        assert b"MSA|AA" in site.send(_rename_payers(registration))[0]
    with reading(site.database, site.actor, purpose="payment") as session:
        (message,) = service.list_messages(session)
    (finding,) = (f for f in message.details.findings if f.level == "error")
    assert finding.code == "payer-unknown"
    assert finding.where.startswith("IN1")
    assert NAME not in finding.message + finding.fix
    status, said = site.command("intake", "replay", str(message.id))
    assert (status, "still held" in said) == (1, True)
    with writing(site.database, site.actor, purpose="operations") as session:
        practice.save_payer(session, make_payer(payer_code="UNKNOWN1", name="Unknown Payer"))
    status, said = site.command("intake", "replay", str(message.id))
    assert (status, "applied" in said) == (0, True), said
    assert site.count()["patient"] == 1


def _rename_payers(raw: bytes) -> bytes:
    """Return the message with one insurance, of a payer that nobody knows."""
    lines: list[bytes] = []
    for line in raw.split(b"\r"):
        fields = line.split(b"|")
        if fields[0] in (b"IN1", b"IN2") and b"IN1" in b"".join(x[:3] for x in lines):
            continue
        if fields[0] == b"IN1":
            fields[3], fields[4] = b"UNKNOWN1", b"Unknown Payer"
        lines.append(b"|".join(fields))
    return b"\r".join(lines)


def test_fault_of_ours_puts_an_acknowledged_message_on_the_worklist(
    site: Site, registration: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(NAME)

    with site.unmoved(), monkeypatch.context() as planted:
        planted.setattr("encounters.service.apply_message", fail)
        assert b"MSA|AA" in site.send(registration)[0]
        site.installation.drain()
        assert site.messages() == [("held", ("message-not-applied",))]
    with reading(site.database, site.actor, purpose="payment") as session:
        (message,) = service.list_messages(session)
    assert NAME not in str(message.details.findings)
    assert site.command("intake", "replay", str(message.id))[0] == 0
    assert site.count()["patient"] == 1


def test_job_waits_while_the_database_is_away(
    site: Site, registration: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("SELECT", {}, Exception("away"))

    site.send(registration)
    with monkeypatch.context() as planted:
        planted.setattr("encounters.service.apply_message", fail)
        for _ in range(len(PAUSES) + 3):
            assert site.installation.drain() == (0, 1)
    assert site.installation.drain() == (1, 0)
    assert site.count()["patient"] == 1


# FHIR over HTTP


def _patient(**more: object) -> dict[str, object]:
    return {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:oid:2.999.10.1", "value": "7001"}],
        "name": [{"family": NAME, "given": ["Rosalind"]}],
        **more,
    }


def _bundle(*resources: dict[str, object]) -> bytes:
    entries = [
        {"resource": r, "request": {"method": "POST", "url": r["resourceType"]}} for r in resources
    ]
    return json.dumps(
        {"resourceType": "Bundle", "type": "transaction", "entry": entries}, ensure_ascii=False
    ).encode("utf-8", "surrogatepass")


_DIV = "<div xmlns='http://www.w3.org/1999/xhtml'>A</div>"
_DOCTYPE = "<!DOCTYPE x [<!ENTITY a 'b'>]>"
# Name -> body and the place that the answer must name ("" where the whole body is meant).
HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", ""),
    "not-json": (f"Patient {NAME}".encode(), ""),
    "cut-short": (_bundle(_patient())[:-40], ""),
    "array": (b"[1, 2]", ""),
    "nan": (b'{"resourceType": "Bundle", "type": NaN}', ""),
    "not-utf-8": (b'{"resourceType": "\xff"}', ""),
    "deep": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, ""),
    "rather-deep": (_bundle(_patient(extension=json.loads("[" * 60 + "]" * 60))), "entry[0]"),
    "no-bundle": (json.dumps(_patient()).encode(), "resourceType"),
    "type-missing": (b'{"resourceType": "Bundle"}', "Bundle.type"),
    "entries-are-none": (b'{"resourceType":"Bundle","type":"batch","entry":7}', "Bundle.entry"),
    "entry-is-none": (b'{"resourceType":"Bundle","type":"transaction","entry":[7]}', "entry[0]"),
    "name-twice": (
        _bundle(_patient()).replace(b'"name"', b'"gender": "male", "gender": "female", "name"'),
        "entry[0]",
    ),
    "nul": (_bundle(_patient(name=[{"family": f"{NAME}\x00"}])), "name[0].family"),
    "bidi": (_bundle(_patient(name=[{"family": f"{NAME}\u202e"}])), "name[0].family"),
    "surrogate": (
        _bundle(_patient()).replace(NAME.encode(), NAME.encode() + b"\\ud800"),
        "name[0].family",
    ),
    "doctype-in-narrative": (
        _bundle(_patient(text={"status": "generated", "div": _DOCTYPE + _DIV})),
        "text.div",
    ),
    "doctype-in-a-name": (_bundle(_patient(name=[{"family": _DOCTYPE}])), "name[0].family"),
    "doctype-in-a-type-kept-raw": (
        _bundle({"resourceType": "Observation", "note": [{"text": _DOCTYPE}]}),
        "entry[0].resource.note[0].text",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(HOSTILE))
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_hostile_fhir_is_refused_with_its_place(site: Site, kind: str) -> None:
    body, place = HOSTILE[kind]
    with site.unmoved():
        status, text = site.post(body)
        assert site.post(body) == (status, text), "a repeat gets the same answer"
    assert status in (400, 422)
    outcome = json.loads(text)
    assert outcome["resourceType"] == "OperationOutcome"
    assert all(issue["diagnostics"] for issue in outcome["issue"])
    places = [p for issue in outcome["issue"] for p in issue.get("expression", [])]
    assert any(place in found for found in places) if place else True
    assert NAME not in text
    assert [state for state, _ in site.messages()] == ["failed"]


def test_thousands_of_repeats_in_a_resource_are_bounded(site: Site) -> None:
    """5,000 names are one patient's; the answer comes in seconds."""
    names = [{"family": f"{NAME}{n}"} for n in range(5000)]
    identifiers = [{"system": "urn:oid:2.999.10.1", "value": str(n)} for n in range(5000)]
    began = time.monotonic()
    status, text = site.post(_bundle(_patient(name=names, identifier=identifiers)))
    assert time.monotonic() - began < 20
    assert status in (200, 422), text
    assert site.count()["patient"] == (status == 200)
    assert site.http.get("/healthz").status_code == 200


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_body_beyond_the_bound_is_refused_unread(site: Site) -> None:
    with site.unmoved():
        status, text = site.post(b" " * (BYTES_MAX + 100_000))
    assert status == 413
    assert json.loads(text)["resourceType"] == "OperationOutcome"
    assert site.messages() == []


# Files by command


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_bad_files_are_refused_by_command_and_kept_whole(
    site: Site, registration: bytes, tmp_path: Path
) -> None:
    gallery = {
        "hl7": [b"", registration.split(b"\r", 1)[1], UNREADABLE["nul"](registration)],
        "fhir": [b"", f"no JSON, {NAME}".encode(), HOSTILE["doctype-in-narrative"][0]],
        "csv": [b"", b"\x00\x01\x02", f"{NAME};x\n1;2\n".encode()],
    }
    for kind, bodies in gallery.items():
        for place, body in enumerate(bodies):
            path = tmp_path / f"bad-{place}.{kind}"
            path.write_bytes(body)
            with site.unmoved():
                status, said = site.command("intake", kind, str(path))
            assert status == 1, (kind, place, said)
            assert "error:" in said
            assert "to do:" in said
            assert NAME not in said
            assert "Traceback" not in said
    assert {state for state, _ in site.messages()} <= {"failed", "held"}
    status, said = site.command("intake", "list", "--json")
    assert status == 0
    assert len(json.loads(said)["messages"]) == len(site.messages())


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_file_beyond_the_bound_is_refused_unread(site: Site, tmp_path: Path) -> None:
    large = tmp_path / "large.hl7"
    with large.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    for kind in ("hl7", "fhir", "csv"):
        with site.unmoved():
            status, said = site.command("intake", kind, str(large))
        assert status == 1
        assert "file-too-large" in said
    assert site.messages() == []


def _x12_gallery() -> dict[str, bytes]:
    claims = (SAMPLES / "x12" / "837p-two-claims.edi").read_bytes()
    paid = write_835(Check((Clp("NOBODY", (Svc("99213", 15_000, 15_000),)),)))
    return {
        "empty": b"",
        "837-cut-short": claims[: len(claims) // 2],
        "835-cut-short": paid[: len(paid) * 2 // 3],
        "835-cut-in-isa": paid[:60],
        "delimiters-alike": paid.replace(paid[3:4], paid[105:106]),
        "not-x12": f"Dear {NAME}, you were paid.\n".encode(),
        "only-nul": b"\x00" * 500,
    }


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("kind", sorted(_x12_gallery()))
def test_broken_x12_is_told_by_check(site: Site, kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"{kind}.edi"
    path.write_bytes(_x12_gallery()[kind])
    with site.unmoved():
        status, said = site.command("edi", "check", str(path))
    assert status in (1, 2), said
    assert path.name in said
    assert NAME not in said
    assert "Traceback" not in said


def test_broken_files_in_the_inbox_are_held_whole(site: Site) -> None:
    inbox = site.installation.home.parent / "inbox"
    gallery = _x12_gallery()
    for name, content in gallery.items():
        (inbox / f"{name}.835").write_bytes(content)
    with site.unmoved():
        status, said = site.command("claims", "receive")
        assert status == 1, said
        assert NAME not in said
        assert "Traceback" not in said
        assert not list(inbox.iterdir()), "what was kept is taken from the inbox"
        status, said = site.command("remit", "post")
        assert (status, "no remittance waits" in said) == (0, True), said
    with site.database.session(site.actor.practice_id) as session:
        table = Base.metadata.tables["received_file"]
        states = session.execute(
            select(table.c.state), execution_options={CORE_REASON: "a test looks"}
        ).scalars()
        assert sorted(states) == ["held"] * len(gallery)
