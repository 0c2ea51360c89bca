"""Each fault code of reader, envelope, walker, elements and 837P rules: raised once, nearly raised.

A row is a change of the clean sample that must raise exactly this code, and a change close to it
that must raise nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from tests.factories.edi import change, check_bytes, list_codes

NOTHING = ("ST*837", "ST*837")


class Case(NamedTuple):
    """A code, its X12 answer, what raises it and what nearly does."""

    code: str
    x12: str | None
    raising: tuple[str, str]
    nearly: tuple[str, str]


LONG_NAME = "A" * 61

CASES = [
    # ------------------------------------------------------------- interchange
    Case("isa-length", "TA105:024", ("*ZZ*EVERGREEN      *", "*ZZ*EVERGREEN     *"), NOTHING),
    Case("isa-date", "TA105:014", ("*260915*", "*261315*"), ("*260915*", "*260930*")),
    Case("isa-time", "TA105:015", ("*0830*^", "*2460*^"), ("*0830*^", "*2359*^")),
    Case("isa-version", "TA105:017", ("*00501*", "*00599*"), NOTHING),
    Case("isa-ack", "TA105:019", ("*0*T*:", "*2*T*:"), ("*0*T*:", "*1*T*:")),
    Case("isa-usage", "TA105:020", ("*0*T*:", "*0*X*:"), ("*0*T*:", "*0*P*:")),
    Case("repetition-separator", "TA105:016", ("*^*00501", "*U*00501"), ("*^*00501", "*|*00501")),
    Case("iea-count", "TA105:021", ("IEA*1*", "IEA*2*"), NOTHING),
    Case("iea-control", "TA105:001", ("IEA*1*000000101", "IEA*1*000000102"), NOTHING),
    Case("segment-outside", "TA105:024", ("GE*1*101~", "GE*1*101~\nREF*D9*1~"), NOTHING),
    # ------------------------------------------------------------------- group
    Case("gs-sender", "TA105:024", ("GS*HC*CLEANCLAIM", "GS*HC*"), NOTHING),
    Case("gs-receiver", "TA105:024", ("CLEANCLAIM*EVERGREEN*2026", "CLEANCLAIM**2026"), NOTHING),
    Case("gs-date", "TA105:024", ("*20260915*0830*101", "*260915*0830*101"), NOTHING),
    Case("gs-time", "TA105:024", ("0830*101*X", "830*101*X"), ("0830*101*X", "083000*101*X")),
    Case("gs-agency", "AK905:2", ("*X*005010X222A1", "*T*005010X222A1"), NOTHING),
    Case("gs-kind", "AK905:1", ("GS*HC", "GS*XX"), NOTHING),
    Case("ge-count", "AK905:5", ("GE*1*", "GE*2*"), NOTHING),
    Case("ge-control", "AK905:4", ("GE*1*101", "GE*1*102"), NOTHING),
    # ------------------------------------------------------------- transaction
    Case("st-group", "IK502:18", ("GS*HC", "GS*HP"), NOTHING),
    Case("st-guide", "IK502:19", ("001*005010X222A1", "001*005010X222A2"), NOTHING),
    Case("se-control", "IK502:3", ("SE*58*0001", "SE*58*0002"), NOTHING),
    Case("segment-empty", "IK304:1", ("PRV*BI", "~\nPRV*BI"), ("PRV*BI", "\n\nPRV*BI")),
    Case("blank-between", None, ("\nPRV*BI", "\n PRV*BI"), ("\nPRV*BI", "\r\nPRV*BI")),
    # ------------------------------------------------------------------ levels
    Case("level-number", "IK403:7", ("HL*2*1*22*0", "HL*7*1*22*0"), NOTHING),
    Case("level-parent", "IK403:7", ("HL*4*3*23", "HL*4*2*23"), NOTHING),
    Case("level-children", "IK403:7", ("HL*2*1*22*0", "HL*2*1*22*1"), NOTHING),
    # ---------------------------------------------------------------- segments
    Case("segment-unknown", "IK304:1", ("LX*1~", "LX*1~\nZZZ*1~"), NOTHING),
    Case("segment-not-used", "IK304:6", ("HI*ABK:E119", "CL1*1~\nHI*ABK:E119"), NOTHING),
    Case(
        "segment-unexpected",
        "IK304:2",
        ("REF*D9*1", "REF*G2*1"),
        ("REF*D9*1", "REF*EA*1"),
    ),
    Case(
        "segment-missing",
        "IK304:3",
        ("N4*SPRINGFIELD*IL*627030001~\n", ""),
        ("N3*17 OAK AVENUE~\n", ""),
    ),
    Case(
        "segment-order",
        "IK304:7",
        ("DTP*439*D8*20260901~\nREF*D9*100000000001~", "REF*D9*1~\nDTP*439*D8*20260901~"),
        ("REF*D9*100000000001~", "REF*D9*1~\nREF*9F*2~"),
    ),
    Case(
        "segment-repeat",
        "IK304:5",
        ("REF*D9*100000000001~", "REF*D9*1~\nREF*D9*2~"),
        ("REF*D9*100000000001~", "REF*D9*1~\nREF*EA*2~"),
    ),
    Case(
        "loop-missing",
        "IK304:3",
        ("NM1*40*2*EVERGREEN HEALTH*****46*99999~\n", ""),
        ("NM1*82*1*WINTERBOTTOM*OPHELIA****XX*1234567893~\nPRV*PE*PXC*207Q00000X~\n", ""),
    ),
    Case(
        "loop-repeat",
        "IK304:4",
        ("NM1*82*1*WINTER", "NM1*82*1*SECOND*OTTO~\nNM1*82*1*WINTER"),
        ("NM1*82*1*WINTER", "NM1*DN*1*SECOND*OTTO~\nNM1*P3*1*THIRD*UMA~\nNM1*82*1*WINTER"),
    ),
    # ---------------------------------------------------------------- elements
    Case("trailing-separator", "IK403:3", ("REF*D9*1", "REF*EA*1**~\nREF*D9*1"), NOTHING),
    Case("element-missing", "IK403:1", ("*Y*A*Y*Y**AA", "*Y**Y*Y**AA"), NOTHING),
    Case("element-not-used", "IK403:I10", ("CLM*CLAIM0002*100*", "CLM*CLAIM0002*100*CI"), NOTHING),
    Case("element-too-many", "IK403:3", ("LX*1~", "LX*1*2~"), NOTHING),
    Case("component-not-used", "IK403:13", ("AA:::IL", "AA::X:IL"), ("AA:::IL", "AA:EM::IL")),
    Case(
        "element-too-long",
        "IK403:5",
        ("*1*BLOOMFIELD*CLEM", f"*1*{LONG_NAME}*CLEM"),
        ("*1*BLOOMFIELD*CLEM", f"*1*{LONG_NAME[1:]}*CLEM"),
    ),
    Case(
        "element-too-short",
        "IK403:4",
        ("N4*SPRINGFIELD*IL*627030001", "N4*S*IL*627030001"),
        ("N4*SPRINGFIELD*IL*627030001", "N4*SP*IL*627030001"),
    ),
    Case("element-code", "IK403:7", ("*F~\nCLM", "*X~\nCLM"), ("*F~\nCLM", "*U~\nCLM")),
    Case("element-date", "IK403:8", ("D8*20150708", "D8*20150230"), ("D8*20150708", "D8*20160229")),
    Case(
        "element-number",
        "IK403:6",
        ("SVD*88888*60*HC:99212**1~", "SVD*88888*60*HC:99212**1X~"),
        ("SVD*88888*60*HC:99212**1~", "SVD*88888*60.00*HC:99212**1.5~"),
    ),
    Case("element-repeat", "IK403:12", ("ABERNATHY", "ABER^NATHY"), ("ABERNATHY", "ABER|NATHY")),
    Case(
        "character-invalid", "IK403:6", ("ABERNATHY", "ABERN\x00THY"), ("ABERNATHY", "o'neil-[x]")
    ),
    Case("blank-around", "IK403:6", ("ABERNATHY", "ABERNATHY "), ("ABERNATHY", "ABER NATHY")),
    Case(
        "element-conditional",
        "IK403:2",
        ("OPHELIA****XX*1234567893", "OPHELIA****XX"),
        ("OPHELIA****XX*1234567893", "OPHELIA"),
    ),
    Case(
        "element-exclusive",
        "IK403:10",
        ("N4*SPRINGFIELD*IL*627030001", "N4*TORONTO*ON*M5H2N2*CA***X"),
        ("N4*SPRINGFIELD*IL*627030001", "N4*TORONTO*ON*M5H2N2*CA"),
    ),
    # -------------------------------------------------------------------- 837P
    Case("npi-check-digit", "IK403:7", ("1234567893~\nN3", "1234567890~\nN3"), NOTHING),
    Case("member-id-missing", "IK403:I9", ("****MI*MEMBER0002", ""), NOTHING),
    Case("charge-total", None, ("*225.5*", "*225.51*"), ("*225.5*", "*225.50*")),
    Case("patient-level", "IK403:I9", ("SBR*P*18*", "SBR*P**"), NOTHING),
    Case(
        "charge-negative",
        "IK403:7",
        ("LX*1~\nSV1*HC:99213:25*150.25*", "LX*1~\nSV1*HC:99213:25*-150.25*"),
        ("CAS*PR*2*15~", "CAS*PR*2*20**3*-5~"),
    ),
    Case("line-number", "IK403:7", ("LX*2", "LX*3"), NOTHING),
    Case("pointer-without-diagnosis", "IK403:7", ("1***1:2", "1***1:3"), ("1***1:2", "1***2:1")),
    Case("payer-rank-repeated", None, ("SBR*P*19", "SBR*S*19"), ("SBR*P*19", "SBR*T*19")),
    Case("other-payer-unknown", None, ("SVD*88888*60", "SVD*77777*60"), NOTHING),
    Case("other-payer-line-total", None, ("SVD*88888*60", "SVD*88888*61"), NOTHING),
    Case("other-payer-claim-total", None, ("AMT*D*60", "AMT*D*61"), ("AMT*D*60", "AMT*A8*61")),
    Case("guide-edition", None, ("101*X*005010X222A1", "101*X*005010X222A2"), NOTHING),
    Case("guide-unknown", "IK502:I6", ("101*X*005010X222A1", "101*X*005010X223A3"), NOTHING),
]


def _codes_of(change_: tuple[str, str], code: str) -> list[str]:
    """The codes of a changed sample; what comes along with it for a known reason left out."""
    along = {
        "guide-edition": ("st-guide",),
        "guide-unknown": ("st-guide",),
        "st-guide": ("guide-edition",),
        "charge-negative": ("charge-total",),
        "other-payer-unknown": ("other-payer-claim-total",),
        "level-parent": ("level-children",),
    }.get(code, ())
    return [found for found in list_codes(change(*change_)) if found not in along]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code)
def test_a_change_raises_its_code_and_no_other(case: Case) -> None:
    assert set(_codes_of(case.raising, case.code)) == {case.code}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code)
def test_a_change_close_to_it_raises_nothing(case: Case) -> None:
    assert list_codes(change(*case.nearly)) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code)
def test_a_finding_says_where_and_what_to_do(case: Case) -> None:
    faults = [f for f in check_bytes(change(*case.raising)).faults if f.code == case.code]
    for fault in faults:
        assert fault.x12 == case.x12
        assert fault.segment_index is not None
        assert fault.interchange == "000000101"
        assert fault.message.endswith((".", ")"))
        assert fault.fix
        assert 1 <= fault.snip <= 7
