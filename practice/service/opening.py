"""Opening a practice: its row and the account of the operating system's user who opens it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from access.service import ALL_PERMISSIONS, add_service_account, find_service_accounts
from audit.service import note, writing
from config.actor import Actor, ActorKind
from config.finding import Finding, RefusedError
from config.ids import PracticeId, uuid7
from practice.models import PracticeRecord
from practice.service.saving import store_practice

if TYPE_CHECKING:
    from config.outcome import Outcome
    from config.tenancy import Database
    from practice.values import Practice

_PURPOSE: Final = "operations"


def open_practice(database: Database, practice: Practice, *, os_user: str) -> Actor:
    """Make a practice, or change the one with its NPI that the user already runs.

    The first user of an installation may open a practice; after that only a user who runs one.

    Args:
        database: The installation's database.
        practice: The practice; its key is used only if it is new.
        os_user: The operating system's user, who becomes the new practice's service account.

    Returns:
        The account as actor in the practice.

    Raises:
        RefusedError: Findings about the practice, or the user may not.
    """
    return store_opened(database, practice, os_user=os_user)[0]


def store_opened(database: Database, practice: Practice, *, os_user: str) -> tuple[Actor, Outcome]:
    """Do what `open_practice` does, and say whether anything was new."""
    accounts = find_service_accounts(database, os_user)
    mine = {account.practice_id: account for account in accounts}
    with database.session(None) as session:
        is_first = session.scalars(select(PracticeRecord.id).limit(1)).first() is None
        same_npi = session.scalars(
            select(PracticeRecord.id).where(PracticeRecord.npi == practice.npi)
        ).all()
    known = next((PracticeId(key) for key in same_npi if key in mine), None)
    if known is None and (same_npi or not (is_first or mine)):
        raise RefusedError([_not_yours()])
    if known is not None:
        account = mine[known]
        actor = Actor(ActorKind.SERVICE, account.id, account.name, known, account.permissions)
    else:
        actor = Actor(
            ActorKind.SERVICE, uuid7(), f"{os_user} (command line)", practice.id, ALL_PERMISSIONS
        )
    own = replace(practice, id=known or practice.id)
    with writing(database, actor, purpose=_PURPOSE) as session:
        outcome = store_practice(session, own).outcome
        if known is None:
            add_service_account(
                session,
                os_user=os_user,
                name=actor.name,
                account_id=actor.id,
            )
        note(session, "practice.saved", practice=own.id)
    return actor, outcome


def _not_yours() -> Finding:
    return Finding(
        "practice-not-yours",
        "npi",
        "this user runs no practice with this NPI, and may not open another one",
        "run the command as the user who set up the installation",
    )
