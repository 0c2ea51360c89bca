"""Every element of a claim's 837 has a source that somebody noted: none is guessed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from audit.service import reading
from claims import queries
from claims.pages import to_json, to_lines
from claims.rules.tracing import GUIDE, trace
from claims.service import batch_claims, resubmit_claim, show_claim, trace_claim
from claims.service.moving import move_claim
from claims.service.scrub_facts import write_alone
from claims.service.showing import trace_elements
from claims.values import ClaimState
from coding import service as coding
from coding.values import LineChoice
from config.people import Address, PersonName, Sex
from config.provenance import Source, SourceKind
from encounters.values import Accident, AccidentKind, IntakePerson
from patients.values import Relationship
from practice import service as practice
from tests.factories.claims import AT, COVERAGE_PATHS, SERVED_ON
from tests.factories.practice import make_location, make_practice, make_provider
from tests.factories.remittances import Billed, Check, Svc

if TYPE_CHECKING:
    from claims.service.showing import Provenance
    from claims.values import ClaimId
    from tests.factories.claims import Office
    from tests.factories.remittances import Desk

REFERRER = "1003000126"
PARENT = IntakePerson(
    PersonName("Vandersloot", "Barnaby"),
    paths={"name.family": "IN1-16.1", "name.given": "IN1-16.2"},
)


@pytest.fixture
def rich_claim(office: Office) -> ClaimId:
    """A child's claim with a referrer, another place, an accident, a drug and lab work."""
    with office.writing() as session:
        annex = Address("9 Quay Road", "", "Portland", "ME", "041019876")
        practice.save_location(
            session,
            make_location(address=annex, npi="1245319599", clia_number="20D0000001"),
        )
        practice.save_provider(session, make_provider(npi=REFERRER, family="Nakagawa"))
        box = Address("PO Box 4400", "", "Portland", "ME", "041011111")
        practice.save_practice(session, make_practice(session.own_practice_id, pay_to=box))
    visit_id = office.take_in(
        codes=("99213", "80053"),
        coverage={"relationship": Relationship.CHILD, "subscriber": PARENT},
        person={"sex": Sex.MALE},
        referring_npi=REFERRER,
        accident=Accident(AccidentKind.AUTO, SERVED_ON, "ME"),
        authorization_number="AUTH1",
        referral_number="REF1",
    )
    with office.writing() as session:
        coding.reopen_coding(session, office.actor, visit_id, reason="drug", now=AT)
        drug = LineChoice(
            "80053",
            (2, 1),
            modifiers=("91",),
            ndc="00409379501",
            ndc_units="1",
            ndc_unit_of_measure="ML",
        )
        coding.add_line(session, office.actor, visit_id, drug, folder=office.codes)
        coding.sign_off(session, office.actor, visit_id, folder=office.codes, now=AT)
    (claim_id,) = office.build(visit_id)
    return claim_id


def show(office: Office, claim_id: ClaimId) -> Provenance:
    with reading(office.database, office.actor, purpose="payment") as session:
        return trace_claim(session, claim_id, at=AT)


def test_no_element_is_left_to_guess(office: Office, rich_claim: ClaimId) -> None:
    (result,) = office.scrub(rich_claim)
    assert result.stops == ()
    with reading(office.database, office.actor, purpose="payment") as session:
        content = queries.get_contents(session, [rich_claim])[rich_claim]
    elements = trace_elements(write_alone(content, None, AT), content)
    assert len(elements) > 100
    unnoted = [
        each.element.place
        for each in elements
        if trace(each.element.loop, each.element.name, each.element.qualifier, content.sources)
        is None
    ]
    assert unnoted == []
    loops = {each.element.loop.partition("[")[0] for each in elements}
    assert loops == {
        "2000A", "2010AA", "2010AB", "2000B", "2010BA", "2010BB", "2000C", "2010CA", "2300",
        "2310A", "2310B", "2310C", "2400", "2410",
    }  # fmt: skip


def test_values_of_people_come_from_messages_and_only_constants_from_the_guide(
    office: Office, rich_claim: ClaimId
) -> None:
    found = {each.element.place: each for each in show(office, rich_claim).elements}
    for place, path in (
        ("2010BA/NM103", "IN1-16.1"),
        ("2010BA/NM104", "IN1-16.2"),
        ("2010BA/NM109", COVERAGE_PATHS["member_id"]),
        ("2000C/PAT01", COVERAGE_PATHS["relationship"]),
        ("2010CA/NM103", "PID-5.1"),
        ("2010CA/N403", "PID-11"),
        ("2010CA/DMG03", "PID-8"),
        ("2300/CLM11-4", "ACC-1"),
        ("2300/DTP*439/DTP03", "ACC-1"),
        ("2310A/NM109", "PV1-8.1"),
    ):
        assert (found[place].source.kind, found[place].source.path) == (SourceKind.MESSAGE, path)
    for each in found.values():
        if each.source.origin == GUIDE:
            assert len(each.element.value) <= 3, each.element.place


def test_provenance_is_of_the_bytes_that_were_sent_until_the_claim_is_rebuilt(
    office: Office,
) -> None:
    claim_id = office.bill()
    assert show(office, claim_id).file_name == ""
    office.scrub(claim_id)
    with office.writing() as session:
        batch_claims(session, office.actor, office.partner_id, at=AT)
    sent = show(office, claim_id)
    assert (sent.version, sent.file_name) == (1, "clearing-000000001.837")
    with office.writing() as session:
        row = queries.get_claim_row(session, claim_id)
        for state in (ClaimState.SENT, ClaimState.REJECTED_BY_PAYER):
            move_claim(session, office.actor, row, state, kind="moved", at=AT)
        resubmit_claim(session, office.actor, claim_id, at=AT)
    again = show(office, claim_id)
    assert (again.version, again.file_name) == (2, "")
    assert [e.element for e in again.elements] == [e.element for e in sent.elements]


TYPED = Source(SourceKind.PERSON, "tester", "SV1")


@pytest.mark.parametrize(
    ("loop", "element", "qualifier", "expected"),
    [
        ("2400[1]", "SV101-2", "", TYPED),
        ("2400[1]", "SV101-3", "", TYPED),
        ("2400[1]", "SV101-1", "", Source(SourceKind.RULE, GUIDE, "2400/SV101-1")),
        ("2300", "REF02", "G1", dataclasses.replace(TYPED, path="G1")),
        ("2300", "REF01", "G1", Source(SourceKind.RULE, GUIDE, "2300/REF01")),
        ("2300", "REF02", "9F", None),
        ("2400[2]", "SV101-2", "", None),
        ("2010AA", "REF01", "EI", TYPED),
        ("2300", "HI02-1", "", Source(SourceKind.RULE, GUIDE, "2300/HI02-1")),
    ],
)
def test_element_is_traced_to_its_own_note_or_the_guide(
    loop: str, element: str, qualifier: str, expected: Source | None
) -> None:
    sources = {
        "2400[1]/SV101": TYPED,
        "2300/REF*G1": dataclasses.replace(TYPED, path="G1"),
        "2010AA/REF01": TYPED,
    }
    assert trace(loop, element, qualifier, sources) == expected


def test_denied_line_says_why_and_what_stays_open(desk: Desk) -> None:
    claim = desk.bill(Billed("99213", 15_000), Billed("93000", 4_500))
    lines = (
        Svc("99213", 15_000, 9_200, "CO-45 5800", claim.control(0)),
        Svc("93000", 4_500, 0, "CO-50 4500", claim.control(1), remarks=("N115",)),
    )
    desk.answer(Check((claim.clp(*lines),)))
    with reading(desk.database, desk.actor, purpose="payment") as session:
        shown = show_claim(session, claim.number)
    assert [(d.reason, d.remarks, d.cents) for d in shown.denials] == [("CO-50", "N115", 4_500)]
    told = list(to_lines(shown, None))
    place = next(n for n, line in enumerate(told) if "93000" in line)
    assert told[place + 1].strip() == "unpaid CO-50 N115: $45.00 still open"
    (denial,) = to_json(shown, None)["denials"]
    assert (denial["line"], denial["reason"], denial["remarks"]) == (2, "CO-50", ["N115"])
