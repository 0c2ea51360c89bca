"""The floor's tables: wrapped keys, blobs, counters and jobs; and the database's roles.

Revision ID: 0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from config import ddl

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _make_blob() -> None:
    op.create_table(
        "blob",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_blob")),
    )
    ddl.secure_table(op.get_bind(), "blob")


def _make_counter() -> None:
    op.create_table(
        "counter",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("last", NUMBER, nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_counter")),
        sa.UniqueConstraint("practice_id", "name", name=op.f("uq_counter_practice_id_name")),
    )
    ddl.secure_table(op.get_bind(), "counter")


def _make_job() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", NUMBER, nullable=False),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index(op.f("ix_job_state"), "job", ["state"], unique=False)
    ddl.secure_table(op.get_bind(), "job")


def _make_wrapped_key() -> None:
    op.create_table(
        "wrapped_key",
        sa.Column("kid", sa.LargeBinary(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("epoch", NUMBER, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_wrapped_key")),
    )
    op.create_index(
        op.f("ix_wrapped_key_practice_id_purpose_epoch"),
        "wrapped_key",
        ["practice_id", "purpose", "epoch"],
        unique=False,
    )
    ddl.secure_table(op.get_bind(), "wrapped_key")


def _make_blob_chunk() -> None:
    op.create_table(
        "blob_chunk",
        sa.Column("blob_id", sa.Uuid(), nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("chunk", sa.LargeBinary(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "blob_id"],
            ["blob.practice_id", "blob.id"],
            name=op.f("fk_blob_chunk_practice_id_blob_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_blob_chunk")),
    )
    op.create_index(op.f("ix_blob_chunk_blob_id"), "blob_chunk", ["blob_id"], unique=False)
    ddl.secure_table(op.get_bind(), "blob_chunk")


def upgrade() -> None:
    ddl.make_roles(op.get_bind())
    ddl.grant_reading(op.get_bind(), "alembic_version")
    _make_blob()
    _make_counter()
    _make_job()
    _make_wrapped_key()
    _make_blob_chunk()


def downgrade() -> None:
    op.drop_table("blob_chunk")
    op.drop_table("wrapped_key")
    op.drop_table("job")
    op.drop_table("counter")
    op.drop_table("blob")
