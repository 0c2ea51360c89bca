from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from audit.service import reading, writing
from config.finding import RefusedError
from config.ids import is_readable_number
from config.people import PersonName
from patients.service import (
    add_guarantor,
    find_guarantor_by_number,
    get_guarantors,
    get_patients,
    list_patients_of_guarantors,
    make_own_guarantor,
    register_patient,
    set_guarantor,
    update_guarantor,
)
from tests.factories.patients import (
    HOME,
    TODAY,
    make_guarantor,
    make_identifier,
    make_patient,
)

if TYPE_CHECKING:
    from config.actor import Actor
    from config.tenancy import Database

PURPOSE = "payment"


def test_siblings_share_the_account_of_one_guarantor(database: Database, actor: Actor) -> None:
    with writing(database, actor, purpose=PURPOSE) as session:
        guarantor = add_guarantor(session, make_guarantor(), today=TODAY)
        again = add_guarantor(session, make_guarantor(), today=TODAY)
        assert again == guarantor
        children = [
            register_patient(
                session,
                make_patient(identifiers=(make_identifier(value),)),
                today=TODAY,
                guarantor_id=guarantor.id,
            ).id
            for value in ("C-1", "C-2")
        ]
    with reading(database, actor, purpose=PURPOSE) as session:
        found = list_patients_of_guarantors(session, [guarantor.id])
        assert set(found[guarantor.id]) == set(children)
        assert find_guarantor_by_number(session, guarantor.account_number) == guarantor
    assert guarantor.account_number.startswith("A")
    assert is_readable_number(guarantor.account_number)


@pytest.mark.parametrize(
    "other",
    [
        make_guarantor(birth_date=dt.date(1958, 1, 1)),
        make_guarantor(birth_date=None, address=replace(HOME, line1="9 Other Street")),
        make_guarantor(birth_date=None, address=None),
        make_guarantor(name=PersonName("Vandersloot", "Marigold", "Q", "Jr")),
    ],
    ids=["birth date", "address", "nothing to compare", "suffix"],
)
def test_guarantors_of_one_name_who_differ_stay_apart(
    database: Database, actor: Actor, other: object
) -> None:
    with writing(database, actor, purpose=PURPOSE) as session:
        first = add_guarantor(session, make_guarantor(), today=TODAY)
        second = add_guarantor(session, other, today=TODAY)  # type: ignore[arg-type]  # a param
    assert first.account_number != second.account_number


def test_number_of_another_system_leads_to_its_guarantor(database: Database, actor: Actor) -> None:
    number = make_identifier("ACC-9", "OLDSYSTEM")
    with writing(database, actor, purpose=PURPOSE) as session:
        first = add_guarantor(session, make_guarantor(), today=TODAY, identifier=number)
        moved = make_guarantor(address=replace(HOME, line1="1 New Street"), birth_date=None)
        again = add_guarantor(session, moved, today=TODAY, identifier=number)
        assert again.id == first.id
        stored = get_guarantors(session, [first.id])[first.id].details
    assert stored.address is not None
    assert stored.address.line1 == "1 New Street"
    assert stored.birth_date == dt.date(1984, 3, 9)


def test_patient_of_age_answers_and_a_minor_does_not(database: Database, actor: Actor) -> None:
    with writing(database, actor, purpose=PURPOSE) as session:
        adult = register_patient(
            session, make_patient(birth_date=dt.date(2008, 9, 15)), today=TODAY
        )
        minor = register_patient(
            session,
            make_patient(birth_date=dt.date(2008, 9, 16), identifiers=(make_identifier("M-1"),)),
            today=TODAY,
        )
        own = make_own_guarantor(session, adult.id, today=TODAY)
        assert own is not None
        assert make_own_guarantor(session, minor.id, today=TODAY) is None
        found = get_patients(session, [adult.id, minor.id])
    assert found[adult.id].guarantor_id == own.id
    assert found[minor.id].guarantor_id is None
    assert own.details.name == adult.details.name


def test_guarantor_without_a_name_is_refused(database: Database, actor: Actor) -> None:
    with writing(database, actor, purpose=PURPOSE) as session:
        guarantor = add_guarantor(session, make_guarantor(), today=TODAY)
    nameless = make_guarantor(name=PersonName(" "))
    with (
        pytest.raises(RefusedError) as refused,
        writing(database, actor, purpose=PURPOSE) as session,
    ):
        update_guarantor(session, guarantor.id, nameless, today=TODAY, is_complete=True)
    assert [f.code for f in refused.value.findings] == ["name-missing"]


def test_setting_the_same_guarantor_again_says_nothing(database: Database, actor: Actor) -> None:
    with writing(database, actor, purpose=PURPOSE) as session:
        guarantor = add_guarantor(session, make_guarantor(), today=TODAY)
        patient = register_patient(session, make_patient(), today=TODAY)
        set_guarantor(session, patient.id, guarantor.id)
    with writing(database, actor, purpose=PURPOSE) as session:
        set_guarantor(session, patient.id, guarantor.id)
        assert not session.new
