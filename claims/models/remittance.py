"""Tables of what payers paid and why they paid no more."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.db import Base
from config.sealed import SealedRow
from config.tenancy import PracticeRow, practice_key


class RemittanceRow(SealedRow, Base):
    """One 835 transaction: one check or transfer.

    Attributes:
        remittance_key: Keyed hash of payer, trace, amount and date: the same payment in another
            file is found by it (R49).
        place: Which transaction of the file, from 0.
        state: `held`, `posting`, `posted` or `undone`.
        generation: Counts postings of it: undone and posted again is another generation.
        next_claim: Where posting resumes: the index of the first claim not settled yet.
    """

    __tablename__ = "remittance"
    __table_args__ = (
        practice_key("file_id", "received_file"),
        practice_key("payer_id", "payer"),
        UniqueConstraint("practice_id", "remittance_key"),
        Index("ix_remittance_state", "practice_id", "state", "id"),
    )

    remittance_key: Mapped[bytes]
    file_id: Mapped[UUID]
    place: Mapped[int]
    payer_id: Mapped[UUID | None]
    state: Mapped[str]
    generation: Mapped[int] = mapped_column(default=1)
    next_claim: Mapped[int] = mapped_column(default=0)
    bpr02_cents: Mapped[int]
    clp04_cents: Mapped[int]
    plb_cents: Mapped[int]
    claims: Mapped[int]
    paid_on: Mapped[dt.date]


class RemittanceClaimRow(SealedRow, Base):
    """One claim of a remittance and what became of it.

    Attributes:
        place: CLP's index in the transaction, from 0.
        claim_id: Our claim, where matched.
        state: `posted`, `quarantined`, `informational`.
        reason: Why it is quarantined: kebab-case, such as `claim-unmatched`.
        status: CLP02.
        posting_id: The ledger's posting, where posted.
    """

    __tablename__ = "remittance_claim"
    __table_args__ = (
        practice_key("remittance_id", "remittance"),
        practice_key("claim_id", "claim"),
        UniqueConstraint("practice_id", "remittance_id", "place"),
        Index("ix_remittance_claim_claim", "practice_id", "claim_id"),
        Index("ix_remittance_claim_state", "practice_id", "state", "id"),
    )

    remittance_id: Mapped[UUID]
    place: Mapped[int]
    claim_id: Mapped[UUID | None]
    state: Mapped[str]
    reason: Mapped[str]
    status: Mapped[str]
    charge_cents: Mapped[int]
    paid_cents: Mapped[int]
    posting_id: Mapped[UUID | None]


class RemittanceAdjustmentRow(PracticeRow, Base):
    """One CAS triplet: why a line or claim was not paid in full, and what we made of it.

    Attributes:
        claim_line_id: Our line; None for a claim-level adjustment.
        remarks: RARC codes of the line or claim, blank-separated.
        treatment: What the posting rules decided (`ledger.values.Treatment`).
    """

    __tablename__ = "remittance_adjustment"
    __table_args__ = (
        practice_key("remittance_claim_id", "remittance_claim"),
        practice_key("claim_line_id", "claim_line"),
        Index("ix_remittance_adjustment_claim", "practice_id", "remittance_claim_id"),
        Index("ix_remittance_adjustment_line", "practice_id", "claim_line_id"),
    )

    remittance_claim_id: Mapped[UUID]
    claim_line_id: Mapped[UUID | None]
    group: Mapped[str] = mapped_column("group_code")
    carc: Mapped[str]
    cents: Mapped[int]
    remarks: Mapped[str]
    treatment: Mapped[str]
    rule: Mapped[str]


class DenialRow(PracticeRow, Base):
    """A line that a payer left unpaid and that a person must work; nothing is written off.

    Attributes:
        state: `open`, `worked` or `closed`.
        cents: What stays open with the payer.
    """

    __tablename__ = "denial"
    __table_args__ = (
        practice_key("claim_id", "claim"),
        practice_key("claim_line_id", "claim_line"),
        practice_key("remittance_claim_id", "remittance_claim"),
        practice_key("payer_id", "payer"),
        Index("ix_denial_state_next", "practice_id", "state", "next_on", "id"),
    )

    claim_id: Mapped[UUID]
    claim_line_id: Mapped[UUID | None]
    remittance_claim_id: Mapped[UUID]
    payer_id: Mapped[UUID]
    group: Mapped[str] = mapped_column("group_code")
    carc: Mapped[str]
    remarks: Mapped[str]
    cents: Mapped[int]
    state: Mapped[str]
    owner_role: Mapped[str]
    next_on: Mapped[dt.date | None]
