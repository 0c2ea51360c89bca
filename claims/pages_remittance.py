"""What the remittance pages show: how each check's money was used, claim by claim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flask import url_for
from flask_babel import lazy_gettext

from claims import service
from claims.pages_claim import AnswerShown, to_answers
from claims.pages_words import REMITTANCE_STATES, name_hold
from claims.service import RemittanceSummary
from config.finding import MissingError
from config.pages import PAGE_ROWS, Link, Mark, Words

if TYPE_CHECKING:
    from uuid import UUID

    from claims.values import RemittanceId
    from config.tenancy import PracticeSession

_VIEWS: Final[dict[str, Words]] = {
    "quarantined": lazy_gettext("With claims that wait"),
    "held": lazy_gettext("Held: doesn't balance"),
    "posted": lazy_gettext("Posted"),
}


@dataclass(frozen=True, slots=True)
class RemittanceLine:
    """One check or transfer: how its money stands."""

    summary: RemittanceSummary
    state: Mark
    waiting: int


@dataclass(frozen=True, slots=True)
class RemittanceList:
    """A page of remittances, newest first."""

    title: Words
    links: tuple[Link, ...]
    rows: tuple[RemittanceLine, ...]
    next_url: str


@dataclass(frozen=True, slots=True)
class RemittancePage:
    """One remittance with its claims; waiting ones first by the reason counts.

    Attributes:
        waiting: Reasons in words with their counts.
    """

    line: RemittanceLine
    waiting: tuple[tuple[Words, int], ...]
    answers: tuple[AnswerShown, ...]
    next_url: str


def build_list(session: PracticeSession, name: str, *, after: UUID | None) -> RemittanceList:
    """Return a page of remittances of a view, or of all.

    Raises:
        MissingError: There is no such view.
    """
    if name and name not in _VIEWS:
        raise MissingError("no such view")
    found = service.list_remittance_ids(session, state=name, after=after, limit=PAGE_ROWS + 1)
    shown = found[:PAGE_ROWS]
    summaries = {each.id: each for each in service.list_remittances(session, shown)}
    counts = service.count_remittances(session)
    links = [
        Link(words, url_for("claims.list_remittances", view=key), counts.get(key, 0), key == name)
        for key, words in _VIEWS.items()
    ]
    total = sum(count for key, count in counts.items() if key != "quarantined")
    links.append(
        Link(lazy_gettext("All"), url_for("claims.list_remittances"), total, is_current=not name)
    )
    next_url = ""
    if len(found) > PAGE_ROWS:
        next_url = url_for("claims.list_remittances", view=name or None, after=shown[-1])
    return RemittanceList(
        title=_VIEWS.get(name, lazy_gettext("All remittances")),
        links=tuple(links),
        rows=tuple(_to_line(summaries[key]) for key in shown),
        next_url=next_url,
    )


def build_remittance(
    session: PracticeSession, remittance_id: RemittanceId, *, after: int
) -> RemittancePage:
    """Return a remittance with a page of its claims.

    Raises:
        MissingError: There is none in this practice.
    """
    summaries = service.list_remittances(session, [remittance_id])
    if not summaries:
        raise MissingError("no such remittance")
    found = service.list_answered_claims(session, remittance_id, after=after, limit=PAGE_ROWS + 1)
    shown = found[:PAGE_ROWS]
    ids = [each.claim_id for each in shown if each.claim_id is not None]
    names: dict[UUID, str] = {
        key: each.number for key, each in service.get_claims(session, ids).items()
    }
    numbers: dict[UUID, int] = {
        line.id: line.number for lines in service.get_lines(session, ids).values() for line in lines
    }
    next_url = ""
    if len(found) > PAGE_ROWS:
        next_url = url_for(
            "claims.show_remittance", remittance_id=remittance_id, after=shown[-1].place
        )
    return RemittancePage(
        line=_to_line(summaries[0]),
        waiting=tuple((name_hold(reason), n) for reason, n in summaries[0].waiting.items()),
        answers=to_answers(shown, numbers, names),
        next_url=next_url,
    )


def _to_line(summary: RemittanceSummary) -> RemittanceLine:
    waiting = sum(summary.waiting.values())
    state = REMITTANCE_STATES[summary.state]
    if summary.state == "posted" and waiting:
        state = Mark(lazy_gettext("posted in part"), "warn")
    return RemittanceLine(summary, state, waiting)
