"""Merging two records of one patient, and undoing it.

Nothing is moved: the merged patient names its survivor, and readers follow. Later packages hear
of it by a change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from audit.service import note
from config.changes import record_change
from config.finding import Finding, RefusedError
from patients.queries import get_patient_records, resolve_survivors

if TYPE_CHECKING:
    from config.tenancy import PracticeSession
    from patients.values import PatientId

MERGED: Final = "patient-merged"
UNMERGED: Final = "patient-unmerged"


def merge_patient(session: PracticeSession, survivor_id: PatientId, merged_id: PatientId) -> None:
    """Let a survivor stand for a patient that turned out to be the same person; twice is once.

    Raises:
        RefusedError: `merge-itself`, `merge-circle`, or `merge-already` into somebody else.
        MissingError: One of them isn't there.

    Source:
        HL7 2.5.1 ADT A40.
    """
    if survivor_id == merged_id:
        raise RefusedError([_refuse("merge-itself", "a patient can't be merged into itself")])
    records = get_patient_records(session, [survivor_id, merged_id], is_locked=True)
    merged = records[merged_id]
    if merged.survivor_id == survivor_id:
        return
    if merged.survivor_id is not None:
        raise RefusedError(
            [_refuse("merge-already", "the patient was merged into another one before")]
        )
    if resolve_survivors(session, [survivor_id])[survivor_id] == merged_id:
        raise RefusedError(
            [_refuse("merge-circle", "the survivor was itself merged into this patient")]
        )
    merged.survivor_id = survivor_id
    session.flush()
    record_change(session, MERGED, merged_id)
    note(session, "patient.merged", patient=merged_id, survivor=survivor_id)


def unmerge_patient(session: PracticeSession, merged_id: PatientId) -> None:
    """Undo a merge: the patient stands for itself again, with all that it had.

    Raises:
        MissingError: The patient isn't there.
    """
    record = get_patient_records(session, [merged_id], is_locked=True)[merged_id]
    if record.survivor_id is None:
        return
    survivor_id, record.survivor_id = record.survivor_id, None
    session.flush()
    record_change(session, UNMERGED, merged_id)
    note(session, "patient.unmerged", patient=merged_id, survivor=survivor_id)


def _refuse(code: str, message: str) -> Finding:
    return Finding(code, "survivor", message, "look at both patients and name them the right way")
