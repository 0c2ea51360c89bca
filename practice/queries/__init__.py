"""Reads of the practice's own facts, in bulk where other packages need many."""

from __future__ import annotations

from practice.queries.finding import (
    find_allowed,
    find_charges,
    find_feed,
    find_location,
    find_partner,
    find_payer,
    find_payers,
    find_provider_by_npi,
    get_locations,
    get_partner,
    get_partners,
    get_payers,
    get_practice,
    get_providers,
    list_enrolments,
    list_feeds,
    list_locations,
    list_partners,
    list_payers,
    list_providers,
)

__all__ = [
    "find_allowed",
    "find_charges",
    "find_feed",
    "find_location",
    "find_partner",
    "find_payer",
    "find_payers",
    "find_provider_by_npi",
    "get_locations",
    "get_partner",
    "get_partners",
    "get_payers",
    "get_practice",
    "get_providers",
    "list_enrolments",
    "list_feeds",
    "list_locations",
    "list_partners",
    "list_payers",
    "list_providers",
]
