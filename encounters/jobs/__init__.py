"""The jobs of intake, each opening its own transactions."""

from __future__ import annotations

from encounters.jobs.fhir import Answered, answer_fhir
from encounters.jobs.processing import apply_kept, process_message

__all__ = ["Answered", "answer_fhir", "apply_kept", "process_message"]
