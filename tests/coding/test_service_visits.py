"""A coder's work on a visit, from the conditions' words to the signature, on both engines."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from audit.service import reading, writing
from coding import service
from coding.jobs import take_visit_news
from coding.values import CodingState, DiagnosisChoice, LineChoice
from config.changes import Change
from config.finding import MissingError, RefusedError
from config.money import Money
from config.provenance import Source, SourceKind
from config.settings import Settings
from encounters import service as encounters
from encounters.values import IntakeCondition
from tests.factories.coding import add_prices, make_ready_visit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from config.actor import Actor
    from config.ids import PracticeId
    from config.tenancy import Database, PracticeSession
    from encounters.values import VisitId

NOW = dt.datetime(2026, 9, 15, 9, tzinfo=dt.UTC)
HYPERTENSION = DiagnosisChoice("i10")


@pytest.fixture
def visit_id(database: Database, actor: Actor) -> VisitId:
    with writing(database, actor, purpose="operations") as session:
        add_prices(session)
        found = make_ready_visit(session)
        service.start_coding(session, actor, found, now=NOW)
    return found


def _refused(work: Callable[[], object]) -> list[str]:
    with pytest.raises(RefusedError) as caught:
        work()
    return [finding.code for finding in caught.value.findings]


def test_a_visit_is_coded_and_signed_off(
    database: Database, actor: Actor, visit_id: VisitId, codes_folder: Path
) -> None:
    with writing(database, actor, purpose="payment") as session:
        offers = service.suggest_for_visit(session, visit_id, folder=codes_folder)
        chosen = [condition.choices[0] for condition in offers.conditions]
        service.attach_diagnoses(session, actor, visit_id, chosen, folder=codes_folder)
        service.add_line(
            session,
            actor,
            visit_id,
            LineChoice("99213", (1, 2), source=offers.charges[0].source),
            folder=codes_folder,
        )
        service.add_line(
            session, actor, visit_id, LineChoice("J1885", (2,), units=4), folder=codes_folder
        )
        service.sign_off(session, actor, visit_id, folder=codes_folder, now=NOW)
    with reading(database, actor, purpose="payment") as session:
        assert service.check_coding(session, visit_id, folder=codes_folder) == []
        (coded,) = service.get_coded_visits(session, [visit_id]).values()
        assert service.list_signed_visit_ids(session) == [visit_id]
        assert service.count_coding(session) == {"open": 0, "held": 0, "signed": 1}
    assert coded.state is CodingState.SIGNED
    assert [diagnosis.code for diagnosis in coded.diagnoses] == ["J20.9", "I10"]
    assert [line.charge for line in coded.lines] == [Money(15_000), Money(5_000)]
    assert [line.number for line in coded.lines] == [1, 2]
    assert coded.signed_at == NOW
    assert coded.signed_by == Source(SourceKind.PERSON, str(actor.id), actor.name)


def test_each_diagnosis_and_line_says_where_it_came_from(
    database: Database, actor: Actor, visit_id: VisitId, codes_folder: Path
) -> None:
    with writing(database, actor, purpose="payment") as session:
        offers = service.suggest_for_visit(session, visit_id, folder=codes_folder)
        chosen = [
            *(condition.choices[0] for condition in offers.conditions),
            offers.note[0],
            DiagnosisChoice("R05.9"),
        ]
        coded = service.attach_diagnoses(session, actor, visit_id, chosen, folder=codes_folder)
    from_message, from_words, from_note, from_person = coded.diagnoses
    assert from_message.source.kind is SourceKind.MESSAGE
    assert from_words.source.kind is SourceKind.RULE
    assert from_words.source.origin == "codes-suggest ICD-10-CM 2026-04"
    assert from_words.evidence is not None
    assert from_words.evidence.words == "Essential hypertension"
    assert from_words.evidence.source.kind is SourceKind.MESSAGE
    assert from_note.code == "M25.562"
    assert from_note.evidence is not None
    assert (from_note.evidence.words, from_note.evidence.start) == ("Left knee pain", 0)
    assert from_person.source.kind is SourceKind.PERSON


def test_a_circumstance_of_life_is_told_but_is_no_choice(
    database: Database, actor: Actor, codes_folder: Path
) -> None:
    with writing(database, actor, purpose="payment") as session:
        found = make_ready_visit(
            session,
            conditions=(
                IntakeCondition("Social isolation (finding)"),
                IntakeCondition("Full-time employment (finding)"),
            ),
        )
        offers = service.suggest_for_visit(session, found, folder=codes_folder)
    assert [condition.choices for condition in offers.conditions] == [(), ()]
    assert [s.code for s in offers.conditions[0].suggestions] == ["Z60.4"]


def test_starting_twice_gives_the_same_coding(
    database: Database, actor: Actor, visit_id: VisitId, codes_folder: Path
) -> None:
    with writing(database, actor, purpose="payment") as session:
        service.attach_diagnoses(session, actor, visit_id, [HYPERTENSION], folder=codes_folder)
        again = service.start_coding(session, actor, visit_id, now=NOW)
    assert [diagnosis.code for diagnosis in again.diagnoses] == ["I10"]


@pytest.mark.parametrize(
    ("codes", "finding"),
    [
        (("I10", "i10"), "code-duplicate"),
        (("E11",), "code-not-billable"),
        (("S93.401",), "code-seventh-character"),
        (("X99.99",), "code-unknown"),
        (("W57.XXXA", "S93.401A"), "diagnosis-external-cause-first"),
        (
            tuple(f"Z83.{n}" for n in range(9)) + tuple(f"Z80.{n}" for n in range(4)),
            "diagnosis-count",
        ),
    ],
)
def test_wrong_diagnoses_are_refused_whole(
    database: Database,
    actor: Actor,
    visit_id: VisitId,
    codes_folder: Path,
    codes: tuple[str, ...],
    finding: str,
) -> None:
    choices = [DiagnosisChoice(code) for code in codes]
    with writing(database, actor, purpose="payment") as session:
        assert finding in _refused(
            lambda: service.attach_diagnoses(session, actor, visit_id, choices, folder=codes_folder)
        )
        (coded,) = service.get_coded_visits(session, [visit_id]).values()
    assert coded.diagnoses == ()


@pytest.mark.parametrize(
    ("choice", "finding"),
    [
        (LineChoice("99213", ()), "line-pointer-count"),
        (LineChoice("99213", (1, 1)), "line-pointer-duplicate"),
        (LineChoice("99213", (2,)), "line-pointer-missing"),
        (LineChoice("99213", (1,), units=0), "line-units"),
        (LineChoice("99213", (1,), modifiers=("25", "25")), "line-modifier-duplicate"),
        (LineChoice("99213", (1,), modifiers=("251",)), "line-modifier-shape"),
        (
            LineChoice("99213", (1,), modifiers=("A1", "A2", "A3", "A4", "A5")),
            "line-modifier-count",
        ),
        (LineChoice("99214", (1,)), "charge-missing"),
        (LineChoice("99999", (1,)), "code-unknown"),
        (LineChoice("E11.9", (1,)), "code-shape"),
        (LineChoice("99213", (1,), service_date=dt.date(2025, 12, 31)), "code-release-missing"),
        (LineChoice("99213", (1,), place_of_service="office"), "line-place-of-service"),
    ],
)
def test_wrong_lines_are_refused_whole(  # fixtures
    database: Database,
    actor: Actor,
    visit_id: VisitId,
    codes_folder: Path,
    choice: LineChoice,
    finding: str,
) -> None:
    with writing(database, actor, purpose="payment") as session:
        service.attach_diagnoses(session, actor, visit_id, [HYPERTENSION], folder=codes_folder)
        assert finding in _refused(
            lambda: service.add_line(session, actor, visit_id, choice, folder=codes_folder)
        )
        (coded,) = service.get_coded_visits(session, [visit_id]).values()
    assert coded.lines == ()


def test_the_price_of_a_modifier_counts(
    database: Database, actor: Actor, visit_id: VisitId, codes_folder: Path
) -> None:
    with writing(database, actor, purpose="payment") as session:
        service.attach_diagnoses(session, actor, visit_id, [HYPERTENSION], folder=codes_folder)
        choice = LineChoice("20610", (1,), modifiers=("50",))
        service.add_line(session, actor, visit_id, choice, folder=codes_folder)
        (coded,) = service.get_coded_visits(session, [visit_id]).values()
    assert coded.lines[0].charge == Money(30_000)
    assert coded.lines[0].wording == "Our 20610"


def test_pointers_follow_their_diagnosis_when_the_order_changes(
    database: Database, actor: Actor, visit_id: VisitId, codes_folder: Path
) -> None:
    two = [DiagnosisChoice("I10"), DiagnosisChoice("R05.9")]
    with writing(database, actor, purpose="payment") as session:
        service.attach_diagnoses(session, actor, visit_id, two, folder=codes_folder)
        service.add_line(session, actor, visit_id, LineChoice("99213", (1, 2)), folder=codes_folder)
        turned = service.attach_diagnoses(session, actor, visit_id, two[::-1], folder=codes_folder)
        assert turned.lines[0].pointers == (2, 1)
        fewer = service.attach_diagnoses(session, actor, visit_id, two[1:], folder=codes_folder)
    assert fewer.lines[0].pointers == (1,)


def test_signing_is_refused_with_every_finding(
    database: Database, actor: Actor, visit_id: VisitId, codes_folder: Path
) -> None:
    with writing(database, actor, purpose="payment") as session:
        assert _refused(
            lambda: service.sign_off(session, actor, visit_id, folder=codes_folder, now=NOW)
        ) == ["diagnosis-missing", "line-missing"]


def test_an_excludes1_pair_warns_until_a_note_overrides_it(
    database: Database, actor: Actor, visit_id: VisitId, codes_folder: Path
) -> None:
    pair = [DiagnosisChoice("J06.9"), DiagnosisChoice("J11.1")]
    noted = [pair[0], DiagnosisChoice("J11.1", note="Unrelated: two separate episodes.")]
    with writing(database, actor, purpose="payment") as session:
        service.attach_diagnoses(session, actor, visit_id, pair, folder=codes_folder)
        service.add_line(session, actor, visit_id, LineChoice("99213", (1,)), folder=codes_folder)
        findings = service.check_coding(session, visit_id, folder=codes_folder)
        assert [finding.code for finding in findings] == ["code-excludes1"]
        service.attach_diagnoses(session, actor, visit_id, noted, folder=codes_folder)
        assert service.check_coding(session, visit_id, folder=codes_folder) == []


def test_a_signed_visit_changes_only_after_it_is_reopened(
    database: Database, actor: Actor, visit_id: VisitId, codes_folder: Path
) -> None:
    with writing(database, actor, purpose="payment") as session:
        service.attach_diagnoses(session, actor, visit_id, [HYPERTENSION], folder=codes_folder)
        line_id = service.add_line(
            session, actor, visit_id, LineChoice("99213", (1,)), folder=codes_folder
        )
        service.sign_off(session, actor, visit_id, folder=codes_folder, now=NOW)
        assert _refused(
            lambda: service.remove_line(session, actor, visit_id, line_id, now=NOW)
        ) == ["coding-state"]
        service.reopen_coding(session, actor, visit_id, reason="late lab result", now=NOW)
        left = service.remove_line(session, actor, visit_id, line_id, now=NOW)
    assert left.lines == ()
    assert [event.what for event in left.history] == [
        "started", "signed", "reopened", "line-removed",
    ]  # fmt: skip


def test_a_visit_is_held_with_a_reason_and_released(
    database: Database, actor: Actor, visit_id: VisitId
) -> None:
    with writing(database, actor, purpose="payment") as session:
        assert _refused(
            lambda: service.hold_coding(session, actor, visit_id, reason=" ", now=NOW)
        ) == ["reason-missing"]
        held = service.hold_coding(session, actor, visit_id, reason="no code found", now=NOW)
        assert (held.state, held.hold_reason) == (CodingState.HELD, "no code found")
        assert service.count_coding(session)["held"] == 1
        released = service.release_coding(session, actor, visit_id, now=NOW)
    assert (released.state, released.hold_reason) == (CodingState.OPEN, "")


def test_a_legal_hold_stands_on_the_line(
    database: Database, actor: Actor, visit_id: VisitId, codes_folder: Path
) -> None:
    with writing(database, actor, purpose="payment") as session:
        service.attach_diagnoses(session, actor, visit_id, [HYPERTENSION], folder=codes_folder)
        line_id = service.add_line(
            session, actor, visit_id, LineChoice("99213", (1,)), folder=codes_folder
        )
        held = service.hold_line(session, actor, visit_id, line_id, "confidential", now=NOW)
        assert held.lines[0].hold == "confidential"
        assert _refused(
            lambda: service.hold_line(session, actor, visit_id, line_id, "because", now=NOW)
        ) == ["line-hold-unknown"]


def test_another_practices_visit_looks_as_if_it_were_not_there(
    database: Database, actor: Actor, other_actor: Actor, visit_id: VisitId
) -> None:
    assert actor.practice_id != other_actor.practice_id
    with writing(database, other_actor, purpose="payment") as session:
        assert service.get_coded_visits(session, [visit_id]) == {}
        with pytest.raises(MissingError):
            service.start_coding(session, other_actor, visit_id, now=NOW)


def test_codes_and_notes_lie_encrypted(
    database: Database, actor: Actor, visit_id: VisitId, codes_folder: Path
) -> None:
    from sqlalchemy import select  # noqa: PLC0415  # one look under the cover

    from coding.models import CodedVisitRow  # noqa: PLC0415  # the same

    def look(session: PracticeSession) -> bytes:
        return session.scalars(select(CodedVisitRow.payload)).one()

    with writing(database, actor, purpose="payment") as session:
        noted = [DiagnosisChoice("I10", note="canary-in-a-note")]
        service.attach_diagnoses(session, actor, visit_id, noted, folder=codes_folder)
        payload = look(session)
    assert b"canary" not in payload
    assert b"I10" not in payload


def _sign(session: PracticeSession, actor: Actor, visit_id: VisitId, folder: Path) -> None:
    service.attach_diagnoses(session, actor, visit_id, [HYPERTENSION], folder=folder)
    service.add_line(session, actor, visit_id, LineChoice("99213", (1,)), folder=folder)
    service.sign_off(session, actor, visit_id, folder=folder, now=NOW)


def test_a_signed_visit_that_the_ehr_takes_back_is_held(
    database: Database, actor: Actor, visit_id: VisitId, codes_folder: Path
) -> None:
    with writing(database, actor, purpose="payment") as session:
        _sign(session, actor, visit_id, codes_folder)
        encounters.excuse_visit(session, visit_id, reason="courtesy")
        service.take_visit_news(session, actor, visit_id, folder=codes_folder, now=NOW)
        found = service.take_visit_news(session, actor, visit_id, folder=codes_folder, now=NOW)
        assert found is not None
        assert service.list_signed_visit_ids(session) == []
    assert (found.state, found.signed_at) == (CodingState.HELD, None)
    assert found.hold_reason == "the visit is excused in the EHR"
    assert [event.what for event in found.history] == ["started", "signed", "held"]


def test_a_signed_visit_whose_day_changes_is_held(
    database: Database, actor: Actor, visit_id: VisitId, codes_folder: Path
) -> None:
    with writing(database, actor, purpose="payment") as session:
        _sign(session, actor, visit_id, codes_folder)
        make_ready_visit(session, "M2", service_date=dt.date(2026, 9, 1))
        found = service.take_visit_news(session, actor, visit_id, folder=codes_folder, now=NOW)
    assert found is not None
    assert found.state is CodingState.HELD
    assert found.hold_reason == "the EHR changed the visit: line-date-outside-visit"


def test_news_that_change_nothing_leave_the_signature(
    database: Database, actor: Actor, visit_id: VisitId, codes_folder: Path
) -> None:
    with writing(database, actor, purpose="payment") as session:
        _sign(session, actor, visit_id, codes_folder)
        make_ready_visit(session, "M2", place_of_service="22")
        found = service.take_visit_news(session, actor, visit_id, folder=codes_folder, now=NOW)
    assert found is not None
    assert found.state is CodingState.SIGNED


def test_the_job_takes_news_of_visits_that_nobody_coded(
    database: Database, actor: Actor, practice_id: PracticeId, tmp_path: Path
) -> None:
    with writing(database, actor, purpose="operations") as session:
        found = make_ready_visit(session)
    settings = Settings(
        home=tmp_path,
        keys=tmp_path / "keys",
        database="",
        database_owner="",
        database_system="",
    )
    take_visit_news(database, settings, Change("visit-changed", practice_id, found))
    with reading(database, actor, purpose="operations") as session:
        assert service.count_coding(session) == {"open": 0, "held": 0, "signed": 0}
