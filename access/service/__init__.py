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
from access.service.people import (
    Newcomer,
    add_person,
    change_password,
    deactivate_person,
    list_people,
    make_recovery_codes,
    may_sign_in,
    reset_person,
    set_roles,
)
from access.service.sessions import (
    choose_practice,
    find_signed_in,
    list_workplaces,
    make_actor,
    sign_out,
)
from access.service.signing_in import check_first_factor, check_second_factor
from access.service.tokens import find_actor_by_token, issue_token, may_fhir, revoke_token
from access.values import INSTALLATION, AccessError, SignInRefusedError, TokenRefusedError

__all__ = [
    "ALL_PERMISSIONS",
    "DEFAULT_SCOPES",
    "INSTALLATION",
    "AccessError",
    "Newcomer",
    "SignInRefusedError",
    "TokenRefusedError",
    "add_client",
    "add_person",
    "add_service_account",
    "change_password",
    "check_first_factor",
    "check_second_factor",
    "choose_practice",
    "current_os_user",
    "deactivate_client",
    "deactivate_person",
    "deactivate_service_account",
    "find_actor_by_token",
    "find_client",
    "find_service_accounts",
    "find_service_actor",
    "find_signed_in",
    "issue_token",
    "list_clients",
    "list_people",
    "list_workplaces",
    "make_actor",
    "make_recovery_codes",
    "may_fhir",
    "may_sign_in",
    "reset_person",
    "revoke_token",
    "set_roles",
    "sign_out",
]
