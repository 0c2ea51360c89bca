"""Claims written as 837P: accepted by our engine and by pyx12, every element traced."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

import edi
from claims.adapters.from_837p import read_elements
from claims.adapters.text import to_x12_amount, to_x12_text
from claims.adapters.to_837p import Envelope, write_837p
from claims.values import ClaimPayer, Facility
from config.money import Money
from config.people import Address, PersonName
from encounters.values import Accident, AccidentKind
from patients.values import Relationship
from tests.factories.claims import (
    AT,
    RENDERING,
    SERVED_ON,
    make_billing,
    make_content,
    make_line,
    make_person,
)
from tests.factories.oracles import find_pyx12_errors
from tests.factories.practice import OTHER_NPI, STREET, make_partner

if TYPE_CHECKING:
    from claims.values import ClaimContent

ENVELOPE: Final = Envelope(7, 7, "CLEARING000000007", AT)
FULL: Final = make_content(
    billing=make_billing(pay_to=Address("PO Box 44", "", "Portland", "ME", "041011234")),
    payer=ClaimPayer("SEA01", "Seaside Health Plan", "CI", STREET),
    relationship=Relationship.CHILD,
    patient=make_person(name=PersonName("Vandersloot", "Pip", "", "Jr")),
    referring=replace(RENDERING, npi=OTHER_NPI, taxonomy=""),
    facility=Facility("Annex", OTHER_NPI, STREET),
    accident=Accident(AccidentKind.AUTO, SERVED_ON, "ME"),
    authorization_number="AUTH-1",
    referral_number="REF-1",
    clia_number="99D9999999",
    diagnoses=tuple(f"A0{n}.0" for n in range(10)),
    lines=(
        make_line(1, modifiers=("25", "59"), pointers=(1, 2, 3, 4)),
        make_line(2, code="J1885", system="HCPCS", ndc="00409379501", ndc_units="0.5",
                  ndc_unit_of_measure="ML", units=3, charge=Money(3_750)),
        make_line(3, code="80053", service_to=SERVED_ON + dt.timedelta(days=1)),
        make_line(4, code="93000", rendering=RENDERING),
    ),
)  # fmt: skip
KINDS: Final[dict[str, ClaimContent]] = {
    "self": make_content(),
    "everything": FULL,
    "replacement": make_content(frequency="7", payer_claim_number="ICN 00017"),
    "void": make_content(frequency="8", payer_claim_number="ICN00017"),
    "no group": make_content(group_number=""),
    "spouse": make_content(relationship=Relationship.SPOUSE, patient=make_person()),
    "other": make_content(relationship=Relationship.OTHER, patient=make_person()),
    "no assignment": make_content(accepts_assignment=False, assigns_benefits=False),
    "accents": make_content(
        subscriber=make_person(name=PersonName("Núñez~O\u2019Hara*", "Zoë", "", ""))
    ),
    "many lines": make_content(lines=tuple(make_line(n) for n in range(1, 51))),
}


def write(*contents: ClaimContent) -> bytes:
    return write_837p(contents, make_partner(), ENVELOPE)[0]


def describe(data: bytes) -> list[str]:
    (file,) = edi.check(io.BytesIO(data), snip=frozenset({1, 2, 3})).files
    return [f"{f.loop}/{f.segment}{f.element}: {f.message}" for f in file.faults]


@pytest.mark.parametrize("kind", KINDS)
def test_written_claim_passes_our_own_check(kind: str) -> None:
    assert describe(write(KINDS[kind])) == []


@pytest.mark.oracle
@pytest.mark.parametrize("kind", KINDS)
def test_pyx12_accepts_the_written_claim(kind: str) -> None:
    assert find_pyx12_errors(write(KINDS[kind])) == []


@pytest.mark.oracle
def test_pyx12_accepts_a_batch_of_all_kinds() -> None:
    other = make_content(billing=make_billing(name="Harborview West"), claim_number="C99")
    data, controls = write_837p([*KINDS.values(), other], make_partner(), ENVELOPE)
    assert find_pyx12_errors(data) == []
    assert controls == ["0001"] * (len(KINDS) + 1)


def test_envelope_carries_the_partners_numbers() -> None:
    (interchange,) = _read(write(make_content())).interchanges
    assert interchange.control == "000000007"
    assert interchange.is_test
    assert interchange.is_ta1_requested


def _read(data: bytes) -> edi.Reader:
    reader = edi.read(io.BytesIO(data))
    for transaction in reader:
        transaction.tree()
    return reader


def find(content: ClaimContent, place: str) -> Any:  # noqa: ANN401  # a value or None
    elements = read_elements(io.BytesIO(write(content)), content.claim_number)
    return next((e.value for e in elements if e.place == place), None)


def test_patient_is_the_subscriber_unless_somebody_else_holds_the_insurance() -> None:
    assert find(KINDS["self"], "2000B/SBR02") == "18"
    assert find(KINDS["self"], "2010CA/NM103") is None
    assert find(FULL, "2000B/SBR02") is None
    assert find(FULL, "2000C/PAT01") == "19"
    assert find(FULL, "2010CA/NM104") == "PIP"


def test_elements_of_other_claims_in_the_file_are_left_out() -> None:
    second = make_content(claim_number="C00000021", member_id="SEA999999")
    data = write(FULL, second)
    elements = read_elements(io.BytesIO(data), "C00000021")
    values = [e.value for e in elements]
    assert "SEA999999" in values
    assert "SEA778812" not in values
    assert "PIP" not in values
    assert read_elements(io.BytesIO(data), "C1") == []


def test_every_data_element_of_the_claims_loops_is_read_back_once() -> None:
    data = write(FULL)
    elements = read_elements(io.BytesIO(data), FULL.claim_number)
    places = [e.place for e in elements]
    assert len(places) == len(set(places))
    text = data.decode()
    body = text[text.index("HL*1*") : text.index("SE*")]
    sent = [
        part
        for segment in body.split("~")
        for element in segment.strip().split("*")[1:]
        for part in element.split(":")
        if part
    ]
    assert sorted(e.value for e in elements) == sorted(sent)


@pytest.mark.parametrize(
    ("cents", "text"), [(15_000, "150"), (15_050, "150.5"), (15_055, "150.55"), (0, "0")]
)
def test_amount_has_no_zeros_behind(cents: int, text: str) -> None:
    assert to_x12_amount(Money(cents)) == text


@pytest.mark.parametrize(
    ("text", "sent"),
    [("Núñez", "NUNEZ"), ("O\u2019Hara", "O'HARA"), ("A*B~C", "A B C"), ("  a  b ", "A B")],
)
def test_text_is_sent_in_the_basic_character_set(text: str, sent: str) -> None:
    assert to_x12_text(text) == sent


def test_delimiter_in_a_number_is_refused_not_sent() -> None:
    with pytest.raises(edi.UnsendableError):
        write(make_content(member_id="SEA*1"))
