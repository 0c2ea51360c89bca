"""What a claim's page shows: header, findings, lines, answers in words, ledger, timeline, 837."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

import edi
from claims import service
from claims.pages import describe_source
from claims.pages_words import (
    ANSWER_STATES,
    LINE_STATES,
    OWNERS,
    SEQUENCES,
    STATES,
    TREATMENTS,
    name_event,
    name_hold,
    name_reason,
    name_status,
)
from claims.values import ClaimContent
from config.finding import Finding
from config.money import Money
from config.pages import Mark, Words
from config.provenance import SourceKind
from ledger import service as ledger
from ledger.values.postings import Entry
from patients import service as patients

if TYPE_CHECKING:
    from collections.abc import Iterable

    from claims.service import AnsweredClaim, ShownClaim
    from config.tenancy import PracticeSession
    from ledger.values.balances import LineBalance

_NIL: Final = Money.zero()


@dataclass(frozen=True, slots=True)
class LineShown:
    """One service line with how its money stands."""

    number: int
    charge_line_id: UUID
    service_date: dt.date
    code: str
    diagnoses: tuple[str, ...]
    units: int
    charge: Money
    paid: Money
    adjusted: Money
    insurance: Money
    patient: Money
    state: Mark


@dataclass(frozen=True, slots=True)
class ReasonShown:
    """Why something was not paid in full, and what was made of it."""

    line: int | None
    code: str
    words: Words
    amount: Money
    treatment: Words
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerShown:
    """One answer of a payer, in words."""

    remittance_id: UUID
    claim_number: str
    is_ours: bool
    status: Words
    charge: Money
    paid: Money
    state: Mark
    hold: Words
    posting_id: UUID | None
    reasons: tuple[ReasonShown, ...]


@dataclass(frozen=True, slots=True)
class EventShown:
    """One event of the timeline."""

    at: dt.datetime
    what: Words
    words: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """A claim's page."""

    number: str
    patient_number: str
    patient: str
    state: Mark
    owner: Words
    next_on: dt.date | None
    file_by: dt.date | None
    version: int
    sequence: Words
    content: ClaimContent
    payer_claim_number: str
    findings: tuple[Finding, ...]
    overrides: dict[str, str]
    lines: tuple[LineShown, ...]
    insurance: Money
    patient_owes: Money
    answers: tuple[AnswerShown, ...]
    entries: tuple[Entry, ...]
    events: tuple[EventShown, ...]
    segments: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FieldShown:
    """One element of the 837 with where its value came from.

    Attributes:
        message_id: The message that it came from, to be opened; empty for other sources.
    """

    place: str
    value: str
    source: str
    message_id: str


@dataclass(frozen=True, slots=True)
class FieldsPage:
    """A claim's elements with their sources."""

    number: str
    version: int
    file_name: str
    fields: tuple[FieldShown, ...]


def build_claim(session: PracticeSession, number: str, *, at: dt.datetime) -> ClaimPage:
    """Return a claim's page.

    Raises:
        MissingError: No claim has the number.
    """
    shown = service.show_claim(session, number)
    claim = shown.claim
    patient = patients.get_patients(session, [claim.patient_id])[claim.patient_id]
    ours = {line.charge_line_id for line in shown.lines}
    balances = ledger.get_line_balances(session, ours)
    entries = ledger.get_visit_entries(session, [claim.visit_id]).get(claim.visit_id, ())
    numbers: dict[UUID, int] = {line.id: line.number for line in shown.lines}
    return ClaimPage(
        number=claim.number,
        patient_number=patient.number,
        patient=patient.details.name.full,
        state=STATES[claim.state],
        owner=OWNERS[claim.owner_role],
        next_on=claim.next_on,
        file_by=claim.file_by,
        version=claim.version,
        sequence=SEQUENCES.get(claim.payer_sequence, str(claim.payer_sequence)),
        content=shown.content,
        payer_claim_number=claim.details.payer_claim_number,
        findings=claim.details.findings,
        overrides=claim.details.overrides,
        lines=_to_lines(shown, balances),
        insurance=Money.total(m for b in balances.values() for m in b.insurance.values()),
        patient_owes=Money.total(balance.patient for balance in balances.values()),
        answers=to_answers(service.list_answers_of_claim(session, claim.id), numbers),
        entries=tuple(entry for entry in entries if entry.about.charge_line_id in ours),
        events=tuple(
            EventShown(each.at, name_event(each.kind), each.details.words, each.details.findings)
            for each in reversed(shown.events)
        ),
        segments=_list_segments(session, shown, at),
    )


def build_fields(session: PracticeSession, number: str, *, at: dt.datetime) -> FieldsPage:
    """Return every element of a claim's 837 with its source.

    Raises:
        MissingError: No claim has the number.
    """
    claim = service.show_claim(session, number).claim
    try:
        traced = service.trace_claim(session, claim.id, at=at)
    except edi.UnsendableError:
        return FieldsPage(claim.number, claim.version, "", ())
    fields = tuple(
        FieldShown(
            each.element.place,
            each.element.value,
            describe_source(each.source, traced.messages),
            each.source.origin if each.source.kind is SourceKind.MESSAGE else "",
        )
        for each in traced.elements
    )
    return FieldsPage(claim.number, traced.version, traced.file_name, fields)


def _list_segments(
    session: PracticeSession, shown: ShownClaim, at: dt.datetime
) -> tuple[tuple[str, str], ...]:
    try:
        return tuple(service.list_segments(session, shown.claim.id, at=at))
    except edi.UnsendableError:
        return ()  # its findings say why


def _to_lines(shown: ShownClaim, balances: dict[UUID, LineBalance]) -> tuple[LineShown, ...]:
    states = {line.charge_line_id: line.state for line in shown.lines}
    diagnoses = shown.content.diagnoses
    lines = []
    for line in shown.content.lines:
        balance = balances.get(line.charge_line_id)
        lines.append(
            LineShown(
                number=line.number,
                charge_line_id=line.charge_line_id,
                service_date=line.service_date,
                code=" ".join((line.code, *line.modifiers)),
                diagnoses=tuple(diagnoses[p - 1] for p in line.pointers if p <= len(diagnoses)),
                units=line.units,
                charge=line.charge,
                paid=balance.paid if balance else _NIL,
                adjusted=balance.adjusted if balance else _NIL,
                insurance=Money.total(balance.insurance.values()) if balance else _NIL,
                patient=balance.patient if balance else _NIL,
                state=LINE_STATES[states.get(line.charge_line_id, "open")],
            )
        )
    return tuple(lines)


def to_answers(
    answered: Iterable[AnsweredClaim],
    numbers: dict[UUID, int],
    names: dict[UUID, str] | None = None,
) -> tuple[AnswerShown, ...]:
    """Return payers' answers in words.

    Args:
        answered: What payers answered.
        numbers: The line number of each claim line.
        names: Our claims' numbers by key, where several claims are shown.
    """
    return tuple(
        AnswerShown(
            remittance_id=each.remittance_id,
            claim_number=(names or {}).get(each.claim_id, each.details.claim_number)
            if each.claim_id
            else each.details.claim_number,
            is_ours=each.claim_id is not None,
            status=name_status(each.status),
            charge=each.charge,
            paid=each.paid,
            state=ANSWER_STATES[each.state],
            hold=name_hold(each.reason) if each.state == "quarantined" else "",
            posting_id=each.posting_id,
            reasons=tuple(
                ReasonShown(
                    line=numbers.get(reason.claim_line_id) if reason.claim_line_id else None,
                    code=f"{reason.group}-{reason.carc}",
                    words=name_reason(reason.carc),
                    amount=reason.amount,
                    treatment=TREATMENTS.get(reason.treatment, reason.treatment),
                    remarks=reason.remarks,
                )
                for reason in each.adjustments
            ),
        )
        for each in answered
    )
