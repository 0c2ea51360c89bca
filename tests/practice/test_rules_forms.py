from __future__ import annotations

from dataclasses import replace

import pytest

from config.ids import PracticeId, uuid7
from config.people import Address
from practice import rules
from practice.values import FilingLimits
from tests.factories.practice import (
    STREET,
    make_location,
    make_partner,
    make_payer,
    make_practice,
    make_provider,
)

PRACTICE = PracticeId(uuid7())


@pytest.mark.parametrize("npi", ["1234567893", "1245319599"])
def test_npi_with_right_check_digit_passes(npi: str) -> None:
    assert rules.check_npi(npi) == []


@pytest.mark.parametrize(
    "npi", ["", "1234567890", "123456789", "12345678933", "12345 7893", "١٢٣٤٥٦٧٨٩٣"]
)
def test_npi_with_wrong_check_digit_or_form_is_found(npi: str) -> None:
    assert [f.code for f in rules.check_npi(npi)] == ["npi-check-digit"]


@pytest.mark.parametrize("taxonomy", ["207Q00000Y", "207Q0000X", "207q00000X"])
def test_taxonomy_without_its_form_is_found(taxonomy: str) -> None:
    assert [f.code for f in rules.check_taxonomy(taxonomy)] == ["taxonomy-form"]


def test_whole_practice_passes() -> None:
    assert rules.check_practice(make_practice(PRACTICE)) == []


@pytest.mark.parametrize(
    "line", ["PO Box 12", "P.O. Box 12", "p o box 7", "Post Office Box 3", "Box 44"]
)
def test_billing_address_that_is_a_box_is_found(line: str) -> None:
    practice = make_practice(PRACTICE, address=replace(STREET, line1=line))
    assert [f.code for f in rules.check_practice(practice)] == ["address-po-box"]


@pytest.mark.parametrize("line", ["12 Boxwood Lane", "4 Popham Street", "9 Boxer Road"])
def test_street_that_only_sounds_like_a_box_passes(line: str) -> None:
    practice = make_practice(PRACTICE, address=replace(STREET, line1=line))
    assert rules.check_practice(practice) == []


def test_box_is_fine_as_pay_to_address() -> None:
    box = Address("PO Box 12", "", "Portland", "ME", "04101")
    assert rules.check_practice(make_practice(PRACTICE, pay_to=box)) == []


def test_billing_zip_needs_nine_digits_and_others_do_not() -> None:
    short = replace(STREET, postal_code="04101")
    practice = make_practice(PRACTICE, address=short)
    assert [(f.code, f.where) for f in rules.check_practice(practice)] == [
        ("address-zip", "address.postal_code")
    ]
    assert rules.check_location(make_location(address=short)) == []


def test_unknown_state_is_found() -> None:
    found = rules.check_location(make_location(address=replace(STREET, state="XX")))
    assert [(f.code, f.where) for f in found] == [("state-code", "address.state")]


@pytest.mark.parametrize(("days", "code"), [(-1, "filing-limit"), (4000, "filing-limit")])
def test_filing_days_out_of_bounds_are_found(days: int, code: str) -> None:
    payer = make_payer(limits=FilingLimits(days, None, None, None, "contract"))
    assert [f.code for f in rules.check_payer(payer)] == [code]


def test_filing_days_without_a_source_are_found() -> None:
    payer = make_payer(limits=FilingLimits(0, None, None, None, " "))
    assert [f.code for f in rules.check_payer(payer)] == ["filing-limit-source"]


@pytest.mark.parametrize(
    "svg",
    [
        "<svg onload='x()'/>",
        "<svg><script>1</script></svg>",
        "<!DOCTYPE svg><svg/>",
        "<svg><image href='https://elsewhere.example/a.png'/></svg>",
        "<html/>",
    ],
)
def test_logo_that_could_act_is_found(svg: str) -> None:
    assert [f.code for f in rules.check_practice(make_practice(PRACTICE, logo_svg=svg))] == [
        "logo-form"
    ]


def test_plain_logo_passes() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><use href="#a"/><path d="M0 0h9"/></svg>'
    assert rules.check_practice(make_practice(PRACTICE, logo_svg=svg)) == []


def test_sftp_partner_needs_a_pinned_host_key() -> None:
    partner = make_partner(transport="sftp", host="sftp.example", username="hv", key_file="id")
    assert [f.where for f in rules.check_partner(partner)] == ["host_key"]


def test_provider_without_name_is_found() -> None:
    assert [f.code for f in rules.check_provider(make_provider(family=" "))] == ["value-missing"]
