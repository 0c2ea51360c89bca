"""Reads of patients, guarantors and coverages; each payload opened is a recorded touch."""

from __future__ import annotations

from patients.queries.coverages import (
    find_coverages_by_member_id,
    get_coverages,
    get_coverages_by_id,
    read_coverage,
)
from patients.queries.guarantors import (
    find_guarantor_by_number,
    find_guarantor_id,
    find_same_guarantor,
    get_guarantors,
    list_patients_of_guarantors,
)
from patients.queries.keys import (
    identifier_key,
    match_key,
    member_key,
    patient_terms,
    term_key,
)
from patients.queries.patients import (
    find_patient_by_identifier,
    find_patient_by_number,
    find_patient_ids,
    get_patient_records,
    get_patients,
    list_merged_ids,
    read_patient,
    resolve_survivors,
)
from patients.queries.search import (
    search_patients,
)

__all__ = [
    "find_coverages_by_member_id",
    "find_guarantor_by_number",
    "find_guarantor_id",
    "find_patient_by_identifier",
    "find_patient_by_number",
    "find_patient_ids",
    "find_same_guarantor",
    "get_coverages",
    "get_coverages_by_id",
    "get_guarantors",
    "get_patient_records",
    "get_patients",
    "identifier_key",
    "list_merged_ids",
    "list_patients_of_guarantors",
    "match_key",
    "member_key",
    "patient_terms",
    "read_coverage",
    "read_patient",
    "resolve_survivors",
    "search_patients",
    "term_key",
]
