"""Rows of the CSV files of patients, guarantors and coverages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marshmallow import fields, post_load

from config.csv_fields import (
    AddressRow,
    Choice,
    Count,
    Day,
    Flag,
    RowSchema,
    digits,
    take_address,
)
from config.people import Identifier, PersonName, Sex
from patients.values import (
    CoverageDetails,
    GuarantorDetails,
    PatientDetails,
    Relationship,
    Subscriber,
)


@dataclass(frozen=True, slots=True)
class PatientDraft:
    """A patient's row."""

    identifier: Identifier
    details: PatientDetails


@dataclass(frozen=True, slots=True)
class GuarantorDraft:
    """A guarantor's row: the person, the other system's account, and one of their patients."""

    account: Identifier
    patient: Identifier
    details: GuarantorDetails


@dataclass(frozen=True, slots=True)
class CoverageDraft:
    """A coverage's row; patient and payer are named by identifier and code."""

    patient: Identifier
    payer_code: str
    priority: int
    details: CoverageDetails


class PersonRow(AddressRow):
    """What the rows of patients and guarantors have in common."""

    family = fields.String(required=True)
    given = fields.String(load_default="")
    middle = fields.String(load_default="")
    suffix = fields.String(load_default="")
    phone = fields.String(load_default="")
    email = fields.String(load_default="")
    language = fields.String(load_default="")


def _name(values: dict[str, Any], prefix: str = "") -> PersonName:
    parts = ("family", "given", "middle", "suffix")
    return PersonName(*(values[f"{prefix}{part}"] for part in parts))


class PatientForm(PersonRow):
    """The row of a patient."""

    mrn = fields.String(required=True)
    assigner = fields.String(required=True)
    birth_date = Day(required=True)
    sex = Choice(Sex, load_default=Sex.UNKNOWN)
    deceased_on = Day(load_default=None)
    is_qmb = Flag(load_default=False)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> PatientDraft:  # noqa: ANN401  # marshmallow's signature
        """Make the patient's draft."""
        identifier = Identifier(system=values["assigner"], value=values["mrn"])
        details = PatientDetails(
            name=_name(values),
            birth_date=values["birth_date"],
            sex=values["sex"],
            address=take_address(values),
            phone=digits(values["phone"]),
            email=values["email"],
            language=values["language"].lower(),
            identifiers=(identifier,),
            deceased_on=values["deceased_on"],
            is_qmb=values["is_qmb"],
        )
        return PatientDraft(identifier, details)


class GuarantorForm(PersonRow):
    """The row of a guarantor with one patient; one with several patients has several rows."""

    account = fields.String(required=True)
    mrn = fields.String(required=True)
    assigner = fields.String(required=True)
    birth_date = Day(load_default=None)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> GuarantorDraft:  # noqa: ANN401  # marshmallow's signature
        """Make the guarantor's draft."""
        details = GuarantorDetails(
            name=_name(values),
            address=take_address(values),
            phone=digits(values["phone"]),
            email=values["email"],
            language=values["language"].lower(),
            birth_date=values["birth_date"],
        )
        return GuarantorDraft(
            account=Identifier(values["assigner"], values["account"], "AN"),
            patient=Identifier(values["assigner"], values["mrn"]),
            details=details,
        )


class CoverageForm(RowSchema):
    """The row of a coverage."""

    mrn = fields.String(required=True)
    assigner = fields.String(required=True)
    payer_code = fields.String(required=True)
    priority = Count(load_default=1)
    member_id = fields.String(load_default="")
    group_number = fields.String(load_default="")
    plan_name = fields.String(load_default="")
    relationship = Choice(Relationship, load_default=Relationship.SELF)
    from_date = Day(load_default=None)
    to_date = Day(load_default=None)
    subscriber_family = fields.String(load_default="")
    subscriber_given = fields.String(load_default="")
    subscriber_middle = fields.String(load_default="")
    subscriber_suffix = fields.String(load_default="")
    subscriber_birth_date = Day(load_default=None)
    subscriber_sex = Choice(Sex, load_default=Sex.UNKNOWN)
    subscriber_line1 = fields.String(load_default="")
    subscriber_line2 = fields.String(load_default="")
    subscriber_city = fields.String(load_default="")
    subscriber_state = fields.String(load_default="")
    subscriber_postal_code = fields.String(load_default="")
    subscriber_country = fields.String(load_default="")

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> CoverageDraft:  # noqa: ANN401  # marshmallow's signature
        """Make the coverage's draft."""
        subscriber = None
        if values["subscriber_family"] and values["relationship"] is not Relationship.SELF:
            subscriber = Subscriber(
                name=_name(values, "subscriber_"),
                birth_date=values["subscriber_birth_date"],
                sex=values["subscriber_sex"],
                address=take_address(values, "subscriber_"),
            )
        details = CoverageDetails(
            member_id=values["member_id"],
            group_number=values["group_number"],
            plan_name=values["plan_name"],
            relationship=values["relationship"],
            subscriber=subscriber,
            from_date=values["from_date"],
            to_date=values["to_date"],
        )
        return CoverageDraft(
            patient=Identifier(values["assigner"], values["mrn"]),
            payer_code=values["payer_code"],
            priority=values["priority"],
            details=details,
        )
