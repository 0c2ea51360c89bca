"""Patients, guarantors and coverages with sensible values; nobody of them exists."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from config.people import Address, Identifier, PersonName, Sex
from patients.values import (
    CoverageDetails,
    CoverageEntry,
    GuarantorDetails,
    PatientDetails,
    Relationship,
)

if TYPE_CHECKING:
    from practice.values import PayerId

TODAY = dt.date(2026, 9, 15)
HOME = Address("7 Lighthouse Lane", "", "Portland", "ME", "04101")


def make_identifier(value: str = "MRN-1001", system: str = "HARBORVIEW") -> Identifier:
    return Identifier(system=system, value=value)


def make_patient(**changes: object) -> PatientDetails:
    values: dict[str, Any] = {
        "name": PersonName("Vandersloot", "Marigold", "Q"),
        "birth_date": dt.date(1984, 3, 9),
        "sex": Sex.FEMALE,
        "address": HOME,
        "phone": "2075550111",
        "identifiers": (make_identifier(),),
    }
    values.update(changes)
    return PatientDetails(**values)


def make_guarantor(**changes: object) -> GuarantorDetails:
    values: dict[str, Any] = {
        "name": PersonName("Vandersloot", "Marigold", "Q"),
        "address": HOME,
        "birth_date": dt.date(1984, 3, 9),
    }
    values.update(changes)
    return GuarantorDetails(**values)


def make_entry(payer_id: PayerId, *, priority: int = 1, **changes: object) -> CoverageEntry:
    values: dict[str, Any] = {
        "member_id": "SEA778812",
        "group_number": "G-55",
        "plan_name": "Seaside Silver",
        "relationship": Relationship.SELF,
    }
    values.update(changes)
    return CoverageEntry(payer_id, priority, CoverageDetails(**values))
