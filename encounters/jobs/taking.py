"""Taking messages in: from files, and from a socket by MLLP."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from audit.service import writing
from config import clock, failpoint, log
from config.finding import Finding
from encounters import service
from encounters.jobs.processing import process_message
from encounters.service import Envelope, FhirRequest
from encounters.values import MessageState
from gateways.hl7.service import (
    Limits,
    ServerLimits,
    peek,
    read_message,
    serve_mllp,
    write_ack,
)
from practice import service as practice
from practice.values import FeedKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.actor import Actor
    from config.cli import Context
    from config.settings import Settings
    from config.tenancy import Database, PracticeSession
    from encounters.service import Kept

_log = log.get_logger(__name__)
_LINE_ENDS = re.compile(rb"\r\n|\n")


def hl7_envelope(raw: bytes) -> Envelope:
    """Return what an HL7 message's own MSH says of it, however broken the rest is.

    A message from a file and the same one from a socket differ in their line ends only: they are
    one message.
    """
    seen = peek(raw)
    return Envelope(
        control_id=seen.control_id,
        sender=f"{seen.sending_application}|{seen.sending_facility}",
        kind=seen.kind or "HL7",
        received_at=clock.now(),
        repeat_key=seen.control_id,
        digest=hashlib.sha256(_LINE_ENDS.sub(b"\r", raw).strip(b"\r")).hexdigest(),
    )


def fhir_envelope(raw: bytes) -> Envelope:
    """Return what a Bundle says of itself, where it can be read at all."""
    try:
        body = json.loads(raw)
        identifier = str(body["identifier"]["value"])
    except (ValueError, KeyError, TypeError, RecursionError):
        identifier = ""
    return Envelope(identifier, "file", "FHIR", clock.now())


def csv_envelope() -> Envelope:
    """Return the envelope of a file of visits."""
    return Envelope("", "csv", "CSV", clock.now())


def take_in(obj: Context, envelope: Envelope, raw: bytes) -> tuple[Kept, list[Finding]]:
    """Keep one message and apply it, unless it was here before."""
    if envelope.kind == "FHIR":
        envelope = replace(envelope, request=FhirRequest(obj.actor.id))
    with writing(obj.database, obj.actor, purpose="payment") as session:
        kept = service.keep_message(session, envelope, raw)
    findings = process_message(obj.database, obj.actor, kept.message_id, settings=obj.settings)
    return kept, findings


def answer_hl7(database: Database, actor: Actor, settings: Settings, raw: bytes) -> bytes:
    """Keep one HL7 message and return its acknowledgement: only what is durable is acknowledged.

    The message is applied afterwards, by the job that keeping it asked for. Trouble with its
    contents is the worklist's, not the sender's (AA); bytes that can't be read are refused (AR).
    """
    envelope = hl7_envelope(raw)
    result = read_message(raw, limits=Limits(bytes_max=settings.message_bytes_max))
    with writing(database, actor, purpose="payment") as session:
        kept = service.keep_message(session, envelope, raw)
        if not kept.is_repeat and not kept.is_conflict:
            _settle_early(
                session, kept, envelope, result.findings if result.message is None else ()
            )
        failpoint.reach("message-stored")
    failpoint.reach("message-committed")
    if kept.is_conflict:
        _log.warning("control-id-reused", message_id=str(kept.message_id))
    is_readable = result.message is not None
    return write_ack(
        raw,
        code="AA" if is_readable else "AR",
        control_id=f"CC{kept.message_id.hex[:16].upper()}",
        sent_at=clock.now(),
        findings=() if is_readable else result.findings,
    )


def _settle_early(
    session: PracticeSession, kept: Kept, envelope: Envelope, findings: tuple[Finding, ...]
) -> None:
    """Fail what can't be read; hold what comes from a sender that this practice doesn't know."""
    if findings:
        service.settle_message(session, kept.message_id, MessageState.FAILED, findings)
    elif practice.find_feed(session, FeedKind.MLLP, envelope.sender) is None:
        finding = Finding(
            "sender-unknown",
            "MSH-3, MSH-4",
            "no feed of this practice has this sender",
            "If it is this practice's, import the feed, then replay this message.",
        )
        service.settle_message(session, kept.message_id, MessageState.HELD, (finding,))


def make_handler(
    database: Database, actor: Actor, settings: Settings
) -> Callable[[bytes], bytes | None]:
    """Return what a listener does with each message."""

    def handle(raw: bytes) -> bytes | None:
        return answer_hl7(database, actor, settings, raw)

    return handle


def listen(obj: Context, host: str, port: int) -> None:
    """Listen until the process is told to stop."""
    limits = ServerLimits(frame_bytes_max=obj.settings.message_bytes_max)
    handler = make_handler(obj.database, obj.actor, obj.settings)
    with obj.background(), serve_mllp(host, port, handler, limits=limits, report=_report) as server:
        click.echo(f"listening for HL7 v2 on {host}:{server.port}; stop with Ctrl-C")
        server.wait()


def _report(event: str, error: BaseException | None = None) -> None:
    _log.info(event, error=type(error).__name__ if error else "")
