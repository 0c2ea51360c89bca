"""The day itself, step by step, through the same doors that a practice uses."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING, Final

from audit import service as audit
from audit.service import reading, writing
from claims import service as claims
from claims.values import ClaimState
from coding import service as coding
from config import clock
from config.people import Identifier
from encounters import service as encounters
from encounters.values import VisitState
from office.demo import feeds
from office.demo.coder import code_visits
from office.demo.room import DAY, Outcome, at_hour, step
from office.demo.seeding import DEMO_PRACTICE, PARTNER_CODE, seed_practice
from office.demo.sending import send_fhir, send_hl7
from office.demo.world import make_world
from patient_billing import service as patient_billing
from practice import service as practice
from simulator.service import run
from simulator.values import Stage

if TYPE_CHECKING:
    from pathlib import Path

    from config.tenancy import PracticeSession
    from encounters.values import VisitId
    from office.demo.room import DayRoom
    from office.demo.world import World
    from simulator.values import RunResult

_BUILD_AT_ONCE: Final = 20
_SUFFIXES: Final = {".837": "837", ".999": "999", ".277": "277", ".835": "835"}
# Who gave the demo's visit numbers: the EHR that speaks HL7, and the one that speaks FHIR.
_NUMBERED_BY: Final = (feeds.FACILITY, feeds.VISITS)


def live_the_day(stage: DayRoom, world: World | None = None) -> Outcome:
    """Run the day from the first message to the last statement.

    Args:
        stage: What it is lived with.
        world: Who comes; the whole world of the seed where none is given.
    """
    started = time.monotonic()
    outcome = Outcome(world or make_world(stage.seed, DAY))
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


def _open_practice(stage: DayRoom) -> None:
    with step(stage, "Practice, payers, prices, feeds") as result:
        for folder in ("inbox", "outbox", "memory"):
            (stage.simulator / folder).mkdir(parents=True, exist_ok=True)
        with writing(stage.database, stage.actor, purpose="operations") as session:
            seed_practice(
                session, outbox=stage.simulator / "inbox", inbox=stage.simulator / "outbox"
            )
        result.append(DEMO_PRACTICE.name)


def _load_codes(stage: DayRoom) -> None:
    with step(stage, "Code sets in force") as result:
        loaded = [
            *coding.load_shipped_icd10cm(stage.codes).releases,
            *coding.load_shipped_procedures(stage.codes).releases,
        ]
        result.append(", ".join(f"{r.system} {r.release}" for r in loaded))


# Intake


def _take_in(stage: DayRoom, outcome: Outcome) -> None:
    with step(stage, "HL7 v2 messages over MLLP") as result:
        sent = send_hl7(stage, feeds.write_hl7_day(outcome.world))
        done, failed = stage.run_jobs(stage.database, stage.settings)
        result.append(f"{sent} acknowledged, {done - failed} applied")
    with step(stage, "FHIR R4 bundles over HTTP") as result:
        bundles = feeds.write_fhir_day(outcome.world)
        outcome.refused_bundles = send_fhir(stage, bundles)
        stage.run_jobs(stage.database, stage.settings)
        result.append(f"{len(bundles) - outcome.refused_bundles} applied")


# Coding


def _code(stage: DayRoom, outcome: Outcome) -> None:
    with step(stage, "Coding by the coder's script") as result:
        with reading(stage.database, stage.actor, purpose="payment") as session:
            keys = encounters.list_visit_ids(session, VisitState.READY)
            visits = list(encounters.get_visits(session, keys).values())
        visits.sort(key=lambda visit: visit.number)
        outcome.coder = code_visits(
            stage.database, stage.actor, visits, folder=stage.codes, now=clock.now()
        )
        with reading(stage.database, stage.actor, purpose="operations") as session:
            _compare_with_key(session, outcome)
        held = sum(outcome.coder.held.values())
        result.append(f"{len(outcome.coder.signed)} signed, {held} held")


def _compare_with_key(session: PracticeSession, outcome: Outcome) -> None:
    """Count how many of the key's codes the coder gave, visit by visit."""
    named = {
        truth.number: [Identifier(system, truth.number, "VN") for system in _NUMBERED_BY]
        for truth in outcome.world.visits
    }
    wanted = [identifier for both in named.values() for identifier in both]
    found = encounters.find_visit_ids(session, wanted)
    for truth in outcome.world.visits:
        given: set[str] = set()
        for visit_id in _list_found(found, named[truth.number]):
            given |= set(outcome.coder.codes.get(visit_id, ()))
        outcome.key_size += len(truth.complaint.key)
        outcome.key_hits += len(given & set(truth.complaint.key))


def _list_found(found: dict[Identifier, VisitId], named: list[Identifier]) -> list[VisitId]:
    return [found[identifier] for identifier in named if identifier in found]


# Claims


def _build_and_scrub(stage: DayRoom, outcome: Outcome) -> None:
    with step(stage, "Claims built and checked") as result:
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
    with step(stage, "Batched as 837P and sent") as result:
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
    with step(stage, f"The payers' side: {round_}") as result:
        answered = run(
            stage.simulator / "inbox",
            stage.simulator / "outbox",
            stage.contract,
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
    with step(stage, "Answers received and posted") as result:
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
    with step(stage, "Patient statements") as result:
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
