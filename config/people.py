"""Names and addresses, as every package that has to do with people and places uses them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Sex(StrEnum):
    """Administrative sex as claims carry it (TR3 005010X222A1 2010BA DMG03)."""

    FEMALE = "F"
    MALE = "M"
    UNKNOWN = "U"


@dataclass(frozen=True, slots=True)
class PersonName:
    """A person's name in its parts, as given, trimmed."""

    family: str
    given: str = ""
    middle: str = ""
    suffix: str = ""

    @property
    def full(self) -> str:
        """Return given, middle, family and suffix in the order people read."""
        return " ".join(p for p in (self.given, self.middle, self.family, self.suffix) if p)


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address.

    Attributes:
        line1: Street and number.
        line2: Unit, floor or suite.
        city: City.
        state: Two letters.
        postal_code: ZIP as five or nine digits without a hyphen.
        country: ISO 3166 alpha-2.
    """

    line1: str
    line2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = "US"


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier with who gave it.

    Attributes:
        system: Who assigned it: an assigning authority, a FHIR system URI; never empty.
        value: The identifier.
        kind: HL7 table 0203 code: `MR`, `VN`, `AN`, `MA`…
    """

    system: str
    value: str
    kind: str = "MR"
