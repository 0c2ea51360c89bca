"""Reads of patients, and who stands for whom since a merge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from config.finding import MissingError
from config.sealed import unseal
from patients.models import (
    PatientIdentifierRecord,
    PatientRecord,
)
from patients.queries.keys import identifier_key
from patients.values import (
    GuarantorId,
    Patient,
    PatientDetails,
    PatientId,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from config.people import Identifier
    from config.tenancy import PracticeSession

_CHAIN_MAX: Final = 50


def read_patient(session: PracticeSession, record: PatientRecord) -> Patient:
    """Open a patient's row."""
    return Patient(
        id=PatientId(record.id),
        number=record.number,
        guarantor_id=GuarantorId(record.guarantor_id) if record.guarantor_id else None,
        survivor_id=PatientId(record.survivor_id) if record.survivor_id else None,
        details=unseal(session, record, PatientDetails),
    )


def get_patient_records(
    session: PracticeSession, ids: Iterable[UUID], *, is_locked: bool = False
) -> dict[UUID, PatientRecord]:
    """Return patients' rows, unopened.

    Raises:
        MissingError: One isn't there.
    """
    wanted = list(dict.fromkeys(ids))
    statement = select(PatientRecord).where(PatientRecord.id.in_(wanted)).order_by(PatientRecord.id)
    if is_locked:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    records = {record.id: record for record in session.scalars(statement)}
    if missing := len(wanted) - len(records):
        raise MissingError(f"{missing} of {len(wanted)} patients are not there")
    return {key: records[key] for key in wanted}


def resolve_survivors(
    session: PracticeSession, ids: Iterable[PatientId]
) -> dict[PatientId, PatientId]:
    """Return for each patient the one that stands for it: itself, unless it was merged.

    Raises:
        MissingError: One isn't there.
    """
    asked = list(dict.fromkeys(ids))
    next_of: dict[UUID, UUID | None] = {}
    open_ids: set[UUID] = set(asked)
    for _ in range(_CHAIN_MAX):
        if not open_ids:
            break
        rows = session.execute(
            select(PatientRecord.id, PatientRecord.survivor_id).where(
                PatientRecord.id.in_(open_ids)
            )
        )
        next_of |= {row.id: row.survivor_id for row in rows}
        if missing := len(open_ids - next_of.keys()):
            raise MissingError(f"{missing} of {len(asked)} patients are not there")
        open_ids = {key for key in next_of.values() if key and key not in next_of}
    return {key: PatientId(_last(next_of, key)) for key in asked}


def _last(next_of: dict[UUID, UUID | None], key: UUID) -> UUID:
    for _ in range(_CHAIN_MAX):
        following = next_of[key]
        if following is None:
            return key
        key = following
    raise RuntimeError("merged patients form a circle")


def list_merged_ids(
    session: PracticeSession, ids: Iterable[PatientId]
) -> dict[PatientId, tuple[PatientId, ...]]:
    """Return for each patient every key that stands for the same person, the survivor first.

    Raises:
        MissingError: One isn't there.
    """
    survivors = resolve_survivors(session, ids)
    children: dict[UUID, list[PatientId]] = {}
    level: set[UUID] = set(survivors.values())
    for _ in range(_CHAIN_MAX):
        if not level:
            break
        rows = session.execute(
            select(PatientRecord.id, PatientRecord.survivor_id)
            .where(PatientRecord.survivor_id.in_(level))
            .order_by(PatientRecord.id)
        ).all()
        for row in rows:
            children.setdefault(row.survivor_id, []).append(PatientId(row.id))
        level = {row.id for row in rows}
    return {key: tuple(_descend(children, survivor)) for key, survivor in survivors.items()}


def _descend(children: dict[UUID, list[PatientId]], key: PatientId) -> list[PatientId]:
    found = [key]
    for place in found:  # grows while it is walked
        found.extend(children.get(place, ()))
    return found


def get_patients(
    session: PracticeSession, ids: Iterable[PatientId], *, is_resolved: bool = False
) -> dict[PatientId, Patient]:
    """Return patients by the key that was asked for.

    Args:
        session: The practice's session.
        ids: Their keys.
        is_resolved: Return the survivor in place of a merged patient.

    Raises:
        MissingError: One isn't there.
    """
    asked = list(dict.fromkeys(ids))
    target = resolve_survivors(session, asked) if is_resolved else {key: key for key in asked}
    records = get_patient_records(session, target.values())
    patients = {key: read_patient(session, record) for key, record in records.items()}
    return {key: patients[target[key]] for key in asked}


def find_patient_ids(
    session: PracticeSession, identifiers: Iterable[Identifier], *, is_resolved: bool = True
) -> dict[Identifier, PatientId]:
    """Return the patients whom identifiers lead to, unopened; no key where there is none."""
    keys = {
        identifier: identifier_key(session, "patient_identifier", identifier)
        for identifier in identifiers
    }
    rows = session.execute(
        select(PatientIdentifierRecord.key, PatientIdentifierRecord.patient_id).where(
            PatientIdentifierRecord.key.in_(set(keys.values()))
        )
    )
    by_key = {row.key: PatientId(row.patient_id) for row in rows}
    found = {i: by_key[key] for i, key in keys.items() if key in by_key}
    if not is_resolved:
        return found
    survivors = resolve_survivors(session, found.values())
    return {identifier: survivors[key] for identifier, key in found.items()}


def find_patient_by_identifier(
    session: PracticeSession, identifier: Identifier, *, is_resolved: bool = True
) -> Patient | None:
    """Return the patient whom an identifier leads to, or the survivor of that patient."""
    found = find_patient_ids(session, [identifier], is_resolved=is_resolved)
    if not found:
        return None
    key = found[identifier]
    return get_patients(session, [key])[key]


def find_patient_by_number(session: PracticeSession, number: str) -> Patient | None:
    """Return the patient with a number that people read out, if any."""
    statement = select(PatientRecord).where(PatientRecord.number == number.strip().upper())
    record = session.scalars(statement).one_or_none()
    return read_patient(session, record) if record else None
