"""What becomes of claims when their visit is taken back, opened again, recoded or held."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from audit.service import reading
from claims import queries
from claims.jobs.visit_news import note_visit_news
from claims.service import batch_claims, count_by_state
from claims.service.batching import mark_sent
from claims.service.moving import move_claim
from claims.values import ClaimState, OwnerRole
from coding import service as coding
from config import clock
from config.changes import drain, record_change
from encounters import service as encounters
from encounters.models import VisitRow
from encounters.values import VisitState
from tests.factories.claims import AT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from claims.values import Claim, ClaimId
    from encounters.values import VisitId
    from tests.factories.claims import Office

S = ClaimState
KINDS = (
    "visit-changed",
    "visit-excused",
    "visit-held",
    "visit-line-held",
    "visit-reopened",
    "visit-signed",
    "visit-voided",
)


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with clock.frozen_at(AT):
        yield


def do_jobs(office: Office) -> None:
    handlers = {kind: [partial(note_visit_news, office.database)] for kind in KINDS}
    _, failed = drain(office.database, handlers)
    assert failed == 0


def get(office: Office, claim_id: ClaimId) -> Claim:
    with reading(office.database, office.actor, purpose="payment") as session:
        return queries.get_claims(session, [claim_id])[claim_id]


def events(office: Office, claim_id: ClaimId) -> list[str]:
    with reading(office.database, office.actor, purpose="payment") as session:
        return [event.kind for event in queries.list_events(session, claim_id)]


def news(office: Office, claim_id: ClaimId) -> list[str]:
    return [f.code for f in get(office, claim_id).details.findings if f.code.startswith("visit-")]


def send(office: Office, claim_id: ClaimId) -> None:
    office.scrub(claim_id)
    with office.writing() as session:
        batch_id = batch_claims(session, office.actor, office.partner_id, at=AT)
        assert batch_id is not None
        mark_sent(session, office.actor, batch_id, at=AT)


def void_visit(office: Office, visit_id: VisitId) -> None:
    """Let the EHR take a visit back."""
    with office.writing() as session:
        row = session.scalars(select(VisitRow).where(VisitRow.id == visit_id)).one()
        row.state = VisitState.VOIDED.value
        record_change(session, "visit-voided", visit_id)


def reopen(office: Office, visit_id: VisitId) -> None:
    with office.writing() as session:
        coding.reopen_coding(session, office.actor, visit_id, reason="correction", now=AT)


def sign(office: Office, visit_id: VisitId) -> None:
    with office.writing() as session:
        coding.sign_off(session, office.actor, visit_id, folder=office.codes, now=AT)


def test_claim_that_is_still_here_is_held_when_its_visit_is_taken_back(office: Office) -> None:
    visit_id = office.take_in()
    (claim_id,) = office.build(visit_id)
    office.scrub(claim_id)
    void_visit(office, visit_id)
    do_jobs(office)
    claim = get(office, claim_id)
    assert (claim.state, news(office, claim_id)) == (S.HELD, ["visit-voided"])
    assert events(office, claim_id)[-1] == "visit-voided"
    assert office.scrub(claim_id)[0].stops[0].code == "claim-visit-open"


def test_excused_visit_holds_its_claim_too(office: Office) -> None:
    visit_id = office.take_in()
    (claim_id,) = office.build(visit_id)
    with office.writing() as session:
        encounters.excuse_visit(session, visit_id, reason="courtesy")
    do_jobs(office)
    assert (get(office, claim_id).state, news(office, claim_id)) == (S.HELD, ["visit-voided"])


def test_sent_claim_of_a_voided_visit_keeps_its_state_and_is_the_billers_today(
    office: Office,
) -> None:
    visit_id = office.take_in()
    (claim_id,) = office.build(visit_id)
    send(office, claim_id)
    void_visit(office, visit_id)
    do_jobs(office)
    claim = get(office, claim_id)
    assert (claim.state, claim.owner_role, claim.next_on) == (S.SENT, OwnerRole.BILLER, AT.date())
    assert news(office, claim_id) == ["visit-voided"]
    with reading(office.database, office.actor, purpose="payment") as session:
        (counted,) = count_by_state(session, today=AT.date().replace(day=16))
    assert (counted.owner_role, counted.overdue) == (OwnerRole.BILLER, 1)


def test_settled_claim_of_a_voided_visit_comes_back_to_the_biller(office: Office) -> None:
    visit_id = office.take_in()
    (claim_id,) = office.build(visit_id)
    send(office, claim_id)
    with office.writing() as session:
        row = queries.get_claim_row(session, claim_id)
        move_claim(session, office.actor, row, S.SETTLED, kind="settled", at=AT)
    void_visit(office, visit_id)
    do_jobs(office)
    claim = get(office, claim_id)
    assert (claim.state, claim.owner_role, claim.next_on) == (
        S.SETTLED, OwnerRole.BILLER, AT.date(),
    )  # fmt: skip


@pytest.mark.parametrize("is_sent", [False, True], ids=["here", "sent"])
def test_the_same_news_twice_is_told_once(office: Office, is_sent: bool) -> None:  # noqa: FBT001  # of a table
    visit_id = office.take_in()
    (claim_id,) = office.build(visit_id)
    if is_sent:
        send(office, claim_id)
    void_visit(office, visit_id)
    do_jobs(office)
    before = (events(office, claim_id), get(office, claim_id))
    void_visit(office, visit_id)
    do_jobs(office)
    assert (events(office, claim_id), get(office, claim_id)) == before


def test_reopened_visit_marks_its_sent_claim_until_it_is_signed_as_it_was(office: Office) -> None:
    visit_id = office.take_in()
    (claim_id,) = office.build(visit_id)
    send(office, claim_id)
    due = get(office, claim_id).next_on
    reopen(office, visit_id)
    do_jobs(office)
    assert news(office, claim_id) == ["visit-recoded"]
    assert get(office, claim_id).owner_role is OwnerRole.BILLER
    sign(office, visit_id)
    do_jobs(office)
    claim = get(office, claim_id)
    assert news(office, claim_id) == []
    assert (claim.state, claim.owner_role, claim.next_on) == (
        S.SENT, OwnerRole.CLEARINGHOUSE, due,
    )  # fmt: skip
    assert events(office, claim_id)[-2:] == ["visit-recoded", "visit-stands"]


def test_line_taken_off_a_sent_claims_visit_stays_on_the_list(office: Office) -> None:
    visit_id = office.take_in(codes=("99213", "93000"))
    (claim_id,) = office.build(visit_id)
    send(office, claim_id)
    reopen(office, visit_id)
    with office.writing() as session:
        line = coding.get_coded_visits(session, [visit_id])[visit_id].lines[1]
        coding.remove_line(session, office.actor, visit_id, line.id, now=AT)
    sign(office, visit_id)
    do_jobs(office)
    claim = get(office, claim_id)
    assert news(office, claim_id) == ["visit-recoded"]
    assert (claim.state, claim.owner_role) == (S.SENT, OwnerRole.BILLER)


def test_hold_on_a_line_holds_the_claim_and_marks_one_that_was_sent(office: Office) -> None:
    visits = [office.take_in(codes=("99213", "93000")) for _ in range(2)]
    sent, here = office.build(*visits)
    send(office, sent)
    office.scrub(here)
    for visit_id in visits:
        with office.writing() as session:
            line = coding.get_coded_visits(session, [visit_id])[visit_id].lines[1]
            coding.hold_line(
                session, office.actor, visit_id, line.id, "paid-in-full-restriction", now=AT
            )
    do_jobs(office)
    assert [get(office, key).state for key in (sent, here)] == [S.SENT, S.HELD]
    assert [news(office, key) for key in (sent, here)] == [["visit-line-held"]] * 2


def test_news_of_a_visit_that_nobody_claimed_does_nothing(office: Office) -> None:
    visit_id = office.take_in()
    void_visit(office, visit_id)
    do_jobs(office)
    with reading(office.database, office.actor, purpose="payment") as session:
        assert count_by_state(session, today=AT.date()) == []


def test_unchanged_visit_leaves_its_claims_alone(office: Office) -> None:
    claim_id = office.bill()
    before = (events(office, claim_id), get(office, claim_id))
    do_jobs(office)
    assert (events(office, claim_id), get(office, claim_id)) == before
