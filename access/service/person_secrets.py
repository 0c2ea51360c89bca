"""A person's secrets: drawn here, sealed under the installation's own keys, never shown again."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import delete, update
from sqlalchemy.engine import CursorResult

from access import rules_codes as codes
from access.models_people import PersonRecord, RecoveryCodeRecord
from access.values import INSTALLATION
from config.ids import uuid7
from config.keyring import Cell
from config.sealed import keyring_of

if TYPE_CHECKING:
    import datetime as dt
    from uuid import UUID

    from config.tenancy import PracticeSession


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a person's payload holds.

    Attributes:
        password_hash: Argon2id; sealed all the same, so that a stolen database tries no password.
        totp_secret: 20 bytes.
    """

    password_hash: str
    totp_secret: bytes


def draw_totp_secret() -> bytes:
    """Draw a new secret for an authenticator app."""
    return os.urandom(codes.SECRET_BYTES)


def seal_secrets(session: PracticeSession, person: PersonRecord, secrets: Secrets) -> None:
    """Encrypt a person's secrets into their row."""
    person.row_version = (person.row_version or 0) + 1
    person.payload = keyring_of(session).encrypt(
        session, _cell(person), msgspec.json.encode(secrets)
    )


def open_secrets(session: PracticeSession, person: PersonRecord) -> Secrets:
    """Decrypt a person's secrets."""
    plaintext = keyring_of(session).decrypt(session, _cell(person), person.payload)
    return msgspec.json.decode(plaintext, type=Secrets)


def _cell(person: PersonRecord) -> Cell:
    return Cell(INSTALLATION, "person", "payload", person.id, person.row_version)


def replace_recovery_codes(session: PracticeSession, person_id: UUID) -> tuple[str, ...]:
    """Draw new recovery codes and make the old ones worthless."""
    session.execute(delete(RecoveryCodeRecord).where(RecoveryCodeRecord.person_id == person_id))
    drawn = tuple(
        codes.write_recovery_code(os.urandom(codes.RECOVERY_CHARACTERS))
        for _ in range(codes.RECOVERY_CODES)
    )
    for code in drawn:
        session.add(
            RecoveryCodeRecord(
                id=uuid7(),
                person_id=person_id,
                code_key=_code_key(session, person_id, codes.read_recovery_code(code) or ""),
                used_at=None,
            )
        )
    session.flush()
    return drawn


def use_totp_code(
    session: PracticeSession, person: PersonRecord, typed: str, *, now: dt.datetime
) -> bool:
    """Use up the code of this time step; it works once, whoever is first.

    The row's newest step is compared and set by one statement, so that of any number of requests
    with the same code one succeeds.

    Source:
        RFC 6238 section 5.2; OWASP ASVS 5.0 6.5.1, 6.5.5.
    """
    step = codes.compute_step(int(now.timestamp()))
    if not codes.is_code(typed, open_secrets(session, person).totp_secret, step):
        return False
    return _changed_one(
        session,
        update(PersonRecord)
        .where(PersonRecord.id == person.id, PersonRecord.totp_step < step)
        .values(totp_step=step),
    )


def use_recovery_code(
    session: PracticeSession, person_id: UUID, typed: str, *, now: dt.datetime
) -> bool:
    """Use up a recovery code; it works once, whoever is first."""
    letters = codes.read_recovery_code(typed)
    if letters is None:
        return False
    return _changed_one(
        session,
        update(RecoveryCodeRecord)
        .where(
            RecoveryCodeRecord.person_id == person_id,
            RecoveryCodeRecord.code_key == _code_key(session, person_id, letters),
            RecoveryCodeRecord.used_at.is_(None),
        )
        .values(used_at=now),
    )


def _changed_one(session: PracticeSession, statement: object) -> bool:
    result = session.execute(
        statement,  # type: ignore[call-overload]  # an UPDATE of either table
        execution_options={"synchronize_session": False},
    )
    assert isinstance(result, CursorResult)  # noqa: S101  # what an UPDATE answers with
    return bool(result.rowcount == 1)


def _code_key(session: PracticeSession, person_id: UUID, letters: str) -> bytes:
    return keyring_of(session).unique_key(
        INSTALLATION, "recovery_code", "code_key", f"{person_id} {letters}"
    )
