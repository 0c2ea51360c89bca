"""Answers to received files: TA1, 999, 277CA; each read back and judged by pyx12."""

from __future__ import annotations

import datetime as dt
from io import BytesIO

import pytest

import edi
from tests.factories.oracles import find_pyx12_errors
from tests.factories.submissions import Batch, Claim, Line, make_837p
from tests.factories.x12 import make_file

AT = dt.datetime(2026, 9, 15, 9, 30, tzinfo=dt.UTC)


def answer(data: bytes) -> dict[str, edi.Answer]:
    report = edi.check(BytesIO(data)).files[0]
    answers = edi.acknowledge(report, BytesIO(data), at=AT, control=500)
    for each in answers:
        assert edi.check(BytesIO(each.data)).accepted, each.kind
        assert find_pyx12_errors(each.data) == [], each.kind
    return {each.kind: each for each in answers}


def read_999(answers: dict[str, edi.Answer]) -> edi.Acknowledgement999:
    (found,) = edi.read_999(BytesIO(answers["999"].data))
    return found


def test_clean_file_gets_999_and_277ca_and_a_ta1_only_if_it_asks() -> None:
    batch = Batch([Claim("A1"), Claim("A2", payer="99002")])
    quiet = answer(make_837p(batch))
    assert set(quiet) == {"999", "277CA"}
    asked = answer(make_837p(batch, is_ta1_requested=True))
    assert set(asked) == {"TA1", "999", "277CA"}
    assert all(each.is_accepting for each in asked.values())
    assert [each.control for each in asked.values()] == [500, 501, 502]
    (ta1,) = edi.read_ta1(BytesIO(asked["TA1"].data))
    assert (ta1.interchange_control, ta1.is_accepted, ta1.note) == ("000000001", True, "000")
    assert (ta1.interchange_date, ta1.interchange_time) == (dt.date(2026, 9, 15), "0800")


def test_answers_go_back_to_the_sender_under_their_guides() -> None:
    answers = answer(make_837p(Batch([Claim("A1")])))
    ack = read_999(answers)
    assert (ack.envelope.sender, ack.envelope.receiver) == ("SIMCLEAR", "PRACTICE")
    assert (ack.functional_id, ack.group_control, ack.version) == ("HC", "1", "005010X222A1")
    assert (ack.code, ack.transactions_in_group, ack.transactions_accepted) == ("A", 1, 1)
    assert ack.transactions[0].guide == "005010X222A1"
    assert b"GS*FA*SIMCLEAR*PRACTICE*20260915*0930*500*X*005010X231A1" in answers["999"].data
    assert b"*005010X231A1~AK1*" in answers["999"].data


def test_999_names_segment_element_bad_value_and_claim() -> None:
    """The claim's place of service is too long, and its line has no procedure."""
    data = make_837p(Batch([Claim("A1"), Claim("A2")]), Batch([Claim("A3")], control="0002"))
    data = data.replace(b"CLM*A2*150***11:B:1", b"CLM*A2*150***11111:B:1")
    answers = answer(data)
    ack = read_999(answers)
    assert (ack.code, ack.transactions_received, ack.transactions_accepted) == ("P", 2, 1)
    refused, taken = ack.transactions
    assert (refused.code, taken.code) == ("R", "A")
    assert "5" in refused.codes
    (error,) = [e for e in refused.errors if e.segment == "CLM"]
    assert (error.code, error.claim_number, error.business_unit) == ("8", "A2", "CLM01:A2")
    element = error.elements[0]
    assert (element.element, element.component, element.code) == (5, 1, "5")
    assert element.value == "11111"
    text = data.decode().split("ST*837*0001")[1].split("~")
    position = next(n for n, segment in enumerate(text, 1) if segment.startswith("CLM*A2"))
    assert error.position == position


def test_missing_segment_is_told_by_its_own_code_without_elements() -> None:
    data = make_837p(Batch([Claim("A1")])).replace(b"HI*ABK:E119~", b"")
    data = data.replace(b"SE*24*", b"SE*23*")
    (error,) = [e for e in read_999(answer(data)).transactions[0].errors if e.segment == "HI"]
    assert (error.code, error.elements, error.claim_number) == ("3", (), "A1")


def test_wrong_segment_count_is_told_by_ik5() -> None:
    data = make_837p(Batch([Claim("A1")]))
    number = data.split(b"~SE*")[1].split(b"*")[0]
    broken = data.replace(b"~SE*" + number + b"*", b"~SE*99*")
    transaction = read_999(answer(broken)).transactions[0]
    assert (transaction.code, transaction.codes) == ("R", ("4",))


def test_claim_out_of_balance_passes_the_999_and_is_rejected_by_the_277ca() -> None:
    claims = [Claim("A1"), Claim("A2", total="149.00", lines=(Line("99213", "150"),))]
    answers = answer(make_837p(Batch(claims, reference="B77")))
    assert read_999(answers).code == "A"
    (status,) = edi.read_277ca(BytesIO(answers["277CA"].data))
    assert not answers["277CA"].is_accepting
    assert (status.batch_reference, status.source_is_payer) == ("B77", False)
    first, second = status.claims
    assert (first.claim_number, first.is_accepted, first.billed_cents) == ("A1", True, 15000)
    assert (second.claim_number, second.action) == ("A2", "U")
    assert second.statuses[0].codes[0] == edi.StatusCode("A7", "178", "")
    assert status.totals.accepted_cents == 15000
    assert status.totals.rejected_cents == 14900


def test_277ca_speaks_of_claims_under_subscribers_and_dependents() -> None:
    claims = [Claim("A1"), Claim("A2", dependent="KID"), Claim("A3")]
    (status,) = edi.read_277ca(BytesIO(answer(make_837p(Batch(claims)))["277CA"].data))
    assert [claim.claim_number for claim in status.claims] == ["A1", "A2", "A3"]
    kid = status.claims[1].patient
    assert kid is not None
    assert (kid.first, kid.id) == ("KID", "MBR0001")


def test_refused_interchange_gets_a_ta1_alone() -> None:
    data = make_837p(Batch([Claim("A1")])).replace(b"IEA*1*000000001", b"IEA*1*000000002")
    answers = answer(data)
    assert set(answers) == {"TA1"}
    (ta1,) = edi.read_ta1(BytesIO(answers["TA1"].data))
    assert (ta1.code, ta1.note) == ("R", "001")


def test_999_is_never_answered_by_a_999() -> None:
    data = make_file("999", "AK1*HC*5*005010X222A1\nAK9*A*1*1*1")
    assert answer(data) == {}


def test_835_is_answered_by_a_999_that_names_the_claim_payment() -> None:
    body = """
        BPR*H*0*C*NON************20260920
        TRN*1*TRACE1*1990010001
        N1*PR*PRAIRIE MUTUAL
        N3*1 PRAIRIE WAY
        N4*OMAHA*NE*681021234
        PER*BL*PROVIDER SERVICES*TE*5555550100
        N1*PE*EXAMPLE PRACTICE*XX*1234567893
        LX*1
        CLP*A1*99*150*0*150*12*ICN1
        CAS*PR*1*150
        NM1*QC*1*EXAMPLE*PATIENT
    """
    answers = answer(make_file("835", body))
    assert set(answers) == {"999"}
    (error,) = read_999(answers).transactions[0].errors
    assert (error.segment, error.elements[0].element, error.elements[0].code) == ("CLP", 2, "7")


def test_without_the_file_the_999_still_comes_but_names_no_claim() -> None:
    data = make_837p(Batch([Claim("A1")])).replace(b"CLM*A1*150*", b"CLM*A1*15O*")
    report = edi.check(BytesIO(data)).files[0]
    (only,) = edi.acknowledge(report, at=AT)
    (ack,) = edi.read_999(BytesIO(only.data))
    assert ack.transactions[0].errors[0].claim_number == ""


def test_unknown_guide_is_noted_and_no_277ca_speaks_of_claims_nobody_read() -> None:
    data = make_837p(Batch([Claim("A1")])).replace(b"005010X222A1", b"005010X223A3")
    answers = answer(data)
    assert set(answers) == {"999"}
    ack = read_999(answers)
    assert (ack.code, ack.is_accepted) == ("E", True)
    assert (ack.transactions[0].code, ack.transactions[0].codes) == ("E", ("I6",))


@pytest.mark.parametrize("data", [b"", b"hello", b"ISA*00*"], ids=["empty", "no x12", "cut"])
def test_what_is_no_interchange_gets_no_answer(data: bytes) -> None:
    report = edi.check(BytesIO(data)).files[0]
    assert edi.acknowledge(report, BytesIO(data), at=AT) == []


def test_bad_value_with_delimiters_of_the_answer_is_copied_without_them() -> None:
    """The file has other separators than the answer: its `*` and `~` are data there."""
    data = make_837p(Batch([Claim("A1")]))
    odd = data.translate(bytes.maketrans(b"*~:^", b"|\n>!")).replace(b"CLM|A1|", b"CLM|A*1~x|")
    odd = odd.replace(b"|150|||", b"|15O|||")
    (error,) = [e for e in read_999(answer(odd)).transactions[0].errors if e.segment == "CLM"]
    assert error.claim_number == "A 1 x"
