"""Claims written as 837P 005010X222A1: one function a loop, in the order of the guide."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import edi
from claims.adapters.text import to_x12_amount, to_x12_code, to_x12_date, to_x12_text
from patients.values import Relationship

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from claims.values import (
        BillingProvider,
        ClaimContent,
        ClaimPerson,
        ClaimProvider,
        ContentLine,
        Facility,
    )
    from config.people import Address
    from practice.values import Partner

Segment = tuple[str | tuple[str, ...], ...]
GUIDE: Final = "005010X222A1"
CLAIMS_MAX: Final = 5_000  # advice of the guide for one ST
_SEQUENCES: Final = {1: "P", 2: "S", 3: "T"}
_RELATIONSHIPS: Final = {
    Relationship.SPOUSE: "01",
    Relationship.CHILD: "19",
    Relationship.OTHER: "G8",
}


@dataclass(frozen=True, slots=True)
class Envelope:
    """The numbers and the time of one 837 file.

    Attributes:
        interchange_control: ISA13; `group_control` is GS06; `reference` BHT03.
        at: ISA09/10, GS04/05, BHT04/05.
    """

    interchange_control: int
    group_control: int
    reference: str
    at: dt.datetime


def write_837p(
    claims: Sequence[ClaimContent], partner: Partner, envelope: Envelope
) -> tuple[bytes, list[str]]:
    """Write claims as one 837P file.

    Args:
        claims: In the order of the batch.
        partner: Whose envelope it is.
        envelope: Control numbers and time.

    Returns:
        The file, and for each claim the ST02 of the transaction that carries it.
    """
    transactions, controls = [], []
    for start in range(0, len(claims), CLAIMS_MAX):
        part = claims[start : start + CLAIMS_MAX]
        control = f"{start // CLAIMS_MAX + 1:04d}"
        controls += [control] * len(part)
        transactions.append(
            edi.NewTransaction(
                st="837",
                control=control,
                guide=GUIDE,
                segments=list(_transaction(part, partner, envelope)),
            )
        )
    group = edi.NewGroup(
        functional_id="HC",
        sender=partner.sender_id,
        receiver=partner.receiver_id,
        at=envelope.at,
        control=envelope.group_control,
        version=GUIDE,
        transactions=transactions,
    )
    interchange = edi.NewInterchange(
        sender=(partner.sender_qualifier, partner.sender_id),
        receiver=(partner.receiver_qualifier, partner.receiver_id),
        at=envelope.at,
        control=envelope.interchange_control,
        groups=[group],
        is_test=partner.usage == "T",
        is_ta1_requested=True,
    )
    return edi.write(interchange), controls


def _transaction(
    claims: Sequence[ClaimContent], partner: Partner, envelope: Envelope
) -> Iterator[Segment]:
    at = envelope.at
    yield ("BHT", "0019", "00", envelope.reference, to_x12_date(at.date()), f"{at:%H%M%S}", "CH")
    yield ("NM1", "41", "2", to_x12_text(partner.submitter_name), "", "", "", "", "46",
           partner.submitter_id)  # fmt: skip
    yield ("PER", "IC", to_x12_text(partner.contact_name), "TE", partner.contact_phone)
    yield ("NM1", "40", "2", to_x12_text(partner.name), "", "", "", "", "46", partner.receiver_id)
    number = 0
    billing_number = 0
    billing: BillingProvider | None = None
    for claim in claims:
        if claim.billing != billing:
            billing = claim.billing
            number += 1
            billing_number = number
            yield from _billing(billing, number)
        number += 1
        subscriber_number = number
        yield ("HL", str(number), str(billing_number), "22", "1" if claim.patient else "0")
        yield from _subscriber(claim)
        if claim.patient is not None:
            number += 1
            yield ("HL", str(number), str(subscriber_number), "23", "0")
            yield ("PAT", _RELATIONSHIPS[claim.relationship])
            yield from _person("QC", claim.patient, "")
            yield from _demographics(claim.patient)
        yield from _claim(claim)


def _address(address: Address) -> Iterator[Segment]:
    yield ("N3", to_x12_text(address.line1), to_x12_text(address.line2))
    country = "" if address.country == "US" else address.country
    yield ("N4", to_x12_text(address.city), address.state, address.postal_code, country)


def _billing(billing: BillingProvider, number: int) -> Iterator[Segment]:
    yield ("HL", str(number), "", "20", "1")
    if billing.taxonomy:
        yield ("PRV", "BI", "PXC", billing.taxonomy)
    name = to_x12_text(billing.name)
    yield ("NM1", "85", "2", name, "", "", "", "", "XX", billing.npi)
    yield from _address(billing.address)
    yield ("REF", billing.tax_id_kind, billing.tax_id)
    if billing.pay_to is not None:
        yield ("NM1", "87", "2")
        yield from _address(billing.pay_to)


def _person(role: str, person: ClaimPerson, member_id: str) -> Iterator[Segment]:
    name = person.name
    qualifier = ("MI", member_id) if member_id else ()
    yield ("NM1", role, "1", to_x12_text(name.family), to_x12_text(name.given),
           to_x12_text(name.middle), "", to_x12_text(name.suffix), *qualifier)  # fmt: skip


def _demographics(person: ClaimPerson) -> Iterator[Segment]:
    if person.address is not None:
        yield from _address(person.address)
    if person.birth_date is not None:
        yield ("DMG", "D8", to_x12_date(person.birth_date), person.sex)


def _subscriber(claim: ClaimContent) -> Iterator[Segment]:
    is_patient = claim.patient is None
    yield ("SBR", _SEQUENCES[claim.payer_sequence], "18" if is_patient else "",
           to_x12_text(claim.group_number),
           "" if claim.group_number else to_x12_text(claim.plan_name),
           "", "", "", "", claim.payer.claim_filing_code)  # fmt: skip
    yield from _person("IL", claim.subscriber, claim.member_id)
    if is_patient:
        yield from _demographics(claim.subscriber)
    payer = claim.payer
    yield ("NM1", "PR", "2", to_x12_text(payer.name), "", "", "", "", "PI", payer.payer_code)
    if payer.address is not None:
        yield from _address(payer.address)


def _claim(claim: ClaimContent) -> Iterator[Segment]:
    accident = claim.accident
    cause: str | tuple[str, ...] = (accident.kind.value, "", "", accident.state) if accident else ""
    yield ("CLM", claim.claim_number, to_x12_amount(claim.total), "", "",
           (claim.place_of_service, "B", claim.frequency),
           _yes(is_so=claim.has_signature), "A" if claim.accepts_assignment else "C",
           _yes(is_so=claim.assigns_benefits), "Y" if claim.releases_information else "I", "",
           cause)  # fmt: skip
    if accident is not None:
        yield ("DTP", "439", "D8", to_x12_date(accident.on))
    for qualifier, value in (
        ("9F", claim.referral_number),
        ("G1", claim.authorization_number),
        ("F8", claim.payer_claim_number),
        ("X4", claim.clia_number),
    ):
        if value:
            yield ("REF", qualifier, to_x12_text(value))
    codes = [to_x12_code(code) for code in claim.diagnoses]
    yield ("HI", *(("ABK" if place == 0 else "ABF", code) for place, code in enumerate(codes)))
    if claim.referring is not None:
        yield _clinician("DN", claim.referring)
    if claim.rendering is not None:
        yield from _rendering(claim.rendering)
    if claim.facility is not None:
        yield from _facility(claim.facility)
    for line in claim.lines:
        yield from _line(line, claim.place_of_service)


def _yes(*, is_so: bool) -> str:
    return "Y" if is_so else "N"


def _clinician(role: str, provider: ClaimProvider) -> Segment:
    return ("NM1", role, "1", to_x12_text(provider.family), to_x12_text(provider.given), "", "",
            "", "XX", provider.npi)  # fmt: skip


def _rendering(provider: ClaimProvider) -> Iterator[Segment]:
    yield _clinician("82", provider)
    if provider.taxonomy:
        yield ("PRV", "PE", "PXC", provider.taxonomy)


def _facility(facility: Facility) -> Iterator[Segment]:
    qualifier = ("XX", facility.npi) if facility.npi else ()
    yield ("NM1", "77", "2", to_x12_text(facility.name), "", "", "", "", *qualifier)
    yield from _address(facility.address)


def _line(line: ContentLine, claim_place: str) -> Iterator[Segment]:
    place = line.place_of_service if line.place_of_service != claim_place else ""
    yield ("LX", str(line.number))
    yield ("SV1", ("HC", line.code, *line.modifiers), to_x12_amount(line.charge), "UN",
           str(line.units), place, "", tuple(str(p) for p in line.pointers))  # fmt: skip
    first = to_x12_date(line.service_date)
    if line.service_to is None or line.service_to == line.service_date:
        yield ("DTP", "472", "D8", first)
    else:
        yield ("DTP", "472", "RD8", f"{first}-{to_x12_date(line.service_to)}")
    yield ("REF", "6R", line.control_number)
    if line.ndc:
        yield ("LIN", "", "N4", line.ndc)
        if line.ndc_units:
            yield ("CTP", "", "", "", line.ndc_units, (line.ndc_unit_of_measure,))
    if line.rendering is not None:
        yield from _rendering(line.rendering)
