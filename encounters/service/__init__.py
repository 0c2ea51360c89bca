"""The verbs of intake: keep a message, apply it, replay it; and what others read of visits.

Entry rooms call `keep_message` in a transaction of its own and answer the sender only then;
`apply_message` follows in another transaction and may be done again at any time.
"""

from __future__ import annotations

from encounters.queries import (
    count_messages,
    count_visits,
    find_held_messages,
    find_visit_ids,
    get_message,
    get_visits,
    list_messages,
    list_newest_messages,
    list_visit_ids,
    list_visits_of_patients,
)
from encounters.service.applying import apply_message
from encounters.service.appointments import excuse_appointment
from encounters.service.fhir import (
    FhirAnswer,
    Origin,
    answer_again,
    find_final_answer,
    keep_answer,
    list_kept,
    read_resource,
    store_resources,
)
from encounters.service.messages import (
    Envelope,
    FhirRequest,
    Kept,
    keep_message,
    read_message_bytes,
    settle_message,
)
from encounters.service.parts import list_parts
from encounters.service.understanding import understand
from encounters.service.visits import excuse_visit

__all__ = [
    "Envelope",
    "FhirAnswer",
    "FhirRequest",
    "Kept",
    "Origin",
    "answer_again",
    "apply_message",
    "count_messages",
    "count_visits",
    "excuse_appointment",
    "excuse_visit",
    "find_final_answer",
    "find_held_messages",
    "find_visit_ids",
    "get_message",
    "get_visits",
    "keep_answer",
    "keep_message",
    "list_kept",
    "list_messages",
    "list_newest_messages",
    "list_parts",
    "list_visit_ids",
    "list_visits_of_patients",
    "read_message_bytes",
    "read_resource",
    "settle_message",
    "store_resources",
    "understand",
]
