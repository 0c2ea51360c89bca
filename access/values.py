"""Accounts, clients and tokens as entry rooms see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NewType
from uuid import UUID

from config.ids import PracticeId

TOKEN_PATH: Final = "/oauth/token"  # a path, not a secret  # noqa: S105  # no secret

ServiceAccountId = NewType("ServiceAccountId", UUID)
ApiClientId = NewType("ApiClientId", UUID)


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """What an operating system's user may do in one practice.

    Attributes:
        os_user: The user's name on this machine.
        name: What an auditor reads.
        permissions: Names from the policy table; `*` for all.
    """

    id: ServiceAccountId
    os_user: str
    practice_id: PracticeId
    name: str
    permissions: frozenset[str]


@dataclass(frozen=True, slots=True)
class ApiClient:
    """A program that may call the API for one practice.

    Attributes:
        client_id: What the client calls itself; names its practice, holds no secret.
        name: What people call it.
        scopes: SMART system scopes it may ask for.
        is_active: False from the moment it is deactivated.
    """

    id: ApiClientId
    practice_id: PracticeId
    client_id: str
    name: str
    scopes: tuple[str, ...]
    is_active: bool


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token as it is handed out, once; only its hash is kept.

    Attributes:
        token: Opaque, 256 random bits and the practice's key.
        expires_in: Seconds from now.
        scope: The granted scopes, separated by blanks.
    """

    token: str
    expires_in: int
    scope: str


class AccessError(Exception):
    """A command can't tell as whom to act; the message says what to do."""


class TokenRefusedError(PermissionError):
    """A token is not given.

    Attributes:
        error: The OAuth error code.
        description: What is wrong, for the client's developer; no secret in it.
        status: The HTTP status that goes with it.

    Source:
        RFC 6749 section 5.2.
    """

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status
