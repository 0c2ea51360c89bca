"""Checks of the practice's own facts: pure, each a list of findings."""

from __future__ import annotations

from practice.rules.forms import (
    check_address,
    check_npi,
    check_overlap,
    check_span,
    check_state,
    check_tax_id,
    check_taxonomy,
    check_time_zone,
)
from practice.rules.ours import check_feed, check_location, check_practice, check_provider
from practice.rules.payers import check_limits, check_partner, check_payer
from practice.rules.prices import check_allowed, check_charge, check_enrolment

__all__ = [
    "check_address",
    "check_allowed",
    "check_charge",
    "check_enrolment",
    "check_feed",
    "check_limits",
    "check_location",
    "check_npi",
    "check_overlap",
    "check_partner",
    "check_payer",
    "check_practice",
    "check_provider",
    "check_span",
    "check_state",
    "check_tax_id",
    "check_taxonomy",
    "check_time_zone",
]
