from __future__ import annotations

import datetime as dt
from io import BytesIO

import pytest

import edi
from tests.factories.x12 import make_file

HEAD = """
    BHT*0085*08*REF1*20260915*0930*TH
    HL*1**20*1
    NM1*PR*2*PRAIRIE MUTUAL*****PI*99001
    TRN*1*TRACE1
    DTP*050*D8*20260915
    DTP*009*D8*20260916
    HL*2*1*21*{children}
    NM1*41*2*EXAMPLE PRACTICE*****46*PRACTICE
    TRN*2*BATCH1
"""
CLAIMS = (
    HEAD.format(children="1")
    + """
    STC*A1:19:PR*20260916*WQ*365.5
    QTY*90*1
    QTY*AA*1
    AMT*YU*200.5
    AMT*YY*165
    HL*3*2*19*1
    NM1*85*2*EXAMPLE PRACTICE*****XX*1234567893
    HL*4*3*PT
    NM1*QC*1*EXAMPLE*PATIENT****MI*MBR1
    TRN*2*A1
    STC*A2:20:PR*20260916*WQ*200.5
    REF*1K*ICN0001
    DTP*472*D8*20260914
    HL*5*3*PT
    NM1*QC*1*OTHER*PATIENT****MI*MBR2
    TRN*2*A2
    STC*A7:164:IL*20260916*U*165******A7:33:IL
    REF*D9*CH77
    DTP*472*RD8*20260901-20260914
    SVC*HC:99213:25*165*****1
    STC*A7:454*20260916*U
    REF*FJ*A2L1
"""
)


def find_faults(body: str) -> list[tuple[str, str]]:
    faults = edi.check(BytesIO(make_file("277", body))).files[0].faults
    return [(fault.level, fault.code) for fault in faults]


def test_277ca_with_both_outcomes_is_accepted_by_us() -> None:
    assert find_faults(CLAIMS) == []


def test_batch_turned_down_at_the_receiver_has_no_claims_and_is_legal() -> None:
    """pyx12's map wrongly demands provider and patient levels here."""
    body = HEAD.format(children="0") + "STC*A3:21:41*20260916*U*365.5"
    assert find_faults(body) == []
    (answer,) = edi.read_277ca(BytesIO(make_file("277", body)))
    assert answer.is_batch_rejected
    assert answer.claims == ()


@pytest.mark.parametrize(
    ("right", "wrong", "code"),
    [
        ("AMT*YU*200.5", "AMT*YU*200", "status-total"),
        ("AMT*YU*200.5", "AMT*YU*200", "status-amount"),
        ("QTY*AA*1", "QTY*AA*2", "status-count"),
        ("STC*A2:20:PR*20260916*WQ", "STC*A7:20:PR*20260916*WQ", "status-action"),
    ],
)
def test_totals_and_actions_that_contradict_the_claims_are_named(
    right: str, wrong: str, code: str
) -> None:
    assert ("error", code) in find_faults(CLAIMS.replace(right, wrong))


def test_277ca_is_read_claim_by_claim() -> None:
    (answer,) = edi.read_277ca(BytesIO(make_file("277", CLAIMS)))
    assert answer.source_is_payer
    assert (answer.batch_reference, answer.received_on) == ("BATCH1", dt.date(2026, 9, 15))
    assert (answer.totals.accepted_cents, answer.totals.rejected_count) == (20050, 1)
    first, second = answer.claims
    assert (first.claim_number, first.is_accepted, first.payer_claim_number) == (
        "A1",
        True,
        "ICN0001",
    )
    assert (first.billed_cents, first.effective_on) == (20050, dt.date(2026, 9, 16))
    assert (second.action, second.clearinghouse_claim_number) == ("U", "CH77")
    assert [code.code for code in second.statuses[0].codes] == ["164", "33"]
    assert (second.service_from, second.service_to) == (dt.date(2026, 9, 1), dt.date(2026, 9, 14))
    assert (second.lines[0].procedure, second.lines[0].modifiers) == ("99213", ("25",))
    assert second.lines[0].line_control == "A2L1"


def test_one_refusing_status_among_several_stops_the_claim() -> None:
    body = CLAIMS.replace(
        "STC*A2:20:PR*20260916*WQ*200.5",
        "STC*A2:20:PR*20260916*WQ*200.5\nSTC*A7:255*20260916*U*200.5",
    )
    (answer,) = edi.read_277ca(BytesIO(make_file("277", body)))
    assert not answer.claims[0].is_accepted
