"""Charge lines of a visit: add with its price, remove, point, hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from coding import queries
from coding.code_sets import find_code, missing_release
from coding.rules import visits as rules
from coding.rules.codes import find_system, to_plain
from coding.service.rows import (
    by,
    find_line,
    get_visit,
    open_row,
    store,
    with_line,
)
from coding.values import (
    ChargeLineId,
    CodedLine,
    CodeSystem,
    CodingEvent,
    CodingState,
)
from config.changes import record_change
from config.finding import Finding, RefusedError, has_errors
from config.ids import uuid7
from config.money import Money
from practice import service as practice

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from coding.values import (
        CodedVisit,
        LineChoice,
        VisitCoding,
    )
    from config.actor import Actor
    from config.tenancy import PracticeSession
    from encounters.values import VisitId


def add_line(
    session: PracticeSession,
    actor: Actor,
    visit_id: VisitId,
    choice: LineChoice,
    *,
    folder: Path,
) -> ChargeLineId:
    """Add a charge line; the charge master's price on its day, times units, is the charge.

    Raises:
        RefusedError: The code is not in force, it has no price on that day (`charge-missing`),
            or modifiers, units or pointers are wrong; nothing is stored.
    """
    row, coding = open_row(session, visit_id, CodingState.OPEN)
    line = _make_line(session, actor, visit_id, coding, choice, folder)
    store(session, row, replace(coding, lines=(*coding.lines, line)))
    return line.id


def _make_line(  # what a line is made from
    session: PracticeSession,
    actor: Actor,
    visit_id: VisitId,
    coding: VisitCoding,
    choice: LineChoice,
    folder: Path,
) -> CodedLine:
    on = choice.service_date or get_visit(session, visit_id).details.service_date
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
        source=choice.source or by(actor),
        service_to=choice.service_to,
        place_of_service=choice.place_of_service,
        provider_id=choice.provider_id,
        ndc=choice.ndc,
        ndc_units=choice.ndc_units,
        ndc_unit_of_measure=choice.ndc_unit_of_measure,
        wording=price.wording if price else "",
        wording_es=price.wording_es if price else "",
        sources=choice.sources,
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
    row, coding = open_row(session, visit_id, CodingState.OPEN)
    find_line(coding, line_id)
    kept = [line for line in coding.lines if line.id != line_id]
    lines = tuple(replace(line, number=number) for number, line in enumerate(kept, start=1))
    event = CodingEvent(now, "line-removed", by(actor), str(line_id))
    return store(session, row, replace(coding, lines=lines, history=(*coding.history, event)))


def set_pointers(
    session: PracticeSession, visit_id: VisitId, line_id: ChargeLineId, pointers: tuple[int, ...]
) -> CodedVisit:
    """Point a line at other diagnoses.

    Raises:
        RefusedError: Not 1 to 4 of them, one twice, or one that names no diagnosis.
    """
    row, coding = open_row(session, visit_id, CodingState.OPEN)
    line = find_line(coding, line_id)
    findings = rules.check_pointers(pointers, len(coding.diagnoses), f"line {line.number}")
    if findings:
        raise RefusedError(findings)
    return store(session, row, with_line(coding, replace(line, pointers=pointers)))


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
    row, coding = open_row(session, visit_id)
    line = find_line(coding, line_id)
    if hold not in rules.LINE_HOLDS:
        names = ", ".join(name for name in rules.LINE_HOLDS if name)
        raise RefusedError(
            [
                Finding(
                    "line-hold-unknown", f"line {line.number}", "No such hold.", f"One of {names}."
                )
            ]
        )
    event = CodingEvent(now, "line-held" if hold else "line-released", by(actor), hold)
    changed = replace(with_line(coding, replace(line, hold=hold)), history=(*coding.history, event))
    if row.state == CodingState.SIGNED:
        record_change(session, "visit-line-held", visit_id)
    return store(session, row, changed)
