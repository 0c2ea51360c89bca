"""The commands by which an administrator lets people in and out."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from access import service as access
from access.cli_people import people
from access.values import SignInRefusedError, Visitor
from config import clock
from config.finding import MissingError, RefusedError
from tests.factories.cli import make_context

if TYPE_CHECKING:
    from click.testing import Result

    from config.actor import Actor
    from config.tenancy import Database

PASSWORD = "meadow 12 trumpet"  # a test's  # noqa: S105  # no secret


def _run(database: Database, actor: Actor, *words: str, typed: str = "") -> Result:
    result = CliRunner().invoke(
        people, list(words), obj=make_context(database=database, actor=actor), input=typed
    )
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def _add(database: Database, actor: Actor, *words: str) -> Result:
    typed = f"{PASSWORD}\n{PASSWORD}\n"
    return _run(database, actor, "add", "Ann@Example.org", *words, typed=typed)


def _is_let_in(database: Database, password: str = PASSWORD) -> bool:
    try:
        access.check_first_factor(
            database, "ann@example.org", password, visitor=Visitor("x"), now=clock.true_now()
        )
    except SignInRefusedError:
        return False
    return True


def test_new_person_gets_secret_and_codes_once_and_may_sign_in(
    database: Database, actor: Actor
) -> None:
    done = _add(database, actor, "--name", "Ann Miller", "--role", "biller", "--role", "coder")
    assert done.exit_code == 0, done.output
    assert re.search(r"^  [A-Z2-7]{32}$", done.output, re.MULTILINE)
    assert (
        len(re.findall(r"^  [0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$", done.output, re.MULTILINE)) == 10
    )
    assert PASSWORD not in done.output
    assert _is_let_in(database)
    listed = json.loads(_run(database, actor, "list", "--json").stdout)["people"]
    assert listed == [
        {
            "email": "ann@example.org",
            "name": "Ann Miller",
            "roles": ["biller", "coder"],
            "is_active": True,
        }
    ]


def test_known_person_gets_exactly_the_new_roles_and_keeps_the_secrets(
    database: Database, actor: Actor, other_actor: Actor
) -> None:
    _add(database, actor, "--name", "Ann Miller", "--role", "biller")
    again = _run(database, actor, "add", "ann@example.org", "--role", "manager")
    assert "keep the password" in again.output
    elsewhere = _run(database, other_actor, "add", "ann@example.org", "--role", "auditor")
    assert elsewhere.exit_code == 0
    assert "manager" in _run(database, actor, "list").output
    assert "biller" not in _run(database, actor, "list").output
    assert _is_let_in(database)


@pytest.mark.parametrize(
    ("name", "password", "code"),
    [("", PASSWORD, "person-name"), ("Ann", "short", "password-length")],
)
def test_bad_name_or_password_is_refused_and_nothing_is_kept(
    database: Database, actor: Actor, name: str, password: str, code: str
) -> None:
    typed = f"{password}\n{password}\n"
    words = ("add", "ann@example.org", "--name", name, "--role", "biller")
    with pytest.raises(RefusedError) as refused:
        _run(database, actor, *words, typed=typed)
    assert [finding.code for finding in refused.value.findings] == [code]
    assert not _is_let_in(database, password)


def test_deactivated_person_is_out_and_may_be_added_anew(database: Database, actor: Actor) -> None:
    _add(database, actor, "--name", "Ann Miller", "--role", "biller")
    _run(database, actor, "deactivate", "ann@example.org")
    assert not _is_let_in(database)
    assert _add(database, actor, "--name", "Ann Miller", "--role", "coder").exit_code == 0
    assert _is_let_in(database)


def test_one_practice_neither_deactivates_nor_resets_what_is_anothers(
    database: Database, actor: Actor, other_actor: Actor
) -> None:
    _add(database, actor, "--name", "Ann Miller", "--role", "biller")
    typed = "anchor 9 violet\nanchor 9 violet\n"
    for words in (("deactivate", "ann@example.org"), ("reset", "ann@example.org")):
        with pytest.raises(MissingError):
            _run(database, other_actor, *words, typed=typed)
    _run(database, other_actor, "add", "ann@example.org", "--role", "auditor")
    with pytest.raises(RefusedError):
        _run(database, other_actor, "reset", "ann@example.org", typed=typed)
    _run(database, other_actor, "deactivate", "ann@example.org")
    assert _is_let_in(database)


def test_reset_gives_new_secrets(database: Database, actor: Actor) -> None:
    _add(database, actor, "--name", "Ann Miller", "--role", "biller")
    typed = "anchor 9 violet\nanchor 9 violet\n"
    done = _run(database, actor, "reset", "ann@example.org", typed=typed)
    assert "None of this is shown again" in done.output
    assert not _is_let_in(database)
    assert _is_let_in(database, "anchor 9 violet")
