"""Making statements: who is billed now, for what; the PDF; the record of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from audit.service import note
from config.blobs import store_blob
from config.changes import record_change
from config.counters import next_number
from config.ids import readable_number, uuid7
from config.sealed import seal
from gateways.pdf.service import render
from patient_billing.models import StatementRow, StatementVisitRow
from patient_billing.queries import (
    count_statements_of_visits,
    find_last_statement,
    list_payments,
    to_record,
)
from patient_billing.rules.bills import choose_notice, compute_open, is_billable, is_done
from patient_billing.service.contents import (
    Contents,
    by_key,
    compose_statement,
    list_payer_ids,
)
from patient_billing.service.gathering import gather_visits, list_owing_guarantors
from patient_billing.service.payments import apply_unapplied
from patient_billing.values.bills import DEFAULT_RULES, Skipped, StatementOutcome
from patients.service import get_guarantors
from patients.values import GuarantorId
from practice.service import get_payers, get_practice

if TYPE_CHECKING:
    from config.actor import Actor
    from config.tenancy import PracticeSession
    from gateways.pdf.values import Language
    from patient_billing.values.bills import BillingRules, StatementRecord, VisitForBill
    from patient_billing.values.statement import Statement
    from patients.values import Guarantor

_TEMPLATE: Final = Path(__file__).parents[1] / "templates" / "statement.typ"


def list_guarantors_to_bill(session: PracticeSession, *, on: dt.date) -> list[GuarantorId]:
    """Return everybody who owes something, by account number.

    Who of them is billed now is decided one by one (`make_statement`).
    """
    keys = [GuarantorId(key) for key in list_owing_guarantors(session, on=on)]
    known = get_guarantors(session, keys)
    return sorted(known, key=lambda key: known[key].account_number)


def make_statement(
    session: PracticeSession,
    actor: Actor,
    guarantor_id: GuarantorId,
    *,
    on: dt.date,
    rules: BillingRules = DEFAULT_RULES,
) -> StatementOutcome:
    """Make a guarantor's statement if one is due; unapplied money is put to what they owe first.

    Args:
        session: A writing session, for this guarantor alone.
        actor: Who does it.
        guarantor_id: Who is billed.
        on: The statement's day.
        rules: The practice's own numbers.

    Raises:
        MissingError: There is no such guarantor.
        gateways.pdf.values.PdfError: The PDF can't be made; nothing is kept.

    Source:
        House: DESIGN 7.6, 7.7; R54, R55, R57.
    """
    guarantor = get_guarantors(session, [guarantor_id])[guarantor_id]
    last = find_last_statement(session, guarantor_id)
    if last is not None and on < last.statement_on + dt.timedelta(days=rules.cycle_days):
        return StatementOutcome(None, Skipped.RECENT)
    visits = gather_visits(session, guarantor, on=on)
    billable = [visit for visit in visits if is_billable(visit, guarantor_id)]
    if apply_unapplied(session, actor, guarantor_id, billable, on=on):
        visits = gather_visits(session, guarantor, on=on)
        billable = [visit for visit in visits if is_billable(visit, guarantor_id)]
    billed = [visit for visit in billable if compute_open(visit) > 0]
    if (skipped := _find_obstacle(guarantor, visits, billed, rules)) is not None:
        return StatementOutcome(None, skipped)
    contents = _gather_contents(session, guarantor, (visits, billed), on=on, rules=rules)
    contents = replace(contents, last_on=last.statement_on if last else None)
    return StatementOutcome(_store(session, contents), None)


def _find_obstacle(
    guarantor: Guarantor,
    visits: list[VisitForBill],
    billed: list[VisitForBill],
    rules: BillingRules,
) -> Skipped | None:
    if not billed:
        return _name_wait(guarantor, visits)
    if sum(compute_open(visit) for visit in billed) < rules.amount_min.cents:
        return Skipped.BELOW_MINIMUM
    return Skipped.NO_ADDRESS if guarantor.details.address is None else None


def _name_wait(guarantor: Guarantor, visits: list[VisitForBill]) -> Skipped:
    if any(not is_done(visit) for visit in visits):
        return Skipped.WAITING
    is_held = any(compute_open(visit) and not is_billable(visit, guarantor.id) for visit in visits)
    return Skipped.HELD if is_held else Skipped.NOTHING_OWED


def _gather_contents(
    session: PracticeSession,
    guarantor: Guarantor,
    parts: tuple[list[VisitForBill], list[VisitForBill]],
    *,
    on: dt.date,
    rules: BillingRules,
) -> Contents:
    visits, billed = parts
    sent = count_statements_of_visits(session, [visit.visit_id for visit in billed])
    return Contents(
        number=readable_number("S", next_number(session, "statement")),
        on=on,
        due_on=on + dt.timedelta(days=rules.due_days),
        notice=choose_notice([visit.visit_id for visit in billed], sent),
        guarantor=guarantor,
        practice=get_practice(session),
        billed=tuple(billed),
        pending=tuple(visit for visit in visits if not is_done(visit)),
        payers=get_payers(session, list_payer_ids(visits)),
        payments=dict(by_key(list_payments(session, guarantor.id))),
        last_on=None,
    )


def _store(session: PracticeSession, contents: Contents) -> StatementRecord:
    statement = compose_statement(contents)
    language: Language = "es" if contents.guarantor.details.language == "es" else "en"
    pdf = render(_TEMPLATE, asdict(statement), lang=language, date=contents.on)
    row = StatementRow(
        id=uuid7(),
        number=statement.statement_number,
        guarantor_id=contents.guarantor.id,
        cents=statement.amount_due_cents,
        state="made",
        notice=statement.notice,
        statement_on=contents.on,
        due_on=contents.due_on,
        blob_id=store_blob(session, "statement", pdf),
    )
    seal(session, row, _without_logo(statement))
    session.add(row)
    session.flush()
    for visit in contents.billed:
        session.add(
            StatementVisitRow(
                statement_id=row.id, visit_id=visit.visit_id, cents=compute_open(visit)
            )
        )
    session.flush()
    record_change(session, "statement-made", row.id)
    note(session, "statement.made", statement=row.id, guarantor=contents.guarantor.id)
    return to_record(row)


def _without_logo(statement: Statement) -> Statement:
    """Drop the logo: it lies in the PDF, and with the practice."""
    return replace(statement, practice=replace(statement.practice, logo=None))
