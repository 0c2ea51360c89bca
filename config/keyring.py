"""The keyring: which key seals what, and the keyed hashes by which sealed rows are found.

The root key wraps one key per practice, which wraps one data key per purpose and epoch; wrapped
keys are rows of `wrapped_key`, so that the database alone opens nothing and a practice's data can
be made unreadable by destroying one row. Look-up keys come from a second secret, so that changing
the root key leaves them as they are.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import os
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self, cast

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import event, insert, select

from config import clock
from config.envelope import (
    KEY_BYTES,
    KID_BYTES,
    Kind,
    Place,
    SealBrokenError,
    SealingKey,
    key_id,
)
from config.key_files import INDEX_FILE, ROOT_FILE, check_folder, read_key_file
from config.keyring_table import Purpose, WrappedKey
from config.names_index import normalise
from config.registry import column_number, table_number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from uuid import UUID

    from sqlalchemy import Row, Table
    from sqlalchemy.orm import Session, SessionTransaction


CHUNK_BYTES: Final = 64 * 1024
_MADE: Final = "keyring.made"
_LISTENING: Final = "keyring.listening"
_EPOCH_START: Final = dt.date(2020, 1, 1)


_KINDS: Final = {
    Purpose.KEK: Kind.KEY,
    Purpose.FIELD: Kind.FIELD,
    Purpose.BLOB: Kind.BLOB,
    Purpose.AUDIT: Kind.AUDIT,
}
# Days for which one key seals new values; it opens old ones for good.
_EPOCH_DAYS: Final = {
    Purpose.KEK: 366,
    Purpose.FIELD: 90,
    Purpose.BLOB: 90,
    Purpose.AUDIT: 30,
}


_TABLE: Final = cast("Table", WrappedKey.__table__)


class Cell(NamedTuple):
    """The place of one sealed value; all of it is bound to the ciphertext.

    Attributes:
        practice_id: The row's practice.
        table: The table's name, known to `config.registry`.
        column: The column's name, known to `config.registry`.
        row_id: The row's key; made by the application, so it is there before the row.
        row_version: Counts the row's writings; 0 where a row is never written twice.
    """

    practice_id: UUID
    table: str
    column: str
    row_id: UUID
    row_version: int


class _DataKey(NamedTuple):
    """An unwrapped key with what its ciphertexts are bound to."""

    sealing: SealingKey
    practice_id: UUID
    purpose: Purpose

    def place(self, cell: Cell) -> Place:
        """Return the place of a cell under this key's kind."""
        if cell.practice_id != self.practice_id:
            raise SealBrokenError("a sealed value names another practice's key")
        return Place(
            _KINDS[self.purpose],
            cell.practice_id.bytes,
            table_number(cell.table),
            column_number(cell.column),
            cell.row_id.bytes,
            cell.row_version,
        )


class _Cache:
    """Unwrapped keys by id, and which of them seals for a practice, purpose and epoch."""

    def __init__(self) -> None:
        self.by_kid: dict[bytes, _DataKey] = {}
        self.sealing: dict[tuple[UUID, Purpose, int], _DataKey] = {}

    def clear(self) -> None:
        """Forget all keys."""
        self.by_kid.clear()
        self.sealing.clear()


_NONE: Final = _Cache()


class Keyring:
    """Seals, opens and finds; one per process, safe to share between threads.

    Args:
        root: The root key, 32 bytes.
        index: The look-up secret, 32 bytes.
    """

    def __init__(self, root: bytes, index: bytes) -> None:
        self._root = SealingKey(
            hashlib.sha256(b"CC1 root key id" + root).digest()[:KID_BYTES], root
        )
        self._index = index
        self._cache = _Cache()
        self._lock = threading.Lock()
        self._look_up_key = lru_cache(maxsize=4096)(self._derive_look_up_key)

    @classmethod
    def load(cls, folder: Path, *, home: Path | None = None) -> Self:
        """Read the key files of an installation.

        Args:
            folder: The folder of keys (`CLEANCLAIM_KEYS`).
            home: The folder of data, in which the keys may not lie.

        Raises:
            KeyFileError: A file is missing, weak or open to others; says what to do.
        """
        check_folder(folder, home=home)
        return cls(read_key_file(folder / ROOT_FILE), read_key_file(folder / INDEX_FILE))

    # Sealing and opening

    def encrypt(
        self, session: Session, cell: Cell, plaintext: bytes, *, purpose: Purpose = Purpose.FIELD
    ) -> bytes:
        """Seal a value for its cell.

        Args:
            session: Its transaction takes up the practice's new key where one is due.
            cell: Where the value will stand.
            plaintext: The value.
            purpose: Which of the practice's keys seals it.
        """
        key = self._sealing_key(session, cell.practice_id, purpose)
        return key.sealing.seal(key.place(cell), plaintext)

    def decrypt(self, session: Session, cell: Cell, ciphertext: bytes) -> bytes:
        """Open the value of a cell.

        Raises:
            SealBrokenError: Altered, moved from elsewhere, or its key is not there.
        """
        key = self._opening_key(session, key_id(ciphertext))
        return key.sealing.open(key.place(cell), ciphertext)

    def encrypt_blob(self, session: Session, cell: Cell, blob: bytes) -> list[bytes]:
        """Seal a file or message in chunks whose order and end are bound; at least one."""
        key = self._sealing_key(session, cell.practice_id, Purpose.BLOB)
        place = key.place(cell)
        starts = range(0, len(blob), CHUNK_BYTES) or range(1)
        last = len(starts) - 1
        return [
            key.sealing.seal_chunk(place, (n, n == last), blob[start : start + CHUNK_BYTES])
            for n, start in enumerate(starts)
        ]

    def decrypt_blob(self, session: Session, cell: Cell, chunks: Sequence[bytes]) -> bytes:
        """Open all chunks of a file or message.

        Raises:
            SealBrokenError: A chunk is altered, missing, doubled, moved or out of order.
        """
        if not chunks:
            raise SealBrokenError("a sealed file has no chunk")
        last = len(chunks) - 1
        pieces = []
        for n, chunk in enumerate(chunks):
            key = self._opening_key(session, key_id(chunk))
            pieces.append(key.sealing.open_chunk(key.place(cell), (n, n == last), chunk))
        return b"".join(pieces)

    # Look-up

    def unique_key(self, practice_id: UUID, table: str, column: str, value: str) -> bytes:
        """Return the 32 bytes by which a practice finds an identifier exactly."""
        return self._digest(("unique", practice_id, table, column), normalise(value).encode())

    def search_key(self, practice_id: UUID, table: str, column: str, token: str) -> int:
        """Return the 16 bits by which a practice finds candidates; others share them."""
        digest = self._digest(("search", practice_id, table, column), normalise(token).encode())
        return int.from_bytes(digest[:2], "big")

    def day_key(self, practice_id: UUID, table: str, day: dt.date) -> bytes:
        """Return the 16 bytes by which a practice finds a table's rows of one day."""
        return self._digest(("day", practice_id, table, ""), day.isoformat().encode())[:16]

    def _digest(self, scope: tuple[str, UUID, str, str], value: bytes) -> bytes:
        return hmac.digest(self._look_up_key(*scope), value, "sha256")

    def _derive_look_up_key(self, use: str, practice_id: UUID, table: str, column: str) -> bytes:
        parts = (b"CC1 look-up", use.encode(), practice_id.bytes, table.encode(), column.encode())
        info = b"".join(len(part).to_bytes(2, "big") + part for part in parts)
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(self._index)

    # The practice's keys

    def _opening_key(self, session: Session, kid: bytes) -> _DataKey:
        found = self._cache.by_kid.get(kid) or _made_in(session).by_kid.get(kid)
        if found is not None:
            return found
        row = session.connection().execute(select(_TABLE).where(_TABLE.c.kid == kid)).one_or_none()
        if row is None:
            raise SealBrokenError("a sealed value names a key that is not there")
        return self._remember(session, self._unwrap(session, row))

    def _sealing_key(self, session: Session, practice_id: UUID, purpose: Purpose) -> _DataKey:
        epoch = (clock.today() - _EPOCH_START).days // _EPOCH_DAYS[purpose]
        wanted = (practice_id, purpose, epoch)
        found = self._cache.sealing.get(wanted) or _made_in(session).sealing.get(wanted)
        if found is not None:
            return found
        row = (
            session.connection()
            .execute(
                select(_TABLE)
                .where(
                    _TABLE.c.practice_id == practice_id,
                    _TABLE.c.purpose == purpose.value,
                    _TABLE.c.epoch == epoch,
                    _TABLE.c.state == "active",
                )
                .order_by(_TABLE.c.kid)
                .limit(1)
            )
            .one_or_none()
        )
        key = self._unwrap(session, row) if row else self._make(session, *wanted)
        return self._remember(session, key, epoch)

    def _remember(self, session: Session, key: _DataKey, epoch: int | None = None) -> _DataKey:
        # A key that this transaction made is not yet anyone's: rolled back, what others had
        # sealed under it would never open again. It is kept with the session until then.
        cache = _made_in(session) if _MADE in session.info else self._cache
        with self._lock:
            cache.by_kid[key.sealing.kid] = key
            if epoch is not None:
                cache.sealing[key.practice_id, key.purpose, epoch] = key
        return key

    def _unwrap(self, session: Session, row: Row[Any]) -> _DataKey:
        purpose = Purpose(row.purpose)
        kid, practice_id = row.kid, row.practice_id
        above = self._above(session, purpose, key_id(row.wrapped))
        place = _key_place(practice_id, purpose, kid, row.epoch)
        return _DataKey(
            SealingKey(kid, above.open(place, row.wrapped)),
            practice_id,
            purpose,
        )

    def _above(self, session: Session, purpose: Purpose, kid: bytes) -> SealingKey:
        return self._root if purpose is Purpose.KEK else self._opening_key(session, kid).sealing

    def _make(self, session: Session, practice_id: UUID, purpose: Purpose, epoch: int) -> _DataKey:
        kid, key = os.urandom(KID_BYTES), os.urandom(KEY_BYTES)
        above = (
            self._root
            if purpose is Purpose.KEK
            else self._sealing_key(session, practice_id, Purpose.KEK).sealing
        )
        session.connection().execute(
            insert(_TABLE).values(
                kid=kid,
                practice_id=practice_id,
                purpose=purpose.value,
                epoch=epoch,
                wrapped=above.seal(_key_place(practice_id, purpose, kid, epoch), key),
                state="active",
                created_at=clock.now(),
            )
        )
        _keep_with(session)
        return _DataKey(SealingKey(kid, key), practice_id, purpose)


def _key_place(practice_id: UUID, purpose: Purpose, kid: bytes, epoch: int) -> Place:
    return Place(
        Kind.KEY,
        practice_id.bytes,
        table_number("wrapped_key"),
        column_number(purpose.value),
        kid.ljust(16, b"\0"),
        epoch,
    )


def _made_in(session: Session) -> _Cache:
    made: _Cache = session.info.get(_MADE, _NONE)
    return made


def _keep_with(session: Session) -> None:
    """Keep keys with the session, not the process, until its transaction has ended."""
    if _MADE in session.info:
        return
    session.info[_MADE] = _Cache()
    if not session.info.get(_LISTENING):
        session.info[_LISTENING] = True
        event.listen(session, "after_transaction_end", _forget_made)


def _forget_made(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        session.info.pop(_MADE, None)
    elif ended.nested and (made := session.info.get(_MADE)) is not None:
        made.clear()  # a savepoint rolled back takes its keys with it; others are read again
