"""The day itself, step by step, through the same doors that a practice uses."""

from __future__ import annotations

import datetime as dt
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from access import service as access
from audit import service as audit
from audit.service import reading, writing
from claims import service as claims
from claims.values import ClaimState
from coding import service as coding
from config import clock
from config.actor import Actor
from config.settings import Settings
from config.tenancy import Database
from encounters import service as encounters
from encounters.values import VisitState
from gateways.hl7.service import MllpClient, serve_mllp
from office.demo import feeds
from office.demo.coder import CoderReport, code_visits
from office.demo.ehr import Ehr, fetch_token, make_key, public_keys, send_bundle
from office.demo.seeding import DEMO_PRACTICE, PARTNER_CODE, seed_practice
from office.demo.world import World, make_world
from patient_billing import service as patient_billing
from practice import service as practice
from simulator.service import demo_contract, run
from simulator.values import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from simulator.values import RunResult

DAY: Final = dt.date(2026, 9, 15)
FOLDERS: Final = ("837", "999", "277", "835", "statements")
_BUILD_AT_ONCE: Final = 20
_SUFFIXES: Final = {".837": "837", ".999": "999", ".277": "277", ".835": "835"}


@dataclass(slots=True)
class Outcome:
    """What the day came to, for the table and `summary.json`."""

    world: World
    coder: CoderReport = field(default_factory=CoderReport)
    key_hits: int = 0
    key_size: int = 0
    held_claims: int = 0
    resent: int = 0
    statements: int = 0
    refused_bundles: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Errands:
    """The jobs that the roof lends: it alone holds the keys to other packages' entry rooms."""

    make_hl7_handler: Callable[[Database, Actor, Settings], Callable[[bytes], bytes | None]]
    send_batches: Callable[..., list[str]]
    receive_files: Callable[..., Any]
    post_remittances: Callable[..., list[Any]]


@dataclass(frozen=True, slots=True)
class DayRoom:
    """What every step of the day works with."""

    settings: Settings
    database: Database
    actor: Actor
    seed: int
    say: Callable[[str], None]
    run_jobs: Callable[[Database, Settings], tuple[int, int]]
    make_app: Callable[[Settings, Database], Flask]
    errands: Errands

    @property
    def codes(self) -> Path:
        """Folder of the code releases."""
        return self.settings.home / "codes"

    @property
    def simulator(self) -> Path:
        """Folder of the simulated clearinghouse and payers."""
        return self.settings.home / "simulator"


def at_hour(hour: int, minute: int = 0) -> dt.datetime:
    """Return an instant of the demo's day."""
    return dt.datetime.combine(DAY, dt.time(hour, minute), dt.UTC)


def live_the_day(stage: DayRoom) -> Outcome:
    """Run the day from the first message to the last statement."""
    started = time.monotonic()
    outcome = Outcome(make_world(stage.seed, DAY))
    with clock.frozen_at(at_hour(13)):
        _open_practice(stage)
        _load_codes(stage)
    with clock.frozen_at(at_hour(17)):
        _take_in(stage, outcome)
    with clock.frozen_at(at_hour(18)):
        _code(stage, outcome)
    with clock.frozen_at(at_hour(19)):
        _build_and_scrub(stage, outcome)
        _send(stage)
        _let_answer(stage, Stage.ACKNOWLEDGE)
        _receive(stage)
    with clock.frozen_at(at_hour(20)):
        _send_again(stage, outcome)
    with clock.frozen_at(at_hour(21)):
        _let_answer(stage, Stage.ADJUDICATE)
        _receive(stage)
    with clock.frozen_at(at_hour(22)):
        _let_answer(stage, Stage.REVERSE)
        _receive(stage)
    with clock.frozen_at(at_hour(23)):
        _make_statements(stage, outcome)
    outcome.seconds = time.monotonic() - started
    return outcome


@contextmanager
def _step(stage: DayRoom, what: str) -> Iterator[list[str]]:
    """Say what is being done, and when it is done what came of it and how long it took."""
    began = time.monotonic()
    result: list[str] = []
    yield result
    seconds = time.monotonic() - began
    stage.say(f"{what:<46} {' '.join(result):<40} {seconds:5.1f} s")


def _open_practice(stage: DayRoom) -> None:
    with _step(stage, "Practice, payers, prices, feeds") as result:
        for folder in ("inbox", "outbox", "memory"):
            (stage.simulator / folder).mkdir(parents=True, exist_ok=True)
        with writing(stage.database, stage.actor, purpose="operations") as session:
            seed_practice(
                session, outbox=stage.simulator / "inbox", inbox=stage.simulator / "outbox"
            )
        result.append(DEMO_PRACTICE.name)


def _load_codes(stage: DayRoom) -> None:
    with _step(stage, "Code sets in force") as result:
        loaded = [
            *coding.load_shipped_icd10cm(stage.codes).releases,
            *coding.load_shipped_procedures(stage.codes).releases,
        ]
        result.append(", ".join(f"{r.system} {r.release}" for r in loaded))


# Intake


def _take_in(stage: DayRoom, outcome: Outcome) -> None:
    with _step(stage, "HL7 v2 messages over MLLP") as result:
        sent = _send_hl7(stage, feeds.write_hl7_day(outcome.world))
        done, failed = stage.run_jobs(stage.database, stage.settings)
        result.append(f"{sent} acknowledged, {done - failed} applied")
    with _step(stage, "FHIR R4 bundles over HTTP") as result:
        bundles = feeds.write_fhir_day(outcome.world)
        outcome.refused_bundles = _send_fhir(stage, bundles)
        stage.run_jobs(stage.database, stage.settings)
        result.append(f"{len(bundles) - outcome.refused_bundles} applied")


def _send_hl7(stage: DayRoom, messages: list[bytes]) -> int:
    handler = stage.errands.make_hl7_handler(stage.database, stage.actor, stage.settings)
    acknowledged = 0
    with (
        serve_mllp("127.0.0.1", 0, handler) as server,
        MllpClient("127.0.0.1", server.port) as client,
    ):
        for message in messages:
            acknowledged += b"MSA|AA" in client.send_until_acknowledged(message)
    return acknowledged


def register_ehr(stage: DayRoom, base_url: str) -> Ehr:
    """Register the demo's EHR as an API client, or find it registered."""
    key = make_key(stage.settings.keys)
    with writing(stage.database, stage.actor, purpose="operations") as session:
        client = access.find_client(session, "demo-ehr")
        if client is None:
            client = access.add_client(session, "demo-ehr", jwks=public_keys(key), now=clock.now())
    return Ehr(base_url, client.client_id, key)


def _send_fhir(stage: DayRoom, bundles: list[bytes]) -> int:
    """Send bundles over HTTP and return how many were refused."""
    refused = 0
    with _http(stage) as base_url:
        ehr = register_ehr(stage, base_url)
        token = fetch_token(ehr)
        for bundle in bundles:
            status, _ = send_bundle(ehr, token, bundle)
            refused += status != 200
    return refused


class _QuietHandler(WSGIRequestHandler):
    """Says nothing on the terminal: addresses in a log line could hold what a client sent."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  # werkzeug's name
        """Take no note."""


@contextmanager
def _http(stage: DayRoom) -> Iterator[str]:
    """Serve the application on a free port of this machine."""
    server = make_server(
        "127.0.0.1", 0, lambda *_: [b""], threaded=True, request_handler=_QuietHandler
    )
    base_url = f"http://127.0.0.1:{server.port}"
    server.app = stage.make_app(replace(stage.settings, public_url=base_url), stage.database)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield base_url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


# Coding


def _code(stage: DayRoom, outcome: Outcome) -> None:
    with _step(stage, "Coding by the coder's script") as result:
        with reading(stage.database, stage.actor, purpose="payment") as session:
            keys = encounters.list_visit_ids(session, VisitState.READY)
            visits = list(encounters.get_visits(session, keys).values())
        visits.sort(key=lambda visit: visit.number)
        outcome.coder = code_visits(
            stage.database, stage.actor, visits, folder=stage.codes, now=clock.now()
        )
        _compare_with_key(outcome, [visit.id for visit in visits])
        held = sum(outcome.coder.held.values())
        result.append(f"{len(outcome.coder.signed)} signed, {held} held")


def _compare_with_key(outcome: Outcome, visit_ids: list[object]) -> None:
    """Count how many of the key's codes the coder gave; visits stand in the order of the feeds."""
    ordered = [v for v in outcome.world.visits if not feeds.comes_by_fhir(v)]
    ordered.sort(key=lambda v: v.starts_at)
    ordered += [v for v in outcome.world.visits if feeds.comes_by_fhir(v)]
    for visit_id, truth in zip(visit_ids, ordered, strict=True):
        given = outcome.coder.codes.get(visit_id, ())  # type: ignore[call-overload]  # a VisitId
        outcome.key_size += len(truth.complaint.key)
        outcome.key_hits += len(set(given) & set(truth.complaint.key))


# Claims


def _build_and_scrub(stage: DayRoom, outcome: Outcome) -> None:
    with _step(stage, "Claims built and checked") as result:
        signed = outcome.coder.signed
        built: list[object] = []
        for start in range(0, len(signed), _BUILD_AT_ONCE):
            with writing(stage.database, stage.actor, purpose="payment") as session:
                made = claims.build_claims(
                    session, stage.actor, signed[start : start + _BUILD_AT_ONCE], at=clock.now()
                )
            built += made.claims
        _scrub(stage)
        with reading(stage.database, stage.actor, purpose="payment") as session:
            outcome.held_claims = claims.count_claims(session).get(ClaimState.HELD, 0)
        result.append(f"{len(built)} built, {outcome.held_claims} held")


def _scrub(stage: DayRoom) -> None:
    with reading(stage.database, stage.actor, purpose="payment") as session:
        waiting = claims.list_claim_ids(session, [ClaimState.BUILT])
    for start in range(0, len(waiting), _BUILD_AT_ONCE):
        with writing(stage.database, stage.actor, purpose="payment") as session:
            claims.scrub_claims(
                session,
                stage.actor,
                waiting[start : start + _BUILD_AT_ONCE],
                folder=stage.codes,
                at=clock.now(),
            )


def _send(stage: DayRoom) -> None:
    with _step(stage, "Batched as 837P and sent") as result:
        with writing(stage.database, stage.actor, purpose="payment") as session:
            partner = practice.find_partner(session, PARTNER_CODE)
            assert partner is not None  # noqa: S101  # it was seeded
            claims.batch_claims(session, stage.actor, partner.id, at=clock.now())
        sent = stage.errands.send_batches(
            stage.database, stage.actor, keys=stage.settings.keys, at=clock.now()
        )
        result.append(", ".join(sent) or "nothing")
    _copy(stage, stage.simulator / "inbox")


def _let_answer(stage: DayRoom, round_: Stage) -> RunResult:
    with _step(stage, f"The payers' side: {round_}") as result:
        answered = run(
            stage.simulator / "inbox",
            stage.simulator / "outbox",
            demo_contract(),
            seed=stage.seed,
            today=DAY,
            stage=round_,
            memory=stage.simulator / "memory",
        )
        result.append(f"{len(answered.files_written)} files")
    _copy(stage, stage.simulator / "outbox")
    return answered


def _copy(stage: DayRoom, folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        name = _SUFFIXES.get(path.suffix)
        if name is not None:
            target = stage.settings.home / name
            target.mkdir(exist_ok=True)
            shutil.copy(path, target / path.name)


def _receive(stage: DayRoom) -> None:
    with _step(stage, "Answers received and posted") as result:
        report = stage.errands.receive_files(
            stage.database, stage.actor, keys=stage.settings.keys, at=clock.now()
        )
        posted = stage.errands.post_remittances(stage.database, stage.actor, at=clock.now())
        result.append(", ".join(f"{n} {kind}" for kind, n in sorted(report.kinds.items())))
        if posted:
            result.append(
                f"; {sum(p.posted for p in posted)} claims posted,"
                f" {sum(p.quarantined for p in posted)} quarantined"
            )


def _send_again(stage: DayRoom, outcome: Outcome) -> None:
    """The biller's turn: what was rejected is mended and goes out once more."""
    rejected = [ClaimState.REJECTED_BY_CLEARINGHOUSE, ClaimState.REJECTED_BY_PAYER]
    with reading(stage.database, stage.actor, purpose="payment") as session:
        waiting = claims.list_claim_ids(session, rejected)
    for claim_id in waiting:
        with writing(stage.database, stage.actor, purpose="payment") as session:
            claims.resubmit_claim(session, stage.actor, claim_id, at=clock.now())
    outcome.resent = len(waiting)
    if waiting:
        _scrub(stage)
        _send(stage)
        _let_answer(stage, Stage.ACKNOWLEDGE)
        _receive(stage)


# Statements


def _make_statements(stage: DayRoom, outcome: Outcome) -> None:
    with _step(stage, "Patient statements") as result:
        folder = stage.settings.home / "statements"
        folder.mkdir(exist_ok=True)
        with reading(stage.database, stage.actor, purpose="payment") as session:
            guarantors = patient_billing.list_guarantors_to_bill(session, on=DAY)
        for guarantor_id in guarantors:
            with writing(stage.database, stage.actor, purpose="payment") as session:
                made = patient_billing.make_statement(session, stage.actor, guarantor_id, on=DAY)
            if made.statement is None:
                continue
            with reading(stage.database, stage.actor, purpose="payment") as session:
                content = patient_billing.read_statement_pdf(session, made.statement.id)
            (folder / f"{made.statement.number}.pdf").write_bytes(content)
            outcome.statements += 1
        result.append(f"{outcome.statements} made, {len(guarantors)} guarantors owe")


def seal_log(stage: DayRoom) -> None:
    """Seal the day's audit entries into the log."""
    audit.integrate(stage.database, audit.load_signing_key(stage.settings.keys))
