from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from audit.service import reading, writing
from config.finding import RefusedError
from config.money import Money
from practice.service import (
    add_allowed,
    add_charge,
    find_allowed,
    find_charges,
    save_payer,
)
from practice.values import PayerId
from tests.factories.practice import make_allowed, make_charge, make_payer

if TYPE_CHECKING:
    from config.actor import Actor
    from config.tenancy import Database

PURPOSE = "operations"
VISIT = dt.date(2026, 9, 15)


def test_price_is_that_of_the_service_date_and_the_first_modifier_with_one(
    database: Database, actor: Actor
) -> None:
    with writing(database, actor, purpose=PURPOSE) as session:
        add_charge(session, make_charge(to_date=dt.date(2026, 6, 30)))
        newer = make_charge(from_date=dt.date(2026, 7, 1), unit_price=Money(16000))
        add_charge(session, newer)
        split = make_charge(modifier="26", unit_price=Money(7000))
        add_charge(session, split)
    with reading(database, actor, purpose=PURPOSE) as session:
        wanted = [("99213", ()), ("99213", ("25",)), ("99213", ("25", "26")), ("99999", ())]
        found = find_charges(session, wanted, VISIT)
        earlier = find_charges(session, wanted[:1], dt.date(2026, 6, 30))
        before = find_charges(session, wanted[:1], dt.date(2025, 12, 31))
    assert found == {
        ("99213", ()): newer,
        ("99213", ("25",)): newer,
        ("99213", ("25", "26")): split,
    }
    assert earlier["99213", ()].unit_price == Money(15000)
    assert before == {}


def test_overlapping_price_is_refused(database: Database, actor: Actor) -> None:
    with writing(database, actor, purpose=PURPOSE) as session:
        assert add_charge(session, make_charge())
    with (
        pytest.raises(RefusedError) as refused,
        writing(database, actor, purpose=PURPOSE) as session,
    ):
        add_charge(session, make_charge(from_date=dt.date(2026, 7, 1)))
    assert [f.code for f in refused.value.findings] == ["charge-overlap"]
    assert "2026-01-01" in refused.value.findings[0].message


def test_price_of_a_span_is_never_changed_but_the_span_can_end(
    database: Database, actor: Actor
) -> None:
    with writing(database, actor, purpose=PURPOSE) as session:
        add_charge(session, make_charge())
    with writing(database, actor, purpose=PURPOSE) as session:
        assert not add_charge(session, make_charge())
        assert add_charge(session, make_charge(to_date=dt.date(2026, 6, 30)))
    with (
        pytest.raises(RefusedError) as refused,
        writing(database, actor, purpose=PURPOSE) as session,
    ):
        add_charge(session, make_charge(unit_price=Money(1)))
    assert [f.code for f in refused.value.findings] == ["charge-changed"]
    with reading(database, actor, purpose=PURPOSE) as session:
        assert find_charges(session, [("99213", ())], VISIT) == {}


def test_contract_fee_is_per_payer_and_date(database: Database, actor: Actor) -> None:
    with writing(database, actor, purpose=PURPOSE) as session:
        payer = save_payer(session, make_payer())
        other = save_payer(session, make_payer(payer_code="SEA02", name="Seaside Gold"))
        fee = make_allowed(payer)
        add_allowed(session, fee)
    with reading(database, actor, purpose=PURPOSE) as session:
        assert find_allowed(session, payer, ["99213", "99214"], VISIT) == {"99213": fee}
        assert find_allowed(session, other, ["99213"], VISIT) == {}
    with (
        pytest.raises(RefusedError) as refused,
        writing(database, actor, purpose=PURPOSE) as session,
    ):
        add_allowed(session, make_allowed(PayerId(payer), from_date=dt.date(2026, 2, 1)))
    assert [f.code for f in refused.value.findings] == ["contract-overlap"]


def test_negative_price_is_refused(database: Database, actor: Actor) -> None:
    with (
        pytest.raises(RefusedError) as refused,
        writing(database, actor, purpose=PURPOSE) as session,
    ):
        add_charge(session, make_charge(unit_price=Money(-1)))
    assert [f.code for f in refused.value.findings] == ["amount-negative"]


def test_prices_of_another_practice_are_not_seen(
    database: Database, actor: Actor, other_actor: Actor
) -> None:
    with writing(database, actor, purpose=PURPOSE) as session:
        add_charge(session, make_charge())
    with reading(database, other_actor, purpose=PURPOSE) as session:
        assert find_charges(session, [("99213", ())], VISIT) == {}
