from __future__ import annotations

from io import BytesIO

import pytest

import edi
from tests.factories.x12 import make_file

HEADER = """
    BPR*I*{paid}*C*ACH*CCP*01*999999992*DA*123456*1990010001**01*999988880*DA*98765*20260920
    TRN*1*TRACE1*1990010001
    DTM*405*20260920
    N1*PR*PRAIRIE MUTUAL
    N3*1 PRAIRIE WAY
    N4*OMAHA*NE*681021234
    REF*2U*99001
    PER*BL*PROVIDER SERVICES*TE*5555550100
    N1*PE*EXAMPLE PRACTICE*XX*1234567893
    REF*TJ*990000001
"""
CLAIM = """
    LX*1
    CLP*A1*1*150*92*20*12*ICN1*11*1
    NM1*QC*1*EXAMPLE*PATIENT****MI*MBR1
    SVC*HC:99213:25*100*62**1
    DTM*472*20260914
    CAS*CO*45*18
    CAS*PR*2*20
    REF*6R*A1L1
    SVC*HC:93000*50*30**1
    DTM*472*20260914
    CAS*CO*45*15*1*253*5
    REF*6R*A1L2
"""


def find_codes(body: str, paid: str = "92") -> list[tuple[str, str]]:
    report = edi.check(BytesIO(make_file("835", HEADER.format(paid=paid) + body)))
    return [(fault.level, fault.code) for fault in report.files[0].faults]


def test_835_whose_three_balances_hold_is_accepted() -> None:
    assert find_codes(CLAIM) == []


@pytest.mark.parametrize(
    ("right", "wrong", "codes"),
    [
        ("SVC*HC:93000*50*30**1", "SVC*HC:93000*50*31**1", {"line-balance"}),
        ("253*5", "253*6", {"line-balance", "claim-balance"}),
        ("CLP*A1*1*150*92*20", "CLP*A1*1*150*93*20", {"claim-balance", "check-balance"}),
        ("CLP*A1*1*150*92*20", "CLP*A1*1*151*93*20", {"check-balance", "claim-charge"}),
        ("CAS*CO*45*18", "CAS*CO*45*18.005", {"amount-fraction"}),
    ],
)
def test_each_broken_balance_is_named(right: str, wrong: str, codes: set[str]) -> None:
    assert {code for _, code in find_codes(CLAIM.replace(right, wrong))} == codes


def test_claim_level_adjustments_count_in_the_claim_but_not_in_the_line() -> None:
    body = """
        LX*1
        CLP*A1*1*100*80*0*12*ICN1
        CAS*CO*45*15
        NM1*QC*1*EXAMPLE*PATIENT
        SVC*HC:99213*100*95**1
        CAS*CO*253*5
    """
    assert find_codes(body, paid="80") == []


def test_check_is_off_by_a_cent_and_says_so_without_data_of_the_file() -> None:
    report = edi.check(BytesIO(make_file("835", HEADER.format(paid="92.01") + CLAIM)))
    fault = report.files[0].faults[0]
    assert (fault.code, fault.segment, fault.element, fault.snip) == ("check-balance", "BPR", 2, 3)
    assert "0.01 over" in fault.message


def test_positive_plb_takes_away_and_negative_adds() -> None:
    plb = "\nPLB*1234567893*20261231*WO:FCN1*12*L6:INTEREST*-2\n"
    assert find_codes(CLAIM + plb, paid="82") == []
    assert ("error", "check-balance") in find_codes(CLAIM + plb, paid="102")


def test_predetermination_is_left_out_of_the_check() -> None:
    body = (
        CLAIM
        + """
        CLP*A2*25*100*40**12*ICN2
        CAS*CO*45*60
        NM1*QC*1*EXAMPLE*PATIENT
    """
    )
    assert find_codes(body, paid="92") == []


def test_reversal_and_correction_balance_in_their_own_signs() -> None:
    body = (
        CLAIM
        + """
        CLP*A0*22*-100*-80**12*ICN0
        NM1*QC*1*EXAMPLE*PATIENT
        SVC*HC:99213*-100*-80**1
        CAS*CO*45*-20
        CLP*A0*1*100*70**12*ICN0
        NM1*QC*1*EXAMPLE*PATIENT
        SVC*HC:99213*100*70**1
        CAS*CO*45*30
    """
    )
    assert find_codes(body, paid="82") == []


def test_claim_without_lines_is_legal() -> None:
    body = """
        LX*1
        CLP*A1*4*150*0*150*12*ICN1
        CAS*PR*31*150
        NM1*QC*1*EXAMPLE*PATIENT
    """
    assert find_codes(body, paid="0") == []


def test_835_of_provider_adjustments_alone_is_legal() -> None:
    assert find_codes("PLB*1234567893*20261231*CS:ADJ1*-50", paid="50") == []


def test_unpayable_negative_check_is_an_error() -> None:
    body = "PLB*1234567893*20261231*WO:FCN1*50"
    assert ("error", "check-negative") in find_codes(body, paid="-50")


def test_claims_that_stand_without_lx_still_count_in_the_check() -> None:
    found = [code for _, code in find_codes(CLAIM.replace("LX*1", ""), paid="92")]
    assert "segment-missing" in found
    assert "check-balance" not in found
