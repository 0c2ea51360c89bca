"""The verbs of coding: code sets, search and suggestions, and the coder's work on visits.

What concerns code sets reads and writes files in the folder that the caller names and needs no
database; what concerns visits takes a session, and what changes one an actor.
"""

from __future__ import annotations

from coding.code_sets import (
    check_diagnosis_codes,
    find_code,
    find_release,
    get_codes,
    list_notes,
    list_releases,
    search_codes,
    suggest_codes,
    suggest_for_conditions,
    suggest_for_file,
)
from coding.loading import (
    CODE_SETS,
    load_code_set,
    load_shipped_icd10cm,
    load_shipped_procedures,
    undo_load,
)
from coding.service.lines import add_line, hold_line, remove_line, set_pointers
from coding.service.reading import (
    count_coding,
    get_coded_visits,
    get_signing_times,
    list_coded_visit_ids,
    list_signed_visit_ids,
    suggest_for_visit,
)
from coding.service.visits import (
    attach_diagnoses,
    check_coding,
    hold_coding,
    release_coding,
    reopen_coding,
    sign_off,
    start_coding,
    take_visit_news,
)

__all__ = [
    "CODE_SETS",
    "add_line",
    "attach_diagnoses",
    "check_coding",
    "check_diagnosis_codes",
    "count_coding",
    "find_code",
    "find_release",
    "get_coded_visits",
    "get_codes",
    "get_signing_times",
    "hold_coding",
    "hold_line",
    "list_coded_visit_ids",
    "list_notes",
    "list_releases",
    "list_signed_visit_ids",
    "load_code_set",
    "load_shipped_icd10cm",
    "load_shipped_procedures",
    "release_coding",
    "remove_line",
    "reopen_coding",
    "search_codes",
    "set_pointers",
    "sign_off",
    "start_coding",
    "suggest_codes",
    "suggest_for_conditions",
    "suggest_for_file",
    "suggest_for_visit",
    "take_visit_news",
    "undo_load",
]
