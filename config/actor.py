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

    def may(self, permission: str) -> bool:
        """Say whether the actor holds a permission; `*` stands for all, also for one part."""
        if "*" in self.permissions or permission in self.permissions:
            return True
        wanted = permission.split(".")
        return any(
            len(held) == len(wanted)
            and all(h in ("*", w) for h, w in zip(held, wanted, strict=True))
            for held in (name.split(".") for name in self.permissions)
        )


def worker(practice_id: PracticeId) -> Actor:
    """Return the account that does a practice's waiting jobs."""
    return Actor(ActorKind.SERVICE, _WORKER_ID, "worker", practice_id, frozenset({"*"}))


_WORKER_ID = UUID("01920000-0000-7000-8000-000000000001")
