"""Service accounts: as whom a command acts."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Final

from sqlalchemy import column, select, table

from access.models import ServiceAccountRecord
from access.values import AccessError, ServiceAccount, ServiceAccountId
from audit.service import note
from config.actor import Actor, ActorKind
from config.finding import MissingError
from config.ids import PracticeId, uuid7

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from config.tenancy import Database, PracticeSession

ALL_PERMISSIONS: Final = frozenset({"*"})

# The list of practices belongs to a later package; its names are what a user types.
_PRACTICE: Final = table("practice", column("id", ServiceAccountRecord.id.type), column("name"))


def current_os_user() -> str:
    """Return the operating system's user that runs this process."""
    return getpass.getuser()


def _to_account(record: ServiceAccountRecord) -> ServiceAccount:
    return ServiceAccount(
        id=ServiceAccountId(record.id),
        os_user=record.os_user,
        practice_id=PracticeId(record.practice_id),
        name=record.name,
        permissions=frozenset(record.permissions.split()),
    )


def find_service_accounts(database: Database, os_user: str) -> list[ServiceAccount]:
    """Return the active accounts of an operating system's user, one a practice."""
    with database.session(None) as session:
        statement = (
            select(ServiceAccountRecord)
            .where(ServiceAccountRecord.os_user == os_user, ServiceAccountRecord.is_active)
            .order_by(ServiceAccountRecord.id)
        )
        return [_to_account(record) for record in session.scalars(statement)]


def find_service_actor(database: Database, os_user: str, practice: str | None) -> Actor:
    """Return the account that a command acts as.

    Args:
        database: The installation's database.
        os_user: The operating system's user.
        practice: The practice's name (case ignored) or key; None where there is only one.

    Raises:
        AccessError: No account, several practices and none named, or no such practice.
    """
    accounts = find_service_accounts(database, os_user)
    if not accounts:
        raise AccessError(
            f"the user {os_user} runs no practice here; begin with: cleanclaim import practice FILE"
        )
    names = _practice_names(database, [account.practice_id for account in accounts])
    if practice is not None:
        accounts = [a for a in accounts if _is_named(a, names, practice)]
    if not accounts:
        raise AccessError(
            f"the user {os_user} runs no practice of that name; there is: "
            + "; ".join(sorted(names.values()))
        )
    if len(accounts) > 1:
        raise AccessError(
            f"the user {os_user} runs several practices; name one with --practice: "
            + "; ".join(sorted(names.values()))
        )
    (account,) = accounts
    return Actor(
        ActorKind.SERVICE, account.id, account.name, account.practice_id, account.permissions
    )


def _is_named(account: ServiceAccount, names: dict[UUID, str], practice: str) -> bool:
    name = names.get(account.practice_id, "")
    return name.casefold() == practice.casefold() or str(account.practice_id) == practice


def _practice_names(database: Database, ids: Iterable[UUID]) -> dict[UUID, str]:
    with database.session(None) as session:
        rows = session.execute(
            select(_PRACTICE.c.id, _PRACTICE.c.name).where(_PRACTICE.c.id.in_(list(ids)))
        )
        return {row.id: row.name for row in rows}


def add_service_account(
    session: PracticeSession,
    *,
    os_user: str,
    name: str,
    permissions: frozenset[str] = ALL_PERMISSIONS,
    account_id: UUID | None = None,
) -> ServiceAccountId:
    """Let an operating system's user act in the session's practice; twice is once.

    Args:
        session: A writing session of the practice, whose row is there.
        os_user: The user's name on this machine.
        name: What an auditor reads.
        permissions: Names from the policy table, or `*`.
        account_id: The new account's key, where the caller acts as it already.
    """
    record = session.scalars(
        select(ServiceAccountRecord).where(
            ServiceAccountRecord.os_user == os_user,
            ServiceAccountRecord.practice_id == session.own_practice_id,
        )
    ).one_or_none()
    if record is None:
        record = ServiceAccountRecord(
            id=account_id or uuid7(), os_user=os_user, practice_id=session.own_practice_id
        )
        session.add(record)
    record.name, record.permissions = name, " ".join(sorted(permissions))
    record.is_active = True
    session.flush()
    note(session, "service-account.added", account=record.id)
    return ServiceAccountId(record.id)


def deactivate_service_account(session: PracticeSession, account_id: ServiceAccountId) -> None:
    """Take an account of the session's practice away at once.

    Raises:
        MissingError: The practice has no such account.
    """
    record = session.get(ServiceAccountRecord, account_id)
    if record is None or record.practice_id != session.own_practice_id:
        raise MissingError("no such service account")
    record.is_active = False
    session.flush()
    note(session, "service-account.deactivated", account=record.id)
