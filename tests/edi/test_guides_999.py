from __future__ import annotations

from io import BytesIO

import pytest

import edi
from tests.factories.x12 import make_file

PARTLY = """
    AK1*HC*17456*005010X222A1
    AK2*837*0001*005010X222A1
    IK5*A
    AK2*837*0002*005010X222A1
    IK3*CLM*22**8
    CTX*CLM01:123456789
    IK4*2*782*1
    IK4*5:3:1**7*Q
    IK5*R*5*I5
    AK2*837*0003*005010X222A1
    IK3*REF*57**3
    CTX*SITUATIONAL TRIGGER*CLM*43**5:3*C023:1325
    CTX*CLM01:987654321
    IK5*R*5
    AK9*P*3*3*1
"""


def find_faults(body: str) -> list[str]:
    return [f.code for f in edi.check(BytesIO(make_file("999", body))).files[0].faults]


def test_partly_accepted_group_with_contexts_is_accepted_by_us() -> None:
    assert find_faults(PARTLY.replace("*C023:1325", "")) == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ("AK9*P*3*3*2", "answer-count"),
        ("AK9*P*3*2*1", "answer-count"),
        ("AK9*A*3*3*1", "answer-total"),
        ("AK9*R*3*3*1", "answer-total"),
    ],
)
def test_totals_that_contradict_the_answers_are_named(wrong: str, code: str) -> None:
    body = PARTLY.replace("*C023:1325", "").replace("AK9*P*3*3*1", wrong)
    assert code in find_faults(body)


def test_group_taken_in_whole_may_come_without_its_transactions() -> None:
    assert find_faults("AK1*HC*5*005010X222A1\nAK9*A*2*2*2") == []


def test_999_is_read_with_claims_and_places() -> None:
    (answer,) = edi.read_999(BytesIO(make_file("999", PARTLY)))
    assert (answer.group_control, answer.code, answer.is_accepted) == ("17456", "P", False)
    first, second, third = answer.transactions
    assert (first.control, first.is_accepted, first.errors) == ("0001", True, ())
    assert (second.codes, second.errors[0].claim_number) == (("5", "I5"), "123456789")
    assert second.errors[0].elements[1].component == 3
    assert second.errors[0].elements[1].value == "Q"
    assert third.errors[0].claim_number == "987654321"
    assert third.errors[0].business_unit == "CLM01:987654321"
    assert (third.errors[0].segment, third.errors[0].position, third.errors[0].code) == (
        "REF",
        57,
        "3",
    )
