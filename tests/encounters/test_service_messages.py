"""Messages kept on both engines: bytes first, repeats noted, conflicts held, lists by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from audit.service import reading, writing
from config.finding import Finding, MissingError
from config.ids import uuid7
from encounters import service
from encounters.models import MessageReceipt
from encounters.values import Intake, MessageId, MessageState
from tests.factories.encounters import Office, make_patient

if TYPE_CHECKING:
    from config.actor import Actor
    from config.tenancy import Database


@pytest.fixture
def office(database: Database, actor: Actor) -> Office:
    made = Office(database, actor)
    made.open()
    return made


def count_receipts(office: Office) -> int:
    with reading(office.database, office.actor, purpose="operations") as session:
        return session.scalar(select(func.count()).select_from(MessageReceipt)) or 0


def listed(office: Office, *states: MessageState) -> list[str]:
    with reading(office.database, office.actor, purpose="payment") as session:
        found = service.list_messages(session, states=states or tuple(MessageState))
        return [message.details.control_id for message in found]


def test_bytes_come_back_as_they_came_in(office: Office) -> None:
    raw = bytes(range(256)) * 3_000
    kept = office.keep(raw)
    with reading(office.database, office.actor, purpose="payment") as session:
        assert service.read_message_bytes(session, kept.message_id) == raw
    assert office.message(kept.message_id).state is MessageState.RECEIVED
    assert office.changes() == ["message-kept"]


def test_repeat_adds_a_receipt_and_nothing_else(office: Office) -> None:
    first = office.keep(b"same", repeat_key="A")
    office.apply(first.message_id, Intake("A", "EHR|LAB", "ADT^A04", patients=(make_patient(),)))
    before = (office.changes(), office.patient(), office.message(first.message_id))
    second = office.keep(b"same", repeat_key="A")
    assert (second.message_id, second.is_repeat, second.is_conflict) == (
        first.message_id,
        True,
        False,
    )
    assert count_receipts(office) == 1
    assert (office.changes(), office.patient(), office.message(first.message_id)) == before


def test_same_number_with_another_body_is_held_beside_the_first(office: Office) -> None:
    first = office.keep(b"one", repeat_key="A")
    second = office.keep(b"two", repeat_key="A")
    assert second.is_conflict
    assert second.message_id != first.message_id
    held = office.message(second.message_id)
    assert held.state is MessageState.HELD
    assert held.details.is_conflict
    assert [(f.code, f.where) for f in held.details.findings] == [("control-id-reused", "MSH-10")]
    assert office.message(first.message_id).state is MessageState.RECEIVED
    again = office.keep(b"two", repeat_key="A")
    assert (again.message_id, again.is_repeat) == (second.message_id, True)


def test_another_senders_number_is_another_message(office: Office) -> None:
    office.keep(b"one", repeat_key="A")
    other = office.keep(b"two", repeat_key="A", sender="OTHER|LAB")
    assert (other.is_repeat, other.is_conflict) == (False, False)


def test_without_a_number_only_the_same_bytes_are_a_repeat(office: Office) -> None:
    first = office.keep(b"one", repeat_key="")
    assert not office.keep(b"two", repeat_key="").is_conflict
    assert office.keep(b"one", repeat_key="").message_id == first.message_id


def test_practices_do_not_meet(office: Office, other_actor: Actor) -> None:
    ours = office.keep(b"same", repeat_key="A")
    other = Office(office.database, other_actor)
    theirs = other.keep(b"same", repeat_key="A")
    assert not theirs.is_repeat
    with pytest.raises(MissingError):
        other.message(ours.message_id)


def test_lists_go_on_behind_a_key_and_by_state(office: Office) -> None:
    kept = [office.keep() for _ in range(5)]
    with reading(office.database, office.actor, purpose="payment") as session:
        first = service.list_messages(session, limit=2)
        rest = service.list_messages(session, after=first[-1].id, limit=10)
    assert [message.id for message in (*first, *rest)] == [k.message_id for k in kept]
    office.apply(kept[2].message_id, Intake("M3", "EHR|LAB", "ADT^A04"))
    assert listed(office, MessageState.APPLIED) == ["M3"]
    assert listed(office, MessageState.RECEIVED) == ["M1", "M2", "M4", "M5"]


def test_message_that_cannot_be_read_fails_with_its_reason(office: Office) -> None:
    kept = office.keep()
    finding = Finding("hl7-empty", "byte 1", "it is empty", "Send it again.")
    with writing(office.database, office.actor, purpose="payment") as session:
        service.settle_message(session, kept.message_id, MessageState.FAILED, [finding])
    assert office.message(kept.message_id).details.findings == (finding,)
    assert listed(office, MessageState.FAILED) == ["M1"]


def test_error_of_the_adapter_holds_the_message_unapplied(office: Office) -> None:
    kept = office.keep()
    broken = Finding("date", "PID-7", "it is no date", "Correct it.")
    said = Intake("M", "E", "ADT^A04", patients=(make_patient(),), findings=(broken,))
    office.apply(kept.message_id, said)
    assert office.message(kept.message_id).state is MessageState.HELD
    assert office.patient() is None
    assert "message-held" in office.changes()


def test_message_that_is_not_there_is_missing(office: Office) -> None:
    with pytest.raises(MissingError):
        office.message(MessageId(uuid7()))
