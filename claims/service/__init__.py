"""The verbs of claims, and what other packages read of them."""

from __future__ import annotations

from claims.queries import count_claims, list_claim_ids
from claims.service.bills import list_waiting_payers
from claims.service.building import Built, build_claims
from claims.service.counting import Fates, OpenDenials, count_denials, count_fates
from claims.service.remittances import RemittanceSummary, list_remittances

__all__ = [
    "Built",
    "Fates",
    "OpenDenials",
    "RemittanceSummary",
    "build_claims",
    "count_claims",
    "count_denials",
    "count_fates",
    "list_claim_ids",
    "list_remittances",
    "list_waiting_payers",
]
