"""Visits, charges and appointments on both engines: every order in which an EHR tells of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from audit.service import writing
from config.finding import Level, MissingError
from config.ids import uuid7
from config.people import Identifier
from encounters import service
from encounters.models import AppointmentRow
from encounters.values import (
    AppointmentId,
    AppointmentState,
    IntakeCondition,
    VisitId,
    VisitState,
)
from tests.factories.encounters import (
    Office,
    at,
    make_appointment,
    make_charge,
    make_patient,
    make_visit,
)

if TYPE_CHECKING:
    from config.actor import Actor
    from config.tenancy import Database


@pytest.fixture
def office(database: Database, actor: Actor) -> Office:
    made = Office(database, actor)
    made.open()
    made.tell(patients=(make_patient(),))
    return made


def charged(office: Office) -> list[tuple[str, str]]:
    return [(charge.identifier, charge.code) for charge in office.visit().details.charges]


def test_visit_is_open_until_its_end_is_told(office: Office) -> None:
    office.tell(visits=(make_visit(is_finished=False),))
    assert office.visit().state is VisitState.OPEN
    office.tell(visits=(make_visit(),))
    assert office.visit().state is VisitState.READY
    assert "visit-ready" in office.changes()
    office.tell(visits=(make_visit(is_finished=False),))
    assert office.visit().state is VisitState.READY


def test_end_of_the_visit_counts_though_something_newer_came_first(office: Office) -> None:
    office.tell(occurred_at=at(12), visits=(make_visit(is_finished=False, note="newer"),))
    findings = office.tell(occurred_at=at(9), visits=(make_visit(note="older"),))
    assert [(f.code, f.level) for f in findings] == [("visit-message-stale", Level.INFO)]
    visit = office.visit()
    assert (visit.state, visit.details.note) == (VisitState.READY, "newer")
    assert visit.details.told_at == at(12)


def test_charges_told_before_the_end_count_though_they_come_after_it(office: Office) -> None:
    office.tell(occurred_at=at(12), visits=(make_visit(),))
    words = (IntakeCondition("Acute bronchitis", paths={"words": "DG1-4"}),)
    late = make_visit(charges=(make_charge(),), conditions=words, referring_npi="1234567893")
    office.tell(occurred_at=at(11), visits=(late,))
    details = office.visit().details
    assert [charge.code for charge in details.charges] == ["99213"]
    assert [condition.words for condition in details.conditions] == ["Acute bronchitis"]
    assert details.referring_npi == "1234567893"


def test_repeated_charge_is_one_charge_and_another_code_replaces_it(office: Office) -> None:
    both = (make_charge("C1"), make_charge("C2", "87880"))
    office.tell(occurred_at=at(9), visits=(make_visit(charges=both),))
    office.tell(occurred_at=at(10), visits=(make_visit(charges=(make_charge("C1"),)),))
    assert charged(office) == [("C1", "99213"), ("C2", "87880")]
    office.tell(occurred_at=at(11), visits=(make_visit(charges=(make_charge("C1", "99214"),)),))
    assert charged(office) == [("C1", "99214"), ("C2", "87880")]


def test_older_message_does_not_bring_an_older_code_back(office: Office) -> None:
    office.tell(occurred_at=at(11), visits=(make_visit(charges=(make_charge("C1", "99214"),)),))
    office.tell(occurred_at=at(9), visits=(make_visit(charges=(make_charge("C1", "99213"),)),))
    assert charged(office) == [("C1", "99214")]


def test_reversal_takes_a_charge_back_in_whichever_order_it_comes(office: Office) -> None:
    charge = make_visit(charges=(make_charge("C1"),))
    reversal = make_visit(charges=(make_charge("C1", is_reversal=True),))
    office.tell(occurred_at=at(9), visits=(charge,))
    office.tell(occurred_at=at(10), visits=(reversal,))
    assert charged(office) == []
    office.tell(occurred_at=at(9), visits=(charge,))
    assert charged(office) == [], "an older message brought the charge again"
    office.tell(occurred_at=at(11), visits=(charge,))
    assert charged(office) == [("C1", "99213")]


def test_charge_told_late_is_news_to_later_rooms(office: Office) -> None:
    office.tell(visits=(make_visit(charges=(make_charge("C1"),)),))
    before = office.changes().count("visit-changed")
    office.tell(visits=(make_visit(charges=(make_charge("C2", "87880"),)),))
    assert office.changes().count("visit-changed") == before + 1


def test_visit_told_again_without_anything_new_is_no_news(office: Office) -> None:
    office.tell(visits=(make_visit(charges=(make_charge("C1"),)),))
    (first,) = office.visits()
    before = office.changes()
    office.tell(visits=(make_visit(paths={}),))
    assert office.visit() == first
    assert [kind for kind in office.changes() if kind.startswith("visit")] == [
        kind for kind in before if kind.startswith("visit")
    ]


def test_cancelled_visit_is_voided_and_stays_so(office: Office) -> None:
    office.tell(visits=(make_visit(),))
    office.tell(visits=(make_visit(is_cancelled=True),))
    assert office.visit().state is VisitState.VOIDED
    assert office.changes().count("visit-voided") == 1
    office.tell(visits=(make_visit(),))
    assert office.visit().state is VisitState.VOIDED


def test_stale_cancellation_does_not_void(office: Office) -> None:
    office.tell(occurred_at=at(12), visits=(make_visit(),))
    office.tell(occurred_at=at(9), visits=(make_visit(is_cancelled=True),))
    assert office.visit().state is VisitState.READY


def test_appointment_is_kept_by_the_visit_of_its_day(office: Office) -> None:
    office.tell(appointments=(make_appointment(),))
    assert office.counts() == {"appointment:booked": 1}
    office.tell(visits=(make_visit(),))
    assert office.counts() == {"ready": 1, "appointment:kept": 1}


def test_appointment_told_after_its_visit_is_kept_all_the_same(office: Office) -> None:
    office.tell(visits=(make_visit(),))
    office.tell(appointments=(make_appointment(),))
    assert office.counts()["appointment:kept"] == 1


def test_booking_told_again_does_not_unkeep_an_appointment(office: Office) -> None:
    office.tell(occurred_at=at(8), appointments=(make_appointment(),))
    office.tell(visits=(make_visit(),))
    office.tell(occurred_at=at(9), appointments=(make_appointment(minutes=45),))
    assert office.counts() == {"ready": 1, "appointment:kept": 1}


@pytest.mark.parametrize("state", [AppointmentState.CANCELLED, AppointmentState.NO_SHOW])
def test_cancelled_appointment_is_kept_by_no_visit(office: Office, state: AppointmentState) -> None:
    office.tell(occurred_at=at(8), appointments=(make_appointment(),))
    office.tell(occurred_at=at(9), appointments=(make_appointment(state=state),))
    assert office.counts() == {f"appointment:{state}": 1}
    office.tell(visits=(make_visit(),))
    assert office.counts() == {"ready": 1, f"appointment:{state}": 1}


def test_stale_booking_does_not_undo_a_cancellation(office: Office) -> None:
    gone = make_appointment(state=AppointmentState.CANCELLED)
    office.tell(occurred_at=at(9), appointments=(gone,))
    findings = office.tell(occurred_at=at(8), appointments=(make_appointment(),))
    assert [f.code for f in findings] == ["appointment-message-stale"]
    assert office.counts() == {"appointment:cancelled": 1}


def test_two_visits_of_a_day_keep_two_appointments(office: Office) -> None:
    for number in ("1", "2"):
        office.tell(appointments=(make_appointment(identifier=Identifier("EHR", f"APT-{number}")),))
    for number in ("1", "2", "3"):
        office.tell(visits=(make_visit(identifier=Identifier("EHR", f"VN-{number}", "VN")),))
    assert office.counts() == {"ready": 3, "appointment:kept": 2}


def test_appointment_of_somebody_unknown_is_held(office: Office) -> None:
    unknown = make_appointment(patient=Identifier("EHR", "nobody"), provider_npi="1234567893")
    findings = office.tell(appointments=(unknown,))
    assert [f.code for f in findings] == ["patient-unknown", "provider-unknown"]
    assert office.counts() == {}


def test_excused_visit_is_counted_apart_with_its_reason(office: Office) -> None:
    office.tell(visits=(make_visit(),))
    key = office.visit().id
    with writing(office.database, office.actor, purpose="payment") as session:
        service.excuse_visit(session, key, reason="courtesy")
    assert office.counts() == {"excused": 1}
    assert "visit-excused" in office.changes()


def test_excused_appointment_keeps_its_reason(office: Office) -> None:
    office.tell(appointments=(make_appointment(),))
    with writing(office.database, office.actor, purpose="payment") as session:
        key = AppointmentId(session.scalars(select(AppointmentRow.id)).one())
        service.excuse_appointment(session, key, reason="left-unseen")
    with writing(office.database, office.actor, purpose="payment") as session:
        assert session.scalars(select(AppointmentRow.excuse)).one() == "left-unseen"


def test_what_is_not_there_or_another_practices_cannot_be_excused(
    office: Office, other_actor: Actor
) -> None:
    office.tell(visits=(make_visit(),), appointments=(make_appointment(),))
    key = office.visit().id
    for actor, visit_id in ((office.actor, VisitId(uuid7())), (other_actor, key)):
        with (
            pytest.raises(MissingError),
            writing(office.database, actor, purpose="payment") as session,
        ):
            service.excuse_visit(session, visit_id, reason="courtesy")
    with (
        pytest.raises(MissingError),
        writing(office.database, office.actor, purpose="payment") as session,
    ):
        service.excuse_appointment(session, AppointmentId(uuid7()), reason="courtesy")
