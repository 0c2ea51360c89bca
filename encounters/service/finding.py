"""What an appointment or a visit names: patient, clinician, place; found, or said where missing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.finding import Finding
from encounters.values import MessageId
from patients import service as patients
from practice import service as practice

if TYPE_CHECKING:
    from uuid import UUID

    from config.people import Identifier
    from config.tenancy import PracticeSession
    from patients.values import PatientId


@dataclass(frozen=True, slots=True)
class Place:
    """Where news comes from and when: the message, the sender's time, the practice's day."""

    message_id: MessageId
    occurred_at: dt.datetime | None
    today: dt.date

    def is_older_than(self, told_at: dt.datetime | None) -> bool:
        """Say whether something newer was told before."""
        return told_at is not None and self.occurred_at is not None and self.occurred_at < told_at

    def latest(self, told_at: dt.datetime | None) -> dt.datetime | None:
        """Return the later of both times, where there are both."""
        if told_at is None or self.occurred_at is None:
            return told_at or self.occurred_at
        return max(told_at, self.occurred_at)


def _missing(where: str, what: str, fix: str) -> Finding:
    return Finding(f"{what}-unknown", where, f"the {what} named here is not known", fix)


def find_patient(
    session: PracticeSession, identifier: Identifier, where: str
) -> tuple[PatientId | None, list[Finding]]:
    """Find the patient, the survivor of a merge, or say where the message names nobody known."""
    found = patients.find_patient_ids(session, [identifier]).get(identifier)
    if found is None:
        return None, [_missing(where, "patient", "Send the patient first, then replay.")]
    return found, []


def find_staff(
    session: PracticeSession, npi: str, location_code: str, paths: dict[str, str]
) -> tuple[UUID | None, UUID | None, list[Finding]]:
    """Find clinician and location, and say where the message names one that is not known."""
    findings = []
    provider = practice.find_provider_by_npi(session, npi) if npi else None
    if npi and provider is None:
        where = paths.get("provider_npi", "provider")
        findings.append(_missing(where, "provider", "Import the provider, then replay."))
    location = practice.find_location(session, location_code) if location_code else None
    if location_code and location is None:
        where = paths.get("location_code", "location")
        findings.append(_missing(where, "location", "Import the location, then replay."))
    return (
        provider.id if provider else None,
        location.id if location else None,
        findings,
    )


def with_path(finding: Finding, paths: dict[str, str]) -> Finding:
    """Say where in the message, instead of which field of ours."""
    return Finding(
        finding.code,
        paths.get(finding.where, finding.where),
        finding.message,
        finding.fix,
        finding.level,
    )
