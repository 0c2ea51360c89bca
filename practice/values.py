"""The practice's own facts, as other packages read them; nothing here is a patient's."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType
from uuid import UUID

from config.ids import PracticeId
from config.money import Money
from config.people import Address

LocationId = NewType("LocationId", UUID)
ProviderId = NewType("ProviderId", UUID)
PayerId = NewType("PayerId", UUID)
PartnerId = NewType("PartnerId", UUID)


@dataclass(frozen=True, slots=True)
class Practice:
    """A practice: the billing provider of its claims and the letterhead of its bills.

    Attributes:
        npi: Group NPI (TR3 005010X222A1 2010AA NM109).
        tax_id: Nine digits (2010AA REF02); `tax_id_kind` says `EI` or `SY`.
        taxonomy: Billing taxonomy (2000A PRV03), or empty.
        address: Physical address with nine-digit ZIP (2010AA N3/N4).
        pay_to: Where payments go when elsewhere (2010AB).
        colour: Brand colour as `#rrggbb`.
        logo_svg: The logo as SVG text, or empty.
        language: `en` or `es`: what staff letters default to.
        time_zone: IANA name; decides which day it is at the desk.
    """

    id: PracticeId
    name: str
    npi: str
    tax_id: str
    tax_id_kind: str
    taxonomy: str
    address: Address
    pay_to: Address | None
    phone: str
    email: str
    colour: str
    logo_svg: str
    language: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Location:
    """A place where the practice sees patients.

    Attributes:
        code: The practice's short code, which messages and CSV files name.
        npi: The location's own NPI, or empty.
        place_of_service: Default place-of-service code (CLM05-1).
        clia_number: CLIA certificate number (REF*X4), or empty.
    """

    id: LocationId
    code: str
    name: str
    npi: str
    address: Address
    place_of_service: str
    clia_number: str


@dataclass(frozen=True, slots=True)
class Provider:
    """A clinician of the practice, or one who refers to it.

    Attributes:
        is_rendering: Sees patients here; false for outside referring providers.
    """

    id: ProviderId
    npi: str
    family: str
    given: str
    credential: str
    taxonomy: str
    is_rendering: bool


class PayerKind(StrEnum):
    """What kind of payer it is; decides the filing code and who may be billed."""

    COMMERCIAL = "commercial"
    HMO = "hmo"
    BLUE = "blue"
    MEDICARE = "medicare"
    MEDICARE_ADVANTAGE = "medicare-advantage"
    MEDICAID = "medicaid"
    TRICARE = "tricare"
    WORKERS_COMP = "workers-comp"
    AUTO = "auto"
    SELF_PAY = "self-pay"


@dataclass(frozen=True, slots=True)
class FilingLimits:
    """Days a payer gives, counted as its contract says; None where it sets none.

    Attributes:
        initial: From the service date to the first filing.
        corrected: From the payer's answer to a corrected claim.
        appeal: From the payer's answer to an appeal.
        secondary: From the primary's answer to the secondary claim.
        source: Contract or law that says so.
    """

    initial: int | None
    corrected: int | None
    appeal: int | None
    secondary: int | None
    source: str


@dataclass(frozen=True, slots=True)
class Payer:
    """An insurer or other payer.

    Attributes:
        payer_code: Electronic payer id (2010BB NM109).
        claim_filing_code: SBR09, such as `CI`, `HM`, `MB`, `MC`, `BL`.
        may_bill_patient: What of a PR amount may reach a patient at all: `pr` (up to PR),
            `copay` (at most the copay), `none`.
        allows_replacement: Takes frequency 7 and 8 (false: corrected as a new claim, R4).
        asks_referring_provider: Takes no claim without one (R14).
    """

    id: PayerId
    payer_code: str
    name: str
    kind: PayerKind
    claim_filing_code: str
    address: Address | None
    limits: FilingLimits
    may_bill_patient: str
    allows_replacement: bool
    partner_id: PartnerId | None
    asks_referring_provider: bool = False


@dataclass(frozen=True, slots=True)
class Partner:
    """A trading partner: the clearinghouse or payer that files go to and answers come from.

    Attributes:
        code: Short name used for its folders: small letters, digits and hyphen.
        sender_qualifier: ISA05; `sender_id` is ISA06 and GS02.
        receiver_qualifier: ISA07; `receiver_id` is ISA08 and GS03.
        submitter_id: 1000A NM109; `submitter_name`, `contact_name`, `contact_phone` its PER.
        usage: ISA15: `T` or `P`.
        transport: `folder` or `sftp`.
        host: SFTP host; with `port`, `username`, pinned `host_key` and `key_file` in KEYS.
        outbox: Folder there that we upload to; `inbox` the one that we read answers from.
    """

    id: PartnerId
    code: str
    name: str
    sender_qualifier: str
    sender_id: str
    receiver_qualifier: str
    receiver_id: str
    submitter_id: str
    submitter_name: str
    contact_name: str
    contact_phone: str
    usage: str
    transport: str
    host: str
    port: int
    username: str
    host_key: str
    key_file: str
    outbox: str
    inbox: str


@dataclass(frozen=True, slots=True)
class Charge:
    """One price of the charge master, in force from a day on.

    Attributes:
        code: HCPCS or CPT number.
        modifier: The one modifier that has a price of its own, or empty.
        unit_price: Price of one unit.
        wording: The practice's own words for bills; `wording_es` in Spanish.
    """

    code: str
    modifier: str
    unit_price: Money
    wording: str
    wording_es: str
    from_date: dt.date
    to_date: dt.date | None


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a contract says a payer allows for one unit, in force from a day on."""

    payer_id: PayerId
    code: str
    unit_allowed: Money
    from_date: dt.date
    to_date: dt.date | None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A provider's enrolment with a payer over a span of dates."""

    provider_id: ProviderId
    payer_id: PayerId
    from_date: dt.date
    to_date: dt.date | None
    is_participating: bool


FeedId = NewType("FeedId", UUID)


class FeedKind(StrEnum):
    """By which way a feed's messages come in."""

    MLLP = "mllp"
    FOLDER = "folder"
    API = "api"


@dataclass(frozen=True, slots=True)
class Feed:
    """A sender that belongs to this practice; a message from any other is held.

    Attributes:
        kind: Which way it comes.
        sender: `MSH-3|MSH-4` of HL7 messages, the inbox folder, or the API client's client_id.
        name: What people call it.
        time_zone: IANA name for its times without a zone; empty: the practice's.
    """

    id: FeedId
    kind: FeedKind
    sender: str
    name: str
    time_zone: str = ""
