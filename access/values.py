"""Accounts, clients, tokens, people and their sessions as entry rooms see them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
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


# People

PersonId = NewType("PersonId", UUID)
StaffSessionId = NewType("StaffSessionId", UUID)

# Whose keys seal what belongs to no practice: the installation itself.
INSTALLATION: Final = PracticeId(UUID(int=0))


class Role(StrEnum):
    """What a person does in a practice; `web/policy.py` says what each role may."""

    FRONT_DESK = "front-desk"
    CODER = "coder"
    BILLER = "biller"
    MANAGER = "manager"
    PROVIDER = "provider"
    AUDITOR = "auditor"


class Level(StrEnum):
    """How far somebody has signed in: the password alone opens nothing but the code's page."""

    PASSWORD = "password"  # noqa: S105  # the name of a step, no secret
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in.

    Attributes:
        email: In small letters; unique in the installation.
        roles: What they do in the practice that asks, today.
        is_active: False from the moment they are deactivated.
    """

    id: PersonId
    email: str
    name: str
    roles: frozenset[Role]
    is_active: bool


@dataclass(frozen=True, slots=True)
class Workplace:
    """A practice in which a person has a role."""

    practice_id: PracticeId
    name: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that is alive, and who is behind it.

    Attributes:
        level: `FULL` after the second factor; before it no practice is chosen.
        practice_id: The practice they work in now; None until one is chosen.
        roles: Their roles in that practice today.
    """

    session_id: StaffSessionId
    person_id: PersonId
    email: str
    name: str
    level: Level
    practice_id: PracticeId | None
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Visitor:
    """From where somebody tries to sign in.

    Attributes:
        network: Their address's network (/24 or /56), never the whole address.
        device: What a browser that signed in before shows again; empty otherwise.
    """

    network: str
    device: str = ""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a new person is given once and nobody can read again.

    Attributes:
        totp_uri: For an authenticator app (`otpauth://totp/…`).
        totp_secret: The same secret in letters, to be typed.
        recovery_codes: Each opens once in place of a code of the app.
    """

    person_id: PersonId
    totp_uri: str
    totp_secret: str
    recovery_codes: tuple[str, ...]


class SignInRefusedError(PermissionError):
    """A sign-in is refused; why is not said.

    Attributes:
        wait_seconds: How long to wait before the next try; 0 where another may follow at once.
    """

    def __init__(self, wait_seconds: int = 0) -> None:
        super().__init__("sign-in refused")
        self.wait_seconds = wait_seconds
