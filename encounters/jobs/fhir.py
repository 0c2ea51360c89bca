"""Answering a FHIR body that was kept: read, apply, store its resources, keep the answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError

from audit.service import reading, writing
from config import clock
from config.actor import Actor
from config.finding import Finding, Level, has_errors
from config.tenancy import Database
from encounters import adapters_fhir, service
from encounters.service import FhirAnswer, Origin
from encounters.values import MessageDetails, MessageId, MessageState
from gateways.fhir import service as fhir
from gateways.fhir.values import EntryResult, FhirProblem
from practice import service as practice

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from encounters.values import Intake
    from gateways.fhir.values import FhirBundle, FhirEntry, ParsedBundle


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a body and the findings behind it."""

    answer: FhirAnswer
    findings: list[Finding]


def answer_fhir(
    database: Database,
    actor: Actor,
    message_id: MessageId,
    raw: bytes,
    *,
    is_replay: bool = False,
) -> Answered:
    """Apply a kept FHIR body in one transaction and keep the answer for its repeats.

    A body that can't be read fails with every problem at once. One that can be read, but names
    what isn't known here (a payer, a provider), is held: nothing of it is applied until a person
    has mended that and replays it.

    The request and the job that keeping the message asked for may both come here, and the job
    after a crash only: what is applied, and whose it is, hangs on the message and not on them.

    Args:
        database: The installation's database.
        actor: Who applies it now: the client, the worker, or a person who replays it.
        message_id: The kept message.
        raw: Its bytes.
        is_replay: Try a held or failed body again.
    """
    with reading(database, actor, purpose="payment") as session:
        details = service.get_message(session, message_id).details
        time_zone = ZoneInfo(practice.get_practice(session).time_zone)
    work = _Work(database, actor, message_id, details, is_replay)
    parsed = _parse(raw, details)
    if parsed.is_refused or parsed.bundle is None:
        return _fail(work, parsed)
    usable = [
        entry
        for entry in parsed.bundle.entries
        if not any(p.is_error for p in parsed.problems_of(entry.index))
    ]
    intake = adapters_fhir.to_intake(
        replace(parsed.bundle, entries=tuple(usable)), sender=details.sender, time_zone=time_zone
    )
    try:
        return _apply(work, (parsed.bundle, parsed), usable, intake)
    except IntegrityError:
        # Another body made the same patient or resource at the same moment: now it is there.
        return _apply(work, (parsed.bundle, parsed), usable, intake)


@dataclass(frozen=True, slots=True)
class _Work:
    """One try to apply one kept body."""

    database: Database
    actor: Actor
    message_id: MessageId
    details: MessageDetails
    is_replay: bool

    @property
    def client_id(self) -> UUID:
        return self.details.client_id or self.actor.id


def _parse(raw: bytes, details: MessageDetails) -> ParsedBundle:
    if not details.resource_type:
        return fhir.parse_bundle(raw)
    return fhir.parse_resource(
        raw,
        resource_type=details.resource_type,
        if_none_exist=details.if_none_exist or None,
    )


def _apply(
    work: _Work, body: tuple[FhirBundle, ParsedBundle], usable: list[FhirEntry], intake: Intake
) -> Answered:
    bundle, parsed = body
    with writing(work.database, work.actor, purpose="payment") as session:
        known = service.find_final_answer(session, work.message_id, is_replay=work.is_replay)
        if known is not None:
            message = service.get_message(session, work.message_id)
            return Answered(known, list(message.details.findings))
        kept = service.list_kept(session, usable, work.client_id)
        findings = service.apply_message(
            session, work.message_id, _leave_out(intake, kept), today=clock.today()
        )
        if has_errors(findings):
            answer = _refuse(findings)
        else:
            origin = Origin(work.client_id, work.message_id, clock.now())
            results = service.store_resources(session, usable, origin)
            by_index = {e.index: r for e, r in zip(usable, results, strict=True)}
            answer = _accept(bundle, parsed, by_index, findings)
        service.keep_answer(session, work.message_id, answer)
    return Answered(answer, findings)


def _leave_out(intake: Intake, kept: Sequence[FhirEntry]) -> Intake:
    """Leave out what entries say that `If-None-Exist` leaves as they are."""
    if not kept:
        return intake
    places = tuple(f"{entry.expression}." for entry in kept)

    def is_kept(field: str, paths: dict[str, str]) -> bool:
        return paths.get(field, "").startswith(places)

    return replace(
        intake,
        patients=tuple(p for p in intake.patients if not is_kept("identifiers", p.paths)),
        appointments=tuple(a for a in intake.appointments if not is_kept("identifier", a.paths)),
        visits=tuple(
            replace(
                visit,
                charges=tuple(c for c in visit.charges if not is_kept("identifier", c.paths)),
            )
            for visit in intake.visits
            if not is_kept("identifier", visit.paths)
        ),
    )


def _fail(work: _Work, parsed: ParsedBundle) -> Answered:
    findings = [
        Finding(
            f"fhir-{problem.code}",
            problem.expression or "body",
            problem.diagnostics,
            "Mend the resource at that place and send the body again.",
            Level.ERROR if problem.is_error else Level.WARNING,
        )
        for problem in parsed.problems
    ]
    status = 400 if parsed.bundle is None else 422
    body = fhir.to_json(fhir.build_outcome(parsed.problems)).decode()
    answer = FhirAnswer(status, body)
    with writing(work.database, work.actor, purpose="payment") as session:
        known = service.find_final_answer(session, work.message_id, is_replay=work.is_replay)
        if known is not None:
            return Answered(known, findings)
        service.settle_message(session, work.message_id, MessageState.FAILED, findings)
        service.keep_answer(session, work.message_id, answer)
    return Answered(answer, findings)


def _refuse(findings: Sequence[Finding]) -> FhirAnswer:
    problems = [to_problem(finding) for finding in findings]
    held = FhirProblem(
        "information",
        "informational",
        "",
        "nothing of this body was applied; it is kept and held, and can be replayed after a fix",
    )
    return FhirAnswer(422, fhir.to_json(fhir.build_outcome([*problems, held])).decode())


def to_problem(finding: Finding) -> FhirProblem:
    """Turn a finding into an OperationOutcome's issue."""
    severity = {"error": "error", "warning": "warning", "info": "information"}[finding.level]
    return FhirProblem(
        severity,  # type: ignore[arg-type]  # one of the four, by the mapping above
        "business-rule",
        finding.where,
        f"{finding.message} ({finding.code}). {finding.fix}",
    )


def _accept(
    bundle: FhirBundle,
    parsed: ParsedBundle,
    by_index: dict[int, EntryResult],
    findings: Sequence[Finding],
) -> FhirAnswer:
    if bundle.kind == "create":
        result = by_index[0]
        status = int(result.status.split()[0])
        body = result.outcome or fhir.build_outcome([to_problem(f) for f in findings])
        return FhirAnswer(status, fhir.to_json(body).decode())
    answers = [
        by_index.get(entry.index) or _broken(parsed, entry.index) for entry in bundle.entries
    ]
    kind = "batch" if bundle.kind == "batch" else "transaction"
    return FhirAnswer(200, fhir.to_json(fhir.build_bundle_response(kind, answers)).decode())


def _broken(parsed: ParsedBundle, index: int) -> EntryResult:
    outcome = fhir.build_outcome(parsed.problems_of(index))
    return EntryResult("422 Unprocessable Entity", outcome=outcome)
