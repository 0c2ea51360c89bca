"""Patients, guarantors and coverages.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from config import ddl

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _make_guarantor() -> None:
    op.create_table(
        "guarantor",
        sa.Column("account_number", sa.String(), nullable=False),
        sa.Column("match_key", sa.LargeBinary(), nullable=False),
        sa.Column("row_version", NUMBER, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_guarantor")),
        sa.UniqueConstraint(
            "practice_id", "account_number", name=op.f("uq_guarantor_practice_id_account_number")
        ),
    )
    op.create_index(
        op.f("ix_guarantor_practice_id_match_key"),
        "guarantor",
        ["practice_id", "match_key"],
        unique=False,
    )
    ddl.secure_table(op.get_bind(), "guarantor")


def _make_guarantor_identifier() -> None:
    op.create_table(
        "guarantor_identifier",
        sa.Column("guarantor_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "guarantor_id"],
            ["guarantor.practice_id", "guarantor.id"],
            name=op.f("fk_guarantor_identifier_practice_id_guarantor_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_guarantor_identifier")),
        sa.UniqueConstraint(
            "practice_id", "key", name=op.f("uq_guarantor_identifier_practice_id_key")
        ),
    )
    ddl.secure_table(op.get_bind(), "guarantor_identifier")


def _make_patient() -> None:
    op.create_table(
        "patient",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("guarantor_id", sa.Uuid(), nullable=True),
        sa.Column("survivor_id", sa.Uuid(), nullable=True),
        sa.Column("row_version", NUMBER, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "guarantor_id"],
            ["guarantor.practice_id", "guarantor.id"],
            name=op.f("fk_patient_practice_id_guarantor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "survivor_id"],
            ["patient.practice_id", "patient.id"],
            name=op.f("fk_patient_practice_id_survivor_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_patient")),
        sa.UniqueConstraint("practice_id", "number", name=op.f("uq_patient_practice_id_number")),
    )
    op.create_index(
        op.f("ix_patient_practice_id_guarantor_id"),
        "patient",
        ["practice_id", "guarantor_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_patient_practice_id_survivor_id"),
        "patient",
        ["practice_id", "survivor_id"],
        unique=False,
    )
    ddl.secure_table(op.get_bind(), "patient")


def _make_coverage() -> None:
    op.create_table(
        "coverage",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("priority", NUMBER, nullable=False),
        sa.Column("member_key", sa.LargeBinary(), nullable=False),
        sa.Column("span", NUMBER, nullable=False),
        sa.Column("row_version", NUMBER, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patient.practice_id", "patient.id"],
            name=op.f("fk_coverage_practice_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "payer_id"],
            ["payer.practice_id", "payer.id"],
            name=op.f("fk_coverage_practice_id_payer_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_coverage")),
        sa.UniqueConstraint(
            "practice_id",
            "patient_id",
            "payer_id",
            "member_key",
            "span",
            name=op.f("uq_coverage_practice_id_patient_id_payer_id_member_key_span"),
        ),
    )
    op.create_index(
        op.f("ix_coverage_practice_id_member_key"),
        "coverage",
        ["practice_id", "member_key"],
        unique=False,
    )
    ddl.secure_table(op.get_bind(), "coverage")


def _make_patient_identifier() -> None:
    op.create_table(
        "patient_identifier",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patient.practice_id", "patient.id"],
            name=op.f("fk_patient_identifier_practice_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_patient_identifier")),
        sa.UniqueConstraint(
            "practice_id", "key", name=op.f("uq_patient_identifier_practice_id_key")
        ),
    )
    op.create_index(
        op.f("ix_patient_identifier_practice_id_patient_id"),
        "patient_identifier",
        ["practice_id", "patient_id"],
        unique=False,
    )
    ddl.secure_table(op.get_bind(), "patient_identifier")


def _make_patient_search() -> None:
    op.create_table(
        "patient_search",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("term", NUMBER, nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patient.practice_id", "patient.id"],
            name=op.f("fk_patient_search_practice_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_patient_search")),
        sa.UniqueConstraint(
            "practice_id",
            "term",
            "patient_id",
            name=op.f("uq_patient_search_practice_id_term_patient_id"),
        ),
    )
    op.create_index(
        op.f("ix_patient_search_practice_id_patient_id"),
        "patient_search",
        ["practice_id", "patient_id"],
        unique=False,
    )
    ddl.secure_table(op.get_bind(), "patient_search")


def upgrade() -> None:
    _make_guarantor()
    _make_guarantor_identifier()
    _make_patient()
    _make_coverage()
    _make_patient_identifier()
    _make_patient_search()


def downgrade() -> None:
    op.drop_table("patient_search")
    op.drop_table("patient_identifier")
    op.drop_table("coverage")
    op.drop_table("patient")
    op.drop_table("guarantor_identifier")
    op.drop_table("guarantor")
