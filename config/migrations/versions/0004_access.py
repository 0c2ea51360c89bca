"""Who may call and act: API clients, their tokens, service accounts.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from config import ddl

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _make_api_client() -> None:
    op.create_table(
        "api_client",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("jwks", sa.String(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deactivated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_api_client")),
        sa.UniqueConstraint("practice_id", "name", name=op.f("uq_api_client_practice_id_name")),
    )
    ddl.secure_table(op.get_bind(), "api_client")


def _make_access_token() -> None:
    op.create_table(
        "access_token",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "client_id"],
            ["api_client.practice_id", "api_client.id"],
            name=op.f("fk_access_token_practice_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_access_token")),
        sa.UniqueConstraint(
            "practice_id", "token_hash", name=op.f("uq_access_token_practice_id_token_hash")
        ),
    )
    op.create_index(
        op.f("ix_access_token_expires_at"), "access_token", ["expires_at"], unique=False
    )
    ddl.secure_table(op.get_bind(), "access_token")


def _make_service_account() -> None:
    op.create_table(
        "service_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("os_user", sa.String(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("permissions", sa.String(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practice.id"], name=op.f("fk_service_account_practice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_account")),
        sa.UniqueConstraint(
            "os_user", "practice_id", name=op.f("uq_service_account_os_user_practice_id")
        ),
    )
    ddl.secure_table(op.get_bind(), "service_account")


def _make_used_assertion() -> None:
    op.create_table(
        "used_assertion",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("jti_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "client_id"],
            ["api_client.practice_id", "api_client.id"],
            name=op.f("fk_used_assertion_practice_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_used_assertion")),
        sa.UniqueConstraint(
            "practice_id",
            "client_id",
            "jti_hash",
            name=op.f("uq_used_assertion_practice_id_client_id_jti_hash"),
        ),
    )
    op.create_index(
        op.f("ix_used_assertion_expires_at"), "used_assertion", ["expires_at"], unique=False
    )
    ddl.secure_table(op.get_bind(), "used_assertion")


def upgrade() -> None:
    _make_api_client()
    _make_access_token()
    _make_service_account()
    _make_used_assertion()


def downgrade() -> None:
    op.drop_table("used_assertion")
    op.drop_table("service_account")
    op.drop_table("access_token")
    op.drop_table("api_client")
