"""Practices and what they work with: people, places, payers, partners and prices.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from config import ddl

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _make_charge() -> None:
    op.create_table(
        "charge",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("modifier", sa.String(), nullable=False),
        sa.Column("unit_cents", NUMBER, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("wording", sa.String(), nullable=False),
        sa.Column("wording_es", sa.String(), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("to_date", sa.Date(), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("to_date IS NULL OR to_date >= from_date", name=op.f("ck_charge_span")),
        sa.CheckConstraint("unit_cents >= 0", name=op.f("ck_charge_not_negative")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_charge")),
        sa.UniqueConstraint(
            "practice_id",
            "code",
            "modifier",
            "from_date",
            name=op.f("uq_charge_practice_id_code_modifier_from_date"),
        ),
    )
    ddl.secure_table(op.get_bind(), "charge")


def _make_feed() -> None:
    op.create_table(
        "feed",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_feed")),
        sa.UniqueConstraint(
            "practice_id", "kind", "sender", name=op.f("uq_feed_practice_id_kind_sender")
        ),
    )
    ddl.secure_table(op.get_bind(), "feed")


def _make_location() -> None:
    op.create_table(
        "location",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("npi", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("place_of_service", sa.String(), nullable=False),
        sa.Column("clia_number", sa.String(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_location")),
        sa.UniqueConstraint("practice_id", "code", name=op.f("uq_location_practice_id_code")),
    )
    ddl.secure_table(op.get_bind(), "location")


def _make_practice() -> None:
    op.create_table(
        "practice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("npi", sa.String(), nullable=False),
        sa.Column("tax_id", sa.String(), nullable=False),
        sa.Column("tax_id_kind", sa.String(), nullable=False),
        sa.Column("taxonomy", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("pay_to", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("colour", sa.String(), nullable=False),
        sa.Column("logo_svg", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice")),
        sa.UniqueConstraint("name", name=op.f("uq_practice_name")),
    )
    op.create_index(op.f("ix_practice_npi"), "practice", ["npi"], unique=False)
    ddl.secure_table(op.get_bind(), "practice")


def _make_provider() -> None:
    op.create_table(
        "provider",
        sa.Column("npi", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("given", sa.String(), nullable=False),
        sa.Column("credential", sa.String(), nullable=False),
        sa.Column("taxonomy", sa.String(), nullable=False),
        sa.Column("is_rendering", sa.Boolean(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_provider")),
        sa.UniqueConstraint("practice_id", "npi", name=op.f("uq_provider_practice_id_npi")),
    )
    ddl.secure_table(op.get_bind(), "provider")


def _make_trading_partner() -> None:
    op.create_table(
        "trading_partner",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sender_qualifier", sa.String(), nullable=False),
        sa.Column("sender_id", sa.String(), nullable=False),
        sa.Column("receiver_qualifier", sa.String(), nullable=False),
        sa.Column("receiver_id", sa.String(), nullable=False),
        sa.Column("submitter_id", sa.String(), nullable=False),
        sa.Column("submitter_name", sa.String(), nullable=False),
        sa.Column("contact_name", sa.String(), nullable=False),
        sa.Column("contact_phone", sa.String(), nullable=False),
        sa.Column("usage", sa.String(), nullable=False),
        sa.Column("transport", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("port", NUMBER, nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("host_key", sa.String(), nullable=False),
        sa.Column("key_file", sa.String(), nullable=False),
        sa.Column("outbox", sa.String(), nullable=False),
        sa.Column("inbox", sa.String(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_trading_partner")),
        sa.UniqueConstraint(
            "practice_id", "code", name=op.f("uq_trading_partner_practice_id_code")
        ),
    )
    ddl.secure_table(op.get_bind(), "trading_partner")


def _make_payer() -> None:
    op.create_table(
        "payer",
        sa.Column("payer_code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("claim_filing_code", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("initial_days_max", NUMBER, nullable=True),
        sa.Column("corrected_days_max", NUMBER, nullable=True),
        sa.Column("appeal_days_max", NUMBER, nullable=True),
        sa.Column("secondary_days_max", NUMBER, nullable=True),
        sa.Column("limits_source", sa.String(), nullable=False),
        sa.Column("may_bill_patient", sa.String(), nullable=False),
        sa.Column("allows_replacement", sa.Boolean(), nullable=False),
        sa.Column("asks_referring_provider", sa.Boolean(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "partner_id"],
            ["trading_partner.practice_id", "trading_partner.id"],
            name=op.f("fk_payer_practice_id_partner_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_payer")),
        sa.UniqueConstraint(
            "practice_id", "payer_code", name=op.f("uq_payer_practice_id_payer_code")
        ),
    )
    ddl.secure_table(op.get_bind(), "payer")


def _make_contract_fee() -> None:
    op.create_table(
        "contract_fee",
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("unit_cents", NUMBER, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("to_date", sa.Date(), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "to_date IS NULL OR to_date >= from_date", name=op.f("ck_contract_fee_span")
        ),
        sa.CheckConstraint("unit_cents >= 0", name=op.f("ck_contract_fee_not_negative")),
        sa.ForeignKeyConstraint(
            ["practice_id", "payer_id"],
            ["payer.practice_id", "payer.id"],
            name=op.f("fk_contract_fee_practice_id_payer_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_contract_fee")),
        sa.UniqueConstraint(
            "practice_id",
            "payer_id",
            "code",
            "from_date",
            name=op.f("uq_contract_fee_practice_id_payer_id_code_from_date"),
        ),
    )
    ddl.secure_table(op.get_bind(), "contract_fee")


def _make_enrolment() -> None:
    op.create_table(
        "enrolment",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("to_date", sa.Date(), nullable=True),
        sa.Column("is_participating", sa.Boolean(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "to_date IS NULL OR to_date >= from_date", name=op.f("ck_enrolment_span")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "payer_id"],
            ["payer.practice_id", "payer.id"],
            name=op.f("fk_enrolment_practice_id_payer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "provider_id"],
            ["provider.practice_id", "provider.id"],
            name=op.f("fk_enrolment_practice_id_provider_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_enrolment")),
        sa.UniqueConstraint(
            "practice_id",
            "provider_id",
            "payer_id",
            "from_date",
            name=op.f("uq_enrolment_practice_id_provider_id_payer_id_from_date"),
        ),
    )
    op.create_index(
        op.f("ix_enrolment_practice_id_payer_id"),
        "enrolment",
        ["practice_id", "payer_id"],
        unique=False,
    )
    ddl.secure_table(op.get_bind(), "enrolment")


def _make_payer_name() -> None:
    op.create_table(
        "payer_name",
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "payer_id"],
            ["payer.practice_id", "payer.id"],
            name=op.f("fk_payer_name_practice_id_payer_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_payer_name")),
        sa.UniqueConstraint(
            "practice_id", "name_key", name=op.f("uq_payer_name_practice_id_name_key")
        ),
    )
    ddl.secure_table(op.get_bind(), "payer_name")


def upgrade() -> None:
    _make_charge()
    _make_feed()
    _make_location()
    _make_practice()
    _make_provider()
    _make_trading_partner()
    _make_payer()
    _make_contract_fee()
    _make_enrolment()
    _make_payer_name()


def downgrade() -> None:
    op.drop_table("payer_name")
    op.drop_table("enrolment")
    op.drop_table("contract_fee")
    op.drop_table("payer")
    op.drop_table("trading_partner")
    op.drop_table("provider")
    op.drop_table("practice")
    op.drop_table("location")
    op.drop_table("feed")
    op.drop_table("charge")
