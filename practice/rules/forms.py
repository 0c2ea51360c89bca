"""Forms of numbers, addresses and spans of days, as every check of this package uses them.

Each check returns findings whose `where` is the field, such as `address.postal_code`; who knows
the row or the screen puts it in front.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config.finding import Finding
from config.ids import is_npi

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from config.people import Address

STATES: Final = frozenset(
    [
        "AL",
        "AK",
        "AZ",
        "AR",
        "CA",
        "CO",
        "CT",
        "DE",
        "DC",
        "FL",
        "GA",
        "HI",
        "ID",
        "IL",
        "IN",
        "IA",
        "KS",
        "KY",
        "LA",
        "ME",
        "MD",
        "MA",
        "MI",
        "MN",
        "MS",
        "MO",
        "MT",
        "NE",
        "NV",
        "NH",
        "NJ",
        "NM",
        "NY",
        "NC",
        "ND",
        "OH",
        "OK",
        "OR",
        "PA",
        "RI",
        "SC",
        "SD",
        "TN",
        "TX",
        "UT",
        "VT",
        "VA",
        "WA",
        "WV",
        "WI",
        "WY",
        "AS",
        "GU",
        "MP",
        "PR",
        "VI",
        "FM",
        "MH",
        "PW",
        "AA",
        "AE",
        "AP",
    ]
)

_TAXONOMY: Final = re.compile(r"[0-9A-Z]{9}X")
_ZIP: Final = re.compile(r"[0-9]{5}(?:[0-9]{4})?")
_ZIP_PLUS_4: Final = re.compile(r"[0-9]{9}")
_PO_BOX: Final = re.compile(
    r"\bp(?:ost)?\.?\s*(?:o(?:ffice)?)\.?\s*(?:box|b\.?x\.?|drawer|lock\s*box)\b|^\s*box\s+[0-9]+|\block\s*box\b",
    re.IGNORECASE,
)
_TAX_ID: Final = re.compile(r"[0-9]{9}")


def check_npi(npi: str, where: str = "npi") -> list[Finding]:
    """Return a finding unless the NPI has ten digits and a right check digit.

    Source:
        45 CFR 162.406(a); R15.
    """
    if is_npi(npi):
        return []
    return [
        Finding(
            "npi-check-digit",
            where,
            "this is no NPI: expected ten digits with a right check digit",
            "look the number up in NPPES and type it again",
        )
    ]


def check_tax_id(tax_id: str, kind: str) -> list[Finding]:
    """Return findings about a tax id (nine digits) and its kind (`EI` or `SY`).

    Source:
        TR3 005010X222A1 2010AA REF01 and REF02.
    """
    findings = []
    if not _TAX_ID.fullmatch(tax_id):
        findings.append(
            Finding(
                "tax-id-form",
                "tax_id",
                "expected nine digits without a hyphen",
                "write the tax id as nine digits",
            )
        )
    if kind not in {"EI", "SY"}:
        findings.append(
            Finding(
                "tax-id-kind",
                "tax_id_kind",
                "expected EI (employer) or SY (social security)",
                "write EI or SY",
            )
        )
    return findings


def check_taxonomy(taxonomy: str, where: str = "taxonomy") -> list[Finding]:
    """Return a finding unless the taxonomy has ten characters and ends in X, or is empty.

    Source:
        R15, S22; NUCC provider taxonomy's form.
    """
    if not taxonomy or _TAXONOMY.fullmatch(taxonomy):
        return []
    return [
        Finding(
            "taxonomy-form",
            where,
            "expected ten characters, digits and capitals, the last an X",
            "take the code from the provider's NPPES entry",
        )
    ]


def check_state(state: str, where: str) -> list[Finding]:
    """Return a finding unless it is a two-letter state, territory or armed forces code.

    Source:
        USPS Publication 28, appendix B; TR3 005010X222A1 N402.
    """
    if state in STATES:
        return []
    return [
        Finding(
            "state-code",
            where,
            "expected a two-letter state code",
            "write the state as in ME or PR",
        )
    ]


def check_address(
    address: Address, where: str = "address", *, is_billing: bool = False
) -> list[Finding]:
    """Return findings about a postal address.

    Args:
        address: The address.
        where: The field that holds it; parts are named after a point.
        is_billing: The billing provider's: a street, and nine digits of ZIP code.

    Source:
        R16; TR3 005010X222A1 2010AA N301 and N403.
    """
    findings = [
        Finding("address-missing", f"{where}.{part}", f"the {words} is missing", f"add the {words}")
        for part, words, value in (
            ("line1", "street line", address.line1),
            ("city", "city", address.city),
        )
        if not value
    ]
    if address.country == "US":
        findings += check_state(address.state, f"{where}.state")
        findings += _check_postal_code(address.postal_code, where, is_billing=is_billing)
    if is_billing and any(_PO_BOX.search(line) for line in (address.line1, address.line2)):
        findings.append(
            Finding(
                "address-po-box",
                f"{where}.line1",
                "the billing address must be a street, not a post office box",
                "give the street here and the box as the pay-to address",
            )
        )
    return findings


def _check_postal_code(postal_code: str, where: str, *, is_billing: bool) -> list[Finding]:
    expected = _ZIP_PLUS_4 if is_billing else _ZIP
    if expected.fullmatch(postal_code):
        return []
    digits = "nine digits (ZIP+4)" if is_billing else "five or nine digits"
    return [
        Finding(
            "address-zip",
            f"{where}.postal_code",
            f"expected {digits} without a hyphen",
            "look the ZIP code up at the postal service",
        )
    ]


def check_form(
    pattern: re.Pattern[str], value: str, where: str, *, expected: str, is_optional: bool = False
) -> list[Finding]:
    """Return a finding unless a value has a form, or may be empty and is.

    Source:
        House: decision 0006 (names and codes of our own rows).
    """
    if (is_optional and not value) or pattern.fullmatch(value):
        return []
    return [
        Finding(
            f"{where.replace('_', '-')}-form", where, f"expected {expected}", f"write {expected}"
        )
    ]


def check_choice(value: str, choices: Iterable[str], where: str) -> list[Finding]:
    """Return a finding unless a value is one of a few.

    Source:
        House: decision 0006 (names and codes of our own rows).
    """
    if value in choices:
        return []
    listed = ", ".join(sorted(choices))
    return [
        Finding(
            f"{where.replace('_', '-')}-unknown",
            where,
            f"expected one of {listed}",
            "write one of them",
        )
    ]


def check_present(value: str, where: str) -> list[Finding]:
    """Return a finding if a value is empty or blank.

    Source:
        House: decision 0006 (names and codes of our own rows).
    """
    if value.strip():
        return []
    return [Finding("value-missing", where, f"the {where} is missing", f"add the {where}")]


def check_time_zone(name: str) -> list[Finding]:
    """Return a finding unless it is an IANA time zone.

    Source:
        IANA time zone database.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return [
            Finding(
                "time-zone-unknown",
                "time_zone",
                "expected an IANA time zone",
                "write a name such as America/New_York",
            )
        ]
    return []


def check_span(from_date: dt.date, to_date: dt.date | None) -> list[Finding]:
    """Return a finding if a span of dates ends before it starts.

    Source:
        House: decision 0006 (spans).
    """
    if to_date is None or to_date >= from_date:
        return []
    return [
        Finding(
            "span-backwards",
            "to_date",
            "the last day lies before the first",
            "correct one of the two days",
        )
    ]


def check_overlap(
    days: tuple[dt.date, dt.date | None], other: tuple[dt.date, dt.date | None], kind: str
) -> list[Finding]:
    """Return a finding if two spans of days share a day.

    Args:
        days: First and last day of the new span; None where it is open.
        other: The span that is there already.
        kind: What the spans are of; begins the finding's code.

    Source:
        House: decision 0006 (spans).
    """
    starts_before_end = other[1] is None or days[0] <= other[1]
    ends_after_start = days[1] is None or days[1] >= other[0]
    if not (starts_before_end and ends_after_start):
        return []
    until = other[1].isoformat() if other[1] else "further notice"
    return [
        Finding(
            f"{kind}-overlap",
            "from_date",
            f"there is one already from {other[0].isoformat()} until {until}",
            "end that one with a last day before this one starts, or change these days",
        )
    ]
