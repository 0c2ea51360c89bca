"""Sending: each written batch is uploaded whole, then its claims are sent; a cut is resumed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.service import reading, writing
from claims import queries
from claims.jobs.drops import open_outbox
from claims.service.batching import mark_sent
from claims.values import BatchId
from config.blobs import read_blob
from gateways.files import NameTakenError
from practice import service as practice
from practice.values import Partner, PartnerId

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from config.actor import Actor
    from config.tenancy import Database


@dataclass(frozen=True, slots=True)
class _Parcel:
    """A batch's file on its way."""

    batch_id: BatchId
    file_name: str
    content: bytes
    partner: Partner


def send_batches(database: Database, actor: Actor, *, keys: Path, at: dt.datetime) -> list[str]:
    """Upload every written batch and return the names of the files that were sent.

    Uploaded but not yet noted, because the process died between: the same bytes are there under
    the name already, and only the noting is done.

    Raises:
        gateways.files.FileDropError: A partner can't be reached, or holds another file under the
            name; what was sent before stays sent.
    """
    with reading(database, actor, purpose="payment") as session:
        parcels = [
            _Parcel(
                BatchId(batch.id),
                batch.file_name,
                read_blob(session, batch.blob_id),
                practice.get_partner(session, PartnerId(batch.partner_id)),
            )
            for batch in queries.list_batches(session, "written")
        ]
    for parcel in parcels:
        _upload(parcel, keys)
        with writing(database, actor, purpose="payment") as session:
            mark_sent(session, actor, parcel.batch_id, at=at)
    return [parcel.file_name for parcel in parcels]


def _upload(parcel: _Parcel, keys: Path) -> None:
    with open_outbox(parcel.partner, keys=keys) as outbox:
        try:
            outbox.upload(parcel.file_name, parcel.content)
        except NameTakenError:
            if outbox.download(parcel.file_name) != parcel.content:
                raise
