"""What the claims worklist and the denials list show, built inside one audited reading."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from flask import url_for
from flask_babel import lazy_gettext

from claims import service
from claims.pages_words import OWNERS, STATES, name_reason
from claims.values import ClaimContent, ClaimId, ClaimState
from config.finding import Finding, MissingError
from config.money import Money
from config.pages import PAGE_ROWS, Link, Mark, Words
from ledger import service as ledger
from patients import service as patients
from patients.values import Patient, PatientId
from practice import service as practice
from practice.values import Payer, PayerId

if TYPE_CHECKING:
    from collections.abc import Sequence

    from claims.values import Claim
    from config.tenancy import PracticeSession

_S = ClaimState
_DONE: Final = (_S.SETTLED, _S.VOIDED)


@dataclass(frozen=True, slots=True)
class Queue:
    """A saved view of the worklist: its name is its address."""

    words: Words
    states: tuple[ClaimState, ...]


QUEUES: Final[dict[str, Queue]] = {
    "held": Queue(lazy_gettext("Held: needs a fix"), (_S.HELD,)),
    "rejected": Queue(
        lazy_gettext("Rejected"), (_S.REJECTED_BY_CLEARINGHOUSE, _S.REJECTED_BY_PAYER)
    ),
    "denied": Queue(lazy_gettext("Denied"), (_S.DENIED,)),
    "open": Queue(lazy_gettext("Answered, something open"), (_S.ADJUDICATED,)),
    "to-send": Queue(lazy_gettext("To be sent"), (_S.BUILT, _S.READY, _S.BATCHED)),
    "waiting": Queue(
        lazy_gettext("With clearinghouse or payer"),
        (_S.SENT, _S.RECEIVED, _S.ACCEPTED_BY_CLEARINGHOUSE, _S.ACCEPTED_BY_PAYER),
    ),
    "done": Queue(lazy_gettext("Done"), _DONE),
}


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """One claim of the worklist.

    Attributes:
        open: What payers and patient still owe for the visit.
        first: The first finding, in words.
    """

    number: str
    patient: str
    patient_number: str
    service_date: dt.date | None
    payer: str
    billed: Money
    open: Money
    state: Mark
    owner: Words
    next_on: dt.date | None
    file_by: dt.date | None
    first: Finding | None


@dataclass(frozen=True, slots=True)
class ClaimList:
    """A page of the worklist.

    Attributes:
        name: The queue's name in the address; empty for all.
        patient: The patient whose claims are shown, or None.
    """

    name: str
    title: Words
    links: tuple[Link, ...]
    rows: tuple[ClaimLine, ...]
    next_url: str
    patient: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class DenialLine:
    """One open denial."""

    claim_number: str
    patient: str
    payer: str
    code: str
    reason: Words
    remarks: tuple[str, ...]
    amount: Money
    next_on: dt.date | None


@dataclass(frozen=True, slots=True)
class DenialList:
    """A page of denials, with what stands open over all of them."""

    rows: tuple[DenialLine, ...]
    count: int
    amount: Money
    by_reason: tuple[tuple[str, Words, int], ...]
    next_url: str


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands around a page's claims, read in bulk."""

    patients: Mapping[PatientId, Patient]
    payers: Mapping[PayerId, Payer]
    contents: Mapping[ClaimId, ClaimContent]
    open: Mapping[UUID, Money]


def build_claims(session: PracticeSession, name: str, *, after: str) -> ClaimList:
    """Return a page of a queue, or of all claims where no queue is named.

    Raises:
        MissingError: There is no such queue, or no such page.
    """
    if name and name not in QUEUES:
        raise MissingError("no such queue")
    states = QUEUES[name].states if name else ()
    if states and states != _DONE:
        spot = _read_spot(after)
        found = service.list_waiting_claims(session, states, after=spot, limit=PAGE_ROWS + 1)
    else:
        found = service.list_newest_claims(
            session, states=states, after=_read_id(after), limit=PAGE_ROWS + 1
        )
    shown = found[:PAGE_ROWS]
    next_url = ""
    if len(found) > PAGE_ROWS:
        spot_text = _write_spot(
            shown[-1].next_on if states != _DONE and states else None, shown[-1].id
        )
        next_url = url_for("claims.list_claims", queue=name or None, after=spot_text)
    return ClaimList(
        name=name,
        title=QUEUES[name].words if name else lazy_gettext("All claims"),
        links=_list_links(session, name),
        rows=_to_lines(session, shown),
        next_url=next_url,
        patient=None,
    )


def build_claims_of_patient(session: PracticeSession, number: str, *, after: str) -> ClaimList:
    """Return a page of a patient's claims, newest first.

    Raises:
        MissingError: No patient has the number.
    """
    patient = patients.find_patient_by_number(session, number.strip().upper())
    if patient is None:
        raise MissingError("no patient has that number")
    group = patients.list_merged_ids(session, [patient.id])[patient.id]
    found = service.list_newest_claims(
        session, patient_ids=group, after=_read_id(after), limit=PAGE_ROWS + 1
    )
    shown = found[:PAGE_ROWS]
    next_url = ""
    if len(found) > PAGE_ROWS:
        next_url = url_for(
            "claims.list_claims", patient=number, after=_write_spot(None, shown[-1].id)
        )
    return ClaimList(
        name="",
        title=lazy_gettext("Claims of one patient"),
        links=(),
        rows=_to_lines(session, shown),
        next_url=next_url,
        patient=(patient.number, patient.details.name.full),
    )


def build_denials(session: PracticeSession, *, after: str) -> DenialList:
    """Return a page of the open denials, the most urgent first."""
    found = service.list_denials(session, after=_read_spot(after), limit=PAGE_ROWS + 1)
    shown = found[:PAGE_ROWS]
    claims = service.get_claims(session, [each.claim_id for each in shown])
    people = patients.get_patients(session, [claim.patient_id for claim in claims.values()])
    payers = {payer.id: payer for payer in practice.list_payers(session)}
    counted = service.count_denials(session)
    last = shown[-1] if len(found) > PAGE_ROWS else None
    return DenialList(
        rows=tuple(
            DenialLine(
                claim_number=claims[each.claim_id].number,
                patient=people[claims[each.claim_id].patient_id].details.name.full,
                payer=next((p.name for key, p in payers.items() if key == each.payer_id), ""),
                code=f"{each.group}-{each.carc}",
                reason=name_reason(each.carc),
                remarks=each.remarks,
                amount=each.amount,
                next_on=each.next_on,
            )
            for each in shown
        ),
        count=counted.count,
        amount=counted.amount,
        by_reason=tuple(
            (code, name_reason(code.partition("-")[2]), count)
            for code, count in sorted(counted.by_reason.items(), key=lambda item: -item[1])
        ),
        next_url=url_for("claims.list_denials", after=_write_spot(last.next_on, last.id))
        if last
        else "",
    )


def _list_links(session: PracticeSession, name: str) -> tuple[Link, ...]:
    counts = service.count_claims(session)
    links = [
        Link(
            queue.words,
            url_for("claims.list_claims", queue=key),
            sum(counts.get(state, 0) for state in queue.states),
            is_current=key == name,
        )
        for key, queue in QUEUES.items()
    ]
    everything = Link(
        lazy_gettext("All"), url_for("claims.list_claims"), sum(counts.values()), not name
    )
    return (*links, everything)


def _to_lines(session: PracticeSession, claims: Sequence[Claim]) -> tuple[ClaimLine, ...]:
    balances = ledger.get_visit_balances(session, {claim.visit_id for claim in claims})
    around = _Around(
        patients=patients.get_patients(session, [claim.patient_id for claim in claims]),
        payers={payer.id: payer for payer in practice.list_payers(session)},
        contents=service.get_contents(session, [claim.id for claim in claims]),
        open={
            key: Money.total([balance.patient, *balance.insurance.values()])
            for key, balance in balances.items()
        },
    )
    return tuple(_to_line(claim, around) for claim in claims)


def _to_line(claim: Claim, around: _Around) -> ClaimLine:
    patient = around.patients[claim.patient_id]
    content = around.contents.get(claim.id)
    days = [line.service_date for line in content.lines] if content else []
    findings = claim.details.findings
    is_working = claim.state in (_S.HELD, _S.REJECTED_BY_PAYER, _S.REJECTED_BY_CLEARINGHOUSE)
    return ClaimLine(
        number=claim.number,
        patient=f"{patient.details.name.family}, {patient.details.name.given}".strip(", "),
        patient_number=patient.number,
        service_date=min(days, default=None),
        payer=around.payers[claim.payer_id].name,
        billed=claim.total,
        open=around.open.get(claim.visit_id, Money.zero()),
        state=STATES[claim.state],
        owner=OWNERS[claim.owner_role],
        next_on=claim.next_on,
        file_by=claim.file_by if claim.state not in _DONE else None,
        first=findings[0] if findings and is_working else None,
    )


def _write_spot(day: dt.date | None, key: UUID) -> str:
    return f"{day.isoformat()}~{key}" if day else str(key)


def _read_spot(text: str) -> service.Spot | None:
    day, _, key = text.partition("~")
    if not text:
        return None
    try:
        return service.Spot(dt.date.fromisoformat(day), UUID(key))
    except ValueError:
        raise MissingError("the address names no page") from None


def _read_id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise MissingError("the address names no page") from None
