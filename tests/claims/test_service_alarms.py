"""The filing alarm rings from 15 days before the deadline until the payer has taken the claim."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from audit.service import reading, writing
from claims import queries
from claims.rules.states import compute_next_on
from claims.service import count_filing_alarms, list_filing_alarms, void_claim
from claims.values import ClaimState
from tests.factories.claims import AT
from tests.factories.remittances import Billed, Check, Svc

if TYPE_CHECKING:
    from claims.service import FilingAlarm, FilingAlarms
    from claims.values import ClaimId
    from tests.factories.claims import Office
    from tests.factories.remittances import BilledClaim, Desk

TODAY = AT.date()
DAY = dt.timedelta(days=1)


def set_deadline(desk: Desk | Office, claim_id: ClaimId, day: dt.date | None) -> None:
    with writing(desk.database, desk.actor, purpose="payment") as session:
        queries.get_claim_row(session, claim_id).file_by = day


def alarms(desk: Desk, today: dt.date = TODAY) -> list[FilingAlarm]:
    with reading(desk.database, desk.actor, purpose="payment") as session:
        return list_filing_alarms(session, today)


def counted(desk: Desk, today: dt.date = TODAY) -> FilingAlarms:
    with reading(desk.database, desk.actor, purpose="payment") as session:
        return count_filing_alarms(session, today)


def bill_with_deadlines(desk: Desk, *days: dt.date | None) -> list[BilledClaim]:
    claims = desk.bill_all([(Billed(),)] * len(days))
    for claim, day in zip(claims, days, strict=True):
        set_deadline(desk, claim.id, day)
    return claims


def test_alarm_rings_from_15_days_before_the_deadline_and_after_it(desk: Desk) -> None:
    past, near, _far, _none = bill_with_deadlines(
        desk, TODAY - DAY, TODAY + 15 * DAY, TODAY + 16 * DAY, None
    )
    assert [each.number for each in alarms(desk)] == [past.number, near.number]
    assert (counted(desk).count, counted(desk).earliest) == (2, TODAY - DAY)
    assert counted(desk, TODAY + DAY).count == 3


def test_alarm_list_is_read_page_by_page(desk: Desk) -> None:
    claims = bill_with_deadlines(desk, *[TODAY + (n // 2) * DAY for n in range(5)])
    seen: list[str] = []
    after = None
    with reading(desk.database, desk.actor, purpose="payment") as session:
        while page := list_filing_alarms(session, TODAY, after=after, limit=2):
            seen += [each.number for each in page]
            after = page[-1].key
    assert seen == [claim.number for claim in claims]


@pytest.mark.parametrize(
    ("remarks", "is_alarmed"), [((), False), (("MA130",), True)], ids=["decided", "unprocessed"]
)
def test_payers_decision_ends_the_alarm_unless_it_took_the_claim_for_unprocessable(
    desk: Desk,
    remarks: tuple[str, ...],
    is_alarmed: bool,  # noqa: FBT001  # of a table
) -> None:
    (claim,) = bill_with_deadlines(desk, TODAY)
    desk.answer(Check((claim.clp(Svc("99213", 15_000, 0, "CO-16 15000"), remarks=remarks),)))
    assert bool(alarms(desk)) is is_alarmed
    assert (claim.details.first_accepted_at is None) is is_alarmed


def test_void_claim_rings_no_alarm(office: Office) -> None:
    claim_id = office.bill()
    set_deadline(office, claim_id, TODAY)
    with reading(office.database, office.actor, purpose="payment") as session:
        assert count_filing_alarms(session, TODAY).count == 1
    with office.writing() as session:
        void_claim(session, office.actor, claim_id, "mistake", at=AT)
    with reading(office.database, office.actor, purpose="payment") as session:
        assert count_filing_alarms(session, TODAY).count == 0


@pytest.mark.parametrize("state", [s for s in ClaimState if compute_next_on(s, today=TODAY)])
def test_claim_is_looked_at_before_its_deadline_comes_near(state: ClaimState) -> None:
    near, far = TODAY + 10 * DAY, TODAY + 300 * DAY
    assert compute_next_on(state, today=TODAY, file_by=near) == near - 15 * DAY
    assert compute_next_on(state, today=TODAY, file_by=far) == compute_next_on(state, today=TODAY)


def test_scrubbed_claim_near_its_deadline_is_due_at_once(office: Office) -> None:
    claim_id = office.bill()
    set_deadline(office, claim_id, TODAY + 14 * DAY)
    office.scrub(claim_id)
    with reading(office.database, office.actor, purpose="payment") as session:
        row = queries.get_claim_row(session, claim_id)
        assert (row.state, row.next_on) == (ClaimState.READY, TODAY - DAY)
