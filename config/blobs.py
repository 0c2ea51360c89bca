"""Blobs: raw messages, files and documents, compressed and encrypted in chunks.

A blob is written once and never changed.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Mapped, mapped_column

from config.db import Base
from config.finding import MissingError
from config.ids import uuid7
from config.keyring import Cell
from config.sealed import keyring_of, touch
from config.tenancy import PracticeRow, practice_key

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from config.tenancy import PracticeSession


class Blob(PracticeRow, Base):
    """One stored file or message; its bytes lie in its chunks."""

    __tablename__ = "blob"

    kind: Mapped[str]


class BlobChunk(PracticeRow, Base):
    """One encrypted chunk of a blob; its number is bound into the encryption."""

    __tablename__ = "blob_chunk"
    __table_args__ = (practice_key("blob_id", "blob"),)

    blob_id: Mapped[UUID] = mapped_column(index=True)
    number: Mapped[int]
    chunk: Mapped[bytes]


def store_blob(session: PracticeSession, kind: str, content: bytes) -> UUID:
    """Store bytes and return the blob's key; one touch of PHI.

    Args:
        session: A writing session that `audit.service` opened.
        kind: What it is, such as `message`, `x12`, `pdf`: a plain word without PHI.
        content: The bytes.
    """
    blob_id = uuid7()
    practice_id = session.own_practice_id
    touch(session, "write", "blob", blob_id)
    session.add(Blob(practice_id=practice_id, id=blob_id, kind=kind))
    session.flush()
    chunks = keyring_of(session).encrypt_blob(
        session, _cell(practice_id, blob_id), zlib.compress(content, 6)
    )
    session.execute(
        insert(BlobChunk),
        [
            {
                "practice_id": practice_id,
                "id": uuid7(),
                "blob_id": blob_id,
                "number": number,
                "chunk": chunk,
            }
            for number, chunk in enumerate(chunks)
        ],
    )
    return blob_id


def read_blob(session: Session, blob_id: UUID) -> bytes:
    """Return a blob's bytes; one touch of PHI.

    Raises:
        MissingError: There is no such blob in this practice.
        config.envelope.SealBrokenError: A chunk was changed, moved, dropped or added.
    """
    practice_id: UUID = session.info["practice_id"]
    touch(session, "read", "blob", blob_id)
    chunks = session.scalars(
        select(BlobChunk.chunk).where(BlobChunk.blob_id == blob_id).order_by(BlobChunk.number)
    ).all()
    if not chunks:
        raise MissingError("no such file")
    packed = keyring_of(session).decrypt_blob(session, _cell(practice_id, blob_id), chunks)
    return zlib.decompress(packed)


def _cell(practice_id: UUID, blob_id: UUID) -> Cell:
    return Cell(practice_id, "blob_chunk", "chunk", blob_id, 1)
