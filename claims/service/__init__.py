"""The verbs of claims, and what other packages read of them."""

from __future__ import annotations

from claims.queries import (
    count_claims,
    find_claim_by_number,
    get_batch,
    get_claims,
    get_contents,
    get_lines,
    list_claim_ids,
    list_claims_of_visits,
)
from claims.queries_lists import (
    AnsweredAdjustment,
    AnsweredClaim,
    Denial,
    Spot,
    count_remittances,
    list_answered_claims,
    list_answers_of_claim,
    list_denials,
    list_newest_claims,
    list_remittance_ids,
    list_waiting_claims,
)
from claims.service.alarms import (
    FilingAlarm,
    FilingAlarms,
    count_filing_alarms,
    list_filing_alarms,
)
from claims.service.batching import batch_claims
from claims.service.bills import list_waiting_payers
from claims.service.building import Built, build_claims
from claims.service.counting import Fates, OpenDenials, count_denials, count_fates
from claims.service.posting import explain_hold
from claims.service.remittances import RemittanceSummary, list_remittances
from claims.service.resubmitting import Rebuilt, rebuild_claims, resubmit_claim
from claims.service.scrubbing import ScrubResult, override_finding, scrub_claims
from claims.service.showing import (
    Provenance,
    ShownClaim,
    StateCount,
    TracedElement,
    count_by_state,
    list_overdue,
    list_segments,
    show_claim,
    trace_claim,
)
from claims.service.unclaimed import list_visits_to_build
from claims.service.voiding import void_claim

__all__ = [
    "AnsweredAdjustment",
    "AnsweredClaim",
    "Built",
    "Denial",
    "Fates",
    "FilingAlarm",
    "FilingAlarms",
    "OpenDenials",
    "Provenance",
    "Rebuilt",
    "RemittanceSummary",
    "ScrubResult",
    "ShownClaim",
    "Spot",
    "StateCount",
    "TracedElement",
    "batch_claims",
    "build_claims",
    "count_by_state",
    "count_claims",
    "count_denials",
    "count_fates",
    "count_filing_alarms",
    "count_remittances",
    "explain_hold",
    "find_claim_by_number",
    "get_batch",
    "get_claims",
    "get_contents",
    "get_lines",
    "list_answered_claims",
    "list_answers_of_claim",
    "list_claim_ids",
    "list_claims_of_visits",
    "list_denials",
    "list_filing_alarms",
    "list_newest_claims",
    "list_overdue",
    "list_remittance_ids",
    "list_remittances",
    "list_segments",
    "list_visits_to_build",
    "list_waiting_claims",
    "list_waiting_payers",
    "override_finding",
    "rebuild_claims",
    "resubmit_claim",
    "scrub_claims",
    "show_claim",
    "trace_claim",
    "void_claim",
]
