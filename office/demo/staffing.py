"""The demo practice's staff: one person a role, and the sheet that says how each signs in.

Passwords and secrets are drawn anew for each demo and lie beside its keys: nothing that somebody
might keep in a real installation is written in code.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from access import service as access
from access.values import Role
from audit.service import writing
from config import clock

if TYPE_CHECKING:
    from access.values import Enrolment
    from office.demo.room import DayRoom

SHEET: Final = "staff.txt"
_DOMAIN: Final = "clearwater.example"
_NAMES: Final = {
    Role.FRONT_DESK: "Rosa Delgado",
    Role.CODER: "Owen Price",
    Role.BILLER: "Mara Lindqvist",
    Role.MANAGER: "June Okafor",
    Role.PROVIDER: "Lee Tran",
    Role.AUDITOR: "Sam Whitfield",
}


def staff_practice(room: DayRoom) -> str:
    """Return the sheet of who signs in how; make the people the first time."""
    path = room.settings.keys / SHEET
    if not path.exists():
        sheet = _hire(room)
        path.touch(mode=0o600)
        path.write_text(sheet, "utf-8")
    return path.read_text("utf-8")


def _hire(room: DayRoom) -> str:
    password = secrets.token_urlsafe(12)
    lines = [
        f"password of all: {password}",
        "then a code: add the secret to an authenticator app, or use a recovery code, each once",
    ]
    with writing(room.database, room.actor, purpose="operations") as session:
        for role, name in _NAMES.items():
            email = f"{role}@{_DOMAIN}"
            newcomer = access.Newcomer(email, name, frozenset({role}), password)
            enrolment = access.add_person(
                session, newcomer, now=clock.true_now(), today=clock.today()
            )
            if enrolment is None:  # the sheet was lost
                enrolment = access.reset_person(
                    session, email, password, now=clock.true_now(), today=clock.today()
                )
            lines += _tell(email, enrolment)
    return "\n".join(lines) + "\n"


def _tell(email: str, enrolment: Enrolment) -> list[str]:
    codes = enrolment.recovery_codes
    half = len(codes) // 2
    return [
        "",
        email,
        f"  secret         {enrolment.totp_secret}",
        f"  recovery codes {' '.join(codes[:half])}",
        f"                 {' '.join(codes[half:])}",
    ]
