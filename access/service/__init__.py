"""What entry rooms ask of access: who is there, and what they may do."""

from __future__ import annotations

from access.service.accounts import (
    ALL_PERMISSIONS,
    add_service_account,
    current_os_user,
    deactivate_service_account,
    find_service_accounts,
    find_service_actor,
)
from access.service.clients import (
    DEFAULT_SCOPES,
    add_client,
    deactivate_client,
    find_client,
    list_clients,
)
from access.service.tokens import find_actor_by_token, issue_token, may_fhir, revoke_token
from access.values import AccessError, TokenRefusedError

__all__ = [
    "ALL_PERMISSIONS",
    "DEFAULT_SCOPES",
    "AccessError",
    "TokenRefusedError",
    "add_client",
    "add_service_account",
    "current_os_user",
    "deactivate_client",
    "deactivate_service_account",
    "find_actor_by_token",
    "find_client",
    "find_service_accounts",
    "find_service_actor",
    "issue_token",
    "list_clients",
    "may_fhir",
    "revoke_token",
]
