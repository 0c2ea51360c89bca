"""Rows of the practice's CSV files: their columns, and what each becomes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from marshmallow import fields, post_load

from config.csv_fields import (
    AddressRow,
    Amount,
    Choice,
    Count,
    Day,
    Flag,
    Names,
    RowSchema,
    digits,
    take_address,
)
from config.ids import PracticeId, uuid7
from config.money import Money
from config.people import Address
from practice.values import (
    Charge,
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

_CLAIM_FILING: dict[PayerKind, str] = {
    PayerKind.COMMERCIAL: "CI",
    PayerKind.HMO: "HM",
    PayerKind.BLUE: "BL",
    PayerKind.MEDICARE: "MB",
    PayerKind.MEDICARE_ADVANTAGE: "16",
    PayerKind.MEDICAID: "MC",
    PayerKind.TRICARE: "CH",
    PayerKind.WORKERS_COMP: "WC",
    PayerKind.AUTO: "AM",
    PayerKind.SELF_PAY: "ZZ",
}
_MAY_BILL: dict[PayerKind, str] = {PayerKind.MEDICAID: "none", PayerKind.WORKERS_COMP: "none"}


@dataclass(frozen=True, slots=True)
class PayerDraft:
    """A payer's row: the payer, its other names and its trading partner's code."""

    payer: Payer
    also_known_as: tuple[str, ...]
    partner_code: str


@dataclass(frozen=True, slots=True)
class ContractDraft:
    """A contract's row: a fee of a payer that is named by its code."""

    payer_code: str
    code: str
    unit_allowed: Money
    from_date: dt.date
    to_date: dt.date | None


@dataclass(frozen=True, slots=True)
class EnrolmentDraft:
    """An enrolment's row: provider and payer are named by NPI and code."""

    npi: str
    payer_code: str
    from_date: dt.date
    to_date: dt.date | None
    is_participating: bool


class PracticeForm(AddressRow):
    """The row of a practice."""

    name = fields.String(required=True)
    npi = fields.String(required=True)
    tax_id = fields.String(required=True)
    tax_id_kind = fields.String(load_default="EI")
    taxonomy = fields.String(load_default="")
    phone = fields.String(load_default="")
    email = fields.String(load_default="")
    colour = fields.String(load_default="#1d4f91")
    logo_svg = fields.String(load_default="")
    language = fields.String(load_default="en")
    time_zone = fields.String(load_default="America/New_York")
    pay_to_line1 = fields.String(load_default="")
    pay_to_line2 = fields.String(load_default="")
    pay_to_city = fields.String(load_default="")
    pay_to_state = fields.String(load_default="")
    pay_to_postal_code = fields.String(load_default="")
    pay_to_country = fields.String(load_default="US")

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Practice:  # noqa: ANN401  # marshmallow's signature
        """Make the practice; its key counts only if it is new."""
        return Practice(
            id=PracticeId(uuid7()),
            name=values["name"],
            npi=values["npi"],
            tax_id=digits(values["tax_id"]),
            tax_id_kind=values["tax_id_kind"].upper(),
            taxonomy=values["taxonomy"].upper(),
            address=take_address(values) or Address(""),
            pay_to=take_address(values, "pay_to_"),
            phone=digits(values["phone"]),
            email=values["email"],
            colour=values["colour"],
            logo_svg=values["logo_svg"],
            language=values["language"],
            time_zone=values["time_zone"],
        )


class LocationForm(AddressRow):
    """The row of a location."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    npi = fields.String(load_default="")
    place_of_service = fields.String(load_default="11")
    clia_number = fields.String(load_default="")

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Location:  # noqa: ANN401  # marshmallow's signature
        """Make the location; its key counts only if it is new."""
        return Location(
            id=LocationId(uuid7()),
            code=values["code"],
            name=values["name"],
            npi=values["npi"],
            address=take_address(values) or Address(""),
            place_of_service=values["place_of_service"].zfill(2),
            clia_number=values["clia_number"].upper(),
        )


class ProviderForm(RowSchema):
    """The row of a provider."""

    npi = fields.String(required=True)
    family = fields.String(required=True)
    given = fields.String(load_default="")
    credential = fields.String(load_default="")
    taxonomy = fields.String(load_default="")
    is_rendering = Flag(load_default=True)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Provider:  # noqa: ANN401  # marshmallow's signature
        """Make the provider; its key counts only if it is new."""
        values["taxonomy"] = values["taxonomy"].upper()
        return Provider(id=ProviderId(uuid7()), **values)


class PayerForm(AddressRow):
    """The row of a payer."""

    payer_code = fields.String(required=True)
    name = fields.String(required=True)
    also_known_as = Names(load_default=())
    kind = Choice(PayerKind, required=True)
    claim_filing_code = fields.String(load_default="")
    initial_days_max = Count(load_default=None)
    corrected_days_max = Count(load_default=None)
    appeal_days_max = Count(load_default=None)
    secondary_days_max = Count(load_default=None)
    limits_source = fields.String(load_default="")
    may_bill_patient = fields.String(load_default="")
    allows_replacement = Flag(load_default=True)
    asks_referring_provider = Flag(load_default=False)
    partner_code = fields.String(load_default="")

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> PayerDraft:  # noqa: ANN401  # marshmallow's signature
        """Make the payer; what isn't given follows from its kind."""
        kind: PayerKind = values["kind"]
        payer = Payer(
            id=PayerId(uuid7()),
            payer_code=values["payer_code"],
            name=values["name"],
            kind=kind,
            claim_filing_code=values["claim_filing_code"].upper() or _CLAIM_FILING[kind],
            address=take_address(values),
            limits=FilingLimits(
                initial=values["initial_days_max"],
                corrected=values["corrected_days_max"],
                appeal=values["appeal_days_max"],
                secondary=values["secondary_days_max"],
                source=values["limits_source"],
            ),
            may_bill_patient=values["may_bill_patient"].lower() or _MAY_BILL.get(kind, "pr"),
            allows_replacement=values["allows_replacement"],
            asks_referring_provider=values["asks_referring_provider"],
            partner_id=None,
        )
        return PayerDraft(payer, values["also_known_as"], values["partner_code"])


class PartnerForm(RowSchema):
    """The row of a trading partner."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    sender_qualifier = fields.String(load_default="ZZ")
    sender_id = fields.String(required=True)
    receiver_qualifier = fields.String(load_default="ZZ")
    receiver_id = fields.String(required=True)
    submitter_id = fields.String(required=True)
    submitter_name = fields.String(required=True)
    contact_name = fields.String(required=True)
    contact_phone = fields.String(required=True)
    usage = fields.String(load_default="T")
    transport = fields.String(load_default="folder")
    host = fields.String(load_default="")
    port = Count(load_default=22)
    username = fields.String(load_default="")
    host_key = fields.String(load_default="")
    key_file = fields.String(load_default="")
    outbox = fields.String(load_default="outbox")
    inbox = fields.String(load_default="inbox")

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Partner:  # noqa: ANN401  # marshmallow's signature
        """Make the trading partner; its key counts only if it is new."""
        values["contact_phone"] = digits(values["contact_phone"])
        return Partner(id=PartnerId(uuid7()), **values)


class ChargeForm(RowSchema):
    """The row of one price."""

    code = fields.String(required=True)
    modifier = fields.String(load_default="")
    unit_price = Amount(required=True)
    wording = fields.String(required=True)
    wording_es = fields.String(load_default="")
    from_date = Day(required=True)
    to_date = Day(load_default=None)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Charge:  # noqa: ANN401  # marshmallow's signature
        """Make the price."""
        values["code"] = values["code"].upper()
        values["modifier"] = values["modifier"].upper()
        return Charge(**values)


class ContractForm(RowSchema):
    """The row of one contract fee."""

    payer_code = fields.String(required=True)
    code = fields.String(required=True)
    unit_allowed = Amount(required=True)
    from_date = Day(required=True)
    to_date = Day(load_default=None)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> ContractDraft:  # noqa: ANN401  # marshmallow's signature
        """Make the fee's draft."""
        values["code"] = values["code"].upper()
        return ContractDraft(**values)


class EnrolmentForm(RowSchema):
    """The row of one enrolment."""

    npi = fields.String(required=True)
    payer_code = fields.String(required=True)
    from_date = Day(required=True)
    to_date = Day(load_default=None)
    is_participating = Flag(load_default=True)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> EnrolmentDraft:  # noqa: ANN401  # marshmallow's signature
        """Make the enrolment's draft."""
        return EnrolmentDraft(**values)


class FeedForm(RowSchema):
    """The row of a feed."""

    kind = Choice(FeedKind, required=True)
    sender = fields.String(required=True)
    name = fields.String(required=True)
    time_zone = fields.String(load_default="")

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Feed:  # noqa: ANN401  # marshmallow's signature
        """Make the feed; its key counts only if it is new."""
        return Feed(id=FeedId(uuid7()), **values)
