"""The coder's work on one visit: start, diagnoses, lines, check, sign off, hold, reopen.

A visit's coding is one sealed row. Nothing is coded by itself: each diagnosis and line is put
there by an actor and says where it came from.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from coding.code_sets import check_diagnosis_codes, find_code
from coding.models import CodedVisitRow
from coding.rules import visits as rules
from coding.service.lines import check_procedure
from coding.service.rows import (
    by,
    check_reason,
    find_row,
    get_visit,
    open_row,
    store,
    to_coded_visit,
)
from coding.values import (
    CodedDiagnosis,
    CodeSystem,
    CodingEvent,
    CodingState,
    VisitCoding,
)
from config.changes import record_change
from config.finding import Finding, RefusedError, has_errors
from config.ids import uuid7
from config.sealed import unseal
from encounters.values import VisitState
from practice import service as practice

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path

    from coding.values import (
        CodedLine,
        CodedVisit,
        DiagnosisChoice,
    )
    from config.actor import Actor
    from config.tenancy import PracticeSession
    from encounters.values import Visit, VisitId


def start_coding(
    session: PracticeSession, actor: Actor, visit_id: VisitId, *, now: dt.datetime
) -> CodedVisit:
    """Begin the coding of a visit that is ready; begun already, it is returned as it stands.

    Raises:
        MissingError: No such visit.
        RefusedError: The visit isn't ready to be coded (`visit-not-ready`).
    """
    row = find_row(session, visit_id)
    if row is not None:
        return to_coded_visit(row, unseal(session, row, VisitCoding))
    visit = get_visit(session, visit_id)
    if visit.state is not VisitState.READY:
        raise RefusedError(
            [
                Finding(
                    "visit-not-ready",
                    "visit",
                    f"The visit is {visit.state}; only a ready one is coded.",
                    "Wait for the EHR to finish it.",
                )
            ]
        )
    row = CodedVisitRow(
        id=uuid7(), visit_id=visit_id, patient_id=visit.patient_id, state=CodingState.OPEN.value
    )
    session.add(row)
    return store(session, row, VisitCoding(history=(CodingEvent(now, "started", by(actor)),)))


def attach_diagnoses(
    session: PracticeSession,
    actor: Actor,
    visit_id: VisitId,
    choices: Sequence[DiagnosisChoice],
    *,
    folder: Path,
) -> CodedVisit:
    """Make these the visit's diagnoses, in order; earlier ones are replaced.

    Codes are stored as printed. Lines keep pointing to the same codes: a pointer to a code that is
    no longer there is dropped.

    Raises:
        RefusedError: More than 12, one twice, an external cause first, or a code that is not
            valid and billable on the date of service; nothing is stored.
    """
    row, coding = open_row(session, visit_id, CodingState.OPEN)
    on = get_visit(session, visit_id).details.service_date
    codes = [choice.code for choice in choices]
    findings = rules.check_diagnosis_order(codes)
    known = {finding.code for finding in findings}
    findings += [f for f in check_diagnosis_codes(folder, codes, on=on) if f.code not in known]
    diagnoses = tuple(
        CodedDiagnosis(
            code=_print_code(folder, choice.code, on),
            source=choice.source or by(actor),
            evidence=choice.evidence,
            note=choice.note.strip(),
        )
        for choice in choices
    )
    findings += rules.check_notes(diagnoses)
    if has_errors(findings):
        raise RefusedError([f for f in findings if has_errors([f])])
    lines = tuple(_repoint(line, coding.diagnoses, diagnoses) for line in coding.lines)
    return store(session, row, replace(coding, diagnoses=diagnoses, lines=lines))


def _print_code(folder: Path, code: str, on: dt.date) -> str:
    found = find_code(folder, code, on=on, system=CodeSystem.ICD10CM)
    return found.code if found else code


def _repoint(
    line: CodedLine, before: Sequence[CodedDiagnosis], after: Sequence[CodedDiagnosis]
) -> CodedLine:
    places = {diagnosis.code: place for place, diagnosis in enumerate(after, start=1)}
    codes = [before[pointer - 1].code for pointer in line.pointers if pointer <= len(before)]
    return replace(line, pointers=tuple(places[code] for code in codes if code in places))


def check_coding(session: PracticeSession, visit_id: VisitId, *, folder: Path) -> list[Finding]:
    """Return all that is wrong with a visit's coding; warnings don't stop its signing.

    An Excludes1 pair is a warning, and none once either of the two codes carries a note.

    Source:
        ICD-10-CM Official Guidelines I.A.12.a.
    """
    _, coding = open_row(session, visit_id, is_locked=False)
    return check_visit_coding(session, get_visit(session, visit_id), coding, folder=folder)


def check_visit_coding(
    session: PracticeSession, visit: Visit, coding: VisitCoding, *, folder: Path
) -> list[Finding]:
    """Return all that is wrong with a coding that is at hand."""
    codes = [diagnosis.code for diagnosis in coding.diagnoses]
    findings = rules.check_whole(coding) + rules.check_diagnosis_order(codes)
    known = {finding.code for finding in findings}
    noted = {diagnosis.code for diagnosis in coding.diagnoses if diagnosis.note}
    for finding in check_diagnosis_codes(folder, codes, on=visit.details.service_date):
        overridden = finding.code == "code-excludes1" and any(
            code in finding.where.split() for code in noted
        )
        if finding.code not in known and not overridden:
            findings.append(finding)
    last = visit.details.end_date or visit.details.service_date
    for line in coding.lines:
        findings += rules.check_line(line, len(codes)) + check_procedure(folder, line)
        findings += rules.check_line_date(line, visit.details.service_date, last)
    return findings + _check_charges(session, coding)


def _check_charges(session: PracticeSession, coding: VisitCoding) -> list[Finding]:
    findings = []
    for line in coding.lines:
        wanted = (line.code, line.modifiers)
        price = practice.find_charges(session, [wanted], line.service_date).get(wanted)
        if price is None or price.unit_price * line.units != line.charge:
            findings.append(
                Finding(
                    "charge-changed",
                    f"line {line.number}",
                    "The charge is no longer the charge master's price on the date of service.",
                    "Remove the line and add it again.",
                )
            )
    return findings


def sign_off(
    session: PracticeSession, actor: Actor, visit_id: VisitId, *, folder: Path, now: dt.datetime
) -> CodedVisit:
    """Sign a visit's coding off, so that claims may be built from it; records `visit-signed`.

    Raises:
        RefusedError: Something is wrong; all findings of level error are told.
    """
    row, coding = open_row(session, visit_id, CodingState.OPEN)
    visit = get_visit(session, visit_id)
    findings = check_visit_coding(session, visit, coding, folder=folder)
    if visit.state is not VisitState.READY:
        findings.append(
            Finding(
                "visit-not-ready",
                "visit",
                f"The visit is {visit.state} in the EHR's news.",
                "Look at what changed before signing.",
            )
        )
    if has_errors(findings):
        raise RefusedError([f for f in findings if has_errors([f])])
    signed_by = by(actor)
    event = CodingEvent(now, "signed", signed_by)
    row.state, row.signed_at = CodingState.SIGNED.value, now
    record_change(session, "visit-signed", visit_id)
    return store(
        session,
        row,
        replace(coding, signed_at=now, signed_by=signed_by, history=(*coding.history, event)),
    )


def reopen_coding(
    session: PracticeSession, actor: Actor, visit_id: VisitId, *, reason: str, now: dt.datetime
) -> CodedVisit:
    """Open a signed visit's coding again for a correction; records `visit-reopened`.

    Claims already built keep what they stood on.
    """
    row, coding = open_row(session, visit_id, CodingState.SIGNED)
    check_reason(reason)
    row.state, row.signed_at = CodingState.OPEN.value, None
    event = CodingEvent(now, "reopened", by(actor), reason)
    record_change(session, "visit-reopened", visit_id)
    return store(
        session,
        row,
        replace(coding, signed_at=None, signed_by=None, history=(*coding.history, event)),
    )


def hold_coding(
    session: PracticeSession, actor: Actor, visit_id: VisitId, *, reason: str, now: dt.datetime
) -> CodedVisit:
    """Put a visit's coding aside with a reason; records `visit-held`."""
    row, coding = open_row(session, visit_id, CodingState.OPEN)
    check_reason(reason)
    row.state = CodingState.HELD.value
    event = CodingEvent(now, "held", by(actor), reason)
    record_change(session, "visit-held", visit_id)
    return store(
        session, row, replace(coding, hold_reason=reason, history=(*coding.history, event))
    )


def release_coding(
    session: PracticeSession, actor: Actor, visit_id: VisitId, *, now: dt.datetime
) -> CodedVisit:
    """Take a held visit's coding up again."""
    row, coding = open_row(session, visit_id, CodingState.HELD)
    row.state = CodingState.OPEN.value
    event = CodingEvent(now, "released", by(actor))
    return store(session, row, replace(coding, hold_reason="", history=(*coding.history, event)))


def take_visit_news(
    session: PracticeSession, actor: Actor, visit_id: VisitId, *, folder: Path, now: dt.datetime
) -> CodedVisit | None:
    """Look again at a visit's coding after the EHR told news of the visit; doing it twice is safe.

    A visit that is no longer ready (voided, excused, open again), or a signed one whose coding no
    longer holds, is put on hold with the reason, and `visit-held` is recorded. Claims already
    built keep what they stood on.

    Returns:
        The coding as it stands then; None if nobody began it.
    """
    row = find_row(session, visit_id, is_locked=True)
    if row is None:
        return None
    coding = unseal(session, row, VisitCoding)
    visit = get_visit(session, visit_id)
    reason = _find_news(session, visit, row, coding, folder)
    if not reason or row.state == CodingState.HELD:
        return to_coded_visit(row, coding)
    row.state, row.signed_at = CodingState.HELD.value, None
    event = CodingEvent(now, "held", by(actor), reason)
    record_change(session, "visit-held", visit_id)
    changed = replace(
        coding,
        signed_at=None,
        signed_by=None,
        hold_reason=reason,
        history=(*coding.history, event),
    )
    return store(session, row, changed)


def _find_news(
    session: PracticeSession, visit: Visit, row: CodedVisitRow, coding: VisitCoding, folder: Path
) -> str:
    if visit.state is not VisitState.READY:
        return f"the visit is {visit.state} in the EHR"
    if row.state != CodingState.SIGNED:
        return ""
    findings = check_visit_coding(session, visit, coding, folder=folder)
    stopping = [f.code for f in findings if has_errors([f]) or f.code == rules.LINE_OUTSIDE_VISIT]
    return f"the EHR changed the visit: {', '.join(dict.fromkeys(stopping))}" if stopping else ""
