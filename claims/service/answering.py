"""What an answer does to the claims it is about: TA1, 999 and 277CA, routed by control numbers.

Sent, received by the clearinghouse, accepted by it, accepted by the payer, and rejected by either
are different states; an answer that comes late or twice moves nothing back.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import select

from claims import queries
from claims.models import BatchClaimRow, BatchRow, ClaimRow
from claims.rules.states import LEGAL_MOVES
from claims.service.batching import mark_sent, release_batch
from claims.service.moving import move_claim, note_event
from claims.values import BatchId, ClaimDetails, ClaimState, EventDetails, OwnerRole
from config.finding import Finding, Level
from config.sealed import seal, unseal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement

    import edi
    from config.actor import Actor
    from config.tenancy import PracticeSession
    from edi.acknowledge_values import SegmentError

_S = ClaimState
_REJECTED: Final = (_S.REJECTED_BY_CLEARINGHOUSE, _S.REJECTED_BY_PAYER)


@dataclass(frozen=True, slots=True)
class Answer:
    """Where an answer comes from: its partner, its bytes, when it was read."""

    partner_id: UUID
    blob_id: UUID
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class _News:
    """What an answer says of one claim; late where the claim was sent again since."""

    state: ClaimState
    kind: str
    findings: tuple[Finding, ...] = ()
    words: str = ""
    is_late: bool = False


def apply_ta1(
    session: PracticeSession, actor: Actor, acknowledgement: edi.Acknowledgement, answer: Answer
) -> list[Finding]:
    """Apply a TA1: an interchange that was refused sends its claims back to the biller."""
    control = _number(acknowledgement.interchange_control)
    batch = _find_batch(session, actor, BatchRow.interchange_control == control, answer)
    if batch is None:
        return [_unrouted("TA1", "TA101", "interchange control number")]
    if acknowledgement.is_accepted:
        return []
    finding = Finding(
        "interchange-rejected",
        "ISA",
        f"the clearinghouse refused the whole file (TA105 {acknowledgement.note})",
        "Mend the envelope settings of the trading partner, then send the claims again.",
    )
    _reject_batch(session, actor, batch, finding, answer)
    return []


def _number(text: str) -> int:
    """Return a control number that was received, or 0, which we never send."""
    return int(text) if text.isascii() and text.isdigit() else 0


def _find_batch(
    session: PracticeSession, actor: Actor, chosen: ColumnElement[bool], answer: Answer
) -> BatchRow | None:
    """Find what an answer is about. What is answered was sent, whatever we noted of it."""
    batch = session.scalars(
        select(BatchRow)
        .where(BatchRow.partner_id == answer.partner_id, chosen)
        .order_by(BatchRow.id.desc())
        .limit(1)
    ).first()
    if batch is not None:
        mark_sent(session, actor, BatchId(batch.id), at=answer.at)
    return batch


def apply_999(
    session: PracticeSession, actor: Actor, acknowledgement: edi.Acknowledgement999, answer: Answer
) -> list[Finding]:
    """Apply a 999: a transaction is received whole, or rejected whole with what is at fault."""
    control = _number(acknowledgement.group_control)
    batch = _find_batch(session, actor, BatchRow.group_control == control, answer)
    if batch is None:
        return [_unrouted("999", "AK102", "group control number")]
    told = {answered.control: answered for answered in acknowledgement.transactions}
    newest = _list_newest_batches(session, batch)
    is_any_accepted = False
    places = queries.list_batch_claim_rows(session, batch.id)
    claims = queries.lock_claim_rows(session, (place.claim_id for place in places))
    for carried in places:
        answered = told.get(carried.transaction_control)
        is_accepted = acknowledgement.is_accepted if answered is None else answered.is_accepted
        claim = claims[carried.claim_id]
        is_any_accepted |= is_accepted
        if is_accepted:
            news = _News(_S.RECEIVED, "received-by-clearinghouse")
        else:
            errors = answered.errors if answered is not None else ()
            news = _News(
                _S.REJECTED_BY_CLEARINGHOUSE,
                "rejected-at-999",
                tuple(_find_in_999(claim.number, errors)),
            )
        _tell(session, actor, claim, replace(news, is_late=carried.id not in newest), answer)
    release_batch(session, batch, "acknowledged" if is_any_accepted else "rejected")
    return []


def _list_newest_batches(session: PracticeSession, batch: BatchRow) -> set[UUID]:
    """Return which of a batch's rows are the newest of their claims.

    What was sent again since can't be rejected by an answer to its earlier file.
    """
    claims = select(BatchClaimRow.claim_id).where(BatchClaimRow.batch_id == batch.id)
    rows = session.execute(
        select(BatchClaimRow.claim_id, BatchClaimRow.id)
        .where(BatchClaimRow.claim_id.in_(claims))
        .order_by(BatchClaimRow.id)
    )
    newest: dict[UUID, UUID] = {claim_id: row_id for claim_id, row_id in rows}  # noqa: C416  # rows are no pairs to mypy
    return set(newest.values())


def _find_in_999(claim_number: str, errors: Sequence[SegmentError]) -> list[Finding]:
    """Say which segments of this claim were at fault, or that another claim's were."""
    own = [e for e in errors if e.claim_number in ("", claim_number)]
    if not own:
        return [
            Finding(
                "transaction-rejected",
                "ST",
                "another claim of the same transaction is at fault; this one went back with it",
                "Send this claim again as it is.",
            )
        ]
    return [
        Finding(
            "segment-rejected",
            f"{error.loop or 'ST'}/{error.segment}",
            f"the clearinghouse refused this segment (IK304 {error.code}"
            + "".join(f", element {e.element}: IK403 {e.code}" for e in error.elements)
            + ")",
            "Mend what that segment says and send the claim again.",
        )
        for error in own
    ]


def apply_277ca(
    session: PracticeSession, actor: Actor, acknowledgement: edi.Acknowledgement277, answer: Answer
) -> list[Finding]:
    """Apply a 277CA of the clearinghouse or of a payer to the claims that it names."""
    reference = acknowledgement.batch_reference
    batch = _find_batch(session, actor, BatchRow.reference == reference, answer)
    if acknowledgement.is_batch_rejected:
        return _apply_batch_rejection(session, actor, batch, answer)
    findings = []
    rows = {
        row.number: row
        for part in queries.in_chunks(s.claim_number for s in acknowledgement.claims)
        for row in session.scalars(
            select(ClaimRow).where(ClaimRow.number.in_(part)).with_for_update()
        )
    }
    places = _list_places(session, rows.values())
    for place, status in enumerate(acknowledgement.claims, start=1):
        where = f"2200D TRN02, claim {place}"
        claim = rows.get(status.claim_number)
        if claim is None:
            findings.append(_unrouted("277CA", where, "claim number"))
            continue
        news = _read_status(status, is_payer=acknowledgement.source_is_payer)
        routed, stray = _route(news, places.get(claim.id, []), (batch, reference), answer, where)
        findings += stray
        if routed is None:
            continue
        _note_payer_number(session, claim, status, acknowledgement, answer)
        _tell(session, actor, claim, routed, answer)
        if routed.is_late and stray:
            _ask_biller(session, claim, stray, answer)
    return findings


def _list_places(
    session: PracticeSession, claims: Iterable[ClaimRow]
) -> dict[UUID, list[tuple[UUID, UUID]]]:
    """Return for each claim (partner, batch) of every file that carried it, oldest first."""
    found: dict[UUID, list[tuple[UUID, UUID]]] = {}
    for part in queries.in_chunks(claim.id for claim in claims):
        rows = session.execute(
            select(BatchClaimRow.claim_id, BatchRow.partner_id, BatchRow.id)
            .join(
                BatchRow,
                (BatchRow.practice_id == BatchClaimRow.practice_id)
                & (BatchRow.id == BatchClaimRow.batch_id),
            )
            .where(BatchClaimRow.claim_id.in_(part))
            .order_by(BatchClaimRow.id)
        )
        for claim_id, partner_id, batch_id in rows:
            found.setdefault(claim_id, []).append((partner_id, batch_id))
    return found


def _route(
    news: _News,
    places: list[tuple[UUID, UUID]],
    told: tuple[BatchRow | None, str],
    answer: Answer,
    where: str,
) -> tuple[_News | None, list[Finding]]:
    """Decide by partner and batch what an answer may do to a claim; None: nothing at all.

    An answer to an earlier file of a claim that was sent again is late: it is noted and moves
    nothing. A payer behind a clearinghouse may name a reference that isn't ours; then it is about
    the only file that carried the claim, and of several a rejection can't say which it means.
    """
    batch, reference = told
    if not places or places[-1][0] != answer.partner_id:
        return None, [_stray(where, "the claim went to another partner than the one that answers")]
    if batch is not None:
        if all(batch.id != carried for _, carried in places):
            return None, [_stray(where, f"batch {reference} of ours doesn't carry this claim")]
        return replace(news, is_late=batch.id != places[-1][1]), []
    if len(places) == 1 or news.state not in _REJECTED:
        return news, []
    message = "the claim was sent more than once, and the answer doesn't say which file it rejects"
    return replace(news, is_late=True), [_stray(where, message)]


def _stray(where: str, message: str) -> Finding:
    return Finding(
        "answer-other-batch",
        f"277CA {where}",
        message,
        "Ask the sender which file it answers; the claim stands as it did.",
        Level.WARNING,
    )


def _ask_biller(
    session: PracticeSession, claim: ClaimRow, findings: list[Finding], answer: Answer
) -> None:
    """Put a claim on the biller's list today: an answer came that can't be applied by itself."""
    details = unseal(session, claim, ClaimDetails)
    seal(session, claim, replace(details, findings=tuple(findings)))
    claim.owner_role, claim.next_on = OwnerRole.BILLER, answer.at.date()


def _read_status(status: edi.ClaimStatus277, *, is_payer: bool) -> _News:
    side = "payer" if is_payer else "clearinghouse"
    if status.is_accepted:
        state = _S.ACCEPTED_BY_PAYER if is_payer else _S.ACCEPTED_BY_CLEARINGHOUSE
        return _News(state, f"accepted-by-{side}")
    state = _S.REJECTED_BY_PAYER if is_payer else _S.REJECTED_BY_CLEARINGHOUSE
    findings = tuple(
        Finding(
            "claim-rejected",
            "2200D STC",
            f"the {side} rejected the claim: category {code.category}, status {code.code}"
            + (f", about {code.entity}" if code.entity else ""),
            "Mend what the status names and send the claim again with the frequency it had.",
        )
        for each in status.statuses
        for code in each.codes
    )
    return _News(state, f"rejected-by-{side}", findings)


def _note_payer_number(
    session: PracticeSession,
    claim: ClaimRow,
    status: edi.ClaimStatus277,
    acknowledgement: edi.Acknowledgement277,
    answer: Answer,
) -> None:
    """Keep the payer's own number, and the first acceptance as the proof of timely filing."""
    if not acknowledgement.source_is_payer:
        return
    details = unseal(session, claim, ClaimDetails)
    first = details.first_accepted_at
    if status.is_accepted and first is None:
        first = answer.at
        claim.accepted_by_payer_on = answer.at.date()
    number = status.payer_claim_number or details.payer_claim_number
    if (number, first) != (details.payer_claim_number, details.first_accepted_at):
        changed = replace(details, payer_claim_number=number, first_accepted_at=first)
        seal(session, claim, changed)


def _apply_batch_rejection(
    session: PracticeSession, actor: Actor, batch: BatchRow | None, answer: Answer
) -> list[Finding]:
    if batch is None:
        return [_unrouted("277CA", "2200B TRN02", "batch reference")]
    finding = Finding(
        "batch-rejected",
        "2200B STC",
        "the whole batch was rejected at the receiver",
        "Ask the clearinghouse why, mend it, then send the claims again.",
    )
    _reject_batch(session, actor, batch, finding, answer)
    return []


def _reject_batch(
    session: PracticeSession, actor: Actor, batch: BatchRow, finding: Finding, answer: Answer
) -> None:
    newest = _list_newest_batches(session, batch)
    places = queries.list_batch_claim_rows(session, batch.id)
    claims = queries.lock_claim_rows(session, (place.claim_id for place in places))
    for carried in places:
        news = _News(
            _S.REJECTED_BY_CLEARINGHOUSE,
            "batch-rejected",
            (finding,),
            is_late=carried.id not in newest,
        )
        _tell(session, actor, claims[carried.claim_id], news, answer)
    release_batch(session, batch, "rejected")


def _tell(
    session: PracticeSession, actor: Actor, claim: ClaimRow, news: _News, answer: Answer
) -> None:
    """Move the claim if the table of moves allows it now; else only note what came."""
    details = EventDetails(news.words, news.findings)
    if news.is_late or news.state not in LEGAL_MOVES[ClaimState(claim.state)]:
        note_event(
            session, actor, claim, news.kind, at=answer.at, details=details, blob_id=answer.blob_id
        )
        return
    if news.findings:
        known = unseal(session, claim, ClaimDetails)
        seal(session, claim, replace(known, findings=news.findings))
    move_claim(
        session, actor, claim, news.state, kind=news.kind, at=answer.at, details=details,
        blob_id=answer.blob_id,
    )  # fmt: skip


def _unrouted(kind: str, where: str, what: str) -> Finding:
    return Finding(
        f"answer-{what.split(maxsplit=1)[0]}-unknown",
        f"{kind} {where}",
        f"this practice never sent anything under this {what}",
        "Find out whose answer it is; it is kept with the received files.",
    )
