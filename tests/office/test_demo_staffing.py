"""The demo's people: one a role, who sign in with what their sheet says."""

from __future__ import annotations

import base64
import re
import stat
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from access import service as access
from access.values import Level, Role, Visitor
from config import clock
from config.settings import Settings
from office.demo.staffing import SHEET, staff_practice

if TYPE_CHECKING:
    from pathlib import Path

    from config.actor import Actor
    from config.tenancy import Database

_PERSON = re.compile(r"^(\S+@\S+)\n  secret +(\w+)\n  recovery codes (.+)\n +(.+)$", re.MULTILINE)


def test_sheet_lets_one_person_of_each_role_in(
    database: Database, actor: Actor, tmp_path: Path
) -> None:
    room: Any = SimpleNamespace(
        settings=Settings(tmp_path / "home", tmp_path, "", "", ""), database=database, actor=actor
    )
    sheet = staff_practice(room)
    assert staff_practice(room) == sheet
    assert stat.S_IMODE((tmp_path / SHEET).stat().st_mode) == 0o600
    password = re.search(r"password of all: (\S+)", sheet)
    assert password
    people = _PERSON.findall(sheet)
    assert {email.partition("@")[0] for email, *_ in people} == set(Role)
    for email, secret, *codes in people:
        assert len(base64.b32decode(secret)) == 20
        assert len(" ".join(codes).split()) == 10
        now, visitor = clock.true_now(), Visitor("192.0.2.0/24")
        token = access.check_first_factor(
            database, email, password.group(1), visitor=visitor, now=now
        )
        half = access.find_signed_in(database, token, now=now, today=clock.today())
        assert half is not None
        full = access.check_second_factor(
            database, half, codes[0].split()[0], visitor=visitor, now=now, today=clock.today()
        )
        found = access.find_signed_in(database, full.token, now=now, today=clock.today())
        assert found is not None
        assert found.level is Level.FULL
        assert {role.value for role in found.roles} == {email.partition("@")[0]}


def test_lost_sheet_is_drawn_anew(database: Database, actor: Actor, tmp_path: Path) -> None:
    room: Any = SimpleNamespace(
        settings=Settings(tmp_path / "home", tmp_path, "", "", ""), database=database, actor=actor
    )
    first = staff_practice(room)
    (tmp_path / SHEET).unlink()
    second = staff_practice(room)
    assert not {code for *_, code, _ in _PERSON.findall(first)} & {
        code for *_, code, _ in _PERSON.findall(second)
    }
