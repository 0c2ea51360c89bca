"""Tables of what goes out and what comes in: batches, the claims in them, and received files."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from config.db import Base
from config.sealed import SealedRow
from config.tenancy import PracticeRow, practice_key


class BatchRow(PracticeRow, Base):
    """One 837 file: an interchange with one group.

    Attributes:
        interchange_control: ISA13 as a number, never repeated towards the partner.
        group_control: GS06; `reference` is BHT03.
        state: `written`, `sent`, `acknowledged`, `rejected`.
        file_name: Its name in outbox and on the partner's side; no PHI.
    """

    __tablename__ = "batch"
    __table_args__ = (
        practice_key("partner_id", "trading_partner"),
        practice_key("blob_id", "blob"),
        UniqueConstraint("practice_id", "partner_id", "interchange_control"),
        UniqueConstraint("practice_id", "file_name"),
        Index("ix_batch_state", "practice_id", "state", "id"),
    )

    partner_id: Mapped[UUID]
    interchange_control: Mapped[int]
    group_control: Mapped[int]
    reference: Mapped[str]
    file_name: Mapped[str]
    blob_id: Mapped[UUID]
    state: Mapped[str]
    claims: Mapped[int]
    total_cents: Mapped[int]
    created_at: Mapped[dt.datetime]
    sent_at: Mapped[dt.datetime | None]


class BatchClaimRow(PracticeRow, Base):
    """A claim's version in a batch.

    Attributes:
        transaction_control: ST02 of the transaction that carries it.
        open_claim_id: The claim while the batch is open, then NULL: unique, so that a claim
            never lies in two open batches.
    """

    __tablename__ = "batch_claim"
    __table_args__ = (
        practice_key("batch_id", "batch"),
        practice_key("claim_id", "claim"),
        UniqueConstraint("practice_id", "open_claim_id"),
        UniqueConstraint("practice_id", "batch_id", "claim_id"),
        Index("ix_batch_claim_claim", "practice_id", "claim_id"),
    )

    batch_id: Mapped[UUID]
    claim_id: Mapped[UUID]
    version: Mapped[int]
    transaction_control: Mapped[str]
    open_claim_id: Mapped[UUID | None]


class ReceivedFileRow(SealedRow, Base):
    """One file that a partner put into our inbox.

    Attributes:
        digest_key: Keyed hash of its bytes: the same file again changes nothing.
        kind: `TA1`, `999`, `277CA`, `835`, `mixed` or `unknown`.
        state: `received`, `applied`, `held` or `failed`.
    """

    __tablename__ = "received_file"
    __table_args__ = (
        practice_key("partner_id", "trading_partner"),
        practice_key("blob_id", "blob"),
        UniqueConstraint("practice_id", "digest_key"),
        Index("ix_received_file_state", "practice_id", "state", "id"),
    )

    partner_id: Mapped[UUID | None]
    digest_key: Mapped[bytes]
    kind: Mapped[str]
    state: Mapped[str]
    blob_id: Mapped[UUID]
    received_at: Mapped[dt.datetime]
