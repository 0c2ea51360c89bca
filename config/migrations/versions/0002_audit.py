"""The record of every touch of PHI: entries, leaves and checkpoints.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from config import ddl

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _make_audit_checkpoint() -> None:
    op.create_table(
        "audit_checkpoint",
        sa.Column("size", NUMBER, autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_audit_checkpoint")),
    )
    ddl.secure_table(op.get_bind(), "audit_checkpoint", is_append_only=True)


def _make_audit_entry() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("utc_ms", NUMBER, nullable=False),
        sa.Column("class", NUMBER, nullable=False),
        sa.Column("kid", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    ddl.secure_table(op.get_bind(), "audit_entry", is_append_only=True)


def _make_audit_leaf() -> None:
    op.create_table(
        "audit_leaf",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["audit_entry.id"], name=op.f("fk_audit_leaf_entry_id")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_leaf")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_leaf_entry_id")),
    )
    ddl.secure_table(op.get_bind(), "audit_leaf", is_append_only=True)


def _make_audit_pending() -> None:
    op.create_table(
        "audit_pending",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["audit_entry.id"], name=op.f("fk_audit_pending_entry_id")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_pending")),
    )
    ddl.secure_table(op.get_bind(), "audit_pending")


def upgrade() -> None:
    _make_audit_checkpoint()
    _make_audit_entry()
    _make_audit_leaf()
    _make_audit_pending()


def downgrade() -> None:
    op.drop_table("audit_pending")
    op.drop_table("audit_leaf")
    ddl.forget_append_only(op.get_bind(), "audit_leaf")
    op.drop_table("audit_entry")
    ddl.forget_append_only(op.get_bind(), "audit_entry")
    op.drop_table("audit_checkpoint")
    ddl.forget_append_only(op.get_bind(), "audit_checkpoint")
