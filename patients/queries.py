"""Reads of patients, guarantors and coverages; each payload opened is a recorded touch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from config.finding import MissingError
from config.names_index import PREFIX_LETTERS, name_tokens, phonetic, search_terms
from config.sealed import keyring_of, unseal
from patients import rules
from patients.models import (
    CoverageRecord,
    GuarantorIdentifierRecord,
    GuarantorRecord,
    PatientIdentifierRecord,
    PatientRecord,
    PatientSearchRecord,
)
from patients.values import (
    Coverage,
    CoverageDetails,
    CoverageId,
    Guarantor,
    GuarantorDetails,
    GuarantorId,
    Patient,
    PatientDetails,
    PatientId,
)
from practice.values import PayerId

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from config.people import Identifier
    from config.tenancy import PracticeSession

CANDIDATES_MAX: Final = 2000
_CHAIN_MAX: Final = 50


# Look-up keys


def identifier_key(session: PracticeSession, table: str, identifier: Identifier) -> bytes:
    """Return the keyed hash of an identifier; its kind doesn't count."""
    value = f"{identifier.system}|{identifier.value}"
    return keyring_of(session).unique_key(session.own_practice_id, table, "key", value)


def member_key(session: PracticeSession, member_id: str) -> bytes:
    """Return the keyed hash of a member id, blanks and hyphens left out."""
    value = member_id.replace("-", "").replace(" ", "")
    return keyring_of(session).unique_key(session.own_practice_id, "coverage", "member_key", value)


def match_key(session: PracticeSession, details: GuarantorDetails) -> bytes:
    """Return the keyed hash of a guarantor's name."""
    return keyring_of(session).unique_key(
        session.own_practice_id, "guarantor", "match_key", details.name.full
    )


def _term(session: PracticeSession, column: str, term: str) -> int:
    return keyring_of(session).search_key(session.own_practice_id, "patient_search", column, term)


def patient_terms(session: PracticeSession, details: PatientDetails) -> set[int]:
    """Return the terms by which a patient is found."""
    terms = {_term(session, "name", term) for term in search_terms(details.name.full)}
    if details.birth_date:
        terms.add(_term(session, "birth_date", details.birth_date.isoformat()))
    return terms


# Patients


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


def search_patients(
    session: PracticeSession,
    *,
    name: str = "",
    birth_date: dt.date | None = None,
    limit: int = 20,
) -> list[Patient]:
    """Return patients by name and birth date, the closest first.

    Args:
        session: The practice's session.
        name: Words that begin or sound like words of the name, in any order.
        birth_date: The birth date, if known.
        limit: How many at most.

    Returns:
        A merged patient's survivor in its place; nothing where nothing was asked.
    """
    words = name_tokens(name)
    if not words and birth_date is None:
        return []
    statement = select(PatientRecord).order_by(PatientRecord.id).limit(CANDIDATES_MAX)
    for terms in _search_terms(session, words, birth_date):
        candidates = select(PatientSearchRecord.patient_id).where(
            PatientSearchRecord.practice_id == session.own_practice_id,
            PatientSearchRecord.term.in_(terms),
        )
        statement = statement.where(PatientRecord.id.in_(candidates))
    hits = [
        patient
        for patient in (read_patient(session, r) for r in session.scalars(statement))
        if rules.matches_search(patient.details, words, birth_date)
    ]
    hits.sort(key=lambda patient: _closeness(patient, words))
    survivors = resolve_survivors(session, [patient.id for patient in hits])
    chosen = list(dict.fromkeys(survivors[patient.id] for patient in hits))[:limit]
    return list(get_patients(session, chosen).values())


def _search_terms(
    session: PracticeSession, words: Sequence[str], birth_date: dt.date | None
) -> list[set[int]]:
    """Return groups of terms; a candidate has one of each group."""
    groups = []
    for word in words:
        names = {word}
        if len(word) >= PREFIX_LETTERS:
            names.add("^" + word[:PREFIX_LETTERS])
        if sound := phonetic(word):
            names.add("~" + sound)
        groups.append({_term(session, "name", term) for term in names})
    if birth_date is not None:
        groups.append({_term(session, "birth_date", birth_date.isoformat())})
    return groups


def _closeness(patient: Patient, words: Sequence[str]) -> tuple[int, str, UUID]:
    """Sort whole words before beginnings, beginnings before sounds, then by name."""
    tokens = name_tokens(patient.details.name.full)
    distance = sum(
        0 if word in tokens else 1 if any(t.startswith(word) for t in tokens) else 2
        for word in words
    )
    name = patient.details.name
    return distance, f"{name.family} {name.given}".casefold(), patient.id


# Guarantors


def read_guarantor(session: PracticeSession, record: GuarantorRecord) -> Guarantor:
    """Open a guarantor's row."""
    return Guarantor(
        id=GuarantorId(record.id),
        account_number=record.account_number,
        details=unseal(session, record, GuarantorDetails),
    )


def get_guarantors(
    session: PracticeSession, ids: Iterable[GuarantorId]
) -> dict[GuarantorId, Guarantor]:
    """Return guarantors by key.

    Raises:
        MissingError: One isn't there.
    """
    wanted = list(dict.fromkeys(ids))
    statement = select(GuarantorRecord).where(GuarantorRecord.id.in_(wanted))
    found = {record.id: record for record in session.scalars(statement)}
    if missing := len(wanted) - len(found):
        raise MissingError(f"{missing} of {len(wanted)} guarantors are not there")
    return {key: read_guarantor(session, found[key]) for key in wanted}


def find_guarantor_by_number(session: PracticeSession, account_number: str) -> Guarantor | None:
    """Return the guarantor with an account number, if any."""
    statement = select(GuarantorRecord).where(
        GuarantorRecord.account_number == account_number.strip().upper()
    )
    record = session.scalars(statement).one_or_none()
    return read_guarantor(session, record) if record else None


def find_guarantor_id(session: PracticeSession, identifier: Identifier) -> GuarantorId | None:
    """Return the guarantor whom another system's number leads to, unopened."""
    key = identifier_key(session, "guarantor_identifier", identifier)
    statement = select(GuarantorIdentifierRecord.guarantor_id).where(
        GuarantorIdentifierRecord.key == key
    )
    found = session.scalars(statement).one_or_none()
    return GuarantorId(found) if found else None


def find_same_guarantor(session: PracticeSession, details: GuarantorDetails) -> Guarantor | None:
    """Return a known guarantor of the same name and birth date, or else address."""
    statement = (
        select(GuarantorRecord)
        .where(GuarantorRecord.match_key == match_key(session, details))
        .order_by(GuarantorRecord.id)
    )
    for record in session.scalars(statement):
        guarantor = read_guarantor(session, record)
        if rules.is_same_guarantor(guarantor.details, details):
            return guarantor
    return None


def list_patients_of_guarantors(
    session: PracticeSession, ids: Iterable[GuarantorId]
) -> dict[GuarantorId, tuple[PatientId, ...]]:
    """Return for each guarantor the patients, merged ones too, for whom they answer."""
    wanted = list(dict.fromkeys(ids))
    rows = session.execute(
        select(PatientRecord.guarantor_id, PatientRecord.id)
        .where(PatientRecord.guarantor_id.in_(wanted))
        .order_by(PatientRecord.id)
    ).all()
    return {
        key: tuple(PatientId(row.id) for row in rows if row.guarantor_id == key) for key in wanted
    }


# Coverages


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
