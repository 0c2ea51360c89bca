"""Searching patients by name and birth date: guess by the index, then compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from config.names_index import PREFIX_LETTERS, name_tokens, phonetic
from patients import rules
from patients.models import (
    PatientRecord,
    PatientSearchRecord,
)
from patients.queries.keys import term_key
from patients.queries.patients import get_patients, read_patient, resolve_survivors

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from uuid import UUID

    from config.tenancy import PracticeSession
    from patients.values import (
        Patient,
    )

CANDIDATES_MAX: Final = 2000


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
        groups.append({term_key(session, "name", term) for term in names})
    if birth_date is not None:
        groups.append({term_key(session, "birth_date", birth_date.isoformat())})
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
