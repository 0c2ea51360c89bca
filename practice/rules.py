"""Checks of the practice's own facts: forms of numbers, addresses and spans of dates.

Each returns findings whose `where` is the field, such as `address.postal_code`; who knows the row
or the screen puts it in front.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config.finding import Finding
from config.ids import is_npi
from practice.values import FeedKind

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from config.people import Address
    from practice.values import (
        Allowed,
        Charge,
        Enrolment,
        Feed,
        FilingLimits,
        Location,
        Partner,
        Payer,
        Practice,
        Provider,
    )

STATES: Final = frozenset(
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ "
    "NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI FM MH PW AA AE "
    "AP".split()
)
LANGUAGES: Final = ("en", "es")
# Filing codes of SBR09 that 005010 knows.
CLAIM_FILING_CODES: Final = frozenset(
    "11 12 13 14 15 16 17 AM BL CH CI DS FI HM LM MA MB MC OF TV VA WC ZZ".split()
)
MAY_BILL: Final = ("pr", "copay", "none")
TRANSPORTS: Final = ("folder", "sftp")
DAYS_MAX: Final = 3650

_TAXONOMY: Final = re.compile(r"[0-9A-Z]{9}X")
_ZIP: Final = re.compile(r"\d{5}(?:\d{4})?")
_ZIP_PLUS_4: Final = re.compile(r"\d{9}")
_PO_BOX: Final = re.compile(
    r"\bp(?:ost)?\.?\s*(?:o(?:ffice)?)\.?\s*(?:box|b\.?x\.?|drawer|lock\s*box)\b|^\s*box\s+\d+|\block\s*box\b",
    re.IGNORECASE,
)
_TAX_ID: Final = re.compile(r"\d{9}")
_PHONE: Final = re.compile(r"\d{10}")
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")
_LOCATION_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,29}")
_PARTNER_CODE: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?")
_PLACE_OF_SERVICE: Final = re.compile(r"\d{2}")
_CLIA: Final = re.compile(r"\d{2}D\d{7}")
_PROCEDURE: Final = re.compile(r"[A-Z0-9]{5}")
_MODIFIER: Final = re.compile(r"[A-Z0-9]{2}")
_PAYER_CODE: Final = re.compile(r"[A-Za-z0-9-]{2,80}")
_QUALIFIER: Final = re.compile(r"\d{2}|ZZ")
_INTERCHANGE_ID: Final = re.compile(r"[A-Za-z0-9 ._-]{2,15}")
_SVG: Final = re.compile(r"\s*<svg[\s>]")
_ACTIVE_SVG: Final = re.compile(
    r"<script|<foreignobject|<!doctype|<!entity|\son\w+\s*=|javascript:|(?:href|src)\s*=\s*[\"']\s*(?!#)",
    re.IGNORECASE,
)


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
    """Return a finding unless it is a two-letter state, territory or armed forces code."""
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


def _check_form(
    pattern: re.Pattern[str], value: str, where: str, *, expected: str, is_optional: bool = False
) -> list[Finding]:
    if (is_optional and not value) or pattern.fullmatch(value):
        return []
    return [
        Finding(
            f"{where.replace('_', '-')}-form", where, f"expected {expected}", f"write {expected}"
        )
    ]


def _check_choice(value: str, choices: Iterable[str], where: str) -> list[Finding]:
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


def _check_present(value: str, where: str) -> list[Finding]:
    if value.strip():
        return []
    return [Finding("value-missing", where, f"the {where} is missing", f"add the {where}")]


def check_time_zone(name: str) -> list[Finding]:
    """Return a finding unless it is an IANA time zone."""
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


def check_practice(practice: Practice) -> list[Finding]:
    """Return findings about a practice.

    Source:
        R13, R15, R16.
    """
    pay_to = check_address(practice.pay_to, "pay_to") if practice.pay_to else []
    return [
        *_check_present(practice.name, "name"),
        *check_npi(practice.npi),
        *check_tax_id(practice.tax_id, practice.tax_id_kind),
        *check_taxonomy(practice.taxonomy),
        *check_address(practice.address, is_billing=True),
        *pay_to,
        *_check_form(_PHONE, practice.phone, "phone", expected="ten digits", is_optional=True),
        *_check_form(_COLOUR, practice.colour, "colour", expected="a colour such as #1d4f91"),
        *_check_logo(practice.logo_svg),
        *_check_choice(practice.language, LANGUAGES, "language"),
        *check_time_zone(practice.time_zone),
    ]


def _check_logo(svg: str) -> list[Finding]:
    """The logo goes onto pages and bills: it may draw, not act or reach for other files."""
    if not svg or (_SVG.match(svg) and not _ACTIVE_SVG.search(svg)):
        return []
    return [
        Finding(
            "logo-form",
            "logo_svg",
            "expected a drawing: <svg> without scripts, events or links to other files",
            "save the logo as plain SVG",
        )
    ]


def check_location(location: Location) -> list[Finding]:
    """Return findings about a location.

    Source:
        R13, R27.
    """
    return [
        *_check_form(
            _LOCATION_CODE, location.code, "code", expected="1 to 30 letters, digits, . _ or -"
        ),
        *_check_present(location.name, "name"),
        *(check_npi(location.npi) if location.npi else []),
        *check_address(location.address),
        *_check_form(
            _PLACE_OF_SERVICE,
            location.place_of_service,
            "place_of_service",
            expected="two digits such as 11",
        ),
        *_check_form(
            _CLIA,
            location.clia_number,
            "clia_number",
            expected="two digits, D and seven digits",
            is_optional=True,
        ),
    ]


def check_provider(provider: Provider) -> list[Finding]:
    """Return findings about a provider.

    Source:
        R15.
    """
    return [
        *check_npi(provider.npi),
        *_check_present(provider.family, "family"),
        *check_taxonomy(provider.taxonomy),
    ]


def check_payer(payer: Payer) -> list[Finding]:
    """Return findings about a payer.

    Source:
        R10; TR3 005010X222A1 2010BB NM109 and 2000B SBR09.
    """
    return [
        *_check_form(
            _PAYER_CODE, payer.payer_code, "payer_code", expected="2 to 80 letters, digits or -"
        ),
        *_check_present(payer.name, "name"),
        *_check_choice(payer.claim_filing_code, CLAIM_FILING_CODES, "claim_filing_code"),
        *(check_address(payer.address) if payer.address else []),
        *check_limits(payer.limits),
        *_check_choice(payer.may_bill_patient, MAY_BILL, "may_bill_patient"),
    ]


def check_limits(limits: FilingLimits) -> list[Finding]:
    """Return findings about days that aren't between 0 and ten years, or have no source.

    Source:
        R10; DESIGN 7.13: a number that a payer sets names its source.
    """
    given = {
        "initial": limits.initial,
        "corrected": limits.corrected,
        "appeal": limits.appeal,
        "secondary": limits.secondary,
    }
    findings = [
        Finding(
            "filing-limit",
            f"limits.{name}",
            f"expected days from 0 to {DAYS_MAX}",
            "take the days from the payer's contract or leave them empty",
        )
        for name, days in given.items()
        if days is not None and not 0 <= days <= DAYS_MAX
    ]
    if any(days is not None for days in given.values()) and not limits.source.strip():
        findings.append(
            Finding(
                "filing-limit-source",
                "limits.source",
                "days are given without saying what sets them",
                "name the contract or law",
            )
        )
    return findings


def check_partner(partner: Partner) -> list[Finding]:
    """Return findings about a trading partner.

    Source:
        TR3 005010X222A1 ISA05 to ISA08, ISA15; S19 for the pinned host key.
    """
    findings = [
        *_check_form(_PARTNER_CODE, partner.code, "code", expected="a–z, 0–9 and inner hyphens"),
        *_check_present(partner.name, "name"),
        *_check_form(
            _QUALIFIER, partner.sender_qualifier, "sender_qualifier", expected="ZZ or two digits"
        ),
        *_check_form(
            _QUALIFIER,
            partner.receiver_qualifier,
            "receiver_qualifier",
            expected="ZZ or two digits",
        ),
        *_check_form(
            _INTERCHANGE_ID, partner.sender_id, "sender_id", expected="2 to 15 characters"
        ),
        *_check_form(
            _INTERCHANGE_ID, partner.receiver_id, "receiver_id", expected="2 to 15 characters"
        ),
        *_check_present(partner.submitter_id, "submitter_id"),
        *_check_present(partner.submitter_name, "submitter_name"),
        *_check_form(_PHONE, partner.contact_phone, "contact_phone", expected="ten digits"),
        *_check_choice(partner.usage, ("T", "P"), "usage"),
        *_check_choice(partner.transport, TRANSPORTS, "transport"),
        *_check_present(partner.outbox, "outbox"),
        *_check_present(partner.inbox, "inbox"),
    ]
    if partner.transport == "sftp":
        findings += _check_sftp(partner)
    return findings


def _check_sftp(partner: Partner) -> list[Finding]:
    findings = [
        finding
        for name in ("host", "username", "host_key", "key_file")
        for finding in _check_present(str(getattr(partner, name)), name)
    ]
    if not 1 <= partner.port <= 65535:
        findings.append(
            Finding("port-range", "port", "expected a port from 1 to 65535", "write 22 or another")
        )
    return findings


def check_span(from_date: dt.date, to_date: dt.date | None) -> list[Finding]:
    """Return a finding if a span of dates ends before it starts."""
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


def check_charge(charge: Charge) -> list[Finding]:
    """Return findings about one price.

    Source:
        DESIGN 7.9.
    """
    findings = [
        *_check_form(_PROCEDURE, charge.code, "code", expected="five capitals or digits"),
        *_check_form(
            _MODIFIER,
            charge.modifier,
            "modifier",
            expected="two capitals or digits",
            is_optional=True,
        ),
        *check_span(charge.from_date, charge.to_date),
    ]
    if charge.unit_price.cents < 0:
        findings.append(_negative("unit_price"))
    return findings


def check_allowed(allowed: Allowed) -> list[Finding]:
    """Return findings about one contract fee."""
    findings = [
        *_check_form(_PROCEDURE, allowed.code, "code", expected="five capitals or digits"),
        *check_span(allowed.from_date, allowed.to_date),
    ]
    if allowed.unit_allowed.cents < 0:
        findings.append(_negative("unit_allowed"))
    return findings


def _negative(where: str) -> Finding:
    return Finding(
        "amount-negative", where, "expected an amount of 0 or more", "correct the amount"
    )


def check_enrolment(enrolment: Enrolment) -> list[Finding]:
    """Return findings about one enrolment.

    Source:
        P38.
    """
    return check_span(enrolment.from_date, enrolment.to_date)


def check_feed(feed: Feed) -> list[Finding]:
    """Return findings about a feed."""
    findings = [
        *_check_present(feed.sender, "sender"),
        *_check_present(feed.name, "name"),
        *(check_time_zone(feed.time_zone) if feed.time_zone else []),
    ]
    if feed.kind is FeedKind.MLLP and feed.sender.count("|") != 1:
        findings.append(
            Finding(
                "sender-form",
                "sender",
                "expected MSH-3|MSH-4 of the feed's messages",
                "write the sending application, a bar and the sending facility",
            )
        )
    return findings
