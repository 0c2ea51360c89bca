"""The actor: who is behind a touch of data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from config.ids import PracticeId


class ActorKind(StrEnum):
    """The four kinds of actor; every touch has one."""

    PERSON = "person"
    PATIENT_LINK = "patient-link"
    API_CLIENT = "api-client"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, for which practice, and what they may do.

    Attributes:
        kind: What kind of actor it is.
        id: The key of the person, link, client or service account.
        name: What an auditor reads: a person's name, a client's or an account's label.
        practice_id: The one practice this act belongs to; None only for acts on no practice.
        permissions: Names from `web/policy.py` that the actor holds in that practice.
    """

    kind: ActorKind
    id: UUID
    name: str
    practice_id: PracticeId | None
    permissions: frozenset[str] = frozenset()
