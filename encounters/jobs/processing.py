"""The jobs of intake: applying what was kept, now or after the process came up again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError, OperationalError

from audit.service import reading, writing
from config import clock, failpoint
from config.actor import worker
from config.finding import Finding
from encounters import service
from encounters.jobs.fhir import answer_fhir
from encounters.values import MessageId, MessageState
from practice import service as practice
from practice.values import FeedKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.actor import Actor
    from config.changes import Change
    from config.settings import Settings
    from config.tenancy import Database, PracticeSession


def apply_kept(database: Database, settings: Settings, change: Change) -> None:
    """Apply a kept message; one that is applied or answered already is left alone."""
    actor = worker(change.practice_id)
    message_id = MessageId(change.subject_id)
    try:
        _try_twice(partial(process_message, database, actor, message_id, settings=settings))
    except OperationalError:
        raise  # the database is away or busy: the job waits for it
    except Exception as error:
        # Ours: the message would wait unseen for ever; so it goes to the worklist, and a
        # person replays it after a fix.
        finding = Finding(
            "message-not-applied",
            "message",
            f"it was acknowledged, but could not be applied here ({type(error).__name__})",
            "Report the error, then replay this message.",
        )
        with writing(database, actor, purpose="payment") as session:
            service.settle_message(session, message_id, MessageState.HELD, (finding,))
        raise


def _try_twice(work: Callable[[], object]) -> None:
    """Do it again where another message made the same patient or visit at the same moment."""
    try:
        work()
    except IntegrityError:
        work()


def process_message(
    database: Database,
    actor: Actor,
    message_id: MessageId,
    *,
    settings: Settings,
    is_replay: bool = False,
) -> list[Finding]:
    """Understand a kept message and apply it in one transaction, or hold it with its place.

    Args:
        database: The installation's database.
        actor: Who applies it.
        message_id: The kept message.
        settings: How large a message may be.
        is_replay: Try a held or failed message again.

    Returns:
        The findings: with an error among them the message is held or failed, nothing applied.
    """
    with reading(database, actor, purpose="payment") as session:
        message = service.get_message(session, message_id)
        raw = service.read_message_bytes(session, message_id)
        time_zone = _time_zone_of(session, message.details.sender)
    is_open = message.state is MessageState.RECEIVED or (
        is_replay and message.state in (MessageState.HELD, MessageState.FAILED)
    )
    if not is_open:
        return list(message.details.findings)
    if message.kind == "FHIR":
        return answer_fhir(database, actor, message_id, raw, is_replay=is_replay).findings
    intake = service.understand(
        message, raw, bytes_max=settings.message_bytes_max, time_zone=time_zone
    )
    with writing(database, actor, purpose="payment") as session:
        findings = service.apply_message(session, message_id, intake, today=clock.today())
        failpoint.reach("message-applied")
    return findings


def _time_zone_of(session: PracticeSession, sender: str) -> ZoneInfo:
    """Return the zone of a sender's times: its feed's, else the practice's."""
    feed = practice.find_feed(session, FeedKind.MLLP, sender)
    name = feed.time_zone if feed else ""
    return ZoneInfo(name or practice.get_practice(session).time_zone)
