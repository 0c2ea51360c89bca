"""Coverages: what a patient's insurance cards say, in the order in which they are billed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from audit.service import note
from config.changes import record_change
from config.finding import Finding, MissingError, RefusedError
from config.ids import uuid7
from config.outcome import Outcome
from config.sealed import seal, unseal
from patients import rules
from patients.models import CoverageRecord
from patients.queries import get_coverages, get_patient_records, member_key, read_coverage
from patients.service.registering import refuse_errors
from patients.values import CoverageDetails
from practice.service import get_payers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.tenancy import PracticeSession
    from patients.values import Coverage, CoverageEntry, CoverageId, PatientId

CHANGED: Final = "coverage-changed"
_ONE_DAY: Final = dt.timedelta(days=1)


def _check(session: PracticeSession, entries: Sequence[CoverageEntry]) -> list[Finding]:
    payers = get_payers(session, {entry.payer_id for entry in entries})
    findings = rules.check_entries(entries)
    for entry in entries:
        kind = payers[entry.payer_id].kind
        findings += rules.check_coverage(entry.details, payer_kind=kind, priority=entry.priority)
    return findings


def add_coverage(
    session: PracticeSession, patient_id: PatientId, entry: CoverageEntry, *, today: dt.date
) -> Coverage:
    """Add an insurance, or update the one with the same payer and member id.

    Args:
        session: A writing session.
        patient_id: Whose.
        entry: The insurance.
        today: The day on which its place in the order must be free.

    Raises:
        RefusedError: Findings, or `coverage-priority-twice`: its place is taken.
        MissingError: The patient or the payer isn't there.
    """
    return store_coverage(session, patient_id, entry, today=today)[0]


def store_coverage(
    session: PracticeSession, patient_id: PatientId, entry: CoverageEntry, *, today: dt.date
) -> tuple[Coverage, Outcome]:
    """Do what `add_coverage` does, and say whether anything was new."""
    refuse_errors(_check(session, [entry]))
    coverages = get_coverages(session, [patient_id])[patient_id]
    stored, outcome = _store(session, patient_id, entry)
    for other in coverages:
        is_rival = other.id != stored.id and other.priority == entry.priority
        if is_rival and other.is_in_force(today) and stored.is_in_force(today):
            raise RefusedError([place_taken(entry.priority)])
    return stored, outcome


def place_taken(priority: int) -> Finding:
    """Return the finding that two insurances in force claim one place in the order."""
    return Finding(
        "coverage-priority-twice",
        "priority",
        f"another insurance in force is number {priority}",
        "end that one, or give the two different numbers",
    )


def replace_coverages(
    session: PracticeSession,
    patient_id: PatientId,
    entries: Sequence[CoverageEntry],
    *,
    today: dt.date,
) -> list[Coverage]:
    """Store what is said to be all of a patient's insurance.

    Args:
        session: A writing session.
        patient_id: Whose.
        entries: All that hold on `today`; one that is known and isn't among them ends the day
            before, or never held if it began later. One without its member id is stored as it
            is: who sent it may not know the card, and the claim waits for the number.
        today: The day of which this is said.

    Returns:
        The stored coverages in the order of `entries`.

    Raises:
        RefusedError: Findings; then nothing is changed.
        MissingError: The patient or a payer isn't there.
    """
    found = _check(session, entries)
    refuse_errors([finding for finding in found if finding.code != "member-id-missing"])
    before = get_coverages(session, [patient_id])[patient_id]
    stored = [_store(session, patient_id, entry)[0] for entry in entries]
    kept = {coverage.id for coverage in stored}
    yesterday = today - _ONE_DAY
    for coverage in before:
        if coverage.id not in kept and coverage.is_in_force(today):
            start = coverage.details.from_date
            last = yesterday if start is None or start <= yesterday else start
            end_coverage(session, coverage.id, to_date=last)
    return stored


def _find_record(
    session: PracticeSession, patient_id: PatientId, entry: CoverageEntry, key: bytes
) -> tuple[CoverageRecord | None, int]:
    """Return the row that an entry tells of, and the number that a new one would have."""
    rows = _list_records(session, patient_id, entry, key)
    if not rows:
        # Told once with its member id and once without, it is the same insurance.
        other = None if not entry.details.member_id else member_key(session, "")
        same = _list_records(session, patient_id, entry, other)
        return (same[-1] if same else None), 1
    newest = rows[-1]
    end = unseal(session, newest, CoverageDetails).to_date
    begins = entry.details.from_date
    is_again = end is not None and begins is not None and begins > end + _ONE_DAY
    return (None if is_again else newest), newest.span + 1


def _list_records(
    session: PracticeSession, patient_id: PatientId, entry: CoverageEntry, key: bytes | None
) -> Sequence[CoverageRecord]:
    """Return the rows of the entry's payer under a member key, or under any; the newest last."""
    query = select(CoverageRecord).where(
        CoverageRecord.patient_id == patient_id, CoverageRecord.payer_id == entry.payer_id
    )
    if key is not None:
        query = query.where(CoverageRecord.member_key == key)
    return session.scalars(
        query.order_by(CoverageRecord.span, CoverageRecord.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _store(
    session: PracticeSession, patient_id: PatientId, entry: CoverageEntry
) -> tuple[Coverage, Outcome]:
    get_patient_records(session, [patient_id])
    key = member_key(session, entry.details.member_id)
    record, span = _find_record(session, patient_id, entry, key)
    details = entry.details
    if record is not None:
        known = unseal(session, record, CoverageDetails)
        joined = rules.join_details(known, details)
        # Said to hold, it holds: an end that was only concluded is taken back.
        details = replace(joined, to_date=entry.details.to_date)
        if details == known and record.priority == entry.priority:
            return read_coverage(session, record), Outcome.UNCHANGED
        outcome = Outcome.CHANGED
    else:
        outcome = Outcome.ADDED
        record = CoverageRecord(
            practice_id=session.own_practice_id,
            id=uuid7(),
            patient_id=patient_id,
            payer_id=entry.payer_id,
            member_key=key,
            span=span,
        )
    record.priority = entry.priority
    if entry.details.member_id:
        record.member_key = key
    seal(session, record, details)
    session.add(record)
    session.flush()
    record_change(session, CHANGED, record.id)
    note(session, "coverage.saved", coverage=record.id, patient=patient_id)
    return read_coverage(session, record), outcome


def end_coverage(session: PracticeSession, coverage_id: CoverageId, *, to_date: dt.date) -> None:
    """Say which day was the last that a coverage held.

    Raises:
        RefusedError: The day lies before its first.
        MissingError: The coverage isn't there.
    """
    record = session.scalars(
        select(CoverageRecord)
        .where(CoverageRecord.id == coverage_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if record is None:
        raise MissingError("no such coverage")
    known = unseal(session, record, CoverageDetails)
    if known.to_date == to_date:
        return
    if known.from_date and to_date < known.from_date:
        raise RefusedError(
            [
                Finding(
                    "span-backwards",
                    "to_date",
                    "the last day lies before the first",
                    "correct one of the two days",
                )
            ]
        )
    seal(session, record, replace(known, to_date=to_date))
    session.flush()
    record_change(session, CHANGED, record.id)
    note(session, "coverage.ended", coverage=record.id, patient=record.patient_id)
