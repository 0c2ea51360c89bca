from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from access.service import (
    AccessError,
    add_service_account,
    deactivate_service_account,
    find_service_actor,
)
from audit.service import writing
from config.finding import MissingError

if TYPE_CHECKING:
    from config.actor import Actor
    from config.ids import PracticeId
    from config.tenancy import Database

PURPOSE = "operations"


def _add(database: Database, actor: Actor) -> object:
    with writing(database, actor, purpose=PURPOSE) as session:
        return add_service_account(session, os_user="billing", name="billing (command line)")


def test_user_of_one_practice_needs_to_name_none(
    database: Database, actor: Actor, practice_id: PracticeId
) -> None:
    key = _add(database, actor)
    assert _add(database, actor) == key
    found = find_service_actor(database, "billing", None)
    assert (found.id, found.practice_id, found.name) == (
        key,
        practice_id,
        "billing (command line)",
    )
    assert found.may("practice.write")


def test_user_of_several_practices_must_name_one(
    database: Database, actor: Actor, other_actor: Actor, other_practice_id: PracticeId
) -> None:
    _add(database, actor)
    _add(database, other_actor)
    with pytest.raises(AccessError, match="--practice: Other Clinic; Test Family Clinic"):
        find_service_actor(database, "billing", None)
    by_name = find_service_actor(database, "billing", "other CLINIC")
    by_key = find_service_actor(database, "billing", str(other_practice_id))
    assert by_name == by_key
    assert by_name.practice_id == other_practice_id


def test_user_without_account_is_told_how_to_begin(database: Database) -> None:
    with pytest.raises(AccessError, match="import practice"):
        find_service_actor(database, "nobody", None)


def test_practice_that_the_user_does_not_run_is_not_found(database: Database, actor: Actor) -> None:
    _add(database, actor)
    with pytest.raises(AccessError, match="no practice of that name"):
        find_service_actor(database, "billing", "Other Clinic")


def test_deactivated_account_is_out_and_another_practice_can_not_do_it(
    database: Database, actor: Actor, other_actor: Actor
) -> None:
    key = _add(database, actor)
    with pytest.raises(MissingError), writing(database, other_actor, purpose=PURPOSE) as session:
        deactivate_service_account(session, key)  # type: ignore[arg-type]  # the fixture's key
    assert find_service_actor(database, "billing", None).id == key
    with writing(database, actor, purpose=PURPOSE) as session:
        deactivate_service_account(session, key)  # type: ignore[arg-type]  # the fixture's key
    with pytest.raises(AccessError):
        find_service_actor(database, "billing", None)
