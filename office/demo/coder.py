"""The demo's coder: plays the coder through the same services that a page or a script would use.

It picks from the suggestions for a visit's conditions, from search hits where there is no
suggestion, and takes the procedures from the charges in the message. It may not name a code for a
patient; a visit for which it finds no diagnosis or no charge it holds.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from audit.service import reading, writing
from coding import service as coding
from coding.values import DiagnosisChoice, LineChoice
from config.finding import RefusedError
from encounters.values import VisitId

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from coding.values import VisitSuggestions
    from config.actor import Actor
    from config.tenancy import Database, PracticeSession
    from encounters.values import Visit

_SEARCH_LIMIT: Final = 5
_POINTERS_MAX: Final = 4


@dataclass(slots=True)
class CoderReport:
    """What the coder did: visits signed and held, and the codes given for each visit number."""

    signed: list[VisitId] = field(default_factory=list)
    held: Counter[str] = field(default_factory=Counter)
    codes: dict[VisitId, tuple[str, ...]] = field(default_factory=dict)


def code_visits(
    database: Database, actor: Actor, visits: list[Visit], *, folder: Path, now: dt.datetime
) -> CoderReport:
    """Code visits one after the other, each in a transaction of its own."""
    report = CoderReport()
    for visit in visits:
        with reading(database, actor, purpose="payment") as session:
            offered = coding.suggest_for_visit(session, visit.id, folder=folder)
        choices = _choose(visit, offered, folder)
        reason = _code(database, actor, (visit, choices, offered), (folder, now))
        if reason:
            report.held[reason] += 1
        else:
            report.signed.append(visit.id)
            report.codes[visit.id] = tuple(choice.code for choice in choices)
    return report


def _choose(visit: Visit, offered: VisitSuggestions, folder: Path) -> list[DiagnosisChoice]:
    """Take the first suggestion for each condition, else the first billable search hit."""
    chosen: dict[str, DiagnosisChoice] = {}
    for suggested in offered.conditions:
        choice = next(iter(suggested.choices), None)
        if choice is None:
            choice = _search(suggested.condition.words, visit, folder)
        if choice is not None:
            chosen.setdefault(choice.code, choice)
    for choice in offered.note:
        chosen.setdefault(choice.code, choice)
    return list(chosen.values())[:12]


def _search(words: str, visit: Visit, folder: Path) -> DiagnosisChoice | None:
    kind = words.rpartition("(")[2].rstrip(")")
    if kind == "finding":
        return None  # a finding without a suggestion is no diagnosis
    plain = words.rpartition(" (")[0] or words
    answer = coding.search_codes(folder, plain, on=visit.details.service_date, limit=_SEARCH_LIMIT)
    hit = next((h for h in answer.hits if h.billable and h.system == "ICD-10-CM"), None)
    return DiagnosisChoice(hit.code) if hit is not None else None


def _code(
    database: Database,
    actor: Actor,
    work: tuple[Visit, list[DiagnosisChoice], VisitSuggestions],
    place: tuple[Path, dt.datetime],
) -> str:
    """Code one visit; return why it is held, or nothing."""
    visit, choices, offered = work
    folder, now = place
    with writing(database, actor, purpose="payment") as session:
        coding.start_coding(session, actor, visit.id, now=now)
        reason = "no-diagnosis-found" if not choices else ""
        if not offered.charges:
            reason = reason or "no-charge"
        if not reason:
            try:
                _attach(session, actor, work, folder)
                coding.sign_off(session, actor, visit.id, folder=folder, now=now)
            except RefusedError as refused:
                reason = refused.findings[0].code
        if reason:
            coding.hold_coding(session, actor, visit.id, reason=reason, now=now)
    return reason


def _attach(
    session: PracticeSession,
    actor: Actor,
    work: tuple[Visit, list[DiagnosisChoice], VisitSuggestions],
    folder: Path,
) -> None:
    visit, choices, offered = work
    coding.attach_diagnoses(session, actor, visit.id, choices, folder=folder)
    pointers = tuple(range(1, min(len(choices), _POINTERS_MAX) + 1))
    for charge in offered.charges:
        coding.add_line(
            session,
            actor,
            visit.id,
            LineChoice(
                code=charge.code,
                pointers=pointers,
                modifiers=charge.modifiers,
                units=charge.units,
                service_date=charge.service_date,
                ndc=charge.ndc,
                source=charge.source,
                sources=charge.sources,
            ),
            folder=folder,
        )
