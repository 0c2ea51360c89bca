from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from audit.service import reading, writing
from config.finding import RefusedError
from config.ids import is_readable_number
from config.people import Identifier, PersonName, Sex
from config.provenance import Source, SourceKind
from patients.service import (
    find_or_register,
    find_patient_by_identifier,
    find_patient_by_number,
    get_patients,
    register_patient,
    search_patients,
    update_patient,
)
from tests.factories.patients import TODAY, make_identifier, make_patient

if TYPE_CHECKING:
    from config.actor import Actor
    from config.tenancy import Database

PURPOSE = "payment"


def _source(path: str, origin: str = "message-1") -> Source:
    return Source(SourceKind.MESSAGE, origin, path)


def test_patient_is_found_by_identifier_and_number(database: Database, actor: Actor) -> None:
    with writing(database, actor, purpose=PURPOSE) as session:
        patient = register_patient(session, make_patient(), today=TODAY)
    with reading(database, actor, purpose=PURPOSE) as session:
        assert find_patient_by_identifier(session, make_identifier()) == patient
        assert find_patient_by_number(session, patient.number.lower()) == patient
        assert find_patient_by_identifier(session, make_identifier("MRN-1002")) is None
        elsewhere = make_identifier(system="OTHER")
        assert find_patient_by_identifier(session, elsewhere) is None
    assert patient.number.startswith("P")
    assert is_readable_number(patient.number)


def test_patient_with_known_identifier_is_refused(database: Database, actor: Actor) -> None:
    with writing(database, actor, purpose=PURPOSE) as session:
        register_patient(session, make_patient(), today=TODAY)
    with (
        pytest.raises(RefusedError) as refused,
        writing(database, actor, purpose=PURPOSE) as session,
    ):
        register_patient(session, make_patient(), today=TODAY)
    assert [f.code for f in refused.value.findings] == ["identifier-known"]


def test_birth_date_in_the_future_is_refused(database: Database, actor: Actor) -> None:
    tomorrow = TODAY + dt.timedelta(days=1)
    with (
        pytest.raises(RefusedError) as refused,
        writing(database, actor, purpose=PURPOSE) as session,
    ):
        register_patient(session, make_patient(birth_date=tomorrow), today=TODAY)
    assert [f.code for f in refused.value.findings] == ["birth-date-future"]


def test_update_keeps_what_a_message_does_not_say(database: Database, actor: Actor) -> None:
    first = make_patient(
        language="es",
        is_qmb=True,
        sources={"name.family": _source("PID-5.1"), "phone": _source("PID-13")},
    )
    said = make_patient(
        name=PersonName("Vandersloot", "Marigold"),
        sex=Sex.UNKNOWN,
        address=None,
        phone="2075550199",
        identifiers=(make_identifier("A-77", "CLINIC"),),
        sources={
            "name.family": _source("PID-5.1", "message-2"),
            "phone": _source("PID-13", "message-2"),
        },
    )
    with writing(database, actor, purpose=PURPOSE) as session:
        patient = register_patient(session, first, today=TODAY)
    with writing(database, actor, purpose=PURPOSE) as session:
        update_patient(session, patient.id, said, today=TODAY)
    with reading(database, actor, purpose=PURPOSE) as session:
        known = get_patients(session, [patient.id])[patient.id].details
        assert find_patient_by_identifier(session, make_identifier("A-77", "CLINIC")) is not None
        assert find_patient_by_identifier(session, make_identifier()) is not None
    assert known.name.middle == "Q"
    assert known.sex is Sex.FEMALE
    assert known.address == first.address
    assert known.language == "es"
    assert known.is_qmb
    assert known.phone == "2075550199"
    assert known.sources["name.family"].origin == "message-1"
    assert known.sources["phone"].origin == "message-2"


def test_the_same_again_writes_nothing(database: Database, actor: Actor) -> None:
    with writing(database, actor, purpose=PURPOSE) as session:
        patient = register_patient(session, make_patient(), today=TODAY)
    with writing(database, actor, purpose=PURPOSE) as session:
        again = find_or_register(session, make_patient(), today=TODAY)
        assert not session.dirty
        assert not session.new
    assert again == patient


def test_search_finds_by_word_beginning_sound_and_birth_date(
    database: Database, actor: Actor
) -> None:
    people = [
        PersonName("Smythe", "Theodora"),
        PersonName("Smithers", "Theodora"),
        PersonName("Gonzalez", "Maribel"),
    ]
    with writing(database, actor, purpose=PURPOSE) as session:
        for number, name in enumerate(people):
            details = make_patient(
                name=name,
                birth_date=dt.date(1990, 1, number + 1),
                identifiers=(make_identifier(f"S-{number}"),),
            )
            register_patient(session, details, today=TODAY)

    def found(name: str = "", birth_date: dt.date | None = None) -> list[str]:
        with reading(database, actor, purpose=PURPOSE) as session:
            hits = search_patients(session, name=name, birth_date=birth_date)
        return [hit.details.name.family for hit in hits]

    assert found("smithers") == ["Smithers"]
    assert found("smi") == ["Smithers"]
    assert found("smith") == ["Smithers", "Smythe"]
    assert found("theo smy") == ["Smythe"]
    assert found("GONZALES") == ["Gonzalez"]
    assert found(birth_date=dt.date(1990, 1, 2)) == ["Smithers"]
    assert found("theodora", dt.date(1990, 1, 1)) == ["Smythe"]
    assert found("maribel", dt.date(1990, 1, 1)) == []
    assert found("nobody") == []
    assert found() == []


def test_search_compares_what_the_index_only_guesses(database: Database, actor: Actor) -> None:
    """A prefix of three letters is all that the index knows; the fourth is compared."""
    with writing(database, actor, purpose=PURPOSE) as session:
        details = make_patient(name=PersonName("Marchetti", "Ottoline"))
        register_patient(session, details, today=TODAY)
    with reading(database, actor, purpose=PURPOSE) as session:
        assert search_patients(session, name="marc")
        assert search_patients(session, name="marq") == []


def test_a_changed_name_is_found_and_the_old_one_no_longer(
    database: Database, actor: Actor
) -> None:
    with writing(database, actor, purpose=PURPOSE) as session:
        patient = register_patient(session, make_patient(), today=TODAY)
    with writing(database, actor, purpose=PURPOSE) as session:
        renamed = make_patient(name=PersonName("Thistlewood", "Marigold"))
        update_patient(session, patient.id, renamed, today=TODAY)
    with reading(database, actor, purpose=PURPOSE) as session:
        assert [p.id for p in search_patients(session, name="thistlewood")] == [patient.id]
        assert search_patients(session, name="vandersloot") == []


def test_another_practice_sees_nobody(database: Database, actor: Actor, other_actor: Actor) -> None:
    with writing(database, actor, purpose=PURPOSE) as session:
        patient = register_patient(session, make_patient(), today=TODAY)
    with reading(database, other_actor, purpose=PURPOSE) as session:
        assert find_patient_by_identifier(session, make_identifier()) is None
        assert find_patient_by_number(session, patient.number) is None
        assert search_patients(session, name="Vandersloot") == []
        with pytest.raises(LookupError):
            get_patients(session, [patient.id])


def test_identifier_that_a_message_gives_twice_counts_once(
    database: Database, actor: Actor
) -> None:
    """Senders repeat PID-3, with another type code or in another case."""
    once = make_identifier()
    again = (once, once, Identifier(once.system, once.value, "PI"), make_identifier("mrn-1001"))
    with writing(database, actor, purpose=PURPOSE) as session:
        patient = register_patient(session, make_patient(identifiers=again), today=TODAY)
    with writing(database, actor, purpose=PURPOSE) as session:
        one = make_patient(identifiers=(again[2],))
        update_patient(session, patient.id, one, today=TODAY, is_complete=True)
    with reading(database, actor, purpose=PURPOSE) as session:
        found = find_patient_by_identifier(session, once)
    assert found is not None
    assert found.id == patient.id


def test_identifier_that_is_taken_out_leads_nowhere_and_may_be_another_patients(
    database: Database, actor: Actor
) -> None:
    with writing(database, actor, purpose=PURPOSE) as session:
        patient = register_patient(session, make_patient(), today=TODAY)
        mended = make_patient(identifiers=(make_identifier("MRN-2"),))
        update_patient(session, patient.id, mended, today=TODAY, is_complete=True)
        assert find_patient_by_identifier(session, make_identifier()) is None
        other = register_patient(session, make_patient(), today=TODAY)
    with (
        pytest.raises(RefusedError) as refused,
        writing(database, actor, purpose=PURPOSE) as session,
    ):
        update_patient(session, patient.id, make_patient(), today=TODAY)
    assert other.id != patient.id
    assert [f.code for f in refused.value.findings] == ["identifier-known"]


def test_word_that_looks_like_the_code_for_unknown_is_kept(
    database: Database, actor: Actor
) -> None:
    with writing(database, actor, purpose=PURPOSE) as session:
        patient = register_patient(session, make_patient(email="a"), today=TODAY)
        said = make_patient(email="U")
        assert update_patient(session, patient.id, said, today=TODAY).details.email == "U"
