"""The verbs of coding: code sets, search and suggestions, and the coder's work on visits.

What concerns code sets reads and writes files in the folder that the caller names and needs no
database; what concerns visits takes a session, and what changes one an actor.
"""

from __future__ import annotations

from coding.service.code_sets import (
    CODE_SETS,
    check_diagnosis_codes,
    find_code,
    find_release,
    get_codes,
    list_notes,
    list_releases,
    load_code_set,
    load_shipped_icd10cm,
    load_shipped_procedures,
    search_codes,
    suggest_codes,
    suggest_for_conditions,
    suggest_for_file,
    undo_load,
)

__all__ = [
    "CODE_SETS",
    "check_diagnosis_codes",
    "find_code",
    "find_release",
    "get_codes",
    "list_notes",
    "list_releases",
    "load_code_set",
    "load_shipped_icd10cm",
    "load_shipped_procedures",
    "search_codes",
    "suggest_codes",
    "suggest_for_conditions",
    "suggest_for_file",
    "undo_load",
]
