"""Receiving: each file of a partner's inbox is kept first, then read, then taken from the inbox."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

import edi
from audit.service import reading, writing
from claims.jobs.drops import open_inbox
from claims.models import ReceivedFileRow
from claims.service.answering import Answer, apply_277ca, apply_999, apply_ta1
from claims.service.registering import register_remittances
from claims.values import ReceivedFileDetails
from config.blobs import read_blob, store_blob
from config.finding import Finding, Level, has_errors
from config.ids import uuid7
from config.sealed import keyring_of, seal, unseal
from practice import service as practice

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path
    from uuid import UUID

    from config.actor import Actor
    from config.tenancy import Database, PracticeSession
    from practice.values import Partner


@dataclass(slots=True)
class ReceivedReport:
    """What receiving did: files by kind, files seen before, and what is wrong with some."""

    kinds: Counter[str] = field(default_factory=Counter)
    repeats: int = 0
    findings: list[Finding] = field(default_factory=list)


def receive_files(
    database: Database, actor: Actor, *, keys: Path, at: dt.datetime
) -> ReceivedReport:
    """Read all partners' inboxes. A file that came before changes nothing.

    A file is taken from the inbox only once its bytes are durable here; one whose reading was cut
    short is read again from what was kept.

    Raises:
        gateways.files.FileDropError: A partner can't be reached.
    """
    report = ReceivedReport()
    with reading(database, actor, purpose="payment") as session:
        partners = practice.list_partners(session)
    for partner in partners:
        with open_inbox(partner, keys=keys) as inbox:
            listing = inbox.list_files()
            report.findings += [_refused_name(number) for number, _ in enumerate(listing.refused)]
            for remote in listing.files:
                content = inbox.download(remote.name)
                _keep(database, actor, partner, (content, at), report)
                inbox.remove(remote.name)
    _apply_kept(database, actor, report, at)
    return report


def _refused_name(number: int) -> Finding:
    return Finding(
        "file-name-refused",
        f"inbox, file {number + 1}",
        "a file's name can't be used (a path, a control character or a link)",
        "Ask the partner to name it plainly.",
    )


def _keep(
    database: Database,
    actor: Actor,
    partner: Partner,
    file: tuple[bytes, dt.datetime],
    report: ReceivedReport,
) -> None:
    content, at = file
    digest = hashlib.sha256(content).hexdigest()
    with writing(database, actor, purpose="payment") as session:
        key = keyring_of(session).unique_key(
            session.own_practice_id, "received_file", "digest_key", digest
        )
        known = session.scalar(select(ReceivedFileRow.id).where(ReceivedFileRow.digest_key == key))
        if known is not None:
            report.repeats += 1
            return
        row = ReceivedFileRow(
            id=uuid7(),
            partner_id=partner.id,
            digest_key=key,
            kind="unknown",
            state="received",
            blob_id=store_blob(session, "x12", content),
            received_at=at,
        )
        seal(session, row, ReceivedFileDetails())
        session.add(row)


def _apply_kept(database: Database, actor: Actor, report: ReceivedReport, at: dt.datetime) -> None:
    with reading(database, actor, purpose="payment") as session:
        waiting = session.scalars(
            select(ReceivedFileRow.id)
            .where(ReceivedFileRow.state == "received")
            .order_by(ReceivedFileRow.id)
        ).all()
        order = sorted(waiting, key=lambda key: _rank(session, key))
    for file_id in order:
        with writing(database, actor, purpose="payment") as session:
            kind, findings = _apply(session, actor, file_id, at)
        report.kinds[kind] += 1
        report.findings += findings


_ORDER: Final = {"TA1": 0, "999": 1, "277CA": 2, "835": 4}
_PAYERS_OWN: Final = 3
_LAST: Final = 9


def _rank(session: PracticeSession, file_id: UUID) -> tuple[int, UUID]:
    """Answers are read in the order in which they come about, however the files are named."""
    row = session.get_one(ReceivedFileRow, (session.own_practice_id, file_id))
    content = read_blob(session, row.blob_id)
    rank = min((_ORDER.get(kind, _LAST) for kind in _kinds(content)), default=_LAST)
    if rank == _ORDER["277CA"] and any(
        answered.source_is_payer for answered in edi.read_277ca(io.BytesIO(content))
    ):
        rank = _PAYERS_OWN
    return rank, file_id


def _kinds(content: bytes) -> list[str]:
    """Name what a file holds, from its first transactions."""
    reader = edi.read(io.BytesIO(content))
    kinds: list[str] = []
    for transaction in reader:
        is_277ca = transaction.st == "277" and transaction.guide.startswith("005010X214")
        kinds.append("277CA" if is_277ca else transaction.st)
    if any(interchange.acknowledgements for interchange in reader.interchanges):
        kinds.append("TA1")
    return list(dict.fromkeys(kinds))


def _apply(
    session: PracticeSession, actor: Actor, file_id: UUID, at: dt.datetime
) -> tuple[str, list[Finding]]:
    row = session.get_one(ReceivedFileRow, (session.own_practice_id, file_id), with_for_update=True)
    if row.state != "received":
        return row.kind, []
    content = read_blob(session, row.blob_id)
    kinds = _kinds(content)
    findings = _check(content)
    if not kinds:
        findings.append(_no_answer())
    if not has_errors(findings):
        assert row.partner_id is not None  # noqa: S101  # files are kept with their partner
        answer = Answer(row.partner_id, row.blob_id, at)
        for kind in kinds:
            findings += _apply_kind(session, actor, kind, (content, answer, file_id))
    row.kind = kinds[0] if len(kinds) == 1 else "mixed" if kinds else "unknown"
    row.state = "held" if has_errors(findings) else "applied"
    details = unseal(session, row, ReceivedFileDetails)
    seal(session, row, ReceivedFileDetails(findings=(*details.findings, *findings)))
    return row.kind, findings


def _no_answer() -> Finding:
    return Finding(
        "file-no-answer",
        "file",
        "it holds no TA1, 999, 277CA or 835",
        "Find out what it is; it is kept with the received files.",
    )


_MONEY: Final = frozenset({"BPR", "CLP", "SVC", "CAS", "PLB"})
_UNREADABLE: Final = frozenset({"element-number"})


def _check(content: bytes) -> list[Finding]:
    """Check syntax and envelope, and that every amount can be read.

    What else isn't by the guide doesn't keep an answer from being applied; what an 835's money
    says is the posting's business.
    """
    report = edi.check(io.BytesIO(content), snip=frozenset({1, 2}))
    return [
        Finding(
            fault.code,
            f"segment {fault.segment_index}" if fault.segment_index else "file",
            fault.message,
            fault.fix,
            Level(fault.level),
        )
        for file in report.files
        for fault in file.faults
        if fault.level == "error" and (fault.snip == 1 or _is_amount(fault))
    ]


def _is_amount(fault: edi.Fault) -> bool:
    return fault.code in _UNREADABLE and fault.segment in _MONEY


def _apply_kind(
    session: PracticeSession, actor: Actor, kind: str, pieces: tuple[bytes, Answer, UUID]
) -> list[Finding]:
    content, answer, file_id = pieces
    findings: list[Finding] = []
    stream = io.BytesIO(content)
    if kind == "TA1":
        for ta1 in edi.read_ta1(stream):
            findings += apply_ta1(session, actor, ta1, answer)
    elif kind == "999":
        for acknowledgement in edi.read_999(stream):
            findings += apply_999(session, actor, acknowledgement, answer)
    elif kind == "277CA":
        for statuses in edi.read_277ca(stream):
            findings += apply_277ca(session, actor, statuses, answer)
    elif kind == "835":
        findings += register_remittances(session, stream, file_id, on=answer.at.date())
    else:
        findings.append(_no_answer())
    return findings
