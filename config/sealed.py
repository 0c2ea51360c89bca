"""Sealed rows: what identifies a patient lies encrypted in one payload per row.

A payload is a frozen dataclass of the package that owns the table. Each opening and each sealing
is a touch, noted in the session; `audit.service` writes the touches down before the change
commits or the bytes leave, and a session that it did not open can open no payload.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import UUID  # noqa: TC003  # SQLAlchemy reads the annotations

import msgspec
from sqlalchemy import inspect
from sqlalchemy.orm import Mapped, mapped_column

from config.ids import uuid7
from config.keyring import Cell
from config.tenancy import KEYRING, PracticeRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from config.keyring import Keyring
    from config.tenancy import PracticeSession

T = TypeVar("T")

TOUCHES: Final = "audit.touches"
_encode = msgspec.json.Encoder().encode
_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


class UnrecordedTouchError(RuntimeError):
    """PHI was reached for in a session whose touches nobody records."""


class SealedRow(PracticeRow):
    """Mixin: a practice's row with an encrypted payload.

    Attributes:
        row_version: Counts the payload's writings from 1; bound into the encryption.
        payload: The payload's ciphertext.
    """

    row_version: Mapped[int] = mapped_column(default=0)
    payload: Mapped[bytes]


def touch(
    session: Session, action: str, table: str, row_id: UUID, patient_id: UUID | None = None
) -> None:
    """Note a reading or writing of PHI: `read` or `write`, table, row and, if known, patient.

    Raises:
        UnrecordedTouchError: The session was not opened by `audit.service`.
    """
    touches: set[tuple[str, str, UUID, UUID | None]] | None = session.info.get(TOUCHES)
    if touches is None:
        raise UnrecordedTouchError("open the session with audit.service.reading or writing")
    touches.add((action, table, row_id, patient_id))


def keyring_of(session: Session) -> Keyring:
    """Return the keyring that the session was opened with."""
    keyring: Keyring = session.info[KEYRING]
    return keyring


def _table(row: SealedRow) -> str:
    name: str = inspect(type(row)).local_table.name
    return name


def _patient(row: SealedRow) -> UUID | None:
    found: UUID | None = row.id if _table(row) == "patient" else getattr(row, "patient_id", None)
    return found


def seal(session: PracticeSession, row: SealedRow, payload: object) -> None:
    """Encrypt a payload into its row, which needs no other preparation.

    Args:
        session: The writing session; its practice becomes the row's.
        row: A new or a loaded row.
        payload: A frozen dataclass that msgspec can write as JSON.
    """
    row.practice_id = session.own_practice_id
    if inspect(row).transient and row.__dict__.get("id") is None:
        row.id = uuid7()
    row.row_version = (row.row_version or 0) + 1
    touch(session, "write", _table(row), row.id, _patient(row))
    row.payload = keyring_of(session).encrypt(session, _cell(row), _encode(payload))


def unseal(session: Session, row: SealedRow, kind: type[T]) -> T:
    """Decrypt a row's payload into its dataclass.

    Raises:
        config.envelope.SealBrokenError: The ciphertext was altered or moved.
    """
    touch(session, "read", _table(row), row.id, _patient(row))
    plaintext = keyring_of(session).decrypt(session, _cell(row), row.payload)
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(kind)
    payload: T = decoder.decode(plaintext)
    return payload


def _cell(row: SealedRow) -> Cell:
    return Cell(row.practice_id, _table(row), "payload", row.id, row.row_version)
