"""From rows to the values that other packages read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from config.ids import PracticeId
from config.money import Money
from config.people import Address
from practice.values import (
    Allowed,
    Charge,
    Enrolment,
    Feed,
    FeedId,
    FeedKind,
    FilingLimits,
    Location,
    LocationId,
    Partner,
    PartnerId,
    Payer,
    PayerId,
    PayerKind,
    Practice,
    Provider,
    ProviderId,
)

if TYPE_CHECKING:
    from practice.models import (
        ChargeRecord,
        ContractFeeRecord,
        EnrolmentRecord,
        FeedRecord,
        LocationRecord,
        PartnerRecord,
        PayerRecord,
        PracticeRecord,
        ProviderRecord,
    )

from practice.adapters import PARTNER_COLUMNS, PRACTICE_COLUMNS


def read_address(text: str) -> Address | None:
    """Return the address of a column's text; None for the empty one."""
    return msgspec.json.decode(text, type=Address) if text else None


def to_practice(record: PracticeRecord) -> Practice:
    """Read a practice's row."""
    return Practice(
        id=PracticeId(record.id),
        address=read_address(record.address) or Address(""),
        pay_to=read_address(record.pay_to),
        **{name: getattr(record, name) for name in PRACTICE_COLUMNS},
    )


def to_location(record: LocationRecord) -> Location:
    """Read a location's row."""
    return Location(
        id=LocationId(record.id),
        code=record.code,
        name=record.name,
        npi=record.npi,
        address=read_address(record.address) or Address(""),
        place_of_service=record.place_of_service,
        clia_number=record.clia_number,
    )


def to_provider(record: ProviderRecord) -> Provider:
    """Read a provider's row."""
    return Provider(
        id=ProviderId(record.id),
        npi=record.npi,
        family=record.family,
        given=record.given,
        credential=record.credential,
        taxonomy=record.taxonomy,
        is_rendering=record.is_rendering,
    )


def to_partner(record: PartnerRecord) -> Partner:
    """Read a trading partner's row."""
    return Partner(
        id=PartnerId(record.id), **{name: getattr(record, name) for name in PARTNER_COLUMNS}
    )


def to_payer(record: PayerRecord) -> Payer:
    """Read a payer's row."""
    return Payer(
        id=PayerId(record.id),
        payer_code=record.payer_code,
        name=record.name,
        kind=PayerKind(record.kind),
        claim_filing_code=record.claim_filing_code,
        address=read_address(record.address),
        limits=FilingLimits(
            initial=record.initial_days_max,
            corrected=record.corrected_days_max,
            appeal=record.appeal_days_max,
            secondary=record.secondary_days_max,
            source=record.limits_source,
        ),
        may_bill_patient=record.may_bill_patient,
        allows_replacement=record.allows_replacement,
        asks_referring_provider=record.asks_referring_provider,
        partner_id=PartnerId(record.partner_id) if record.partner_id else None,
    )


def to_charge(record: ChargeRecord) -> Charge:
    """Read one price."""
    return Charge(
        code=record.code,
        modifier=record.modifier,
        unit_price=Money(record.unit_cents, record.currency),
        wording=record.wording,
        wording_es=record.wording_es,
        from_date=record.from_date,
        to_date=record.to_date,
    )


def to_allowed(record: ContractFeeRecord) -> Allowed:
    """Read one contract fee."""
    return Allowed(
        payer_id=PayerId(record.payer_id),
        code=record.code,
        unit_allowed=Money(record.unit_cents, record.currency),
        from_date=record.from_date,
        to_date=record.to_date,
    )


def to_enrolment(record: EnrolmentRecord) -> Enrolment:
    """Read one enrolment."""
    return Enrolment(
        provider_id=ProviderId(record.provider_id),
        payer_id=PayerId(record.payer_id),
        from_date=record.from_date,
        to_date=record.to_date,
        is_participating=record.is_participating,
    )


def to_feed(record: FeedRecord) -> Feed:
    """Read a feed's row."""
    return Feed(
        id=FeedId(record.id),
        kind=FeedKind(record.kind),
        sender=record.sender,
        name=record.name,
        time_zone=record.time_zone,
    )
