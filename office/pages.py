"""What the home page shows: the queues that whoever looks may work, with their counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import url_for
from flask_babel import lazy_gettext

from claims import service as claims
from claims.values import ClaimState
from coding import service as coding
from config.money import Money
from config.pages import Words
from encounters import service as encounters

if TYPE_CHECKING:
    import datetime as dt

    from claims.service import StateCount
    from config.actor import Actor
    from config.tenancy import PracticeSession

_S = ClaimState


@dataclass(frozen=True, slots=True)
class QueueCard:
    """A queue with how much is in it.

    Attributes:
        kind: `bad`, `warn` or `info`: how urgent it is while something is in it.
        url: Where its rows are; empty while that page isn't there.
    """

    words: Words
    count: int
    kind: str
    url: str
    amount: Money | None = None
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class HomePage:
    """The home page: work first, then what moves by itself."""

    work: tuple[QueueCard, ...]
    moving: tuple[QueueCard, ...]


def build_home(session: PracticeSession, actor: Actor, *, today: dt.date) -> HomePage:
    """Return the queues that the actor may work, each with its count.

    Args:
        session: A reading session.
        actor: Who looks; a queue is shown only with its page's permission.
        today: The day that tells what is overdue.
    """
    work: list[QueueCard] = []
    moving: list[QueueCard] = []
    if actor.may("intake.read"):
        work += _list_message_cards(session)
    if actor.may("coding.read"):
        work += _list_coding_cards(session)
    if actor.may("claims.read"):
        ours, theirs = _list_claim_cards(session, today)
        work += ours
        moving += theirs
    if actor.may("denials.read"):
        work.append(_count_denials(session))
    if actor.may("remittances.read"):
        work += _list_remittance_cards(session)
    return HomePage(tuple(work), tuple(moving))


def _list_message_cards(session: PracticeSession) -> list[QueueCard]:
    counts = encounters.count_messages(session)
    held = counts.get("held", 0) + counts.get("failed", 0)
    url = url_for("encounters.list_messages", state="held")
    return [QueueCard(lazy_gettext("Messages held"), held, "bad", url)]


def _list_coding_cards(session: PracticeSession) -> list[QueueCard]:
    counts = coding.count_coding(session)
    return [
        QueueCard(lazy_gettext("Visits to code"), counts.get("open", 0), "info", ""),
        QueueCard(lazy_gettext("Visits held by the coder"), counts.get("held", 0), "warn", ""),
    ]


def _list_claim_cards(
    session: PracticeSession, today: dt.date
) -> tuple[list[QueueCard], list[QueueCard]]:
    counted = claims.count_by_state(session, today=today)

    def card(words: Words, name: str, kind: str, *states: ClaimState) -> QueueCard:
        return _to_card(words, name, kind, [each for each in counted if each.state in states])

    ours = [
        card(lazy_gettext("Claims held"), "held", "bad", _S.HELD),
        card(
            lazy_gettext("Claims rejected"),
            "rejected",
            "bad",
            _S.REJECTED_BY_CLEARINGHOUSE,
            _S.REJECTED_BY_PAYER,
        ),
        card(lazy_gettext("Answered, something open"), "open", "warn", _S.ADJUDICATED),
    ]
    theirs = [
        card(lazy_gettext("To be sent"), "to-send", "info", _S.BUILT, _S.READY, _S.BATCHED),
        card(
            lazy_gettext("With clearinghouse or payer"),
            "waiting",
            "info",
            _S.SENT,
            _S.RECEIVED,
            _S.ACCEPTED_BY_CLEARINGHOUSE,
            _S.ACCEPTED_BY_PAYER,
        ),
        card(lazy_gettext("Settled"), "done", "info", _S.SETTLED, _S.VOIDED),
    ]
    return ours, theirs


def _count_denials(session: PracticeSession) -> QueueCard:
    found = claims.count_denials(session)
    url = url_for("claims.list_denials")
    return QueueCard(lazy_gettext("Denied lines"), found.count, "warn", url, found.amount)


def _to_card(words: Words, name: str, kind: str, counted: list[StateCount]) -> QueueCard:
    return QueueCard(
        words,
        sum(each.count for each in counted),
        kind,
        url_for("claims.list_claims", queue=name),
        Money(sum(each.total_cents for each in counted)),
        sum(each.overdue for each in counted),
    )


def _list_remittance_cards(session: PracticeSession) -> list[QueueCard]:
    counts = claims.count_remittances(session)

    def url(name: str) -> str:
        return url_for("claims.list_remittances", view=name)

    return [
        QueueCard(lazy_gettext("Remittances held"), counts.get("held", 0), "bad", url("held")),
        QueueCard(
            lazy_gettext("Payments that wait"),
            counts.get("quarantined", 0),
            "warn",
            url("quarantined"),
        ),
    ]
