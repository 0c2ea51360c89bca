from __future__ import annotations

import datetime as dt
import tracemalloc
from decimal import Decimal
from io import BytesIO

import pytest

import edi
from edi.remittance import ClaimsPassedError
from tests.factories.x12 import make_file

HEADER = """
    BPR*I*82*C*ACH*CCP*01*999999992*DA*123456*1990010001**01*999988880*DA*98765*20260920
    TRN*1*TRACE1*1990010001
    DTM*405*20260919
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
    CLP*A1*19*150*92*20*12*ICN1*11*1
    NM1*QC*1*EXAMPLE*PATIENT****MI*MBR1
    NM1*82*1*DOCTOR*EXAMPLE****XX*1234567893
    NM1*TT*2*NEXT PAYER*****PI*99004
    MOA***MA18*MA07
    REF*EA*CHART7
    DTM*232*20260914
    DTM*233*20260915
    DTM*050*20260916
    AMT*AU*112
    SVC*HC:99214:25:59*100*62**1*HC:99215:25*2
    DTM*150*20260914
    DTM*151*20260915
    CAS*CO*45*18
    CAS*PR*2*20
    REF*6R*A1L1
    AMT*B6*82
    LQ*HE*N781
    LQ*HE*M80
    SVC*HC:93000*50*30
    DTM*472*20260914
    CAS*CO*45*15*1*253*5
"""
PLB = "PLB*1234567893*20261231*WO:FCN1*12*L6:INTEREST*-2\n"


def test_835_is_read_place_by_place() -> None:
    remittance = next(edi.read_835(BytesIO(make_file("835", HEADER + CLAIM + PLB))))
    assert (remittance.trace, remittance.method, remittance.credit_or_debit) == (
        "TRACE1",
        "ACH",
        "C",
    )
    assert (remittance.payer.name, remittance.payer.id) == ("PRAIRIE MUTUAL", "99001")
    assert (remittance.payee.id_qualifier, remittance.payee.id) == ("XX", "1234567893")
    assert remittance.payee.tax_id == "990000001"
    assert remittance.paid_on == dt.date(2026, 9, 20)
    assert remittance.produced_on == dt.date(2026, 9, 19)
    assert [(p.reason, p.reference, p.cents) for p in remittance.plb] == [
        ("WO", "FCN1", 1200),
        ("L6", "INTEREST", -200),
    ]
    assert (remittance.bpr02_cents, remittance.clp04_cents, remittance.plb_cents) == (
        8200,
        9200,
        1000,
    )
    assert (remittance.gap_cents, remittance.claim_count) == (0, 1)
    (claim,) = remittance.claims
    assert (claim.claim_number, claim.status, claim.is_forwarded) == ("A1", "19", True)
    assert (claim.charge_cents, claim.paid_cents, claim.patient_cents) == (15000, 9200, 2000)
    assert (claim.payer_claim_number, claim.facility, claim.frequency) == ("ICN1", "11", "1")
    assert claim.remarks == ("MA18", "MA07")
    assert claim.crossover_payer is not None
    assert claim.crossover_payer.id == "99004"
    assert (claim.service_from, claim.service_to) == (dt.date(2026, 9, 14), dt.date(2026, 9, 15))
    assert claim.is_balanced
    first, second = claim.lines
    assert (first.procedure, first.modifiers, first.units) == ("99214", ("25", "59"), Decimal(1))
    assert (first.original_procedure, first.original_units) == ("99215", Decimal(2))
    assert (first.line_control, first.remarks) == ("A1L1", ("N781", "M80"))
    assert (first.service_from, first.service_to) == (dt.date(2026, 9, 14), dt.date(2026, 9, 15))
    assert second.line_control == ""
    assert second.units == Decimal(1)
    assert [(a.group, a.reason, a.cents, a.quantity) for a in second.adjustments] == [
        ("CO", "45", 1500, Decimal(1)),
        ("CO", "253", 500, None),
    ]


def test_several_835_in_a_file_keep_their_claims_apart() -> None:
    second = CLAIM.replace("A1*19", "B1*1")
    data = make_file("835", HEADER + CLAIM + PLB, HEADER + second)
    found = [(r.index, [c.claim_number for c in r.claims]) for r in edi.read_835(BytesIO(data))]
    assert found == [(0, ["A1"]), (1, ["B1"])]


def test_claims_that_are_not_taken_are_passed_over() -> None:
    data = make_file("835", HEADER + CLAIM + PLB, HEADER + CLAIM.replace("CLP*A1", "CLP*B1"))
    headers = list(edi.read_835(BytesIO(data)))
    assert [remittance.envelope.transaction_control for remittance in headers] == ["0001", "0002"]
    with pytest.raises(ClaimsPassedError):
        next(headers[0].claims)


def test_claims_of_a_long_835_are_read_in_flat_memory() -> None:
    short, long = (_read_peak(count) for count in (4_000, 12_000))
    assert long < short * 1.3


def _read_peak(count: int) -> int:
    claim = "CLP*A1*1*150*0*150*12*ICN1\nCAS*PR*1*150\nNM1*QC*1*EXAMPLE*PATIENT\n"
    data = make_file("835", HEADER + "LX*1\n" + claim * count)
    tracemalloc.start()
    try:
        for remittance in edi.read_835(BytesIO(data)):
            assert sum(claim.index >= 0 for claim in remittance.claims) == count
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
