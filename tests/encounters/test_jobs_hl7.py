"""HL7 messages kept and applied on both engines: late, twice, out of order, mended and replayed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from audit.service import reading, writing
from config.actor import Actor
from config.finding import Level
from config.ids import uuid7
from config.people import Identifier
from config.settings import Settings
from config.tenancy import Database
from encounters import service
from encounters.jobs import process_message
from encounters.jobs.taking import answer_hl7, hl7_envelope
from encounters.values import MessageState, VisitState
from gateways.hl7.service import MllpClient, read_ack, serve_mllp
from patients import service as patients
from practice import service as practice
from practice.values import Feed, FeedId, FeedKind
from tests.factories.practice import make_location, make_payer, make_practice, make_provider

if TYPE_CHECKING:
    from config.finding import Finding
    from encounters.service import Kept
    from encounters.values import Message, Visit

SAMPLES = Path(__file__).parents[1] / "samples" / "hl7"
SENDERS = ("EPIC|LAKESIDE", "ATHENANET|1959801")
CHILD = Identifier("LAKESIDE", "88001234", "MR")


def sample(name: str, *changes: tuple[bytes, bytes]) -> bytes:
    raw = (SAMPLES / f"{name}.hl7").read_bytes().replace(b"\n", b"\r")
    for old, new in changes:
        assert old in raw
        raw = raw.replace(old, new)
    return raw


@dataclass(frozen=True)
class Intake:
    """A practice that takes messages in."""

    database: Database
    actor: Actor
    settings: Settings

    def keep(self, raw: bytes) -> Kept:
        with writing(self.database, self.actor, purpose="payment") as session:
            return service.keep_message(session, hl7_envelope(raw), raw)

    def take(self, raw: bytes) -> list[Finding]:
        return self.process(self.keep(raw))

    def process(self, kept: Kept, *, is_replay: bool = False) -> list[Finding]:
        return process_message(
            self.database,
            self.actor,
            kept.message_id,
            settings=self.settings,
            is_replay=is_replay,
        )

    def message(self, kept: Kept) -> Message:
        with reading(self.database, self.actor, purpose="payment") as session:
            return service.get_message(session, kept.message_id)

    def visits(self) -> list[Visit]:
        with reading(self.database, self.actor, purpose="payment") as session:
            ids = [
                visit_id
                for state in VisitState
                for visit_id in service.list_visit_ids(session, state)
            ]
            return list(service.get_visits(session, ids).values())

    def family_name(self, identifier: Identifier = CHILD) -> str:
        with reading(self.database, self.actor, purpose="payment") as session:
            found = patients.find_patient_by_identifier(session, identifier)
            return found.details.name.family if found else ""


def errors(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(f.code, f.where) for f in findings if f.level is Level.ERROR]


@pytest.fixture
def intake(database: Database, actor: Actor, tmp_path: Path) -> Intake:
    with writing(database, actor, purpose="operations") as session:
        practice.save_practice(session, make_practice(session.own_practice_id))
        for code in ("LKS-PEDS", "112"):
            practice.save_location(session, make_location(code=code))
        for npi in ("1234567893", "9900000016"):
            practice.save_provider(session, make_provider(npi=npi))
        practice.save_payer(session, make_payer(payer_code="60054", name="Lake Health Plan"))
        for sender in SENDERS:
            practice.save_feed(
                session,
                Feed(FeedId(uuid7()), FeedKind.MLLP, sender, sender, "America/Chicago"),
            )
    return Intake(
        database,
        actor,
        Settings(tmp_path / "home", tmp_path / "keys", "unused", "unused", "unused"),
    )


def add_medicaid(intake: Intake) -> None:
    with writing(intake.database, intake.actor, purpose="operations") as session:
        practice.save_payer(session, make_payer(payer_code="MCDIL", name="Illinois Healthy Kids"))


def test_visit_is_registered_charged_and_ready(intake: Intake) -> None:
    add_medicaid(intake)
    assert errors(intake.take(sample("epic_adt_a04"))) == []
    (visit,) = intake.visits()
    assert visit.state is VisitState.OPEN
    assert errors(intake.take(sample("epic_dft_p03"))) == []
    (visit,) = intake.visits()
    assert visit.state is VisitState.READY
    assert [c.code for c in visit.details.charges] == ["99213", "87880"]
    assert visit.details.charges[0].source.path == "FT1-25.1"
    assert visit.details.service_date == dt.date(2026, 9, 15)
    assert visit.details.sources["service_date"].path == "PV1-44"


def test_unknown_payer_holds_the_whole_message_until_it_is_mended(intake: Intake) -> None:
    kept = intake.keep(sample("epic_adt_a04"))
    assert errors(intake.process(kept)) == [("payer-unknown", "IN1[2]-3")]
    assert intake.message(kept).state is MessageState.HELD
    assert (intake.visits(), intake.family_name()) == ([], "")
    add_medicaid(intake)
    assert errors(intake.process(kept, is_replay=True)) == []
    assert intake.message(kept).state is MessageState.APPLIED
    assert intake.family_name() == "Winterbourne"


def test_charges_before_the_registration_are_taken(intake: Intake) -> None:
    add_medicaid(intake)
    assert errors(intake.take(sample("epic_dft_p03"))) == []
    assert errors(intake.take(sample("epic_adt_a04"))) == []
    (visit,) = intake.visits()
    assert visit.state is VisitState.READY
    assert len(visit.details.charges) == 2


def test_stale_update_changes_nothing(intake: Intake) -> None:
    add_medicaid(intake)
    newer = (b"EVN|A04|20260915081502", b"EVN|A04|20260915120000")
    intake.take(sample("epic_adt_a04", newer))
    stale = sample(
        "epic_adt_a04",
        (b"ADT^A04^ADT_A01|20260915081502001", b"ADT^A08^ADT_A01|OLD1"),
        (b"Winterbourne^Josephine^Ada", b"Wrongname^Josephine^Ada"),
    )
    assert errors(intake.take(stale)) == []
    assert intake.family_name() == "Winterbourne"


def test_same_message_again_changes_nothing(intake: Intake) -> None:
    raw = sample("epic_dft_p03")
    first, second = intake.keep(raw), intake.keep(raw)
    assert (first.message_id, second.is_repeat) == (second.message_id, True)
    intake.process(first)
    before = intake.visits()
    intake.process(second)
    assert intake.visits() == before


def test_same_number_with_another_body_is_held(intake: Intake) -> None:
    intake.keep(sample("epic_dft_p03"))
    kept = intake.keep(sample("epic_dft_p03", (b"99213", b"99215")))
    assert kept.is_conflict
    assert intake.message(kept).state is MessageState.HELD


def test_reversal_takes_a_charge_back(intake: Intake) -> None:
    intake.take(sample("epic_dft_p03"))
    lines = sample(
        "epic_dft_p03",
        (b"20260915170210", b"20260916090000"),
        (b"|20260915170200|CG|87880", b"|20260915170200|CD|87880"),
    ).split(b"\r")
    reversal = b"\r".join(line for line in lines if not line.startswith(b"FT1|1|"))
    assert errors(intake.take(reversal)) == []
    (visit,) = intake.visits()
    assert [charge.code for charge in visit.details.charges] == ["99213"]


def test_appointment_is_booked_in_the_feeds_own_time_zone(intake: Intake) -> None:
    assert errors(intake.take(sample("athena_siu_s12"))) == []
    assert errors(intake.take(sample("athena_siu_s15"))) == []


def test_merged_patient_is_found_as_the_survivor(intake: Intake) -> None:
    for number, family in ((b"88001234", b"Winterbourne"), (b"88009999", b"Winterborn")):
        raw = sample(
            "epic_dft_p03",
            (b"88001234", number),
            (b"E7001", b"E" + number),
            (b"Winterbourne", family),
            (b"20260915170210077", number),
            (b"|300123456|", b"|3" + number + b"|"),
        )
        assert errors(intake.take(raw)) == []
    merge = sample("merge_adt_a40").split(b"PID|2")[0]
    assert errors(intake.take(merge)) == []
    assert intake.family_name(Identifier("LAKESIDE", "88009999", "MR")) == "Winterbourne"


def test_listener_keeps_and_acknowledges_then_the_job_applies(intake: Intake) -> None:
    def handle(raw: bytes) -> bytes:
        return answer_hl7(intake.database, intake.actor, intake.settings, raw)

    raw = sample("epic_dft_p03")
    with serve_mllp("127.0.0.1", 0, handle) as server, MllpClient("127.0.0.1", server.port) as ehr:
        answers = [read_ack(ehr.send(raw)) for _ in range(2)]
        broken = read_ack(ehr.send(raw.replace(b"Josephine", b"Jo\x00se")))
    assert [answer and answer.code for answer in answers] == ["AA", "AA"]
    assert broken is not None
    with reading(intake.database, intake.actor, purpose="payment") as session:
        kept = service.list_messages(session, states=tuple(MessageState), after=None)
    assert sorted(message.state for message in kept) == [MessageState.HELD, MessageState.RECEIVED]
