"""Verification of the stored log, and the bundle by which others verify it."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from audit import queries
from audit.rules.bundle import write_bundle, write_front
from audit.rules.notes import read_checkpoint
from audit.rules.store import verify_log
from audit.values import (
    Verdict,
)
from config.finding import MissingError

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from audit.rules.notes import PublicKey
    from audit.values import (
        Checkpoint,
    )
    from config.ids import PracticeId
    from config.tenancy import Database


def verify_store(database: Database, key: PublicKey, *, checkpoint: bytes | None = None) -> Verdict:
    """Verify the stored log; needs the database and the public key only.

    Args:
        database: The installation's database; its keyring is not used.
        key: The log's public key.
        checkpoint: A checkpoint kept elsewhere, which must be a prefix.

    Raises:
        NoteError: The checkpoint given is not one of this log.
    """
    older = read_checkpoint(checkpoint, key) if checkpoint is not None else None
    with database.session(None) as session:
        return _verify(queries.hold_still(session), key, older)


def _verify(connection: Connection, key: PublicKey, older: Checkpoint | None) -> Verdict:
    verdict = Verdict()
    try:
        verdict = verify_log(
            queries.iterate_leaves(connection),
            queries.iterate_checkpoints(connection),
            key,
            older=older,
        )
        _check_tail(connection, verdict)
    except (DBAPIError, TypeError, ValueError) as error:
        verdict.others.append(f"rows can't be read ({type(error).__name__}): altered")
    return verdict


def _check_tail(connection: Connection, verdict: Verdict) -> None:
    for entry_id, is_waiting in queries.list_unsealed(connection):
        if entry_id is None:
            verdict.others.append("an entry without a place in the log has no id that can be read")
        elif is_waiting:
            verdict.unsealed.append(entry_id)
        else:
            verdict.others.append(f"entry {entry_id} is neither in the log nor waiting for it")
    if strays := queries.count_stray_pending(connection):
        verdict.others.append(f"{strays} in the queue that are in the log already, or no entries")


def export(database: Database, practice_id: PracticeId, out: Path, key: PublicKey) -> int:
    """Write a practice's bundle: all headers of the log, and its own payloads, still sealed.

    Args:
        database: The installation's database.
        practice_id: The practice.
        out: The file; written beside and renamed, so that it is there whole or not at all.
        key: The log's public key.

    Returns:
        How many entries of the log the bundle covers.

    Raises:
        MissingError: The log is still empty.
    """
    with database.session(None) as session:
        connection = queries.hold_still(session)
        newest = queries.find_newest_checkpoint(connection)
        if newest is None:
            raise MissingError("the audit log is empty: there is nothing to export yet")
        front = write_front(practice_id, newest.size, key, newest.note)
        leaves = queries.iterate_headers(connection, newest.size)
        payloads = queries.iterate_payloads(connection, practice_id, newest.size)
        beside = out.with_name(out.name + ".part")
        with contextlib.ExitStack() as undo:
            undo.callback(beside.unlink, missing_ok=True)
            with beside.open("wb") as file:
                file.writelines(write_bundle(front, leaves, payloads))
                file.flush()
                os.fsync(file.fileno())
            beside.replace(out)
        return newest.size
