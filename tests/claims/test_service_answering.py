"""What TA1, 999 and 277CA do to claims: states move on, never back, each with its event."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

import edi
from audit.service import reading
from claims import queries
from claims.models import BatchRow
from claims.values import ClaimState, OwnerRole
from practice import service as practice
from simulator.service import scenario_contract
from simulator.values import Stage
from tests.factories.practice import make_partner
from tests.factories.remittances import AT, Billed, Check, Svc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edi.writer import SegmentData
    from tests.factories.remittances import BilledClaim, Desk

S = ClaimState
_TWO = [(Billed(),), (Billed(),)]


def _interchange(groups: Sequence[edi.NewGroup] = (), **changes: object) -> bytes:
    made = edi.NewInterchange(
        sender=("ZZ", "COASTAL"),
        receiver=("ZZ", "HARBORVIEW"),
        at=AT,
        control=77,
        is_test=True,
        groups=list(groups),
        **changes,  # type: ignore[arg-type]  # acknowledgements only
    )
    return edi.write(made)


def _group(kind: str, version: str, st: str, *segments: SegmentData) -> edi.NewGroup:
    transaction = edi.NewTransaction(st=st, control="0001", guide=version, segments=list(segments))
    return edi.NewGroup(
        functional_id=kind,
        sender="COASTAL",
        receiver="HARBORVIEW",
        at=AT,
        control=7,
        version=version,
        transactions=[transaction],
    )


def _ta1(control: str, code: str, note: str = "000") -> bytes:
    return _interchange(acknowledgements=[("TA1", control, "260915", "0900", code, note)])


def _999(group: str, code: str, *answers: SegmentData) -> bytes:
    group_answer = ("AK9", code, "1", "1", "1" if code == "A" else "0")
    guide = "005010X231A1"
    return _interchange(
        [_group("FA", guide, "999", ("AK1", "HC", group, "005010X222A1"), *answers, group_answer)]
    )


def _277ca(
    desk: Desk, role: str, *statuses: tuple[str, str, str, str], reference: str = ""
) -> bytes:
    """Write a 277CA: (claim number, category, status code, action) for each claim."""
    batch = (desk.home / "outbox").iterdir()
    reference = reference or _reference(max(batch).read_bytes())
    return _interchange([_group("HN", "005010X214", "277", *_statuses(reference, role, statuses))])


def _statuses(
    reference: str, role: str, statuses: Sequence[tuple[str, str, str, str]]
) -> list[SegmentData]:
    segments: list[SegmentData] = [
        ("BHT", "0085", "08", "R1", "20260915", "0900", "TH"),
        ("HL", "1", "", "20", "1"),
        ("NM1", role, "2", "SOMEBODY", "", "", "", "", "46", "99001"),
        ("TRN", "1", "TRACE1"),
        ("DTP", "050", "D8", "20260915"),
        ("DTP", "009", "D8", "20260915"),
        ("HL", "2", "1", "21", "1"),
        ("NM1", "41", "2", "HARBORVIEW", "", "", "", "", "46", "HV001"),
        ("TRN", "2", reference),
        ("STC", ("A1", "19"), "20260915", "WQ", "150"),
        ("HL", "3", "2", "19", "1"),
        ("NM1", "85", "2", "HARBORVIEW", "", "", "", "", "XX", "1234567893"),
    ]
    for place, (number, category, code, action) in enumerate(statuses, 4):
        segments += [
            ("HL", str(place), "3", "PT"),
            ("NM1", "QC", "1", "VANDERB", "MARIGOLD", "", "", "", "MI", "MBR00001"),
            ("TRN", "2", number),
            ("STC", (category, code), "20260915", action, "150"),
            ("REF", "1K", "PAYERNUMBER1"),
            ("DTP", "472", "D8", "20260914"),
        ]
    return segments


def _reference(content: bytes) -> str:
    return next(s[3] for s in edi.read(io.BytesIO(content)).segments() if s.id == "BHT")


def _receive(desk: Desk, content: bytes) -> list[str]:
    desk.drop(content)
    return [finding.code for finding in desk.receive().findings]


def _state(claim: BilledClaim) -> ClaimState:
    return claim.state


def test_refused_interchange_sends_its_claims_back(desk: Desk) -> None:
    claims = desk.bill_all(_TWO)
    assert _receive(desk, _ta1("000000001", "R", "006")) == []
    assert {c.state for c in claims} == {S.REJECTED_BY_CLEARINGHOUSE}
    assert claims[0].details.findings[0].code == "interchange-rejected"


def test_accepted_interchange_moves_nothing(desk: Desk) -> None:
    claim = desk.bill()
    assert _receive(desk, _ta1("000000001", "A")) == []
    assert _state(claim) is S.SENT


def test_accepted_group_is_received(desk: Desk) -> None:
    claim = desk.bill()
    assert _receive(desk, _999("1", "A")) == []
    assert _state(claim) is S.RECEIVED


def test_rejected_transaction_names_the_segment(desk: Desk) -> None:
    claims = desk.bill_all(_TWO)
    answers = (
        ("AK2", "837", "0001", "005010X222A1"),
        ("IK3", "CLM", "22", "2300", "8"),
        ("CTX", ("CLM01", claims[0].number)),
        ("IK4", ("2",), "782", "1"),
        ("IK5", "R", "5"),
    )
    assert _receive(desk, _999("1", "R", *answers)) == []
    assert {c.state for c in claims} == {S.REJECTED_BY_CLEARINGHOUSE}
    assert claims[0].details.findings[0].where == "2300/CLM"
    assert claims[1].details.findings[0].code == "transaction-rejected"


def test_rejected_claim_can_be_sent_again_and_its_old_answer_moves_nothing(desk: Desk) -> None:
    claim = desk.bill()
    rejection = _999("1", "R", ("AK2", "837", "0001", "005010X222A1"), ("IK5", "R", "5"))
    _receive(desk, rejection)
    desk.send([claim])
    again = rejection.replace(b"*000000077*", b"*000000078*").replace(
        b"IEA*1*000000077", b"IEA*1*000000078"
    )
    assert again != rejection
    assert _receive(desk, again) == []
    assert _state(claim) is S.SENT
    assert claim.events[-1] == "rejected-at-999"
    _receive(desk, _999("2", "A"))
    assert _state(claim) is S.RECEIVED


def test_acceptance_by_the_clearinghouse_is_not_the_payers(desk: Desk) -> None:
    claim = desk.bill()
    _receive(desk, _277ca(desk, "AY", (claim.number, "A2", "20", "WQ")))
    assert _state(claim) is S.ACCEPTED_BY_CLEARINGHOUSE
    assert claim.details.first_accepted_at is None
    _receive(desk, _277ca(desk, "PR", (claim.number, "A2", "20", "WQ")))
    assert _state(claim) is S.ACCEPTED_BY_PAYER
    assert claim.details.first_accepted_at == AT
    assert claim.details.payer_claim_number == "PAYERNUMBER1"


def test_late_and_repeated_answers_move_nothing_back(desk: Desk) -> None:
    claim = desk.bill()
    _receive(desk, _277ca(desk, "PR", (claim.number, "A2", "20", "WQ")))
    assert _receive(desk, _277ca(desk, "AY", (claim.number, "A2", "20", "WQ"))) == []
    assert _receive(desk, _999("1", "A")) == []
    assert _state(claim) is S.ACCEPTED_BY_PAYER
    desk.answer(Check((claim.clp(Svc("99213", 15_000, 9_200, "CO-45 5800")),)))
    late = _277ca(desk, "PR", (claim.number, "A7", "33", "U"))
    assert _receive(desk, late) == []
    assert _state(claim) is S.SETTLED
    assert claim.events[-1] == "rejected-by-payer"


def test_payer_may_reject_what_it_accepted(desk: Desk) -> None:
    claim = desk.bill()
    _receive(desk, _277ca(desk, "PR", (claim.number, "A2", "20", "WQ")))
    _receive(desk, _277ca(desk, "PR", (claim.number, "A3", "116", "U")))
    assert _state(claim) is S.REJECTED_BY_PAYER
    assert claim.details.findings[0].code == "claim-rejected"
    assert claim.details.first_accepted_at == AT


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (_ta1("000000099", "R", "006"), "answer-interchange-unknown"),
        (_999("99", "A"), "answer-group-unknown"),
    ],
)
def test_answer_to_what_was_never_sent_is_a_finding(desk: Desk, content: bytes, code: str) -> None:
    claim = desk.bill()
    assert _receive(desk, content) == [code]
    assert _state(claim) is S.SENT


def test_answer_about_a_claim_that_is_not_ours_is_a_finding(desk: Desk) -> None:
    claim = desk.bill()
    statuses = (("NOTOURS", "A2", "20", "WQ"), (claim.number, "A2", "20", "WQ"))
    assert _receive(desk, _277ca(desk, "PR", *statuses)) == ["answer-claim-unknown"]
    assert _state(claim) is S.ACCEPTED_BY_PAYER


_REJECTION = ("A3", "116", "U")


def test_rejection_of_an_earlier_file_moves_nothing_of_a_claim_that_was_sent_again(
    desk: Desk,
) -> None:
    claim = desk.bill()
    _receive(desk, _999("1", "A"))
    (first,) = (desk.home / "outbox").iterdir()
    old = _reference(first.read_bytes())
    _receive(desk, _277ca(desk, "PR", (claim.number, *_REJECTION)))
    desk.send([claim])
    late = _277ca(desk, "PR", (claim.number, "A7", "33", "U"), reference=old)
    assert _receive(desk, late) == []
    assert _state(claim) is S.SENT
    assert claim.events[-1] == "rejected-by-payer"
    assert _receive(desk, _277ca(desk, "PR", (claim.number, *_REJECTION))) == []
    assert _state(claim) is S.REJECTED_BY_PAYER


def test_rejection_that_may_mean_either_file_is_left_to_the_biller(desk: Desk) -> None:
    claim = desk.bill()
    _receive(desk, _999("1", "A"))
    foreign = _277ca(desk, "PR", (claim.number, *_REJECTION), reference="THEIRS1")
    assert _receive(desk, foreign) == []
    assert _state(claim) is S.REJECTED_BY_PAYER
    desk.send([claim])
    unclear = _277ca(desk, "PR", (claim.number, "A7", "33", "U"), reference="THEIRS2")
    assert _receive(desk, unclear) == ["answer-other-batch"]
    assert _state(claim) is S.SENT
    with reading(desk.database, desk.actor, purpose="payment") as session:
        row = queries.get_claim_row(session, claim.id)
        assert (row.owner_role, row.next_on) == (OwnerRole.BILLER, AT.date())
    assert claim.details.findings[0].code == "answer-other-batch"


def test_answer_of_another_batch_or_partner_moves_nothing(desk: Desk) -> None:
    first, second = desk.bill(), desk.bill()
    other = _277ca(desk, "PR", (first.number, *_REJECTION))  # names the second's batch
    assert _receive(desk, other) == ["answer-other-batch"]
    assert (_state(first), first.events[-1]) == (S.SENT, "sent")
    with desk.write() as session:
        folders = {name: str(desk.home / name) for name in ("outbox", "inbox")}
        stranger = practice.save_partner(session, make_partner(code="other", **folders))
        for batch in session.scalars(select(BatchRow)):
            batch.partner_id = stranger
    assert _receive(desk, _277ca(desk, "PR", (second.number, "A2", "20", "WQ"))) == [
        "answer-other-batch"
    ]
    assert (_state(second), second.events[-1]) == (S.SENT, "sent")
    assert second.details.first_accepted_at is None


def test_answer_that_overtakes_our_own_note_of_sending_counts(desk: Desk) -> None:
    (claim,) = desk.bill_all([(Billed(),)], is_sent=False)
    desk.batch([claim])
    assert _state(claim) is S.BATCHED
    _receive(desk, _999("1", "A"))
    assert _state(claim) is S.RECEIVED
    assert claim.events[-2:] == ["sent", "received-by-clearinghouse"]


def test_payers_rejection_is_mended_sent_again_and_accepted(desk: Desk) -> None:
    claims = desk.bill_all(_TWO)
    once = replace(scenario_contract("rejected-payer").payers[0].rules[0], is_once=True)
    contract = replace(
        scenario_contract("all-paid"),
        payers=tuple(
            replace(payer, rules=(once,)) for payer in scenario_contract("all-paid").payers
        ),
    )
    desk.simulate(Stage.ACKNOWLEDGE, contract)
    desk.receive()
    assert {c.state for c in claims} == {S.REJECTED_BY_PAYER}
    desk.send(claims)
    desk.simulate(Stage.ACKNOWLEDGE, contract)
    desk.receive()
    assert {c.state for c in claims} == {S.ACCEPTED_BY_PAYER}
