"""Keyed hashes by which sealed rows are found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.names_index import search_terms
from config.sealed import keyring_of

if TYPE_CHECKING:
    from config.people import Identifier
    from config.tenancy import PracticeSession
    from patients.values import (
        GuarantorDetails,
        PatientDetails,
    )


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


def term_key(session: PracticeSession, column: str, term: str) -> int:
    """Return the 16 bits of one term of a column (`name` or `birth_date`)."""
    return keyring_of(session).search_key(session.own_practice_id, "patient_search", column, term)


def patient_terms(session: PracticeSession, details: PatientDetails) -> set[int]:
    """Return the terms by which a patient is found."""
    terms = {term_key(session, "name", term) for term in search_terms(details.name.full)}
    if details.birth_date:
        terms.add(term_key(session, "birth_date", details.birth_date.isoformat()))
    return terms
