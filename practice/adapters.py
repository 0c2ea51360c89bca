"""From values to the columns of their rows; `queries.reading` goes the other way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from config.people import Address
    from practice.values import (
        Allowed,
        Charge,
        Location,
        Partner,
        Payer,
        Practice,
        Provider,
    )


PARTNER_COLUMNS = (
    "code", "name", "sender_qualifier", "sender_id", "receiver_qualifier", "receiver_id",
    "submitter_id", "submitter_name", "contact_name", "contact_phone", "usage", "transport",
    "host", "port", "username", "host_key", "key_file", "outbox", "inbox",
)  # fmt: skip
PRACTICE_COLUMNS = (
    "name", "npi", "tax_id", "tax_id_kind", "taxonomy", "phone", "email", "colour", "logo_svg",
    "language", "time_zone",
)  # fmt: skip


def write_address(address: Address | None) -> str:
    """Return an address as the text of its column; empty for none."""
    return "" if address is None else msgspec.json.encode(address).decode()


def from_practice(practice: Practice) -> dict[str, Any]:
    """Return a practice's columns without its key."""
    return {
        **{name: getattr(practice, name) for name in PRACTICE_COLUMNS},
        "address": write_address(practice.address),
        "pay_to": write_address(practice.pay_to),
    }


def from_location(location: Location) -> dict[str, Any]:
    """Return a location's columns without its keys."""
    return {
        "name": location.name,
        "npi": location.npi,
        "address": write_address(location.address),
        "place_of_service": location.place_of_service,
        "clia_number": location.clia_number,
    }


def from_provider(provider: Provider) -> dict[str, Any]:
    """Return a provider's columns without its keys."""
    return {
        "family": provider.family,
        "given": provider.given,
        "credential": provider.credential,
        "taxonomy": provider.taxonomy,
        "is_rendering": provider.is_rendering,
    }


def from_partner(partner: Partner) -> dict[str, Any]:
    """Return a trading partner's columns without its keys."""
    return {name: getattr(partner, name) for name in PARTNER_COLUMNS if name != "code"}


def from_payer(payer: Payer) -> dict[str, Any]:
    """Return a payer's columns without its keys."""
    return {
        "name": payer.name,
        "kind": payer.kind.value,
        "claim_filing_code": payer.claim_filing_code,
        "address": write_address(payer.address),
        "initial_days_max": payer.limits.initial,
        "corrected_days_max": payer.limits.corrected,
        "appeal_days_max": payer.limits.appeal,
        "secondary_days_max": payer.limits.secondary,
        "limits_source": payer.limits.source,
        "may_bill_patient": payer.may_bill_patient,
        "allows_replacement": payer.allows_replacement,
        "asks_referring_provider": payer.asks_referring_provider,
        "partner_id": payer.partner_id,
    }


def from_charge(charge: Charge) -> dict[str, Any]:
    """Return a price's columns without its keys."""
    return {
        "code": charge.code,
        "modifier": charge.modifier,
        "unit_cents": charge.unit_price.cents,
        "currency": charge.unit_price.currency,
        "wording": charge.wording,
        "wording_es": charge.wording_es,
        "from_date": charge.from_date,
        "to_date": charge.to_date,
    }


def from_allowed(allowed: Allowed) -> dict[str, Any]:
    """Return a contract fee's columns without its keys."""
    return {
        "payer_id": allowed.payer_id,
        "code": allowed.code,
        "unit_cents": allowed.unit_allowed.cents,
        "currency": allowed.unit_allowed.currency,
        "from_date": allowed.from_date,
        "to_date": allowed.to_date,
    }
