"""Practice facts with sensible values, of which a test changes what it is about."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from config.ids import uuid7
from config.money import Money
from config.people import Address
from practice.values import (
    Allowed,
    Charge,
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
    from config.ids import PracticeId

STREET = Address("12 Harbor Street", "Suite 4", "Portland", "ME", "041011234")
NPI = "1234567893"
OTHER_NPI = "1245319599"


def make_practice(practice_id: PracticeId, **changes: object) -> Practice:
    values: dict[str, Any] = {
        "name": "Harborview Family Practice",
        "npi": NPI,
        "tax_id": "900000001",
        "tax_id_kind": "EI",
        "taxonomy": "207Q00000X",
        "address": STREET,
        "pay_to": None,
        "phone": "2075550100",
        "email": "billing@harborview.example",
        "colour": "#1d4f91",
        "logo_svg": "",
        "language": "en",
        "time_zone": "America/New_York",
    }
    values.update(changes)
    return Practice(id=practice_id, **values)


def make_location(**changes: object) -> Location:
    values: dict[str, Any] = {
        "code": "MAIN",
        "name": "Main office",
        "npi": "",
        "address": STREET,
        "place_of_service": "11",
        "clia_number": "",
    }
    values.update(changes)
    return Location(id=LocationId(uuid7()), **values)


def make_provider(**changes: object) -> Provider:
    values: dict[str, Any] = {
        "npi": OTHER_NPI,
        "family": "Okonkwo-Reyes",
        "given": "Adaeze",
        "credential": "MD",
        "taxonomy": "207Q00000X",
        "is_rendering": True,
    }
    values.update(changes)
    return Provider(id=ProviderId(uuid7()), **values)


def make_payer(**changes: object) -> Payer:
    values: dict[str, Any] = {
        "payer_code": "SEA01",
        "name": "Seaside Health Plan",
        "kind": PayerKind.COMMERCIAL,
        "claim_filing_code": "CI",
        "address": None,
        "limits": FilingLimits(180, 90, 180, 90, "contract 2026"),
        "may_bill_patient": "pr",
        "allows_replacement": True,
        "partner_id": None,
    }
    values.update(changes)
    return Payer(id=PayerId(uuid7()), **values)


def make_partner(**changes: object) -> Partner:
    values: dict[str, Any] = {
        "code": "clearing",
        "name": "Coastal Clearing",
        "sender_qualifier": "ZZ",
        "sender_id": "HARBORVIEW",
        "receiver_qualifier": "ZZ",
        "receiver_id": "COASTAL",
        "submitter_id": "HV001",
        "submitter_name": "Harborview Family Practice",
        "contact_name": "Billing Office",
        "contact_phone": "2075550100",
        "usage": "T",
        "transport": "folder",
        "host": "",
        "port": 22,
        "username": "",
        "host_key": "",
        "key_file": "",
        "outbox": "outbox",
        "inbox": "inbox",
    }
    values.update(changes)
    return Partner(id=PartnerId(uuid7()), **values)


def make_charge(**changes: object) -> Charge:
    values: dict[str, Any] = {
        "code": "99213",
        "modifier": "",
        "unit_price": Money.from_text("150.00"),
        "wording": "Office visit",
        "wording_es": "Consulta",
        "from_date": dt.date(2026, 1, 1),
        "to_date": None,
    }
    values.update(changes)
    return Charge(**values)


def make_allowed(payer_id: PayerId, **changes: object) -> Allowed:
    values: dict[str, Any] = {
        "code": "99213",
        "unit_allowed": Money.from_text("92.40"),
        "from_date": dt.date(2026, 1, 1),
        "to_date": None,
    }
    values.update(changes)
    return Allowed(payer_id=payer_id, **values)
