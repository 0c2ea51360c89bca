"""The commands `intake` and `mllp`: messages from files, from a socket, and again after a fix."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from config.finding import Finding, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from config.cli import Context
    from encounters.service import Envelope
    from encounters.values import Message, MessageId

_FILES = click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)

_STATES = ("received", "applied", "held", "failed")


@click.group()
def intake() -> None:
    """Take messages in from files, list them, and replay them after a fix."""


@intake.command()
@_FILES
@click.pass_obj
def fhir(obj: Context, files: tuple[Path, ...]) -> None:
    """Take in FHIR R4 bundles, one a FILE."""
    from encounters.jobs import taking  # noqa: PLC0415  # keeps --help quick

    _check_sizes(obj, files)
    bodies = (path.read_bytes() for path in files)
    _take_files(obj, ((raw, taking.fhir_envelope(raw)) for raw in bodies))


@intake.command()
@_FILES
@click.pass_obj
def hl7(obj: Context, files: tuple[Path, ...]) -> None:
    """Take in HL7 v2 messages, one or many in a FILE."""
    from encounters.jobs import taking  # noqa: PLC0415  # keeps --help quick
    from gateways.hl7.service import split_file  # noqa: PLC0415  # keeps --help quick

    _check_sizes(obj, files)
    messages = (raw for path in files for raw in split_file(path.read_bytes()))
    _take_files(obj, ((raw, taking.hl7_envelope(raw)) for raw in messages))


@intake.command()
@_FILES
@click.pass_obj
def csv(obj: Context, files: tuple[Path, ...]) -> None:
    """Take in visits from CSV, one set of visits a FILE."""
    from encounters.jobs import taking  # noqa: PLC0415  # keeps --help quick

    _check_sizes(obj, files)
    _take_files(obj, ((path.read_bytes(), taking.csv_envelope()) for path in files))


@intake.command(name="list")
@click.option("--state", type=click.Choice(_STATES), help="Only messages in this state.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_(obj: Context, state: str | None, *, as_json: bool) -> None:
    """List the messages that came in and how each stands."""
    from audit.service import reading  # noqa: PLC0415  # keeps --help quick
    from config.changes import count_failed  # noqa: PLC0415  # keeps --help quick
    from encounters import service  # noqa: PLC0415  # keeps --help quick
    from encounters.values import MessageState  # noqa: PLC0415  # keeps --help quick

    states = (MessageState(state),) if state else tuple(MessageState)
    messages: list[Message] = []
    with reading(obj.database, obj.actor, purpose="payment") as session:
        while True:
            after = messages[-1].id if messages else None
            page = service.list_messages(session, states=states, after=after)
            messages += page
            if not page:
                break
    if as_json:
        click.echo(json.dumps({"messages": [_as_json(m) for m in messages]}, indent=1))
        return
    for message in messages:
        click.echo(
            f"{message.id}  {message.state:9} {message.kind:9} {message.details.control_id:24} "
            f"{message.details.sender}"
        )
        for finding in message.details.findings:
            click.echo(f"    {finding.level}: {finding.where}: {finding.message}")
            click.echo(f"        to do: {finding.fix}")
    click.echo(f"{len(messages)} messages")
    practice_id = obj.actor.practice_id
    if practice_id is not None and (failed := count_failed(obj.database, practice_id)):
        click.echo(f"{failed} jobs were given up: `cleanclaim worker --retry-failed`")


@intake.command()
@click.argument("message")
@click.pass_obj
def replay(obj: Context, message: str) -> None:
    """Try a held or failed MESSAGE again, after a fix: our key of it, or its control id."""
    from config.cli import print_findings  # noqa: PLC0415  # keeps --help quick
    from config.finding import has_errors  # noqa: PLC0415  # keeps --help quick
    from encounters.jobs import process_message  # noqa: PLC0415  # keeps --help quick

    findings = process_message(
        obj.database,
        obj.actor,
        _find_message(obj, message),
        settings=obj.settings,
        is_replay=True,
    )
    print_findings(findings)
    if has_errors(findings):
        click.echo("still held")
        sys.exit(1)
    click.echo("applied")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=2575, show_default=True, help="Port to listen on; 0 picks one.")
@click.pass_obj
def mllp(obj: Context, host: str, port: int) -> None:
    """Listen for HL7 v2 messages by MLLP until stopped."""
    from encounters.jobs.taking import listen  # noqa: PLC0415  # keeps --help quick

    listen(obj, host, port)


def _check_sizes(obj: Context, files: tuple[Path, ...]) -> None:
    """Refuse files that are larger than a message may be, before any byte of any is read."""
    bound = obj.settings.message_bytes_max
    findings = [
        Finding(
            "file-too-large",
            path.name,
            f"the file is larger than {bound:,} bytes, the most that is taken in at once",
            "Split it, or raise CLEANCLAIM_MESSAGE_BYTES_MAX.",
        )
        for path in files
        if path.stat().st_size > bound
    ]
    if findings:
        raise RefusedError(findings)


def _take_files(obj: Context, messages: Iterable[tuple[bytes, Envelope]]) -> None:
    from config.cli import print_findings  # noqa: PLC0415  # keeps --help quick
    from config.finding import has_errors  # noqa: PLC0415  # keeps --help quick
    from encounters.jobs.taking import take_in  # noqa: PLC0415  # keeps --help quick

    count = repeats = refused = 0
    for raw, envelope in messages:
        count += 1
        kept, findings = take_in(obj, envelope, raw)
        repeats += kept.is_repeat
        refused += has_errors(findings)
        print_findings(findings)
    click.echo(
        f"{count} messages: {count - repeats - refused} applied, {repeats} seen before, "
        f"{refused} held or failed"
    )
    if refused:
        click.echo("see `cleanclaim intake list`; after a fix `cleanclaim intake replay MESSAGE`")
        sys.exit(1)


def _find_message(obj: Context, named: str) -> MessageId:
    """Return the message of a key, or the one held or failed message of a control id."""
    from audit.service import reading  # noqa: PLC0415  # keeps --help quick
    from encounters import service  # noqa: PLC0415  # keeps --help quick
    from encounters.values import MessageId  # noqa: PLC0415  # keeps --help quick

    with contextlib.suppress(ValueError):
        return MessageId(UUID(named))
    with reading(obj.database, obj.actor, purpose="payment") as session:
        found = service.find_held_messages(session, named)
    if not found:
        raise click.ClickException("no held or failed message has this control id or key")
    if len(found) > 1:
        keys = ", ".join(str(key) for key in found)
        raise click.ClickException(f"several messages have this control id; name one of {keys}")
    return found[0]


def _as_json(message: Message) -> dict[str, str]:
    return {
        "control_id": message.details.control_id or str(message.id),
        "sender": message.details.sender,
        "kind": message.kind,
        "state": message.state,
        "received_at": message.received_at.isoformat(),
    }
