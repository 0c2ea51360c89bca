"""The book: postings, entries and closed months.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from config import ddl

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _make_closed_month() -> None:
    op.create_table(
        "closed_month",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_closed_month")),
        sa.UniqueConstraint("practice_id", "month", name=op.f("uq_closed_month_practice_id_month")),
    )
    ddl.secure_table(op.get_bind(), "closed_month", is_append_only=True)


def _make_posting() -> None:
    op.create_table(
        "posting",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("posted_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "reverses_id"],
            ["posting.practice_id", "posting.id"],
            name=op.f("fk_posting_practice_id_reverses_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_posting")),
        sa.UniqueConstraint("practice_id", "key", name=op.f("uq_posting_practice_id_key")),
        sa.UniqueConstraint("practice_id", "reverses_id", name="uq_posting_reverses"),
    )
    ddl.secure_table(op.get_bind(), "posting", is_append_only=True)


def _make_entry() -> None:
    op.create_table(
        "entry",
        sa.Column("posting_id", sa.Uuid(), nullable=False),
        sa.Column("debit", sa.String(), nullable=False),
        sa.Column("credit", sa.String(), nullable=False),
        sa.Column("cents", NUMBER, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("posted_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("claim_id", sa.Uuid(), nullable=True),
        sa.Column("charge_line_id", sa.Uuid(), nullable=True),
        sa.Column("payer_id", sa.Uuid(), nullable=True),
        sa.Column("guarantor_id", sa.Uuid(), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("remittance_id", sa.Uuid(), nullable=True),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("control_id", sa.Uuid(), nullable=True),
        sa.Column("service_month", sa.Date(), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("cents > 0", name=op.f("ck_entry_cents_above_nil")),
        sa.CheckConstraint("debit <> credit", name=op.f("ck_entry_two_accounts")),
        sa.ForeignKeyConstraint(
            ["practice_id", "posting_id"],
            ["posting.practice_id", "posting.id"],
            name=op.f("fk_entry_practice_id_posting_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "reverses_id"],
            ["entry.practice_id", "entry.id"],
            name=op.f("fk_entry_practice_id_reverses_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_entry")),
        sa.UniqueConstraint("practice_id", "reverses_id", name="uq_entry_reverses"),
    )
    op.create_index(
        "ix_entry_charge_line", "entry", ["practice_id", "charge_line_id"], unique=False
    )
    op.create_index("ix_entry_claim", "entry", ["practice_id", "claim_id"], unique=False)
    op.create_index("ix_entry_guarantor", "entry", ["practice_id", "guarantor_id"], unique=False)
    op.create_index("ix_entry_posting", "entry", ["practice_id", "posting_id"], unique=False)
    op.create_index("ix_entry_remittance", "entry", ["practice_id", "remittance_id"], unique=False)
    op.create_index("ix_entry_visit", "entry", ["practice_id", "visit_id"], unique=False)
    ddl.secure_table(op.get_bind(), "entry", is_append_only=True)


def upgrade() -> None:
    _make_closed_month()
    _make_posting()
    _make_entry()


def downgrade() -> None:
    op.drop_table("entry")
    ddl.forget_append_only(op.get_bind(), "entry")
    op.drop_table("posting")
    ddl.forget_append_only(op.get_bind(), "posting")
    op.drop_table("closed_month")
    ddl.forget_append_only(op.get_bind(), "closed_month")
