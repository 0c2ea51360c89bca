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

__all__ = [
    "ALL_PERMISSIONS",
    "add_service_account",
    "current_os_user",
    "deactivate_service_account",
    "find_service_accounts",
    "find_service_actor",
]
