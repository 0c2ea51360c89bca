"""Building, scrubbing, rebuilding: from a signed visit to a claim that may leave."""

from __future__ import annotations

import datetime as dt
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from audit.service import reading
from claims import queries
from claims.service import (
    Rebuilt,
    override_finding,
    rebuild_claims,
    resubmit_claim,
    show_claim,
)
from claims.service.batching import batch_claims
from claims.service.building import store_version
from claims.service.moving import move_claim
from claims.values import ClaimState, OwnerRole
from coding import service as coding
from coding.values import ChargeLineId, LineChoice
from config.finding import MissingError, RefusedError
from config.money import Money
from config.people import Identifier
from ledger import service as ledger
from patients import service as patients
from practice import service as practice
from practice.values import Enrolment, PayerKind
from tests.factories.claims import AT, SERVED_ON, Office
from tests.factories.patients import make_entry
from tests.factories.practice import make_payer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from claims.service import ShownClaim
    from claims.values import ClaimId
    from config.actor import Actor
    from config.tenancy import Database


def show(office: Office, claim_id: ClaimId) -> ShownClaim:
    with reading(office.database, office.actor, purpose="payment") as session:
        number = queries.get_claims(session, [claim_id])[claim_id].number
        return show_claim(session, number)


def move(office: Office, claim_id: ClaimId, *states: ClaimState) -> None:
    with office.writing() as session:
        row = queries.get_claim_row(session, claim_id, is_locked=True)
        for state in states:
            move_claim(session, office.actor, row, state, kind="moved", at=AT)


def give_member_id(office: Office, number: int, member_id: str) -> None:
    """The front desk corrects the card of the nth patient."""
    with office.writing() as session:
        found = patients.find_patient_by_identifier(session, Identifier("urn:test", f"MR-{number}"))
        assert found is not None
        (coverage,) = patients.get_coverages(session, [found.id])[found.id]
        patients.end_coverage(session, coverage.id, to_date=SERVED_ON)
        entry = make_entry(office.payer_id, member_id=member_id)
        patients.add_coverage(session, found.id, entry, today=AT.date())


def test_clean_claim_becomes_ready(office: Office) -> None:
    claim_id = office.bill()
    (result,) = office.scrub(claim_id)
    assert (result.state, result.findings) == (ClaimState.READY, ())
    shown = show(office, claim_id)
    assert shown.claim.state is ClaimState.READY
    assert [event.kind for event in shown.events] == ["built", "scrubbed"]


def test_faulty_claim_is_held_with_its_findings_and_an_owner(office: Office) -> None:
    claim_id = office.bill(person={"birth_date": None}, referring_npi="1003000126")
    (result,) = office.scrub(claim_id)
    assert result.state is ClaimState.HELD
    assert {f.code for f in result.stops} == {"birth-date-missing", "referring-unknown"}
    shown = show(office, claim_id)
    assert shown.claim.owner_role is OwnerRole.BILLER
    assert shown.claim.next_on is not None
    assert {f.code for f in shown.claim.details.findings} == {
        "birth-date-missing",
        "referring-unknown",
    }
    assert shown.events[-1].kind == "held"
    assert len(shown.events[-1].details.findings) == 2


def test_scrub_of_unchanged_held_claim_adds_nothing_to_its_timeline(office: Office) -> None:
    claim_id = office.bill(person={"birth_date": None})
    office.scrub(claim_id)
    office.scrub(claim_id)
    assert [event.kind for event in show(office, claim_id).events] == ["built", "held"]


def test_visit_of_a_day_without_a_release_is_held(office: Office) -> None:
    claim_id = office.bill()
    with office.writing() as session:
        row = queries.get_claim_row(session, claim_id)
        content = queries.get_contents(session, [claim_id])[claim_id]
        late = dt.date(2026, 11, 2)
        row.version += 1
        lines = tuple(replace(line, service_date=late) for line in content.lines)
        store_version(session, row, replace(content, lines=lines), at=AT)
    (result,) = office.scrub(claim_id, at=dt.datetime(2026, 11, 3, tzinfo=dt.UTC))
    assert [(f.code, f.where) for f in result.stops] == [("code-release-missing", "2300/HI")]


def test_what_the_engine_refuses_never_leaves_even_if_no_edit_speaks_of_it(office: Office) -> None:
    claim_id = office.bill()
    with office.writing() as session:
        row = queries.get_claim_row(session, claim_id)
        content = queries.get_contents(session, [claim_id])[claim_id]
        row.version += 1
        payer = replace(content.payer, claim_filing_code="ZQ")
        store_version(session, row, replace(content, payer=payer), at=AT)
    (result,) = office.scrub(claim_id)
    assert result.state is ClaimState.HELD
    assert [f.where for f in result.stops] == ["2000B/SBR09"]


def test_second_claim_for_the_same_service_is_held_until_a_note_says_why(office: Office) -> None:
    first = office.bill()
    again = office.take_in(identifier=Identifier("urn:test", "VN-again", "VN"))
    (second,) = office.build(again)
    with office.writing() as session:  # the same person came twice under two numbers
        one, other = (queries.get_claims(session, [key])[key].patient_id for key in (first, second))
        patients.merge_patient(session, one, other)
    results = {result.claim_id: result for result in office.scrub(first, second)}
    assert results[first].state is ClaimState.READY
    assert [f.code for f in results[second].stops] == ["claim-duplicate"]
    with office.writing() as session:
        override_finding(session, office.actor, second, "claim-duplicate", "two injuries", at=AT)
    (result,) = office.scrub(second)
    assert result.state is ClaimState.READY
    shown = show(office, second)
    assert shown.claim.details.overrides == {"claim-duplicate": "two injuries"}
    assert [e.kind for e in shown.events] == ["built", "held", "finding-overridden", "scrubbed"]


@pytest.mark.parametrize(
    ("code", "note", "refused"),
    [
        ("birth-date-missing", "please", "override-not-allowed"),
        ("claim-duplicate", "two injuries", "override-not-found"),
    ],
)
def test_only_a_warning_that_was_found_is_overridden(
    office: Office, code: str, note: str, refused: str
) -> None:
    claim_id = office.bill(person={"birth_date": None})
    office.scrub(claim_id)
    with pytest.raises(RefusedError) as error, office.writing() as session:
        override_finding(session, office.actor, claim_id, code, note, at=AT)
    assert [f.code for f in error.value.findings] == [refused]


def test_excludes1_waits_for_a_note_and_the_coder(office: Office) -> None:
    claim_id = office.bill(diagnoses=("E11.9", "E10.9"))
    (result,) = office.scrub(claim_id)
    assert [f.code for f in result.stops] == ["code-excludes1"]
    assert result.stops[0].where == "2300/HI01-2 and 2300/HI02-2"
    assert show(office, claim_id).claim.owner_role is OwnerRole.CODER
    with office.writing() as session:
        override_finding(session, office.actor, claim_id, "code-excludes1", "two kinds", at=AT)
    assert office.scrub(claim_id)[0].state is ClaimState.READY


def test_line_held_by_law_after_building_keeps_the_claim_here(office: Office) -> None:
    visit_id = office.take_in()
    (claim_id,) = office.build(visit_id)
    assert office.scrub(claim_id)[0].state is ClaimState.READY
    with office.writing() as session:
        (line,) = coding.get_coded_visits(session, [visit_id])[visit_id].lines
        coding.hold_line(
            session, office.actor, visit_id, line.id, "paid-in-full-restriction", now=AT
        )
    (result,) = office.scrub(claim_id)
    assert [f.code for f in result.stops] == ["line-legal-hold"]
    assert show(office, claim_id).claim.state is ClaimState.HELD


def test_line_held_by_law_is_taken_off_and_charged_to_the_guarantor(office: Office) -> None:
    visit_id = office.take_in(codes=("99213", "93000"))
    (claim_id,) = office.build(visit_id)
    before = show(office, claim_id)
    held = before.lines[0]
    with office.writing() as session:
        coding.hold_line(
            session,
            office.actor,
            visit_id,
            ChargeLineId(held.charge_line_id),
            "confidential",
            now=AT,
        )
    with office.writing() as session:
        rebuilt = rebuild_claims(session, office.actor, [claim_id], at=AT)
    assert rebuilt == Rebuilt((claim_id,), ())
    assert office.scrub(claim_id)[0].state is ClaimState.READY
    after = show(office, claim_id)
    assert [line.code for line in after.content.lines] == ["93000"]
    assert [line.number for line in after.content.lines] == [1]
    assert after.content.lines[0].control_number == before.lines[1].control_number
    assert after.claim.total == Money(4_500)
    assert [line.state for line in after.lines] == ["held", "open"]
    with reading(office.database, office.actor, purpose="payment") as session:
        ids = [line.charge_line_id for line in before.lines]
        first, second = (ledger.get_line_balances(session, ids)[key] for key in ids)
    assert (first.patient, sum(m.cents for m in first.insurance.values())) == (Money(15_000), 0)
    assert (second.patient, second.insurance[office.payer_id]) == (Money(0), Money(4_500))


def test_claim_whose_only_line_is_held_by_law_is_voided(office: Office) -> None:
    visit_id = office.take_in()
    (claim_id,) = office.build(visit_id)
    (held,) = show(office, claim_id).lines
    with office.writing() as session:
        coding.hold_line(
            session,
            office.actor,
            visit_id,
            ChargeLineId(held.charge_line_id),
            "confidential",
            now=AT,
        )
    with office.writing() as session:
        rebuild_claims(session, office.actor, [claim_id], at=AT)
    assert show(office, claim_id).claim.state is ClaimState.VOIDED
    assert office.scrub(claim_id) == []


def test_clinician_outside_their_enrolment_is_held(office: Office) -> None:
    with office.writing() as session:
        payer = make_payer(payer_code="NEW01", name="New Plan", partner_id=office.partner_id)
        payer_id = practice.save_payer(session, payer)
        span = Enrolment(office.provider_id, payer_id, AT.date(), None, is_participating=True)
        practice.save_enrolment(session, span)
    claim_id = office.bill(coverage={"payer_code": "NEW01"})
    (result,) = office.scrub(claim_id)
    assert [f.code for f in result.stops] == ["provider-not-enrolled"]


def test_laboratory_service_to_medicare_needs_a_clia_number(
    database: Database, actor: Actor, codes_folder: Path, tmp_path: Path
) -> None:
    office = Office(database, actor, codes_folder, tmp_path, payer_kind=PayerKind.MEDICARE)
    claim_id = office.bill(codes=("80053",), coverage={"member_id": "1EG4TE5MK73"})
    (result,) = office.scrub(claim_id)
    assert [f.code for f in result.stops] == ["clia-missing"]


def test_past_filing_limit_holds_a_claim_that_was_ready(office: Office) -> None:
    claim_id = office.bill()
    office.scrub(claim_id)
    (result,) = office.scrub(claim_id, at=AT + dt.timedelta(days=180))
    assert [f.code for f in result.stops] == ["filing-limit-past"]


def test_held_claim_goes_after_the_card_was_corrected(office: Office) -> None:
    claim_id = office.bill(coverage={"member_id": "OLD1"})
    move(office, claim_id, ClaimState.HELD)
    give_member_id(office, 1, "NEW1")
    with office.writing() as session:
        rebuilt = rebuild_claims(session, office.actor, [claim_id], at=AT)
    assert rebuilt.claims == (claim_id,)
    (result,) = office.scrub(claim_id)
    assert result.state is ClaimState.READY
    shown = show(office, claim_id)
    assert shown.content.member_id == "NEW1"
    assert shown.claim.version == 2
    words = next(e.details.words for e in shown.events if e.kind == "rebuilt")
    assert "2010BA/NM109" in words
    assert "NEW1" not in words


def test_rebuilding_what_did_not_change_makes_no_version(office: Office) -> None:
    claim_id = office.bill()
    with office.writing() as session:
        assert rebuild_claims(session, office.actor, [claim_id], at=AT).claims == ()
    assert show(office, claim_id).claim.version == 1


def test_rejected_claim_goes_again_with_its_number_and_frequency(office: Office) -> None:
    claim_id = office.bill(coverage={"member_id": "OLD1"})
    office.scrub(claim_id)
    with office.writing() as session:
        batch_claims(session, office.actor, office.partner_id, at=AT)
    move(office, claim_id, ClaimState.SENT, ClaimState.REJECTED_BY_PAYER)
    before = show(office, claim_id)
    give_member_id(office, 1, "NEW1")
    with office.writing() as session:
        resubmit_claim(session, office.actor, claim_id, at=AT)
    office.scrub(claim_id)
    with office.writing() as session:
        assert batch_claims(session, office.actor, office.partner_id, at=AT) is not None
        kept = queries.find_content(session, claim_id, 1)
    after = show(office, claim_id)
    assert after.claim.state is ClaimState.BATCHED
    assert after.claim.number == before.claim.number
    assert (after.content.frequency, after.content.payer_claim_number) == ("1", "")
    assert after.content.member_id == "NEW1"
    assert [line.control_number for line in after.lines] == [
        line.control_number for line in before.lines
    ]
    assert kept is not None
    assert kept.member_id == "OLD1"


def test_claim_that_was_not_rejected_is_not_resubmitted(office: Office) -> None:
    claim_id = office.bill()
    with pytest.raises(RefusedError) as error, office.writing() as session:
        resubmit_claim(session, office.actor, claim_id, at=AT)
    assert [f.code for f in error.value.findings] == ["claim-not-rejected"]


def test_claim_whose_visit_the_coder_reopened_waits(office: Office) -> None:
    visit_id = office.take_in()
    (claim_id,) = office.build(visit_id)
    with office.writing() as session:
        coding.reopen_coding(session, office.actor, visit_id, reason="wrong side", now=AT)
    with office.writing() as session:
        rebuilt = rebuild_claims(session, office.actor, [claim_id], at=AT)
    assert [f.code for f in rebuilt.findings] == ["visit-not-signed"]
    assert show(office, claim_id).claim.version == 1


def test_ready_claim_whose_visit_is_open_again_does_not_leave(office: Office) -> None:
    visit_id = office.take_in()
    (claim_id,) = office.build(visit_id)
    assert office.scrub(claim_id)[0].state is ClaimState.READY
    with office.writing() as session:
        coding.reopen_coding(session, office.actor, visit_id, reason="wrong side", now=AT)
    (result,) = office.scrub(claim_id)
    assert [f.code for f in result.stops] == ["claim-visit-open"]
    assert show(office, claim_id).claim.owner_role is OwnerRole.CODER
    with office.writing() as session:
        assert batch_claims(session, office.actor, office.partner_id, at=AT) is None
        coding.sign_off(session, office.actor, visit_id, folder=office.codes, now=AT)
    assert office.scrub(claim_id)[0].state is ClaimState.READY


def test_line_that_coding_added_later_is_not_lost_in_silence(office: Office) -> None:
    visit_id = office.take_in()
    (claim_id,) = office.build(visit_id)
    with office.writing() as session:
        coding.reopen_coding(session, office.actor, visit_id, reason="forgot", now=AT)
        coding.add_line(
            session, office.actor, visit_id, LineChoice("93000", (1,)), folder=office.codes
        )
        coding.sign_off(session, office.actor, visit_id, folder=office.codes, now=AT)
    (result,) = office.scrub(claim_id)
    assert [f.code for f in result.stops] == ["visit-lines-unclaimed"]


def test_other_practices_claim_is_not_there(office: Office, other_actor: Actor) -> None:
    claim_id = office.bill()
    number = show(office, claim_id).claim.number
    with (
        pytest.raises(MissingError),
        reading(office.database, other_actor, purpose="payment") as session,
    ):
        show_claim(session, number)


@contextmanager
def count_selects() -> Iterator[list[str]]:
    """Collect the SELECTs that run meanwhile."""
    seen: list[str] = []

    def note(*arguments: object) -> None:
        statement = str(arguments[2])
        if statement.startswith("SELECT"):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_sixty_claims_are_scrubbed_quickly_and_with_no_more_reads_than_one(office: Office) -> None:
    visits = [office.take_in(codes=("99213", "93000")) for _ in range(60)]
    claims = office.build(*visits)
    with count_selects() as few:
        office.scrub(claims[0])
    started = time.perf_counter()
    with count_selects() as many:
        results = office.scrub(*claims)
    assert time.perf_counter() - started < 3
    assert {result.state for result in results} == {ClaimState.READY}
    assert len(many) <= len(few) + 2
