"""Rules about patients, guarantors and coverages: pure."""

from __future__ import annotations

from patients.rules.checks import (
    check_coverage,
    check_entries,
    check_guarantor,
    check_identifiers,
    check_mbi,
    check_patient,
)
from patients.rules.joining import is_said, join_details, value_at
from patients.rules.matching import is_of_age, is_same_guarantor, matches_search

__all__ = [
    "check_coverage",
    "check_entries",
    "check_guarantor",
    "check_identifiers",
    "check_mbi",
    "check_patient",
    "is_of_age",
    "is_said",
    "is_same_guarantor",
    "join_details",
    "matches_search",
    "value_at",
]
