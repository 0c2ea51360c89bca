"""Reads of coverages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from config.finding import MissingError
from config.sealed import unseal
from patients.models import (
    CoverageRecord,
)
from patients.queries.keys import member_key
from patients.queries.patients import list_merged_ids
from patients.values import (
    Coverage,
    CoverageDetails,
    CoverageId,
    PatientId,
)
from practice.values import PayerId

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from config.tenancy import PracticeSession


def read_coverage(session: PracticeSession, record: CoverageRecord) -> Coverage:
    """Open a coverage's row."""
    return Coverage(
        id=CoverageId(record.id),
        patient_id=PatientId(record.patient_id),
        payer_id=PayerId(record.payer_id),
        priority=record.priority,
        details=unseal(session, record, CoverageDetails),
    )


def get_coverages(
    session: PracticeSession, patient_ids: Iterable[PatientId], *, on: dt.date | None = None
) -> dict[PatientId, list[Coverage]]:
    """Return patients' coverages, the one billed first in front.

    Args:
        session: The practice's session.
        patient_ids: Whose; those of merged patients are their survivor's too.
        on: Only those that hold on this day of service.

    Raises:
        MissingError: A patient isn't there.
    """
    groups = list_merged_ids(session, patient_ids)
    every = {key for group in groups.values() for key in group}
    statement = (
        select(CoverageRecord)
        .where(CoverageRecord.patient_id.in_(every))
        .order_by(CoverageRecord.priority, CoverageRecord.id)
    )
    coverages = [read_coverage(session, record) for record in session.scalars(statement)]
    if on is not None:
        coverages = [coverage for coverage in coverages if coverage.is_in_force(on)]
    return {
        asked: sorted(
            (c for c in coverages if c.patient_id in group),
            key=lambda c: (c.priority, group.index(c.patient_id), c.id),
        )
        for asked, group in groups.items()
    }


def get_coverages_by_id(
    session: PracticeSession, ids: Iterable[CoverageId]
) -> dict[CoverageId, Coverage]:
    """Return coverages by key.

    Raises:
        MissingError: One isn't there.
    """
    wanted = list(dict.fromkeys(ids))
    statement = select(CoverageRecord).where(CoverageRecord.id.in_(wanted))
    found = {record.id: record for record in session.scalars(statement)}
    if missing := len(wanted) - len(found):
        raise MissingError(f"{missing} of {len(wanted)} coverages are not there")
    return {key: read_coverage(session, found[key]) for key in wanted}


def find_coverages_by_member_id(session: PracticeSession, member_id: str) -> list[Coverage]:
    """Return the coverages under a member id; a family shares one."""
    statement = (
        select(CoverageRecord)
        .where(CoverageRecord.member_key == member_key(session, member_id))
        .order_by(CoverageRecord.patient_id, CoverageRecord.id)
    )
    return [read_coverage(session, record) for record in session.scalars(statement)]
