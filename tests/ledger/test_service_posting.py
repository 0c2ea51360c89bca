"""The book takes each event once, whole, and never lets it be changed."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from audit.service import reading, writing
from config.db import retrying
from config.finding import MissingError, RefusedError
from config.ids import uuid7
from config.money import Money
from ledger import service
from ledger.values.accounts import Account
from ledger.values.postings import (
    About,
    Draft,
    EntryFilter,
    EntryKind,
    Posting,
    PostingKind,
)

if TYPE_CHECKING:
    from config.actor import Actor
    from config.ids import PracticeId
    from config.tenancy import Database
    from ledger.values.postings import (
        PostingId,
    )

DAY = dt.date(2026, 9, 15)
PAYER = UUID(int=1)
OTHER_PAYER = UUID(int=2)
LINE = About(
    visit_id=UUID(int=10),
    charge_line_id=UUID(int=11),
    payer_id=PAYER,
    guarantor_id=UUID(int=12),
    provider_id=UUID(int=13),
    remittance_id=UUID(int=14),
)


def charge(key: str = "charge:1", cents: int = 12_000, on: dt.date = DAY) -> Posting:
    posting = service.build_charge(key, on, [(LINE, Money(cents))])
    assert posting is not None
    return posting


def codes(error: pytest.ExceptionInfo[RefusedError]) -> list[str]:
    return [finding.code for finding in error.value.findings]


def test_the_same_event_posts_once(database: Database, actor: Actor) -> None:
    with writing(database, actor, purpose="payment") as session:
        first = service.post(session, actor, charge())
    with writing(database, actor, purpose="payment") as session:
        again = service.post(session, actor, charge(on=DAY + dt.timedelta(days=1)))
    with reading(database, actor, purpose="payment") as session:
        assert first == again
        assert service.get_totals(session).billed == Money(12_000)


def test_a_key_used_for_another_event_is_refused(database: Database, actor: Actor) -> None:
    with writing(database, actor, purpose="payment") as session:
        service.post(session, actor, charge())
    with (
        pytest.raises(RefusedError) as error,
        writing(database, actor, purpose="payment") as session,
    ):
        service.post(session, actor, charge(cents=1))
    assert codes(error) == ["posting-key-reused"]


def test_two_at_once_post_once(database: Database, actor: Actor) -> None:
    ids: list[PostingId] = []
    gate = threading.Barrier(4)

    def post_it() -> None:
        gate.wait()

        def work() -> PostingId:
            with writing(database, actor, purpose="payment") as session:
                return service.post(session, actor, charge())

        ids.append(retrying(work))

    threads = [threading.Thread(target=post_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(database, actor, purpose="payment") as session:
        assert len(ids) == 4
        assert len(set(ids)) == 1
        assert service.get_totals(session).billed == Money(12_000)


def test_two_reversals_at_once_take_back_once(database: Database, actor: Actor) -> None:
    with writing(database, actor, purpose="payment") as session:
        posting_id = service.post(session, actor, charge())
    outcomes: list[str] = []
    gate = threading.Barrier(2)

    def reverse_it(key: str) -> None:
        gate.wait()

        def work() -> None:
            with writing(database, actor, purpose="payment") as session:
                service.reverse_posting(session, actor, posting_id, key=key, on=DAY)

        try:
            retrying(work)
            outcomes.append("done")
        except RefusedError as error:
            outcomes.append(error.findings[0].code)

    threads = [threading.Thread(target=reverse_it, args=(key,)) for key in ("undo:a", "undo:b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(database, actor, purpose="payment") as session:
        assert sorted(outcomes) == ["done", "nothing-to-reverse"]
        assert service.get_trial_balance(session).rows == ()


def test_reversal_takes_back_and_a_reinstated_posting_can_be_taken_back_again(
    database: Database, actor: Actor
) -> None:
    with writing(database, actor, purpose="payment") as session:
        original = service.post(session, actor, charge())
        service.reverse_posting(session, actor, original, key="undo:1", on=DAY)
        assert service.get_trial_balance(session).rows == ()
        assert not service.get_posting(session, original).is_standing
        with pytest.raises(RefusedError) as error:
            service.reverse_posting(session, actor, original, key="undo:2", on=DAY)
        assert codes(error) == ["nothing-to-reverse"]
        taken = service.find_posting(session, "undo:1")
        assert taken is not None
        service.reverse_posting(session, actor, taken.id, key="redo:1", on=DAY)
        assert service.get_posting(session, original).is_standing
        assert service.get_totals(session).billed == Money(12_000)
        service.reverse_posting(session, actor, original, key="undo:3", on=DAY)
        assert service.get_trial_balance(session).rows == ()


def test_a_takeback_comes_out_of_the_remittance_that_brings_it(
    database: Database, actor: Actor
) -> None:
    paid = Draft(
        Account.REMITTANCE_CLEARING,
        Account.INSURANCE_AR,
        Money(8_000),
        EntryKind.PAYMENT,
        LINE,
    )
    posting = Posting("era:1", PostingKind.CLAIM_PAYMENT, DAY, (paid,))
    later = UUID(int=99)
    with writing(database, actor, purpose="payment") as session:
        posting_id = service.post(session, actor, posting)
        service.reverse_posting(
            session, actor, posting_id, key="era:2", on=DAY, remittance_id=later
        )
        assert LINE.remittance_id is not None
        rows = {row.remittance_id: row for row in service.list_clearing(session)}
    assert rows[LINE.remittance_id].posted == Money(8_000)
    assert rows[later].posted == Money(-8_000)


@pytest.mark.parametrize("verb", ["UPDATE entry SET cents = 1", "DELETE FROM entry"])
def test_the_database_refuses_to_change_an_entry(
    database: Database, actor: Actor, verb: str
) -> None:
    with writing(database, actor, purpose="payment") as session:
        service.post(session, actor, charge())
    sees_rows = text("SELECT set_config('cleanclaim.practice_id', :id, true)")
    with database.engine.connect() as connection:
        if database.engine.dialect.name == "postgresql":
            connection.execute(sees_rows, {"id": str(actor.practice_id)})
        # Either the trigger or, on PostgreSQL, the missing right stops it.
        with pytest.raises(DBAPIError):
            connection.execute(text(verb))


@pytest.mark.parametrize("cents", [0, -1, 100_000_000_000, float("nan"), 1.0, True, "1"])
def test_an_amount_that_is_no_count_of_cents_is_refused(
    database: Database, actor: Actor, cents: object
) -> None:
    bad = replace(charge().drafts[0], amount=Money(cents))  # type: ignore[arg-type]  # the point
    with writing(database, actor, purpose="payment") as session:
        with pytest.raises(RefusedError) as error:
            service.post(session, actor, replace(charge(), drafts=(bad,)))
        assert codes(error) == ["entry-amount"]


def test_the_largest_amount_is_kept_to_the_cent(database: Database, actor: Actor) -> None:
    with writing(database, actor, purpose="payment") as session:
        service.post(session, actor, charge(cents=99_999_999_999))
        service.post(session, actor, charge("charge:2", cents=99_999_999_999))
        assert service.get_totals(session).billed == Money(199_999_999_998)


def test_a_closed_month_takes_no_entry_and_no_reversal(database: Database, actor: Actor) -> None:
    with writing(database, actor, purpose="payment") as session:
        posting_id = service.post(session, actor, charge())
        service.close_month(session, actor, DAY)
        service.close_month(session, actor, dt.date(2026, 8, 1))
        assert service.get_closed_through(session) == dt.date(2026, 9, 1)
        with pytest.raises(RefusedError) as error:
            service.post(session, actor, charge("charge:2", on=dt.date(2026, 9, 30)))
        assert codes(error) == ["month-closed"]
        with pytest.raises(RefusedError) as error:
            service.reverse_posting(session, actor, posting_id, key="undo", on=DAY)
        assert codes(error) == ["month-closed"]
        # What is there already is only confirmed, and the correction goes into an open month.
        assert service.post(session, actor, charge()) == posting_id
        october = dt.date(2026, 10, 1)
        service.reverse_posting(session, actor, posting_id, key="undo", on=october)
        assert service.get_totals(session, on=DAY).billed == Money(12_000)
        assert service.get_totals(session, on=october).billed == Money(0)


def test_a_payment_without_its_line_or_provider_is_refused(
    database: Database, actor: Actor
) -> None:
    bare = About(visit_id=LINE.visit_id, payer_id=PAYER, remittance_id=LINE.remittance_id)
    paid = Draft(
        Account.REMITTANCE_CLEARING, Account.INSURANCE_AR, Money(1), EntryKind.PAYMENT, bare
    )
    with writing(database, actor, purpose="payment") as session:
        with pytest.raises(RefusedError) as error:
            service.post(session, actor, Posting("k", PostingKind.CLAIM_PAYMENT, DAY, (paid,)))
        assert "charge_line_id, provider_id" in error.value.findings[0].message


def test_half_a_transfer_between_payers_is_refused(database: Database, actor: Actor) -> None:
    half = Draft(
        Account.TRANSFER, Account.INSURANCE_AR, Money(500), EntryKind.TO_NEXT_PAYER, LINE, "PR-2"
    )
    with writing(database, actor, purpose="payment") as session:
        with pytest.raises(RefusedError) as error:
            service.post(session, actor, Posting("k", PostingKind.CLAIM_PAYMENT, DAY, (half,)))
        assert codes(error) == ["transfer-open"]


def test_another_practice_sees_no_entry_and_reverses_none(
    database: Database, actor: Actor, other_actor: Actor, other_practice_id: PracticeId
) -> None:
    with writing(database, actor, purpose="payment") as session:
        posting_id = service.post(session, actor, charge())
    with writing(database, other_actor, purpose="payment") as session:
        assert session.own_practice_id == other_practice_id
        assert service.get_trial_balance(session).rows == ()
        with pytest.raises(MissingError):
            service.get_posting(session, posting_id)
        with pytest.raises(MissingError):
            service.reverse_posting(session, other_actor, posting_id, key="x", on=DAY)
        assert service.post(session, other_actor, charge()) != posting_id


def test_entries_come_in_pages_in_the_order_in_which_they_were_posted(
    database: Database, actor: Actor
) -> None:
    with writing(database, actor, purpose="payment") as session:
        for number in range(1, 8):
            about = replace(LINE, charge_line_id=uuid7())
            posting = service.build_charge(
                f"charge:{number}", DAY, [(about, Money(number)), (about, Money(number + 100))]
            )
            service.post_all(session, actor, [posting, None])
        chosen = EntryFilter(account=Account.CHARGES, visit_id=LINE.visit_id, on=DAY)
        cents, after = [], None
        while True:
            page = service.list_entries(session, chosen, after=after, limit=5)
            cents += [entry.amount.cents for entry in page.entries]
            assert len(page.entries) <= 5
            if (after := page.next_after) is None:
                break
        nothing = service.list_entries(session, EntryFilter(payer_id=OTHER_PAYER))
    assert sorted(cents) == sorted([*range(1, 8), *range(101, 108)])
    assert all(cents.index(n) < cents.index(n + 100) for n in range(1, 8))
    assert nothing.entries == ()


def test_a_control_number_has_one_opaque_key_in_a_practice(
    database: Database, actor: Actor, other_actor: Actor
) -> None:
    with reading(database, actor, purpose="payment") as session:
        key = service.control_key(session, PAYER, "FCN 123")
        assert key == service.control_key(session, PAYER, "FCN 123")
        assert key != service.control_key(session, OTHER_PAYER, "FCN 123")
    with reading(database, other_actor, purpose="payment") as session:
        assert key != service.control_key(session, PAYER, "FCN 123")
