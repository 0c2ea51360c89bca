"""Checks of the practice itself, its locations, its providers and its feeds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from config.finding import Finding
from practice.rules.forms import (
    check_address,
    check_choice,
    check_form,
    check_npi,
    check_present,
    check_tax_id,
    check_taxonomy,
    check_time_zone,
)
from practice.values import FeedKind

if TYPE_CHECKING:
    from practice.values import Feed, Location, Practice, Provider

LANGUAGES: Final = ("en", "es")
_PHONE: Final = re.compile(r"[0-9]{10}")
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")
_LOCATION_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,29}")
_PLACE_OF_SERVICE: Final = re.compile(r"[0-9]{2}")
_CLIA: Final = re.compile(r"[0-9]{2}D[0-9]{7}")
_SVG: Final = re.compile(r"\s*<svg[\s>]")
_ACTIVE_SVG: Final = re.compile(
    r"<script|<foreignobject|<!doctype|<!entity|\son\w+\s*=|javascript:|(?:href|src)\s*=\s*[\"']\s*(?!#)",
    re.IGNORECASE,
)


def check_practice(practice: Practice) -> list[Finding]:
    """Return findings about a practice.

    Source:
        R13, R15, R16.
    """
    pay_to = check_address(practice.pay_to, "pay_to") if practice.pay_to else []
    return [
        *check_present(practice.name, "name"),
        *check_npi(practice.npi),
        *check_tax_id(practice.tax_id, practice.tax_id_kind),
        *check_taxonomy(practice.taxonomy),
        *check_address(practice.address, is_billing=True),
        *pay_to,
        *check_form(_PHONE, practice.phone, "phone", expected="ten digits", is_optional=True),
        *check_form(_COLOUR, practice.colour, "colour", expected="a colour such as #1d4f91"),
        *_check_logo(practice.logo_svg),
        *check_choice(practice.language, LANGUAGES, "language"),
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
        *check_form(
            _LOCATION_CODE, location.code, "code", expected="1 to 30 letters, digits, . _ or -"
        ),
        *check_present(location.name, "name"),
        *(check_npi(location.npi) if location.npi else []),
        *check_address(location.address),
        *check_form(
            _PLACE_OF_SERVICE,
            location.place_of_service,
            "place_of_service",
            expected="two digits such as 11",
        ),
        *check_form(
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
        *check_present(provider.family, "family"),
        *check_taxonomy(provider.taxonomy),
    ]


def check_feed(feed: Feed) -> list[Finding]:
    """Return findings about a feed.

    Source:
        House: decision 0006 (names and codes of our own rows).
    """
    findings = [
        *check_present(feed.sender, "sender"),
        *check_present(feed.name, "name"),
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
