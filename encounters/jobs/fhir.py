"""Answering a FHIR body that was kept: read, apply, store its resources, keep the answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from audit.service import reading, writing
from config import clock
from config.finding import Finding, Level, has_errors
from encounters import adapters_fhir, service
from encounters.service import FhirAnswer, Origin
from encounters.values import MessageState
from gateways.fhir import service as fhir
from gateways.fhir.values import EntryResult, FhirProblem
from practice import service as practice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.actor import Actor
    from config.tenancy import Database
    from encounters.values import MessageId
    from gateways.fhir.values import FhirBundle, ParsedBundle


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
    parsed: ParsedBundle | None = None,
) -> Answered:
    """Apply a kept FHIR body in one transaction and keep the answer for its repeats.

    A body that can't be read fails with every problem at once. One that can be read, but names
    what isn't known here (a payer, a provider), is held: nothing of it is applied until a person
    has mended that and replays it.
    """
    parsed = parsed or fhir.parse_bundle(raw)
    bundle = parsed.bundle
    if parsed.is_refused or bundle is None:
        return _fail(database, actor, message_id, parsed)
    usable = [e for e in bundle.entries if not any(p.is_error for p in parsed.problems_of(e.index))]
    with reading(database, actor, purpose="payment") as session:
        time_zone = ZoneInfo(practice.get_practice(session).time_zone)
    intake = adapters_fhir.to_intake(
        replace(bundle, entries=tuple(usable)), sender=actor.name, time_zone=time_zone
    )
    with writing(database, actor, purpose="payment") as session:
        findings = service.apply_message(session, message_id, intake, today=clock.today())
        if has_errors(findings):
            answer = _refuse(findings)
        else:
            origin = Origin(UUID(str(actor.id)), message_id, clock.now())
            results = service.store_resources(session, usable, origin)
            by_index = {e.index: r for e, r in zip(usable, results, strict=True)}
            answer = _accept(bundle, parsed, by_index, findings)
        service.keep_answer(session, message_id, answer)
    return Answered(answer, findings)


def _fail(
    database: Database, actor: Actor, message_id: MessageId, parsed: ParsedBundle
) -> Answered:
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
    with writing(database, actor, purpose="payment") as session:
        service.settle_message(session, message_id, MessageState.FAILED, findings)
        service.keep_answer(session, message_id, answer)
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
