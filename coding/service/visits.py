"""The coder's work on one visit: start, diagnoses, lines, check, sign off, hold, reopen.

A visit's coding is one sealed row. Nothing is coded by itself: each diagnosis and line is put
there by an actor and says where it came from.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from coding import queries
from coding.models import CodedVisitRow
from coding.rules import visits as rules
from coding.rules.codes import find_system, to_plain
from coding.service.code_sets import check_diagnosis_codes, find_code, missing_release
from coding.values import (
    ChargeLineId,
    CodedDiagnosis,
    CodedLine,
    CodedVisit,
    CodeSystem,
    CodingEvent,
    CodingState,
    VisitCoding,
)
from config.changes import record_change
from config.finding import Finding, MissingError, RefusedError, has_errors
from config.ids import uuid7
from config.money import Money
from config.provenance import Source, SourceKind
from config.sealed import seal, unseal
from encounters import service as encounters
from encounters.values import VisitState
from practice import service as practice

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path

    from coding.values import DiagnosisChoice, LineChoice
    from config.actor import Actor
    from config.tenancy import PracticeSession
    from encounters.values import Visit, VisitId


def to_coded_visit(row: CodedVisitRow, coding: VisitCoding) -> CodedVisit:
    """Return a row and its payload as other packages read them."""
    from encounters.values import VisitId  # noqa: PLC0415  # a NewType, wanted here only

    return CodedVisit(
        visit_id=VisitId(row.visit_id),
        state=CodingState(row.state),
        diagnoses=coding.diagnoses,
        lines=coding.lines,
        signed_at=coding.signed_at,
        signed_by=coding.signed_by,
        hold_reason=coding.hold_reason,
        history=coding.history,
    )


def _by(actor: Actor) -> Source:
    return Source(SourceKind.PERSON, str(actor.id), actor.name)


def _find_row(session: PracticeSession, visit_id: VisitId) -> CodedVisitRow | None:
    return session.scalars(
        select(CodedVisitRow).where(CodedVisitRow.visit_id == visit_id)
    ).one_or_none()


def _open_row(
    session: PracticeSession, visit_id: VisitId, *states: CodingState
) -> tuple[CodedVisitRow, VisitCoding]:
    row = _find_row(session, visit_id)
    if row is None:
        raise MissingError("coding of the visit")
    if states and CodingState(row.state) not in states:
        wanted = " or ".join(states)
        raise RefusedError(
            [
                Finding(
                    "coding-state",
                    "visit",
                    f"The visit's coding is {row.state}; {wanted} was expected.",
                    "Reopen it first." if row.state == CodingState.SIGNED else "Release it first.",
                )
            ]
        )
    return row, unseal(session, row, VisitCoding)


def _get_visit(session: PracticeSession, visit_id: VisitId) -> Visit:
    visit = encounters.get_visits(session, [visit_id]).get(visit_id)
    if visit is None:
        raise MissingError("visit")
    return visit


def _store(session: PracticeSession, row: CodedVisitRow, coding: VisitCoding) -> CodedVisit:
    seal(session, row, coding)
    session.flush()
    return to_coded_visit(row, coding)


def start_coding(
    session: PracticeSession, actor: Actor, visit_id: VisitId, *, now: dt.datetime
) -> CodedVisit:
    """Begin the coding of a visit that is ready; begun already, it is returned as it stands.

    Raises:
        MissingError: No such visit.
        RefusedError: The visit isn't ready to be coded (`visit-not-ready`).
    """
    row = _find_row(session, visit_id)
    if row is not None:
        return to_coded_visit(row, unseal(session, row, VisitCoding))
    visit = _get_visit(session, visit_id)
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
    return _store(session, row, VisitCoding(history=(CodingEvent(now, "started", _by(actor)),)))


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
    row, coding = _open_row(session, visit_id, CodingState.OPEN)
    on = _get_visit(session, visit_id).details.service_date
    codes = [choice.code for choice in choices]
    findings = rules.check_diagnosis_order(codes)
    known = {finding.code for finding in findings}
    findings += [f for f in check_diagnosis_codes(folder, codes, on=on) if f.code not in known]
    diagnoses = tuple(
        CodedDiagnosis(
            code=_print_code(folder, choice.code, on),
            source=choice.source or _by(actor),
            evidence=choice.evidence,
            note=choice.note.strip(),
        )
        for choice in choices
    )
    findings += rules.check_notes(diagnoses)
    if has_errors(findings):
        raise RefusedError([f for f in findings if has_errors([f])])
    lines = tuple(_repoint(line, coding.diagnoses, diagnoses) for line in coding.lines)
    return _store(session, row, replace(coding, diagnoses=diagnoses, lines=lines))


def _print_code(folder: Path, code: str, on: dt.date) -> str:
    found = find_code(folder, code, on=on, system=CodeSystem.ICD10CM)
    return found.code if found else code


def _repoint(
    line: CodedLine, before: Sequence[CodedDiagnosis], after: Sequence[CodedDiagnosis]
) -> CodedLine:
    places = {diagnosis.code: place for place, diagnosis in enumerate(after, start=1)}
    codes = [before[pointer - 1].code for pointer in line.pointers if pointer <= len(before)]
    return replace(line, pointers=tuple(places[code] for code in codes if code in places))


def add_line(
    session: PracticeSession,
    actor: Actor,
    visit_id: VisitId,
    choice: LineChoice,
    *,
    folder: Path,
) -> ChargeLineId:
    """Add a charge line; its charge is the charge master's price on the date of service times units.

    Raises:
        RefusedError: The code is not in force, it has no price on that day (`charge-missing`),
            or modifiers, units or pointers are wrong; nothing is stored.
    """
    row, coding = _open_row(session, visit_id, CodingState.OPEN)
    line = _make_line(session, actor, visit_id, coding, choice, folder)
    _store(session, row, replace(coding, lines=(*coding.lines, line)))
    return line.id


def _make_line(  # what a line is made from
    session: PracticeSession,
    actor: Actor,
    visit_id: VisitId,
    coding: VisitCoding,
    choice: LineChoice,
    folder: Path,
) -> CodedLine:
    on = choice.service_date or _get_visit(session, visit_id).details.service_date
    code = to_plain(choice.code)
    modifiers = tuple(modifier.strip().upper() for modifier in choice.modifiers)
    price = practice.find_charges(session, [(code, modifiers)], on).get((code, modifiers))
    line = CodedLine(
        id=ChargeLineId(uuid7()),
        number=max((line.number for line in coding.lines), default=0) + 1,
        code=code,
        system=str(find_system(code) or ""),
        modifiers=modifiers,
        units=choice.units,
        charge=price.unit_price * choice.units if price else Money.zero(),
        pointers=choice.pointers,
        service_date=on,
        source=choice.source or _by(actor),
        service_to=choice.service_to,
        place_of_service=choice.place_of_service,
        provider_id=choice.provider_id,
        ndc=choice.ndc,
        ndc_units=choice.ndc_units,
        ndc_unit_of_measure=choice.ndc_unit_of_measure,
        wording=price.wording if price else "",
        wording_es=price.wording_es if price else "",
    )
    findings = rules.check_line(line, len(coding.diagnoses)) + check_procedure(folder, line)
    if price is None:
        findings = [f for f in findings if f.code != "line-charge"]
        findings.append(
            Finding(
                "charge-missing",
                f"line {line.number}",
                f"The charge master has no price for {code} on {on}.",
                "Import the charge with its dates.",
            )
        )
    if has_errors(findings):
        raise RefusedError([f for f in findings if has_errors([f])])
    return line


def check_procedure(folder: Path, line: CodedLine) -> list[Finding]:
    """Return a finding if a line's code is not in force on its date of service (R20)."""
    where = f"line {line.number}"
    system = find_system(line.code)
    if system not in {CodeSystem.CPT, CodeSystem.HCPCS}:
        return [
            Finding(
                "code-shape",
                where,
                "The code is neither a CPT nor a HCPCS number.",
                "Five characters: 99213 or J1885.",
            )
        ]
    if queries.find_release(folder, system, on=line.service_date) is None:
        return [replace(missing_release(system, line.service_date), where=where)]
    if find_code(folder, line.code, on=line.service_date, system=system) is None:
        return [
            Finding(
                "code-unknown",
                where,
                f"{line.code} is not in force on {line.service_date}.",
                "Choose a code that is valid on the date of service, or import it.",
            )
        ]
    return []


def remove_line(
    session: PracticeSession,
    actor: Actor,
    visit_id: VisitId,
    line_id: ChargeLineId,
    *,
    now: dt.datetime,
) -> CodedVisit:
    """Take a line away; the others keep their keys and close ranks.

    Raises:
        MissingError: The visit has no such line.
    """
    row, coding = _open_row(session, visit_id, CodingState.OPEN)
    _find_line(coding, line_id)
    kept = [line for line in coding.lines if line.id != line_id]
    lines = tuple(replace(line, number=number) for number, line in enumerate(kept, start=1))
    event = CodingEvent(now, "line-removed", _by(actor), str(line_id))
    return _store(session, row, replace(coding, lines=lines, history=(*coding.history, event)))


def _find_line(coding: VisitCoding, line_id: ChargeLineId) -> CodedLine:
    found = next((line for line in coding.lines if line.id == line_id), None)
    if found is None:
        raise MissingError("line")
    return found


def set_pointers(
    session: PracticeSession, visit_id: VisitId, line_id: ChargeLineId, pointers: tuple[int, ...]
) -> CodedVisit:
    """Point a line at other diagnoses.

    Raises:
        RefusedError: Not 1 to 4 of them, one twice, or one that names no diagnosis.
    """
    row, coding = _open_row(session, visit_id, CodingState.OPEN)
    line = _find_line(coding, line_id)
    findings = rules.check_pointers(pointers, len(coding.diagnoses), f"line {line.number}")
    if findings:
        raise RefusedError(findings)
    return _store(session, row, _with_line(coding, replace(line, pointers=pointers)))


def hold_line(
    session: PracticeSession,
    actor: Actor,
    visit_id: VisitId,
    line_id: ChargeLineId,
    hold: str,
    *,
    now: dt.datetime,
) -> CodedVisit:
    """Put a legal hold on a line, or lift it (empty); signed visits too (P40).

    Raises:
        RefusedError: No such hold (`line-hold-unknown`).
    """
    row, coding = _open_row(session, visit_id)
    line = _find_line(coding, line_id)
    if hold not in rules.LINE_HOLDS:
        names = ", ".join(name for name in rules.LINE_HOLDS if name)
        raise RefusedError(
            [
                Finding(
                    "line-hold-unknown", f"line {line.number}", "No such hold.", f"One of {names}."
                )
            ]
        )
    event = CodingEvent(now, "line-held" if hold else "line-released", _by(actor), hold)
    changed = replace(
        _with_line(coding, replace(line, hold=hold)), history=(*coding.history, event)
    )
    if row.state == CodingState.SIGNED:
        record_change(session, "visit-line-held", visit_id)
    return _store(session, row, changed)


def _with_line(coding: VisitCoding, changed: CodedLine) -> VisitCoding:
    lines = tuple(changed if line.id == changed.id else line for line in coding.lines)
    return replace(coding, lines=lines)


def check_coding(session: PracticeSession, visit_id: VisitId, *, folder: Path) -> list[Finding]:
    """Return all that is wrong with a visit's coding; warnings don't stop its signing.

    An Excludes1 pair is a warning, and none once either of the two codes carries a note.

    Source:
        ICD-10-CM Official Guidelines I.A.12.a.
    """
    _, coding = _open_row(session, visit_id)
    return check_visit_coding(session, _get_visit(session, visit_id), coding, folder=folder)


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
    for line in coding.lines:
        findings += rules.check_line(line, len(codes)) + check_procedure(folder, line)
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
    row, coding = _open_row(session, visit_id, CodingState.OPEN)
    visit = _get_visit(session, visit_id)
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
    by = _by(actor)
    event = CodingEvent(now, "signed", by)
    row.state, row.signed_at = CodingState.SIGNED.value, now
    record_change(session, "visit-signed", visit_id)
    return _store(
        session,
        row,
        replace(coding, signed_at=now, signed_by=by, history=(*coding.history, event)),
    )


def reopen_coding(
    session: PracticeSession, actor: Actor, visit_id: VisitId, *, reason: str, now: dt.datetime
) -> CodedVisit:
    """Open a signed visit's coding again for a correction; records `visit-reopened`.

    Claims already built keep what they stood on.
    """
    row, coding = _open_row(session, visit_id, CodingState.SIGNED)
    _check_reason(reason)
    row.state, row.signed_at = CodingState.OPEN.value, None
    event = CodingEvent(now, "reopened", _by(actor), reason)
    record_change(session, "visit-reopened", visit_id)
    return _store(
        session,
        row,
        replace(coding, signed_at=None, signed_by=None, history=(*coding.history, event)),
    )


def hold_coding(
    session: PracticeSession, actor: Actor, visit_id: VisitId, *, reason: str, now: dt.datetime
) -> CodedVisit:
    """Put a visit's coding aside with a reason; records `visit-held`."""
    row, coding = _open_row(session, visit_id, CodingState.OPEN)
    _check_reason(reason)
    row.state = CodingState.HELD.value
    event = CodingEvent(now, "held", _by(actor), reason)
    record_change(session, "visit-held", visit_id)
    return _store(
        session, row, replace(coding, hold_reason=reason, history=(*coding.history, event))
    )


def release_coding(
    session: PracticeSession, actor: Actor, visit_id: VisitId, *, now: dt.datetime
) -> CodedVisit:
    """Take a held visit's coding up again."""
    row, coding = _open_row(session, visit_id, CodingState.HELD)
    row.state = CodingState.OPEN.value
    event = CodingEvent(now, "released", _by(actor))
    return _store(session, row, replace(coding, hold_reason="", history=(*coding.history, event)))


def _check_reason(reason: str) -> None:
    if not reason.strip() or len(reason) > rules.NOTE_CHARACTERS_MAX:
        raise RefusedError(
            [Finding("reason-missing", "reason", "A reason is needed.", "Say why, in some words.")]
        )
