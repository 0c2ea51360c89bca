"""Reading what edits must know of many claims: a handful of queries, whatever their number."""

from __future__ import annotations

import datetime as dt  # a dataclass's field names it
import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from uuid import UUID  # a dataclass's field names it

from sqlalchemy import or_, select

import edi
from claims import queries
from claims.adapters.to_837p import Envelope, write_837p
from claims.models import ClaimLineRow, ClaimRow
from claims.rules.filing import CORRECTING, compute_file_by
from claims.rules.scrub.facts import ScrubFacts, SentLine
from claims.service.clocks import find_clock_starts
from claims.service.withholding import WITHHELD
from claims.values import ClaimId, ClaimLine, ClaimState
from coding import service as coding
from coding.values import CodedVisit, CodeSystem, CodingState
from config.finding import Level
from config.ids import uuid7
from encounters import service as encounters
from encounters.values import Visit, VisitId, VisitState
from patients import service as patients
from patients.values import Coverage, CoverageId, PatientId
from practice import service as practice
from practice.values import Enrolment, Partner, PartnerId, Payer, PayerId

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from claims.values import ClaimContent
    from config.finding import Finding
    from config.tenancy import PracticeSession

_SNIP: Final = frozenset({1, 2, 3})
_NOT_SENT: Final = (ClaimState.BUILT.value, ClaimState.HELD.value)
# Whose envelope stands around a claim while no trading partner takes it.
_STAND_IN: Final = Partner(
    id=PartnerId(uuid7()), code="none", name="NONE", sender_qualifier="ZZ", sender_id="SENDER",
    receiver_qualifier="ZZ", receiver_id="RECEIVER", submitter_id="SENDER",
    submitter_name="SENDER", contact_name="BILLING", contact_phone="5555550100", usage="T",
    transport="folder", host="", port=22, username="", host_key="", key_file="", outbox="",
    inbox="",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read for all claims of a scrub."""

    payers: dict[PayerId, Payer]
    partners: dict[PartnerId, Partner]
    coverages: dict[CoverageId, Coverage]
    lines: dict[ClaimId, list[ClaimLine]]
    enrolments: list[Enrolment]
    visits: dict[VisitId, Visit]
    coded: dict[VisitId, CodedVisit]
    claimed: frozenset[UUID]
    others: dict[ClaimId, tuple[SentLine, ...]]
    starts: dict[ClaimId, dt.date]


def read_facts(
    session: PracticeSession,
    rows: Sequence[ClaimRow],
    contents: dict[ClaimId, ClaimContent],
    *,
    folder: Path,
    at: dt.datetime,
) -> dict[ClaimId, ScrubFacts]:
    """Return for each claim what its edits must know.

    Args:
        session: An open session.
        rows: The claims.
        contents: What they say.
        folder: The folder of code sets.
        at: The instant of the scrub.
    """
    known = _read(session, rows, contents)
    codes = _Codes(folder)
    return {
        ClaimId(row.id): _make_facts(row, contents[ClaimId(row.id)], known, codes, at)
        for row in rows
    }


def _read(
    session: PracticeSession, rows: Sequence[ClaimRow], contents: dict[ClaimId, ClaimContent]
) -> _Known:
    payers = practice.get_payers(session, {PayerId(row.payer_id) for row in rows})
    visit_ids = {VisitId(row.visit_id) for row in rows}
    lines = queries.get_lines(session, contents)
    providers = {line.provider_id for found in lines.values() for line in found}
    return _Known(
        payers=payers,
        partners=practice.get_partners(
            session, {p.partner_id for p in payers.values() if p.partner_id is not None}
        ),
        coverages=patients.get_coverages_by_id(
            session, {CoverageId(row.coverage_id) for row in rows}
        ),
        lines=lines,
        enrolments=practice.list_enrolments(
            session, [p for p in providers if p is not None], list(payers)
        ),
        visits=encounters.get_visits(session, visit_ids),
        coded=coding.get_coded_visits(session, visit_ids),
        claimed=_read_claimed(session, visit_ids),
        others=_read_others(session, rows, contents),
        starts=find_clock_starts(session, rows, contents),
    )


def _read_claimed(session: PracticeSession, visit_ids: Iterable[VisitId]) -> frozenset[UUID]:
    """Return the charge lines that a live claim carries, or that went to the guarantor."""
    return frozenset(
        key
        for part in queries.in_chunks(visit_ids)
        for key in session.scalars(
            select(ClaimLineRow.charge_line_id)
            .join(
                ClaimRow,
                (ClaimRow.practice_id == ClaimLineRow.practice_id)
                & (ClaimRow.id == ClaimLineRow.claim_id),
            )
            .where(
                ClaimLineRow.visit_id.in_(part),
                or_(ClaimRow.state != ClaimState.VOIDED, ClaimLineRow.state == WITHHELD),
            )
        )
    )


def _read_others(
    session: PracticeSession, rows: Sequence[ClaimRow], contents: dict[ClaimId, ClaimContent]
) -> dict[ClaimId, tuple[SentLine, ...]]:
    """Find each claim's siblings: same patient, month, payer and place in the order of payers.

    Plain columns narrow them down; what they hold is compared after it was opened.
    """
    merged = patients.list_merged_ids(session, {PatientId(row.patient_id) for row in rows})
    person = {key: ids[0] for ids in merged.values() for key in ids}
    months = {row.service_month for row in rows}
    siblings: dict[tuple[object, ...], list[ClaimRow]] = {}
    for part in queries.in_chunks(person):
        query = select(ClaimRow).where(
            ClaimRow.patient_id.in_(part),
            ClaimRow.service_month.in_(months),
            ClaimRow.state != ClaimState.VOIDED,
        )
        for other in session.scalars(query):
            siblings.setdefault(_kinship(other, person), []).append(other)
    near = {
        ClaimId(row.id): [o for o in siblings.get(_kinship(row, person), []) if _counts(o, row)]
        for row in rows
    }
    missing = {ClaimId(o.id) for found in near.values() for o in found} - set(contents)
    opened = contents | queries.get_contents(session, missing)
    return {
        key: tuple(line for o in found for line in _sent_lines(opened[ClaimId(o.id)]))
        for key, found in near.items()
    }


def _kinship(row: ClaimRow, person: dict[PatientId, PatientId]) -> tuple[object, ...]:
    key = PatientId(row.patient_id)
    return person.get(key, key), row.service_month, row.payer_id, row.payer_sequence


def _counts(other: ClaimRow, row: ClaimRow) -> bool:
    """Of two that were not sent yet, the later one is the duplicate."""
    return other.id != row.id and (other.id < row.id or other.state not in _NOT_SENT)


def _sent_lines(content: ClaimContent) -> Iterable[SentLine]:
    rendering = content.rendering.npi if content.rendering else ""
    for line in content.lines:
        by = line.rendering.npi if line.rendering else rendering
        yield SentLine(content.claim_number, line.code, line.modifiers, line.service_date, by)


def _make_facts(
    row: ClaimRow, content: ClaimContent, known: _Known, codes: _Codes, at: dt.datetime
) -> ScrubFacts:
    payer = known.payers[PayerId(row.payer_id)]
    partner = known.partners.get(payer.partner_id) if payer.partner_id is not None else None
    coverage = known.coverages.get(CoverageId(row.coverage_id))
    coded = known.coded.get(VisitId(row.visit_id))
    visit = known.visits.get(VisitId(row.visit_id))
    days = [line.service_date for line in content.lines]
    return ScrubFacts(
        today=at.date(),
        payer=payer,
        is_covered=coverage is not None and all(coverage.is_in_force(day) for day in days),
        file_by=_find_deadline(row, content, payer, known),
        provider_ids=tuple(line.provider_id for line in known.lines.get(ClaimId(row.id), [])),
        enrolments=tuple(e for e in known.enrolments if e.payer_id == payer.id),
        referring_npi=visit.details.referring_npi if visit else "",
        diagnosis_findings=codes.check_diagnoses(content.diagnoses, min(days)) if days else (),
        noted_diagnoses=frozenset(d.code for d in coded.diagnoses if d.note)
        if coded
        else frozenset(),
        releases=frozenset(
            (line.system, line.service_date)
            for line in content.lines
            if codes.has_release(line.system, line.service_date)
        ),
        procedures=frozenset(
            (line.code, line.service_date)
            for line in content.lines
            if codes.is_in_force(line.code, line.system, line.service_date)
        ),
        sent_lines=known.others.get(ClaimId(row.id), ()),
        held_lines={line.id: line.hold for line in coded.lines if line.hold} if coded else {},
        faults=find_faults(content, partner, at),
        is_signed=_is_signed(visit, coded),
        signed_charges={line.id: line.charge for line in coded.lines} if coded else None,
        has_unclaimed_lines=coded is not None
        and any(line.id not in known.claimed and not line.hold for line in coded.lines),
    )


def _find_deadline(
    row: ClaimRow, content: ClaimContent, payer: Payer, known: _Known
) -> dt.date | None:
    """Return a first claim's stored deadline; another's runs from an answer that may be newer."""
    if content.frequency not in CORRECTING and row.payer_sequence == 1:
        return row.file_by
    return compute_file_by(content, payer, start=known.starts.get(ClaimId(row.id)))


def _is_signed(visit: Visit | None, coded: CodedVisit | None) -> bool:
    """Say whether a visit still stands for billing, and its coder's word with it."""
    return (
        visit is not None
        and visit.state is VisitState.READY
        and coded is not None
        and coded.state is CodingState.SIGNED
    )


class _Codes:
    """Answers of the code sets, each asked for once in a scrub."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._diagnoses: dict[tuple[tuple[str, ...], dt.date], tuple[Finding, ...]] = {}
        self._releases: dict[tuple[str, dt.date], bool] = {}
        self._procedures: dict[tuple[str, str, dt.date], bool] = {}

    def check_diagnoses(self, diagnoses: tuple[str, ...], on: dt.date) -> tuple[Finding, ...]:
        key = (diagnoses, on)
        if key not in self._diagnoses:
            found = coding.check_diagnosis_codes(self._folder, diagnoses, on=on)
            self._diagnoses[key] = tuple(found)
        return self._diagnoses[key]

    def has_release(self, system: str, on: dt.date) -> bool:
        key = (system, on)
        if key not in self._releases:
            found = coding.find_release(self._folder, CodeSystem(system), on=on)
            self._releases[key] = found is not None
        return self._releases[key]

    def is_in_force(self, code: str, system: str, on: dt.date) -> bool:
        key = (code, system, on)
        if key not in self._procedures:
            found = coding.find_code(self._folder, code, on=on, system=CodeSystem(system))
            self._procedures[key] = found is not None
        return self._procedures[key]


def write_alone(content: ClaimContent, partner: Partner | None, at: dt.datetime) -> bytes:
    """Return an 837P with this claim alone, as the partner would get it.

    Raises:
        edi.UnsendableError: A value holds a character that X12 can't carry.
    """
    envelope = Envelope(interchange_control=1, group_control=1, reference="SCRUB", at=at)
    data, _ = write_837p([content], partner or _STAND_IN, envelope)
    return data


def find_faults(
    content: ClaimContent, partner: Partner | None, at: dt.datetime
) -> tuple[edi.Fault, ...]:
    """Return what the X12 engine has against a claim that is written alone as an 837P."""
    try:
        data = write_alone(content, partner, at)
    except edi.UnsendableError as refused:
        return tuple(replace(fault, level=Level.ERROR.value) for fault in refused.faults)
    report = edi.check(io.BytesIO(data), snip=_SNIP)
    return tuple(fault for file in report.files for fault in file.faults)
