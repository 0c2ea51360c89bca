"""A bill is sent when every payer is done, says why, and ties to the ledger."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from typing import TYPE_CHECKING

import pikepdf
import pytest

from audit.service import reading, writing
from claims.models import ClaimRow
from claims.values import ClaimDetails, ClaimState
from config.finding import MissingError, RefusedError
from config.ids import uuid7
from config.money import Money
from config.sealed import seal
from ledger import service as ledger
from ledger.values.accounts import Account
from patient_billing import service
from patient_billing.values.bills import DEFAULT_RULES, Skipped, StatementId
from patient_billing.values.payments import PatientPayment, Purpose, Tender
from patients.service import add_coverage
from patients.values import CoverageDetails, CoverageEntry
from tests.factories.patient_billing import Clinic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.actor import Actor
    from config.tenancy import Database
    from patient_billing.values.bills import StatementOutcome
    from patient_billing.values.statement import Statement
    from patients.values import GuarantorId, PatientId
    from tests.factories.patient_billing import BilledVisit

ANSWERED = dt.date(2026, 8, 30)
DAY = dt.date(2026, 9, 15)


@pytest.fixture
def clinic(database: Database, actor: Actor) -> Iterator[Clinic]:
    with writing(database, actor, purpose="payment") as session:
        yield Clinic(session, actor)


def bill(clinic: Clinic, guarantor_id: GuarantorId, on: dt.date = DAY) -> StatementOutcome:
    return service.make_statement(clinic.session, clinic.actor, guarantor_id, on=on)


def made(clinic: Clinic, guarantor_id: GuarantorId, on: dt.date = DAY) -> Statement:
    outcome = bill(clinic, guarantor_id, on)
    assert outcome.skipped is None
    assert outcome.statement is not None
    return service.get_statement(clinic.session, outcome.statement.id)


def someone(clinic: Clinic) -> tuple[GuarantorId, PatientId]:
    guarantor_id = clinic.add_guarantor()
    return guarantor_id, clinic.add_patient(guarantor_id)


def answered_visit(clinic: Clinic) -> tuple[GuarantorId, BilledVisit]:
    guarantor_id, patient_id = someone(clinic)
    visit = clinic.add_visit(guarantor_id, patient_id, 16_500, 4_000)
    clinic.answer(visit, (0, "CO-45 5230, PR-1 8000, PR-2 3270"), (1_500, "PR-3 2500"), on=ANSWERED)
    return guarantor_id, visit


def test_a_bill_says_for_each_line_what_was_paid_and_why_the_rest_is_owed(clinic: Clinic) -> None:
    guarantor_id, visit = answered_visit(clinic)
    statement = made(clinic, guarantor_id)
    [shown] = statement.visits
    assert (shown.visit_number, shown.date) == (visit.number, "2026-07-03")
    first, second = shown.lines
    assert (first.charge_cents, first.discount_cents, first.insurance_paid_cents) == (
        16_500,
        5_230,
        0,
    )
    assert first.you_owe_cents == 11_270
    assert [(r.kind, r.cents, r.payer_name) for r in first.reasons] == [
        ("deductible", 8_000, "Evergreen Health Plan"),
        ("coinsurance", 3_270, "Evergreen Health Plan"),
    ]
    assert [(r.kind, r.cents) for r in second.reasons] == [("copay", 2_500)]
    assert [(p.payer_name, p.date, p.cents) for p in shown.insurance_payments] == [
        ("Evergreen Health Plan", "2026-08-30", 1_500)
    ]
    assert statement.amount_due_cents == 13_770
    assert [(age.kind, age.cents) for age in statement.aging] == [("new", 13_770)]
    balances = ledger.get_guarantor_balances(clinic.session, [guarantor_id])
    assert balances[guarantor_id].patient_ar == Money(statement.amount_due_cents)
    assert statement.due_date == "2026-10-15"
    assert statement.guarantor_address_lines == (
        "4820 Old Mill Road",
        "Apt 12",
        "Springfield, MA 01103-1234",
    )


def test_the_pdf_is_what_was_stored_and_reads_in_the_guarantors_language(clinic: Clinic) -> None:
    guarantor_id = clinic.add_guarantor("Inés", language="es")
    patient_id = clinic.add_patient(guarantor_id, "Inés")
    visit = clinic.add_visit(guarantor_id, patient_id, 16_500)
    clinic.answer(visit, (0, "CO-45 5230, PR-1 11270"), on=ANSWERED)
    outcome = bill(clinic, guarantor_id)
    assert outcome.statement is not None
    pdf = service.read_statement_pdf(clinic.session, outcome.statement.id)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert str(opened.Root.Lang) == "es-US"
    statement = service.get_statement(clinic.session, outcome.statement.id)
    assert statement.visits[0].lines[0].description == "Consulta, paciente conocido"


def test_a_visit_that_its_payer_has_not_answered_waits_and_is_listed_apart(
    clinic: Clinic,
) -> None:
    guarantor_id, _ = answered_visit(clinic)
    [known] = service.list_guarantors_to_bill(clinic.session, on=DAY)
    assert known == guarantor_id
    patient_id = clinic.add_patient(guarantor_id, "Leo", born=dt.date(2015, 5, 5))
    clinic.add_visit(guarantor_id, patient_id, 19_000, served_on=dt.date(2026, 9, 10))
    statement = made(clinic, guarantor_id)
    assert len(statement.visits) == 1
    [pending] = statement.pending
    assert (pending.patient_name, pending.payer_name, pending.charge_cents) == (
        "Leo Castellanos",
        "Evergreen Health Plan",
        19_000,
    )
    assert statement.amount_due_cents == 13_770


def test_nothing_is_billed_while_the_next_payer_works(clinic: Clinic) -> None:
    guarantor_id, patient_id = someone(clinic)
    visit = clinic.add_visit(guarantor_id, patient_id, 10_000)
    clinic.answer(
        visit, (6_000, "CO-45 2000, PR-2 2000"), on=ANSWERED, next_payer_id=clinic.second_id
    )
    assert bill(clinic, guarantor_id).skipped is Skipped.WAITING
    clinic.answer(
        visit,
        (1_000, "OA-23 8000, PR-2 1000"),
        on=ANSWERED,
        payer_id=clinic.second_id,
        sequence=2,
    )
    statement = made(clinic, guarantor_id)
    assert statement.amount_due_cents == 1_000
    [shown] = statement.visits
    assert [(p.payer_name, p.cents) for p in shown.insurance_payments] == [
        ("Evergreen Health Plan", 6_000),
        ("Harbor Mutual", 1_000),
    ]
    assert [(r.kind, r.payer_name) for r in shown.lines[0].reasons] == [
        ("coinsurance", "Harbor Mutual")
    ]


def test_a_visit_with_a_denied_line_waits_whole(clinic: Clinic) -> None:
    guarantor_id, patient_id = someone(clinic)
    visit = clinic.add_visit(guarantor_id, patient_id, 10_000, 5_000)
    clinic.answer(visit, (8_000, "PR-1 2000"), (0, "CO-97 5000"), on=ANSWERED)
    assert bill(clinic, guarantor_id).skipped is Skipped.WAITING
    person = ledger.build_write_off(
        "write-off",
        DAY,
        account=Account.DENIAL,
        receivable=Account.INSURANCE_AR,
        lines=[(clinic.about(visit, 1), Money(5_000), "CO-97")],
    )
    ledger.post_all(clinic.session, clinic.actor, [person])
    statement = made(clinic, guarantor_id)
    assert statement.amount_due_cents == 2_000
    assert statement.visits[0].lines[1].you_owe_cents == 0


def test_a_claim_under_way_keeps_a_settled_visit_off_the_bill(clinic: Clinic) -> None:
    """A corrected claim is on its way: the share may change."""
    guarantor_id, visit = answered_visit(clinic)
    patient_id = visit.about.patient_id
    coverage = add_coverage(
        clinic.session,
        patient_id,  # type: ignore[arg-type]  # the ledger keeps plain keys
        CoverageEntry(clinic.payer_id, 1, CoverageDetails("M1")),
        today=DAY,
    )
    row = ClaimRow(
        id=uuid7(),
        number="C1",
        visit_id=visit.id,
        patient_id=patient_id,
        coverage_id=coverage.id,
        payer_id=clinic.payer_id,
        payer_sequence=1,
        state=ClaimState.SENT.value,
        owner_role="clearinghouse",
        total_cents=20_500,
        service_month=dt.date(2026, 7, 1),
        version=2,
        created_at=dt.datetime(2026, 9, 1, tzinfo=dt.UTC),
    )
    seal(clinic.session, row, ClaimDetails())
    clinic.session.add(row)
    clinic.session.flush()
    assert bill(clinic, guarantor_id).skipped is Skipped.WAITING
    row.state = ClaimState.SETTLED.value
    clinic.session.flush()
    assert made(clinic, guarantor_id).amount_due_cents == 13_770


def test_a_reversal_takes_the_share_back_until_the_correction(clinic: Clinic) -> None:
    guarantor_id, patient_id = someone(clinic)
    visit = clinic.add_visit(guarantor_id, patient_id, 10_000)
    key = clinic.answer(visit, (8_000, "PR-1 2000"), on=ANSWERED)
    posting = ledger.find_posting(clinic.session, key)
    assert posting is not None
    ledger.reverse_posting(
        clinic.session, clinic.actor, posting.id, key="undo", on=ANSWERED, remittance_id=uuid7()
    )
    assert bill(clinic, guarantor_id).skipped is Skipped.WAITING
    clinic.answer(visit, (7_000, "CO-45 500, PR-3 2500"), on=dt.date(2026, 9, 5))
    statement = made(clinic, guarantor_id)
    [line] = statement.visits[0].lines
    assert [(r.kind, r.cents) for r in line.reasons] == [("copay", 2_500)]
    assert (line.discount_cents, line.insurance_paid_cents) == (500, 7_000)
    assert [p.cents for p in statement.visits[0].insurance_payments] == [7_000]


def test_a_self_pay_visit_is_owed_at_once_and_says_so(clinic: Clinic) -> None:
    guarantor_id, patient_id = someone(clinic)
    clinic.add_visit(guarantor_id, patient_id, 12_000, has_insurance=False)
    statement = made(clinic, guarantor_id)
    assert statement.has_self_pay
    [reason] = statement.visits[0].lines[0].reasons
    assert (reason.kind, reason.payer_name) == ("self_pay", None)
    assert statement.visits[0].insurance_payments == ()
    assert [(age.kind, age.cents) for age in statement.aging] == [("days_61_90", 12_000)]


def test_what_a_person_turned_to_the_patient_is_called_not_covered(clinic: Clinic) -> None:
    guarantor_id, patient_id = someone(clinic)
    visit = clinic.add_visit(guarantor_id, patient_id, 10_000)
    clinic.answer(visit, (0, "PR-96 10000"), on=ANSWERED)
    assert bill(clinic, guarantor_id).skipped is Skipped.WAITING
    moved = ledger.build_move_to_patient(
        "person:1", DAY, [(clinic.about(visit, 0), Money(10_000), "PR-96")]
    )
    ledger.post_all(clinic.session, clinic.actor, [moved])
    [reason] = made(clinic, guarantor_id).visits[0].lines[0].reasons
    assert (reason.kind, reason.payer_name) == ("not_covered", "Evergreen Health Plan")


@pytest.mark.parametrize("hold", ["confidential", "part2-no-consent"])
def test_a_line_under_a_hold_never_reaches_somebody_elses_bill(clinic: Clinic, hold: str) -> None:
    guarantor_id, visit = answered_visit(clinic)
    daughter = clinic.add_patient(guarantor_id, "Lucía", born=dt.date(2009, 1, 1))
    hidden = clinic.add_visit(guarantor_id, daughter, 9_000, hold=hold)
    clinic.answer(hidden, (4_000, "PR-3 5000"), on=ANSWERED)
    clinic.add_visit(guarantor_id, daughter, 7_700, hold=hold)
    statement = made(clinic, guarantor_id)
    assert [shown.visit_number for shown in statement.visits] == [visit.number]
    assert statement.pending == ()
    assert "Lucía" not in repr(statement)


def test_a_held_line_of_ones_own_is_on_ones_own_bill(clinic: Clinic) -> None:
    guarantor_id, patient_id = someone(clinic)
    visit = clinic.add_visit(guarantor_id, patient_id, 9_000, hold="confidential")
    clinic.answer(visit, (4_000, "PR-3 5000"), on=ANSWERED)
    assert made(clinic, guarantor_id).amount_due_cents == 5_000


def pay(
    clinic: Clinic, guarantor_id: GuarantorId, cents: int, visit: BilledVisit | None = None
) -> PatientPayment:
    payment = PatientPayment(
        str(uuid7()),
        guarantor_id,
        Money(cents),
        Tender.CARD,
        Purpose.COPAY if visit else Purpose.BALANCE,
        dt.date(2026, 7, 3),
        visit.id if visit else None,
    )
    service.take_payment(clinic.session, clinic.actor, payment)
    return payment


def test_a_copay_from_the_desk_is_a_liability_until_its_visit_is_billed(clinic: Clinic) -> None:
    guarantor_id, visit = answered_visit(clinic)
    pay(clinic, guarantor_id, 2_500, visit)
    before = ledger.get_guarantor_balances(clinic.session, [guarantor_id])[guarantor_id]
    assert (before.patient_ar, before.unapplied) == (Money(13_770), Money(2_500))
    statement = made(clinic, guarantor_id)
    assert statement.amount_due_cents == 11_270
    [shown] = statement.payments
    assert (shown.kind, shown.cents, shown.date, shown.visit_number, shown.is_since_last) == (
        "card",
        2_500,
        "2026-07-03",
        visit.number,
        False,  # there was no statement before
    )
    after = ledger.get_guarantor_balances(clinic.session, [guarantor_id])[guarantor_id]
    assert (after.patient_ar, after.unapplied) == (Money(11_270), Money(0))


def test_a_visits_own_money_never_moves_to_another_visit(clinic: Clinic) -> None:
    guarantor_id, patient_id = someone(clinic)
    first = clinic.add_visit(guarantor_id, patient_id, 10_000)
    clinic.answer(first, (9_000, "PR-3 1000"), on=ANSWERED)
    second = clinic.add_visit(guarantor_id, patient_id, 10_000)
    clinic.answer(second, (4_000, "PR-1 6000"), on=ANSWERED)
    pay(clinic, guarantor_id, 3_000, first)
    statement = made(clinic, guarantor_id)
    assert [shown.visit_number for shown in statement.visits] == [second.number]
    assert statement.amount_due_cents == 6_000
    left = ledger.get_guarantor_balances(clinic.session, [guarantor_id])[guarantor_id]
    assert left.unapplied == Money(2_000)


def test_free_money_goes_to_the_oldest_visit_first_and_may_leave_nothing_to_bill(
    clinic: Clinic,
) -> None:
    guarantor_id, patient_id = someone(clinic)
    new = clinic.add_visit(guarantor_id, patient_id, 10_000, served_on=dt.date(2026, 8, 3))
    clinic.answer(new, (9_000, "PR-3 1000"), on=ANSWERED)
    old = clinic.add_visit(guarantor_id, patient_id, 10_000)
    clinic.answer(old, (4_000, "PR-1 6000"), on=ANSWERED)
    pay(clinic, guarantor_id, 6_200)
    statement = made(clinic, guarantor_id)
    assert [shown.visit_number for shown in statement.visits] == [new.number]
    assert statement.amount_due_cents == 800
    pay(clinic, guarantor_id, 900)
    later = DAY + dt.timedelta(days=30)
    assert bill(clinic, guarantor_id, later).skipped is Skipped.NOTHING_OWED
    left = ledger.get_guarantor_balances(clinic.session, [guarantor_id])[guarantor_id]
    assert (left.patient_ar, left.unapplied) == (Money(0), Money(100))


def test_a_payment_is_taken_once_for_its_key(clinic: Clinic) -> None:
    guarantor_id, _ = someone(clinic)
    payment = pay(clinic, guarantor_id, 2_500)
    service.take_payment(clinic.session, clinic.actor, payment)
    assert len(service.list_payments(clinic.session, guarantor_id)) == 1
    with pytest.raises(RefusedError, match="another payment"):
        service.take_payment(clinic.session, clinic.actor, replace(payment, amount=Money(1)))
    with pytest.raises(RefusedError, match="above nil"):
        service.take_payment(
            clinic.session, clinic.actor, replace(payment, key="x", amount=Money(0))
        )


def test_small_balances_and_missing_addresses_make_no_bill(clinic: Clinic) -> None:
    guarantor_id, patient_id = someone(clinic)
    visit = clinic.add_visit(guarantor_id, patient_id, 10_000)
    clinic.answer(visit, (9_501, "PR-3 499"), on=ANSWERED)
    assert bill(clinic, guarantor_id).skipped is Skipped.BELOW_MINIMUM
    nil = replace(DEFAULT_RULES, amount_min=Money(499))
    outcome = service.make_statement(clinic.session, clinic.actor, guarantor_id, on=DAY, rules=nil)
    assert outcome.statement is not None
    homeless = clinic.add_guarantor("Berta", address=None)
    patient_id = clinic.add_patient(homeless, "Berta")
    visit = clinic.add_visit(homeless, patient_id, 10_000)
    clinic.answer(visit, (0, "PR-1 10000"), on=ANSWERED)
    assert bill(clinic, homeless).skipped is Skipped.NO_ADDRESS


def test_a_cycle_makes_one_statement_then_a_reminder_then_a_final_notice(clinic: Clinic) -> None:
    guarantor_id, _ = answered_visit(clinic)
    notices = []
    for days in (0, 0, 29, 30, 59, 60, 90):
        outcome = bill(clinic, guarantor_id, DAY + dt.timedelta(days=days))
        notices.append(outcome.statement.notice if outcome.statement else outcome.skipped)
    assert notices == [
        "first",
        Skipped.RECENT,
        Skipped.RECENT,
        "reminder",
        Skipped.RECENT,
        "final",
        "final",
    ]
    statements = service.list_statements(clinic.session, guarantor_id=guarantor_id)
    assert len({record.number for record in statements}) == 4
    newest = service.get_statement(clinic.session, statements[-1].id)
    assert [age.kind for age in newest.aging] == ["days_over_90"]


def test_a_visit_that_two_guarantors_share_waits_for_a_person(clinic: Clinic) -> None:
    guarantor_id, patient_id = someone(clinic)
    other_id = clinic.add_guarantor("Rafael")
    visit = clinic.add_visit(guarantor_id, patient_id, 10_000)
    clinic.answer(visit, (0, "PR-1 6000, PR-96 4000"), on=ANSWERED)
    moved = ledger.build_move_to_patient(
        "person:1",
        ANSWERED,
        [(clinic.about(visit, 0, guarantor_id=other_id), Money(4_000), "PR-96")],
    )
    ledger.post_all(clinic.session, clinic.actor, [moved])
    assert bill(clinic, guarantor_id).skipped is Skipped.HELD
    assert bill(clinic, other_id).skipped is Skipped.HELD


def test_what_was_paid_too_much_after_a_correction_is_not_billed_elsewhere(
    clinic: Clinic,
) -> None:
    """The share of 20 was paid, then taken back: the visit owes us less than nil."""
    guarantor_id, patient_id = someone(clinic)
    visit = clinic.add_visit(guarantor_id, patient_id, 10_000)
    key = clinic.answer(visit, (8_000, "PR-1 2000"), on=ANSWERED)
    pay(clinic, guarantor_id, 2_000, visit)
    assert bill(clinic, guarantor_id).skipped is Skipped.NOTHING_OWED
    posting = ledger.find_posting(clinic.session, key)
    assert posting is not None
    ledger.reverse_posting(
        clinic.session, clinic.actor, posting.id, key="undo", on=DAY, remittance_id=uuid7()
    )
    clinic.answer(visit, (10_000, ""), on=DAY)
    assert bill(clinic, guarantor_id).skipped is Skipped.HELD
    balances = ledger.get_guarantor_balances(clinic.session, [guarantor_id])
    assert balances[guarantor_id].patient_ar == Money(-2_000)


def test_another_practice_reads_no_statement(
    database: Database, actor: Actor, other_actor: Actor
) -> None:
    with writing(database, actor, purpose="payment") as session:
        clinic = Clinic(session, actor)
        guarantor_id, _ = answered_visit(clinic)
        outcome = bill(clinic, guarantor_id)
    assert outcome.statement is not None
    with reading(database, other_actor, purpose="payment") as session:
        assert service.list_statements(session) == []
        with pytest.raises(MissingError):
            service.read_statement_pdf(session, outcome.statement.id)
        with pytest.raises(MissingError):
            service.get_statement(session, StatementId(uuid7()))
