"""What other packages may ask of, and do to, patients, guarantors and coverages."""

from __future__ import annotations

from patients.queries import (
    find_coverages_by_member_id,
    find_guarantor_by_number,
    find_patient_by_identifier,
    find_patient_by_number,
    find_patient_ids,
    get_coverages,
    get_coverages_by_id,
    get_guarantors,
    get_patients,
    list_merged_ids,
    list_patients_of_guarantors,
    resolve_survivors,
    search_patients,
)
from patients.rules import check_coverage, check_guarantor, check_mbi, check_patient, is_of_age
from patients.service.coverages import add_coverage, end_coverage, replace_coverages
from patients.service.guarantors import add_guarantor, make_own_guarantor, update_guarantor
from patients.service.merging import merge_patient, unmerge_patient
from patients.service.registering import (
    find_or_register,
    list_all_patients,
    register_patient,
    register_patients,
    set_guarantor,
    update_patient,
)

__all__ = [
    "add_coverage",
    "add_guarantor",
    "check_coverage",
    "check_guarantor",
    "check_mbi",
    "check_patient",
    "end_coverage",
    "find_coverages_by_member_id",
    "find_guarantor_by_number",
    "find_or_register",
    "find_patient_by_identifier",
    "find_patient_by_number",
    "find_patient_ids",
    "get_coverages",
    "get_coverages_by_id",
    "get_guarantors",
    "get_patients",
    "is_of_age",
    "list_all_patients",
    "list_merged_ids",
    "list_patients_of_guarantors",
    "make_own_guarantor",
    "merge_patient",
    "register_patient",
    "register_patients",
    "replace_coverages",
    "resolve_survivors",
    "search_patients",
    "set_guarantor",
    "unmerge_patient",
    "update_guarantor",
    "update_patient",
]
