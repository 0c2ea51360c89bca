"""Our 837P in the eyes of pyx12: what we write it accepts, what we refuse it refuses too."""

from __future__ import annotations

from io import BytesIO

import pytest

from bench.edi_claims import write_claims
from tests.factories.edi import CLEAN_837P, change, check_bytes
from tests.factories.oracles import find_pyx12_errors

pytestmark = pytest.mark.oracle

BOTH_REFUSE = {
    "missing segment": ("N4*SPRINGFIELD*IL*627030001~\n", ""),
    "missing loop": ("NM1*40*2*EVERGREEN HEALTH*****46*99999~\n", ""),
    "missing element": ("*Y*A*Y*Y**AA", "*Y**Y*Y**AA"),
    "wrong code": ("*F~\nCLM", "*X~\nCLM"),
    "impossible date": ("D8*20150708", "D8*20150230"),
    "element not used": ("CLM*CLAIM0002*100*", "CLM*CLAIM0002*100*CI"),
    "too long": ("SUITE 4", "S" * 56),
    "too many": ("REF*D9*100000000001~", "REF*D9*1~\nREF*D9*2~"),
    "pair broken": ("OPHELIA****XX*1234567893", "OPHELIA****XX"),
    "trailing separator": ("REF*D9*100000000001", "REF*D9*100000000001*"),
    "unknown segment": ("LX*1~", "LX*1~\nZZZ*1~"),
    "wrong level number": ("HL*2*1*22*0", "HL*7*1*22*0"),
}

# What pyx12 accepts and we refuse (or warn of): the reason to check with ours.
ONLY_WE_SEE = {
    "claim total": ("*225.5*", "*225.51*"),
    "line of another payer": ("SVD*88888*60", "SVD*88888*61"),
    "claim of another payer": ("AMT*D*60", "AMT*D*61"),
    "pointer to no diagnosis": ("1***1:2", "1***1:3"),
}


def test_the_sample_is_accepted_by_both() -> None:
    assert check_bytes(CLEAN_837P).faults == []
    assert find_pyx12_errors(CLEAN_837P) == []


def test_what_our_writer_makes_is_accepted_by_both() -> None:
    out = BytesIO()
    write_claims(out, claims=40, lines=4)
    assert check_bytes(out.getvalue()).faults == []
    assert find_pyx12_errors(out.getvalue()) == []


@pytest.mark.parametrize("name", BOTH_REFUSE)
def test_what_breaks_the_guide_is_refused_by_both(name: str) -> None:
    data = change(*BOTH_REFUSE[name])
    assert not check_bytes(data).accepted
    assert find_pyx12_errors(data)


@pytest.mark.parametrize("name", ONLY_WE_SEE)
def test_what_does_not_balance_only_we_see(name: str) -> None:
    data = change(*ONLY_WE_SEE[name])
    assert not check_bytes(data).accepted
    assert find_pyx12_errors(data) == []
