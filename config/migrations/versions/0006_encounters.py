"""Messages as they came in, appointments and visits.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from config import ddl

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _make_message() -> None:
    op.create_table(
        "message",
        sa.Column("message_key", sa.LargeBinary(), nullable=False),
        sa.Column("body_key", sa.LargeBinary(), nullable=False),
        sa.Column("blob_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_version", NUMBER, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "blob_id"],
            ["blob.practice_id", "blob.id"],
            name=op.f("fk_message_practice_id_blob_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_message")),
        sa.UniqueConstraint(
            "practice_id",
            "message_key",
            "body_key",
            name=op.f("uq_message_practice_id_message_key_body_key"),
        ),
    )
    op.create_index("ix_message_state_id", "message", ["practice_id", "state", "id"], unique=False)
    ddl.secure_table(op.get_bind(), "message")


def _make_appointment() -> None:
    op.create_table(
        "appointment",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("identifier_key", sa.LargeBinary(), nullable=False),
        sa.Column("day_key", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("excuse", sa.String(), nullable=True),
        sa.Column("row_version", NUMBER, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "location_id"],
            ["location.practice_id", "location.id"],
            name=op.f("fk_appointment_practice_id_location_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patient.practice_id", "patient.id"],
            name=op.f("fk_appointment_practice_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "provider_id"],
            ["provider.practice_id", "provider.id"],
            name=op.f("fk_appointment_practice_id_provider_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_appointment")),
        sa.UniqueConstraint(
            "practice_id", "identifier_key", name=op.f("uq_appointment_practice_id_identifier_key")
        ),
    )
    op.create_index("ix_appointment_day", "appointment", ["practice_id", "day_key"], unique=False)
    ddl.secure_table(op.get_bind(), "appointment")


def _make_fhir_resource() -> None:
    op.create_table(
        "fhir_resource",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("resource_type", sa.String(), nullable=False),
        sa.Column("identifier_key", sa.LargeBinary(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_version", NUMBER, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "message_id"],
            ["message.practice_id", "message.id"],
            name=op.f("fk_fhir_resource_practice_id_message_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_fhir_resource")),
        sa.UniqueConstraint(
            "practice_id",
            "identifier_key",
            name=op.f("uq_fhir_resource_practice_id_identifier_key"),
        ),
    )
    ddl.secure_table(op.get_bind(), "fhir_resource")


def _make_message_receipt() -> None:
    op.create_table(
        "message_receipt",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "message_id"],
            ["message.practice_id", "message.id"],
            name=op.f("fk_message_receipt_practice_id_message_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_message_receipt")),
    )
    op.create_index(
        op.f("ix_message_receipt_message_id"), "message_receipt", ["message_id"], unique=False
    )
    ddl.secure_table(op.get_bind(), "message_receipt", is_append_only=True)


def _make_patient_event() -> None:
    op.create_table(
        "patient_event",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("row_version", NUMBER, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patient.practice_id", "patient.id"],
            name=op.f("fk_patient_event_practice_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_patient_event")),
        sa.UniqueConstraint(
            "practice_id", "patient_id", name=op.f("uq_patient_event_practice_id_patient_id")
        ),
    )
    ddl.secure_table(op.get_bind(), "patient_event")


def _make_visit() -> None:
    op.create_table(
        "visit",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("identifier_key", sa.LargeBinary(), nullable=False),
        sa.Column("day_key", sa.LargeBinary(), nullable=False),
        sa.Column("service_month", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("excuse", sa.String(), nullable=True),
        sa.Column("row_version", NUMBER, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "appointment_id"],
            ["appointment.practice_id", "appointment.id"],
            name=op.f("fk_visit_practice_id_appointment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "location_id"],
            ["location.practice_id", "location.id"],
            name=op.f("fk_visit_practice_id_location_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patient.practice_id", "patient.id"],
            name=op.f("fk_visit_practice_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "provider_id"],
            ["provider.practice_id", "provider.id"],
            name=op.f("fk_visit_practice_id_provider_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_visit")),
        sa.UniqueConstraint(
            "practice_id", "identifier_key", name=op.f("uq_visit_practice_id_identifier_key")
        ),
        sa.UniqueConstraint("practice_id", "number", name=op.f("uq_visit_practice_id_number")),
    )
    op.create_index("ix_visit_day", "visit", ["practice_id", "day_key"], unique=False)
    op.create_index("ix_visit_patient", "visit", ["practice_id", "patient_id"], unique=False)
    op.create_index("ix_visit_state_id", "visit", ["practice_id", "state", "id"], unique=False)
    ddl.secure_table(op.get_bind(), "visit")


def upgrade() -> None:
    _make_message()
    _make_appointment()
    _make_fhir_resource()
    _make_message_receipt()
    _make_patient_event()
    _make_visit()


def downgrade() -> None:
    op.drop_table("visit")
    op.drop_table("patient_event")
    op.drop_table("message_receipt")
    ddl.forget_append_only(op.get_bind(), "message_receipt")
    op.drop_table("fhir_resource")
    op.drop_table("appointment")
    op.drop_table("message")
