"""A practice that takes messages in, and what a sender tells it, as intake values."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from audit.service import reading, writing
from config.actor import Actor
from config.changes import Job
from config.people import Address, Identifier, PersonName, Sex
from config.tenancy import Database
from encounters import service
from encounters.values import (
    AppointmentState,
    Intake,
    IntakeAppointment,
    IntakeCharge,
    IntakeCoverage,
    IntakePatient,
    IntakePerson,
    IntakeVisit,
    VisitState,
)
from patients import service as patients
from practice import service as practice
from tests.factories.practice import (
    OTHER_NPI,
    make_location,
    make_payer,
    make_practice,
    make_provider,
)

if TYPE_CHECKING:
    from config.finding import Finding
    from encounters.values import Message, MessageId, Visit
    from patients.values import Coverage, Patient

DAY = dt.date(2026, 9, 15)
RECORD = Identifier("EHR", "MR-1001")
OLD_RECORD = Identifier("EHR", "MR-0900")
PAYER_NAME = "Seaside Health Plan"


def at(hour: int, minute: int = 0) -> dt.datetime:
    """Return an instant of the tests' day."""
    return dt.datetime.combine(DAY, dt.time(hour, minute), dt.UTC)


def make_person(**changes: object) -> IntakePerson:
    values: dict[str, Any] = {
        "name": PersonName("Quenneville", "Marisol"),
        "birth_date": dt.date(1970, 1, 2),
        "sex": Sex.FEMALE,
        "address": Address("8 Lantern Street", "", "Portland", "ME", "041011111"),
        "phone": "2075550188",
        "paths": {"name.family": "PID-5.1", "birth_date": "PID-7"},
    }
    return IntakePerson(**(values | changes))


def make_coverage(**changes: object) -> IntakeCoverage:
    values: dict[str, Any] = {
        "priority": 1,
        "payer_code": "SEA01",
        "payer_name": PAYER_NAME,
        "member_id": "SEA778812",
        "paths": {"payer_code": "IN1-3.1", "member_id": "IN1-36"},
    }
    return IntakeCoverage(**(values | changes))


def make_patient(**changes: object) -> IntakePatient:
    values: dict[str, Any] = {
        "identifiers": (RECORD,),
        "person": make_person(),
        "coverages": (make_coverage(),),
        "paths": {"identifiers": "PID-3"},
    }
    return IntakePatient(**(values | changes))


def make_charge(identifier: str = "C1", code: str = "99213", **changes: object) -> IntakeCharge:
    values: dict[str, Any] = {
        "system": "CPT",
        "words": "",
        "service_date": DAY,
        "paths": {"code": "FT1-25.1"},
    }
    return IntakeCharge(identifier=identifier, code=code, **(values | changes))


def make_visit(**changes: object) -> IntakeVisit:
    values: dict[str, Any] = {
        "identifier": Identifier("EHR", "VN-1", "VN"),
        "patient": RECORD,
        "service_date": DAY,
        "provider_npi": OTHER_NPI,
        "location_code": "MAIN",
        "paths": {
            "patient": "PID-3",
            "service_date": "PV1-44",
            "provider_npi": "PV1-7.1",
            "location_code": "PV1-3.1",
        },
    }
    return IntakeVisit(**(values | changes))


def make_appointment(**changes: object) -> IntakeAppointment:
    values: dict[str, Any] = {
        "identifier": Identifier("EHR", "APT-1"),
        "patient": RECORD,
        "starts_at": at(14),
        "minutes": 30,
        "state": AppointmentState.BOOKED,
        "paths": {"patient": "PID-3"},
    }
    return IntakeAppointment(**(values | changes))


@dataclass
class Office:
    """A practice with one payer, provider and location, and its messages."""

    database: Database
    actor: Actor
    count: int = 0

    def open(self) -> None:
        """Store what messages may name."""
        with writing(self.database, self.actor, purpose="operations") as session:
            practice.save_practice(session, make_practice(session.own_practice_id))
            practice.save_location(session, make_location())
            practice.save_provider(session, make_provider())
            practice.save_payer(session, make_payer())

    def add_payer(self, **changes: object) -> None:
        with writing(self.database, self.actor, purpose="operations") as session:
            practice.save_payer(session, make_payer(**changes))

    def keep(self, raw: bytes = b"", **changes: Any) -> service.Kept:  # noqa: ANN401  # an envelope's fields
        """Keep bytes as a message of the EHR's."""
        self.count += 1
        name = f"M{self.count}"
        values: dict[str, Any] = {
            "control_id": name,
            "sender": "EHR|LAB",
            "kind": "ADT^A04",
            "received_at": at(15),
            "repeat_key": name,
        }
        envelope = service.Envelope(**(values | changes))
        with writing(self.database, self.actor, purpose="payment") as session:
            return service.keep_message(session, envelope, raw or name.encode())

    def apply(self, message_id: MessageId, intake: Intake) -> list[Finding]:
        with writing(self.database, self.actor, purpose="payment") as session:
            return service.apply_message(session, message_id, intake, today=DAY)

    def tell(self, **said: Any) -> list[Finding]:  # noqa: ANN401  # an intake's fields
        """Keep a message that says this, apply it, and return the findings."""
        return self.apply(self.keep().message_id, Intake("M", "EHR|LAB", "ADT^A04", **said))

    def message(self, message_id: MessageId) -> Message:
        with reading(self.database, self.actor, purpose="payment") as session:
            return service.get_message(session, message_id)

    def visits(self) -> list[Visit]:
        with reading(self.database, self.actor, purpose="payment") as session:
            keys = [k for state in VisitState for k in service.list_visit_ids(session, state)]
            return list(service.get_visits(session, keys).values())

    def visit(self) -> Visit:
        (only,) = self.visits()
        return only

    def patient(self, identifier: Identifier = RECORD) -> Patient | None:
        with reading(self.database, self.actor, purpose="payment") as session:
            return patients.find_patient_by_identifier(session, identifier)

    def coverages(self, identifier: Identifier = RECORD) -> list[Coverage]:
        with reading(self.database, self.actor, purpose="payment") as session:
            found = patients.find_patient_by_identifier(session, identifier)
            return patients.get_coverages(session, [found.id])[found.id] if found else []

    def counts(self) -> dict[str, int]:
        with reading(self.database, self.actor, purpose="operations") as session:
            return service.count_visits(session)

    def changes(self) -> list[str]:
        """Return the kinds of the jobs that wait, oldest first."""
        with reading(self.database, self.actor, purpose="operations") as session:
            return list(session.scalars(select(Job.kind).order_by(Job.id)))
