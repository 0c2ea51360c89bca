"""Claims, batches, answers and remittances.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from config import ddl

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _make_batch() -> None:
    op.create_table(
        "batch",
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("interchange_control", NUMBER, nullable=False),
        sa.Column("group_control", NUMBER, nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("blob_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("claims", NUMBER, nullable=False),
        sa.Column("total_cents", NUMBER, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "blob_id"],
            ["blob.practice_id", "blob.id"],
            name=op.f("fk_batch_practice_id_blob_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "partner_id"],
            ["trading_partner.practice_id", "trading_partner.id"],
            name=op.f("fk_batch_practice_id_partner_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_batch")),
        sa.UniqueConstraint(
            "practice_id", "file_name", name=op.f("uq_batch_practice_id_file_name")
        ),
        sa.UniqueConstraint(
            "practice_id",
            "partner_id",
            "interchange_control",
            name=op.f("uq_batch_practice_id_partner_id_interchange_control"),
        ),
    )
    op.create_index("ix_batch_state", "batch", ["practice_id", "state", "id"], unique=False)
    ddl.secure_table(op.get_bind(), "batch")


def _make_received_file() -> None:
    op.create_table(
        "received_file",
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("digest_key", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("blob_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_version", NUMBER, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "blob_id"],
            ["blob.practice_id", "blob.id"],
            name=op.f("fk_received_file_practice_id_blob_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "partner_id"],
            ["trading_partner.practice_id", "trading_partner.id"],
            name=op.f("fk_received_file_practice_id_partner_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_received_file")),
        sa.UniqueConstraint(
            "practice_id", "digest_key", name=op.f("uq_received_file_practice_id_digest_key")
        ),
    )
    op.create_index(
        "ix_received_file_state", "received_file", ["practice_id", "state", "id"], unique=False
    )
    ddl.secure_table(op.get_bind(), "received_file")


def _make_remittance() -> None:
    op.create_table(
        "remittance",
        sa.Column("remittance_key", sa.LargeBinary(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("place", NUMBER, nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("generation", NUMBER, nullable=False),
        sa.Column("next_claim", NUMBER, nullable=False),
        sa.Column("bpr02_cents", NUMBER, nullable=False),
        sa.Column("clp04_cents", NUMBER, nullable=False),
        sa.Column("plb_cents", NUMBER, nullable=False),
        sa.Column("claims", NUMBER, nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("row_version", NUMBER, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "file_id"],
            ["received_file.practice_id", "received_file.id"],
            name=op.f("fk_remittance_practice_id_file_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "payer_id"],
            ["payer.practice_id", "payer.id"],
            name=op.f("fk_remittance_practice_id_payer_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_remittance")),
        sa.UniqueConstraint(
            "practice_id", "remittance_key", name=op.f("uq_remittance_practice_id_remittance_key")
        ),
    )
    op.create_index(
        "ix_remittance_state", "remittance", ["practice_id", "state", "id"], unique=False
    )
    ddl.secure_table(op.get_bind(), "remittance")


def _make_claim() -> None:
    op.create_table(
        "claim",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("coverage_id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("payer_sequence", NUMBER, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("owner_role", sa.String(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("file_by", sa.Date(), nullable=True),
        sa.Column("accepted_by_payer_on", sa.Date(), nullable=True),
        sa.Column("total_cents", NUMBER, nullable=False),
        sa.Column("service_month", sa.Date(), nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_version", NUMBER, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "coverage_id"],
            ["coverage.practice_id", "coverage.id"],
            name=op.f("fk_claim_practice_id_coverage_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patient.practice_id", "patient.id"],
            name=op.f("fk_claim_practice_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "payer_id"],
            ["payer.practice_id", "payer.id"],
            name=op.f("fk_claim_practice_id_payer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "visit_id"],
            ["visit.practice_id", "visit.id"],
            name=op.f("fk_claim_practice_id_visit_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_claim")),
        sa.UniqueConstraint("practice_id", "number", name=op.f("uq_claim_practice_id_number")),
    )
    op.create_index(
        "ix_claim_filing",
        "claim",
        ["practice_id", "accepted_by_payer_on", "file_by", "id"],
        unique=False,
    )
    op.create_index(
        "ix_claim_state_next", "claim", ["practice_id", "state", "next_on", "id"], unique=False
    )
    op.create_index("ix_claim_visit", "claim", ["practice_id", "visit_id"], unique=False)
    ddl.secure_table(op.get_bind(), "claim")


def _make_batch_claim() -> None:
    op.create_table(
        "batch_claim",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("transaction_control", sa.String(), nullable=False),
        sa.Column("open_claim_id", sa.Uuid(), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "batch_id"],
            ["batch.practice_id", "batch.id"],
            name=op.f("fk_batch_claim_practice_id_batch_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "claim_id"],
            ["claim.practice_id", "claim.id"],
            name=op.f("fk_batch_claim_practice_id_claim_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_batch_claim")),
        sa.UniqueConstraint(
            "practice_id",
            "batch_id",
            "claim_id",
            name=op.f("uq_batch_claim_practice_id_batch_id_claim_id"),
        ),
        sa.UniqueConstraint(
            "practice_id", "open_claim_id", name=op.f("uq_batch_claim_practice_id_open_claim_id")
        ),
    )
    op.create_index(
        "ix_batch_claim_claim", "batch_claim", ["practice_id", "claim_id"], unique=False
    )
    ddl.secure_table(op.get_bind(), "batch_claim")


def _make_claim_event() -> None:
    op.create_table(
        "claim_event",
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("blob_id", sa.Uuid(), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_version", NUMBER, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "blob_id"],
            ["blob.practice_id", "blob.id"],
            name=op.f("fk_claim_event_practice_id_blob_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "claim_id"],
            ["claim.practice_id", "claim.id"],
            name=op.f("fk_claim_event_practice_id_claim_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_claim_event")),
    )
    op.create_index(
        "ix_claim_event_claim", "claim_event", ["practice_id", "claim_id", "id"], unique=False
    )
    ddl.secure_table(op.get_bind(), "claim_event", is_append_only=True)


def _make_claim_line() -> None:
    op.create_table(
        "claim_line",
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("control_number", sa.String(), nullable=False),
        sa.Column("charge_line_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("charge_cents", NUMBER, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "claim_id"],
            ["claim.practice_id", "claim.id"],
            name=op.f("fk_claim_line_practice_id_claim_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "visit_id"],
            ["visit.practice_id", "visit.id"],
            name=op.f("fk_claim_line_practice_id_visit_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_claim_line")),
        sa.UniqueConstraint(
            "practice_id",
            "claim_id",
            "number",
            name=op.f("uq_claim_line_practice_id_claim_id_number"),
        ),
        sa.UniqueConstraint(
            "practice_id", "control_number", name=op.f("uq_claim_line_practice_id_control_number")
        ),
    )
    op.create_index(
        "ix_claim_line_charge", "claim_line", ["practice_id", "charge_line_id"], unique=False
    )
    ddl.secure_table(op.get_bind(), "claim_line")


def _make_claim_version() -> None:
    op.create_table(
        "claim_version",
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("frequency", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_version", NUMBER, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "claim_id"],
            ["claim.practice_id", "claim.id"],
            name=op.f("fk_claim_version_practice_id_claim_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_claim_version")),
        sa.UniqueConstraint(
            "practice_id",
            "claim_id",
            "number",
            name=op.f("uq_claim_version_practice_id_claim_id_number"),
        ),
    )
    ddl.secure_table(op.get_bind(), "claim_version")


def _make_remittance_claim() -> None:
    op.create_table(
        "remittance_claim",
        sa.Column("remittance_id", sa.Uuid(), nullable=False),
        sa.Column("place", NUMBER, nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("charge_cents", NUMBER, nullable=False),
        sa.Column("paid_cents", NUMBER, nullable=False),
        sa.Column("posting_id", sa.Uuid(), nullable=True),
        sa.Column("row_version", NUMBER, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "claim_id"],
            ["claim.practice_id", "claim.id"],
            name=op.f("fk_remittance_claim_practice_id_claim_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "remittance_id"],
            ["remittance.practice_id", "remittance.id"],
            name=op.f("fk_remittance_claim_practice_id_remittance_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_remittance_claim")),
        sa.UniqueConstraint(
            "practice_id",
            "remittance_id",
            "place",
            name=op.f("uq_remittance_claim_practice_id_remittance_id_place"),
        ),
    )
    op.create_index(
        "ix_remittance_claim_claim", "remittance_claim", ["practice_id", "claim_id"], unique=False
    )
    op.create_index(
        "ix_remittance_claim_state",
        "remittance_claim",
        ["practice_id", "state", "id"],
        unique=False,
    )
    ddl.secure_table(op.get_bind(), "remittance_claim")


def _make_denial() -> None:
    op.create_table(
        "denial",
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("claim_line_id", sa.Uuid(), nullable=True),
        sa.Column("remittance_claim_id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("group_code", sa.String(), nullable=False),
        sa.Column("carc", sa.String(), nullable=False),
        sa.Column("remarks", sa.String(), nullable=False),
        sa.Column("cents", NUMBER, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("owner_role", sa.String(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "claim_id"],
            ["claim.practice_id", "claim.id"],
            name=op.f("fk_denial_practice_id_claim_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "claim_line_id"],
            ["claim_line.practice_id", "claim_line.id"],
            name=op.f("fk_denial_practice_id_claim_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "payer_id"],
            ["payer.practice_id", "payer.id"],
            name=op.f("fk_denial_practice_id_payer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "remittance_claim_id"],
            ["remittance_claim.practice_id", "remittance_claim.id"],
            name=op.f("fk_denial_practice_id_remittance_claim_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_denial")),
    )
    op.create_index(
        "ix_denial_state_next", "denial", ["practice_id", "state", "next_on", "id"], unique=False
    )
    ddl.secure_table(op.get_bind(), "denial")


def _make_remittance_adjustment() -> None:
    op.create_table(
        "remittance_adjustment",
        sa.Column("remittance_claim_id", sa.Uuid(), nullable=False),
        sa.Column("claim_line_id", sa.Uuid(), nullable=True),
        sa.Column("group_code", sa.String(), nullable=False),
        sa.Column("carc", sa.String(), nullable=False),
        sa.Column("cents", NUMBER, nullable=False),
        sa.Column("remarks", sa.String(), nullable=False),
        sa.Column("treatment", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "claim_line_id"],
            ["claim_line.practice_id", "claim_line.id"],
            name=op.f("fk_remittance_adjustment_practice_id_claim_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "remittance_claim_id"],
            ["remittance_claim.practice_id", "remittance_claim.id"],
            name=op.f("fk_remittance_adjustment_practice_id_remittance_claim_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_remittance_adjustment")),
    )
    op.create_index(
        "ix_remittance_adjustment_claim",
        "remittance_adjustment",
        ["practice_id", "remittance_claim_id"],
        unique=False,
    )
    op.create_index(
        "ix_remittance_adjustment_line",
        "remittance_adjustment",
        ["practice_id", "claim_line_id"],
        unique=False,
    )
    ddl.secure_table(op.get_bind(), "remittance_adjustment")


def upgrade() -> None:
    _make_batch()
    _make_received_file()
    _make_remittance()
    _make_claim()
    _make_batch_claim()
    _make_claim_event()
    _make_claim_line()
    _make_claim_version()
    _make_remittance_claim()
    _make_denial()
    _make_remittance_adjustment()


def downgrade() -> None:
    op.drop_table("remittance_adjustment")
    op.drop_table("denial")
    op.drop_table("remittance_claim")
    op.drop_table("claim_version")
    op.drop_table("claim_line")
    op.drop_table("claim_event")
    ddl.forget_append_only(op.get_bind(), "claim_event")
    op.drop_table("batch_claim")
    op.drop_table("claim")
    op.drop_table("remittance")
    op.drop_table("received_file")
    op.drop_table("batch")
