"""Shapes of professional claims that simple readers miss, and the limits of the guide."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import edi
from tests.factories.edi import CLEAN_837P, change, check_bytes, list_codes

BODY = CLEAN_837P.decode()
FIRST_CLAIM = BODY[BODY.index("CLM*CLAIM0001") : BODY.index("HL*3")]
LINE = "LX*1~\nSV1*HC:99213:25*150.25*UN*1***1:2~\nDTP*472*D8*20260914~\nREF*6R*CLAIM000101~\n"
SECOND_LINE = BODY[BODY.index("LX*2~") : BODY.index("HL*3")]


def _outline(data: bytes, name: str) -> list[list[str]]:
    """The names of the child loops of every loop of this name."""
    [transaction] = [next(edi.read(io.BytesIO(data)))]
    return [
        [child.name for child in loop.children]
        for loop in transaction.tree().walk()
        if loop.name == name
    ]


def test_several_billing_providers_in_one_transaction_are_read() -> None:
    level = BODY[BODY.index("HL*1**20") : BODY.index("SE*58")]
    again = level
    for old, new in (
        ("HL*4*3", "HL*8*7"),
        ("HL*3*1", "HL*7*5"),
        ("HL*2*1", "HL*6*5"),
        ("HL*1*", "HL*5*"),
    ):
        again = again.replace(old, new)
    data = change("SE*58", again + "SE*58")
    assert list_codes(data) == []
    assert _outline(data, "ST") == [["1000A", "1000B", "2000A", "2000A"]]


def test_the_same_role_means_another_loop_at_another_place() -> None:
    data = change("REF*6R*CLAIM000101~", "REF*6R*CLAIM000101~\nNM1*82*1*FAIRWEATHER*IGOR~")
    assert list_codes(data) == []
    assert _outline(data, "2300") == [["2310B", "2400", "2400"], ["2320", "2400"]]
    assert _outline(data, "2400") == [["2420A"], [], ["2430"]]


def test_a_pay_to_address_may_stand_between_provider_and_subscriber() -> None:
    address = "NM1*87*2~\nN3*PO BOX 9~\nN4*SPRINGFIELD*IL*627010009~\n"
    assert list_codes(change("HL*2*1", address + "HL*2*1")) == []
    assert _outline(change("HL*2*1", address + "HL*2*1"), "2000A") == [
        ["2010AA", "2010AB", "2000B", "2000B"]
    ]


def _other_payer(rank: str, number: int) -> str:
    return (
        f"SBR*{rank}*18*******CI~\nOI***Y***Y~\nNM1*IL*1*ABERNATHY*AMARANTA****MI*OTHER{number}~\n"
        f"NM1*PR*2*PAYER {number}*****PI*7777{number}~\n"
    )


def test_up_to_ten_other_payers_are_read_and_an_eleventh_is_too_many() -> None:
    payers = [_other_payer(rank, n) for n, rank in enumerate("STABCDEFGHU")]
    ten, eleven = "".join(payers[:10]), "".join(payers)
    assert list_codes(change(LINE, ten + LINE)) == []
    assert _outline(change(LINE, ten + LINE), "2300")[0] == ["2310B", *["2320"] * 10, *["2400"] * 2]
    assert list_codes(change(LINE, eleven + LINE)) == ["loop-repeat"]


def test_several_payers_decisions_of_one_line_each_balance() -> None:
    decisions = (
        "SVD*77770*100*HC:99213**1~\nCAS*CO*45*50.25~\nDTP*573*D8*20260915~\n"
        "SVD*77771*30.25*HC:99213**1~\nCAS*OA*23*100~\nCAS*PR*1*20~\nDTP*573*D8*20260916~\n"
    )
    payers = _other_payer("S", 0) + _other_payer("T", 1)
    text = BODY.replace("SBR*P*18", "SBR*U*18").replace(LINE, payers + LINE + decisions)
    text = text.replace("SE*58", "SE*73")
    assert list_codes(text.encode()) == []
    assert list_codes(text.replace("CAS*PR*1*20", "CAS*PR*1*19").encode()) == [
        "other-payer-line-total"
    ]


def test_an_adjustment_without_a_decision_is_out_of_place() -> None:
    assert list_codes(change("LX*2~", "CAS*CO*45*10~\nLX*2~")) == ["segment-unexpected"]


def test_twelve_diagnoses_are_allowed_and_thirteen_are_not() -> None:
    more = "".join(f"*ABF:I1{n:02}" for n in range(11))
    assert list_codes(change("HI*ABK:E119*ABF:I10", f"HI*ABK:E119{more}")) == []
    assert list_codes(change("HI*ABK:E119*ABF:I10", f"HI*ABK:E119{more}*ABF:I200")) == [
        "element-too-many"
    ]


def test_ten_notes_of_state_data_are_allowed_and_eleven_are_not() -> None:
    assert list_codes(change("HI*ABK:E119", "K3*X~\n" * 10 + "HI*ABK:E119")) == []
    assert list_codes(change("HI*ABK:E119", "K3*X~\n" * 11 + "HI*ABK:E119")) == ["segment-repeat"]


def test_fifty_lines_are_allowed_and_fifty_one_are_not() -> None:
    def with_lines(count: int) -> bytes:
        more = "".join(SECOND_LINE.replace("LX*2~", f"LX*{n}~") for n in range(3, count + 1))
        total = f"{225.5 + 75.25 * (count - 2):.2f}"
        text = BODY.replace("*225.5*", f"*{total}*").replace(SECOND_LINE, SECOND_LINE + more)
        return text.replace("SE*58", f"SE*{58 + 4 * (count - 2)}").encode()

    assert list_codes(with_lines(50)) == []
    assert list_codes(with_lines(51)) == ["loop-repeat"]


def test_a_certificate_is_told_from_other_attachments() -> None:
    papers = "PWK*CT*AD~\nPWK*CT*BM***AC*PAPER1~\nPWK*OZ*EL***AC*PAPER2~\n"
    assert list_codes(change("DTP*472*D8*20260914~", papers + "DTP*472*D8*20260914~")) == []


def test_dates_may_be_ranges_only_where_the_guide_says_so() -> None:
    assert list_codes(change("DTP*439*D8*20260901", "DTP*439*RD8*20260901-20260902")) == [
        "element-code"
    ]
    assert list_codes(change("RD8*20260914-20260914", "RD8*20260915-20260914")) == ["element-date"]
    assert list_codes(change("RD8*20260914-20260914", "RD8*20260914")) == ["element-date"]


def test_an_empty_first_component_is_missing_not_shifted() -> None:
    [fault] = check_bytes(change("*11:B:1*Y*A*Y*Y**AA", "*:B:1*Y*A*Y*Y**AA")).faults
    assert (fault.code, fault.element, fault.component) == ("element-missing", 5, 1)


def test_a_claim_number_may_have_38_characters() -> None:
    assert list_codes(change("CLAIM0001", "C" * 38)) == []
    assert list_codes(change("CLAIM0001", "C" * 39)) == ["element-too-long"]


def test_money_has_ten_digits_at_most() -> None:
    big = "12345678.25"
    data = change("CLM*CLAIM0002*100*", f"CLM*CLAIM0002*{big}*")
    assert list_codes(data) == ["charge-total", "other-payer-claim-total"]
    assert "element-too-long" in list_codes(data.replace(big.encode(), b"123456789.25"))


def test_other_versions_are_passed_through_with_one_warning() -> None:
    for version in (b"004010X098A1", b"006020X314  "[:10], b"005010X298"):
        report = check_bytes(CLEAN_837P.replace(b"005010X222A1", version))
        assert [fault.code for fault in report.faults] == ["guide-unknown"]
        assert report.accepted
        assert report.transactions[0].claims == 2


def test_what_we_write_by_hand_and_check_is_accepted() -> None:
    """Segments read from the sample, written anew, read the same."""
    [transaction] = [next(edi.read(io.BytesIO(CLEAN_837P)))]
    segments = [
        tuple(tuple(value.split(":")) if ":" in value else value for value in segment.elements)
        for segment in transaction.segments
    ][1:-1]
    at = datetime(2026, 9, 15, 8, 30, tzinfo=UTC)
    written = edi.write(
        edi.NewInterchange(
            sender=("ZZ", "CLEANCLAIM"),
            receiver=("ZZ", "EVERGREEN"),
            at=at,
            control=101,
            is_test=True,
            delimiters=edi.Delimiters(line_end="\n"),
            groups=[
                edi.NewGroup(
                    functional_id="HC",
                    sender="CLEANCLAIM",
                    receiver="EVERGREEN",
                    at=at,
                    control=101,
                    version="005010X222A1",
                    transactions=[
                        edi.NewTransaction(
                            st="837", control="0001", guide="005010X222A1", segments=segments
                        )
                    ],
                )
            ],
        )
    )
    assert written == CLEAN_837P
