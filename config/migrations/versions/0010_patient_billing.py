"""Patient payments and statements.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from config import ddl

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _make_statement() -> None:
    op.create_table(
        "statement",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("guarantor_id", sa.Uuid(), nullable=False),
        sa.Column("cents", NUMBER, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("notice", sa.String(), nullable=False),
        sa.Column("statement_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("blob_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_version", NUMBER, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("cents > 0", name=op.f("ck_statement_cents_above_nil")),
        sa.ForeignKeyConstraint(
            ["practice_id", "blob_id"],
            ["blob.practice_id", "blob.id"],
            name=op.f("fk_statement_practice_id_blob_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "guarantor_id"],
            ["guarantor.practice_id", "guarantor.id"],
            name=op.f("fk_statement_practice_id_guarantor_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_statement")),
        sa.UniqueConstraint("practice_id", "guarantor_id", "statement_on", name="uq_statement_day"),
        sa.UniqueConstraint("practice_id", "number", name=op.f("uq_statement_practice_id_number")),
    )
    ddl.secure_table(op.get_bind(), "statement")


def _make_patient_payment() -> None:
    op.create_table(
        "patient_payment",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("guarantor_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("cents", NUMBER, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("tender", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("cents > 0", name=op.f("ck_patient_payment_cents_above_nil")),
        sa.ForeignKeyConstraint(
            ["practice_id", "guarantor_id"],
            ["guarantor.practice_id", "guarantor.id"],
            name=op.f("fk_patient_payment_practice_id_guarantor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "visit_id"],
            ["visit.practice_id", "visit.id"],
            name=op.f("fk_patient_payment_practice_id_visit_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_patient_payment")),
        sa.UniqueConstraint("practice_id", "key", name=op.f("uq_patient_payment_practice_id_key")),
        sa.UniqueConstraint(
            "practice_id", "number", name=op.f("uq_patient_payment_practice_id_number")
        ),
    )
    op.create_index(
        "ix_patient_payment_guarantor",
        "patient_payment",
        ["practice_id", "guarantor_id"],
        unique=False,
    )
    ddl.secure_table(op.get_bind(), "patient_payment", is_append_only=True)


def _make_statement_visit() -> None:
    op.create_table(
        "statement_visit",
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("cents", NUMBER, nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "statement_id"],
            ["statement.practice_id", "statement.id"],
            name=op.f("fk_statement_visit_practice_id_statement_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "visit_id"],
            ["visit.practice_id", "visit.id"],
            name=op.f("fk_statement_visit_practice_id_visit_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_statement_visit")),
        sa.UniqueConstraint(
            "practice_id",
            "statement_id",
            "visit_id",
            name=op.f("uq_statement_visit_practice_id_statement_id_visit_id"),
        ),
    )
    op.create_index(
        "ix_statement_visit_visit", "statement_visit", ["practice_id", "visit_id"], unique=False
    )
    ddl.secure_table(op.get_bind(), "statement_visit", is_append_only=True)


def upgrade() -> None:
    _make_statement()
    _make_patient_payment()
    _make_statement_visit()


def downgrade() -> None:
    op.drop_table("statement_visit")
    ddl.forget_append_only(op.get_bind(), "statement_visit")
    op.drop_table("patient_payment")
    ddl.forget_append_only(op.get_bind(), "patient_payment")
    op.drop_table("statement")
