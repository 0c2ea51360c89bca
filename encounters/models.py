"""Tables of what came in: raw messages, appointments, visits, FHIR resources as received."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.db import Base
from config.sealed import SealedRow
from config.tenancy import PracticeRow, practice_key


class MessageRow(SealedRow, Base):
    """One message; its bytes lie in a blob, what is known of it in the payload.

    Attributes:
        message_key: Keyed hash of sender and control id: the same message again is found by it.
        body_key: Keyed hash of the bytes: the same id with other bytes is another row.
        kind: `ADT^A04`, `FHIR`, `CSV`.
        state: A `MessageState`.
    """

    __tablename__ = "message"
    __table_args__ = (
        practice_key("blob_id", "blob"),
        UniqueConstraint("practice_id", "message_key", "body_key"),
        Index("ix_message_state_id", "practice_id", "state", "id"),
    )

    message_key: Mapped[bytes]
    body_key: Mapped[bytes]
    blob_id: Mapped[UUID]
    kind: Mapped[str]
    state: Mapped[str]
    received_at: Mapped[dt.datetime]


class MessageReceipt(PracticeRow, Base):
    """One more coming-in of a message that was here already."""

    __tablename__ = "message_receipt"
    __table_args__ = (
        practice_key("message_id", "message"),
        {"info": {"append_only": True}},
    )

    message_id: Mapped[UUID] = mapped_column(index=True)
    received_at: Mapped[dt.datetime]


class PatientEvent(SealedRow, Base):
    """When a sender last told of a patient: an older message changes nothing any more.

    The instant is sealed: it is close to when the patient was seen.
    """

    __tablename__ = "patient_event"
    __table_args__ = (
        practice_key("patient_id", "patient"),
        UniqueConstraint("practice_id", "patient_id"),
    )

    patient_id: Mapped[UUID]


class AppointmentRow(SealedRow, Base):
    """One appointment.

    Attributes:
        identifier_key: Keyed hash of the sender's identifier.
        day_key: Keyed hash of the day, to find a day's schedule.
        state: An `AppointmentState`, or `excused` with `excuse`.
    """

    __tablename__ = "appointment"
    __table_args__ = (
        practice_key("patient_id", "patient"),
        practice_key("provider_id", "provider"),
        practice_key("location_id", "location"),
        UniqueConstraint("practice_id", "identifier_key"),
        Index("ix_appointment_day", "practice_id", "day_key"),
    )

    patient_id: Mapped[UUID]
    provider_id: Mapped[UUID | None]
    location_id: Mapped[UUID | None]
    identifier_key: Mapped[bytes]
    day_key: Mapped[bytes]
    state: Mapped[str]
    excuse: Mapped[str | None]


class VisitRow(SealedRow, Base):
    """One visit.

    Attributes:
        number: What people read out.
        identifier_key: Keyed hash of the sender's visit number.
        day_key: Keyed hash of the service date; `service_month` is plain, for ranges.
        excuse: Why it will never be billed, where excused: a plain word without PHI.
    """

    __tablename__ = "visit"
    __table_args__ = (
        practice_key("patient_id", "patient"),
        practice_key("provider_id", "provider"),
        practice_key("location_id", "location"),
        practice_key("appointment_id", "appointment"),
        UniqueConstraint("practice_id", "identifier_key"),
        UniqueConstraint("practice_id", "number"),
        Index("ix_visit_state_id", "practice_id", "state", "id"),
        Index("ix_visit_day", "practice_id", "day_key"),
        Index("ix_visit_patient", "practice_id", "patient_id"),
    )

    number: Mapped[str]
    patient_id: Mapped[UUID]
    provider_id: Mapped[UUID | None]
    location_id: Mapped[UUID | None]
    appointment_id: Mapped[UUID | None]
    identifier_key: Mapped[bytes]
    day_key: Mapped[bytes]
    service_month: Mapped[dt.date]
    state: Mapped[str]
    excuse: Mapped[str | None]


class FhirResourceRow(SealedRow, Base):
    """A FHIR resource as received, so that it can be read back under our id and version.

    Attributes:
        client_id: The API client that sent it.
        resource_type: `Patient`, `Coverage`…
        identifier_key: Keyed hash of client, type and first identifier, where it has one.
    """

    __tablename__ = "fhir_resource"
    __table_args__ = (
        practice_key("message_id", "message"),
        UniqueConstraint("practice_id", "identifier_key"),
    )

    client_id: Mapped[UUID]
    resource_type: Mapped[str]
    identifier_key: Mapped[bytes | None]
    message_id: Mapped[UUID]
    updated_at: Mapped[dt.datetime]
