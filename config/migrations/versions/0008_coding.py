"""Coded visits.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from config import ddl

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _make_coded_visit() -> None:
    op.create_table(
        "coded_visit",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_version", NUMBER, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patient.practice_id", "patient.id"],
            name=op.f("fk_coded_visit_practice_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "visit_id"],
            ["visit.practice_id", "visit.id"],
            name=op.f("fk_coded_visit_practice_id_visit_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_coded_visit")),
        sa.UniqueConstraint(
            "practice_id", "visit_id", name=op.f("uq_coded_visit_practice_id_visit_id")
        ),
    )
    op.create_index(
        "ix_coded_visit_state_id", "coded_visit", ["practice_id", "state", "id"], unique=False
    )
    ddl.secure_table(op.get_bind(), "coded_visit")


def upgrade() -> None:
    _make_coded_visit()


def downgrade() -> None:
    op.drop_table("coded_visit")
