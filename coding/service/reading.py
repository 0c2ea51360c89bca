"""Reads of coded visits, in bulk, and what a visit offers its coder."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from coding.code_sets import find_code, missing_release, open_shelves
from coding.models import CodedVisitRow
from coding.rules.codes import to_plain
from coding.service.rows import to_coded_visit
from coding.suggest import LIFE_CONFIDENCE, suggest, suggest_condition
from coding.values import (
    CodeSystem,
    CodingState,
    ConditionSuggestion,
    DiagnosisChoice,
    Evidence,
    VisitCoding,
    VisitSuggestions,
)
from config.finding import MissingError
from config.provenance import Source, SourceKind
from config.sealed import unseal
from encounters import service as encounters
from encounters.values import VisitId

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable
    from pathlib import Path
    from uuid import UUID

    from coding.question import Shelf
    from coding.values import CodedVisit, Release, Suggestion
    from config.tenancy import PracticeSession
    from encounters.values import Condition

_BATCH = 500


def get_coded_visits(
    session: PracticeSession, visit_ids: Iterable[VisitId]
) -> dict[VisitId, CodedVisit]:
    """Return the coding of these visits; visits that nobody began are left out."""
    wanted = list(dict.fromkeys(visit_ids))
    found: dict[VisitId, CodedVisit] = {}
    for start in range(0, len(wanted), _BATCH):
        part = wanted[start : start + _BATCH]
        for row in session.scalars(select(CodedVisitRow).where(CodedVisitRow.visit_id.in_(part))):
            found[VisitId(row.visit_id)] = to_coded_visit(row, unseal(session, row, VisitCoding))
    return found


def list_signed_visit_ids(
    session: PracticeSession, *, after: VisitId | None = None, limit: int = 500
) -> list[VisitId]:
    """Return the keys of signed visits by key, from behind a key on."""
    return list_coded_visit_ids(session, CodingState.SIGNED, after=after, limit=limit)


def list_coded_visit_ids(
    session: PracticeSession,
    state: CodingState,
    *,
    after: VisitId | None = None,
    limit: int = 500,
) -> list[VisitId]:
    """Return the keys of visits whose coding is in a state, by key, from behind a key on."""
    query = (
        select(CodedVisitRow.visit_id)
        .where(CodedVisitRow.state == state)
        .order_by(CodedVisitRow.visit_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(CodedVisitRow.visit_id > after)
    return [VisitId(key) for key in session.scalars(query)]


def get_signing_times(
    session: PracticeSession, visit_ids: Iterable[UUID]
) -> dict[VisitId, dt.datetime]:
    """Return when each of these visits was last signed off; those that aren't signed are left out.

    Only plain columns are read: nothing is opened.
    """
    wanted = list(dict.fromkeys(visit_ids))
    found: dict[VisitId, dt.datetime] = {}
    for start in range(0, len(wanted), _BATCH):
        rows = session.execute(
            select(CodedVisitRow.visit_id, CodedVisitRow.signed_at).where(
                CodedVisitRow.visit_id.in_(wanted[start : start + _BATCH]),
                CodedVisitRow.signed_at.is_not(None),
            )
        )
        found |= {VisitId(visit_id): signed_at for visit_id, signed_at in rows if signed_at}
    return found


def count_coding(session: PracticeSession) -> dict[str, int]:
    """Return how many visits' coding is open, held and signed."""
    rows = session.execute(
        select(CodedVisitRow.state, func.count(CodedVisitRow.id)).group_by(CodedVisitRow.state)
    ).all()
    return {state.value: 0 for state in CodingState} | {row[0]: row[1] for row in rows}


def suggest_for_visit(
    session: PracticeSession, visit_id: VisitId, *, folder: Path
) -> VisitSuggestions:
    """Return what a visit offers its coder: codes for its conditions and note, and its charges.

    Circumstances of a life (Z55 to Z65 and the like) are told among the suggestions, but are no
    choice: they are coded only where the clinician took them up.

    A condition that carries an ICD-10-CM code valid on the date of service offers that code, with
    the message as its source; else its words are read, and the rule is the source and the words
    the evidence. Conditions come in the message's rank, then its order.

    Raises:
        MissingError: No such visit.
    """
    visit = encounters.get_visits(session, [visit_id]).get(visit_id)
    if visit is None:
        raise MissingError("visit")
    on = visit.details.service_date
    shelves, releases = open_shelves(folder, on=on, systems=[CodeSystem.ICD10CM])
    if not shelves:
        findings = (missing_release(CodeSystem.ICD10CM, on),)
        return VisitSuggestions((), (), visit.details.charges, findings)
    shelf, release = shelves[0], releases[0]
    ranked = sorted(visit.details.conditions, key=lambda c: c.rank or 1_000)
    conditions = tuple(
        _suggest_for_condition(condition, shelf, release, folder=folder, on=on)
        for condition in ranked
    )
    note_source = visit.details.sources.get("note", Source(SourceKind.MESSAGE, "", "note"))
    note = tuple(
        _to_choice(suggestion, note_source, release)
        for suggestion in suggest(visit.details.note, shelf)
        if suggestion.confidence > LIFE_CONFIDENCE
    )
    return VisitSuggestions(conditions, note, visit.details.charges)


def _suggest_for_condition(
    condition: Condition, shelf: Shelf, release: Release, *, folder: Path, on: dt.date
) -> ConditionSuggestion:
    if to_plain(condition.system) in {"ICD-10-CM", "ICD10CM", "ICD10", "I10"}:
        found = find_code(folder, condition.code, on=on, system=CodeSystem.ICD10CM)
        if found and found.billable:
            choice = DiagnosisChoice(found.code, source=condition.source)
            return ConditionSuggestion(condition, (choice,), ())
    suggestions = sorted(suggest_condition(condition.words, shelf), key=lambda s: -s.confidence)
    choices = tuple(
        _to_choice(suggestion, condition.source, release)
        for suggestion in suggestions
        if suggestion.confidence > LIFE_CONFIDENCE
    )
    return ConditionSuggestion(condition, choices, tuple(suggestions))


def _to_choice(suggestion: Suggestion, read_from: Source, release: Release) -> DiagnosisChoice:
    rule = Source(
        SourceKind.RULE,
        f"codes-suggest {release.system} {release.release}",
        f"{read_from.path}[{suggestion.start}:{suggestion.end}]",
    )
    evidence = Evidence(suggestion.words, suggestion.start, suggestion.end, read_from)
    return replace(DiagnosisChoice(suggestion.code), source=rule, evidence=evidence)
