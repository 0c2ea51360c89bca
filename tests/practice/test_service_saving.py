from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from audit.service import reading, writing
from config.db import Base, make_engine
from config.finding import MissingError, RefusedError
from config.ids import uuid7
from config.people import Address
from practice.models import PayerRecord
from practice.service import (
    find_feed,
    find_location,
    find_payer,
    find_provider_by_npi,
    get_partner,
    get_payers,
    get_practice,
    list_enrolments,
    save_enrolment,
    save_feed,
    save_location,
    save_partner,
    save_payer,
    save_practice,
    save_provider,
)
from practice.values import Enrolment, Feed, FeedId, FeedKind
from tests.factories.practice import (
    OTHER_NPI,
    make_location,
    make_partner,
    make_payer,
    make_practice,
    make_provider,
)

if TYPE_CHECKING:
    from config.actor import Actor
    from config.ids import PracticeId
    from config.tenancy import Database

PURPOSE = "operations"
PAYERS = Base.metadata.tables["payer"]


def test_everything_saved_is_read_back(
    database: Database, actor: Actor, practice_id: PracticeId
) -> None:
    practice = make_practice(practice_id, pay_to=Address("PO Box 9", "", "Bath", "ME", "04530"))
    location, provider, partner = make_location(), make_provider(), make_partner()
    with writing(database, actor, purpose=PURPOSE) as session:
        save_practice(session, practice)
        assert save_location(session, location) == location.id
        assert save_provider(session, provider) == provider.id
        save_partner(session, partner)
        payer = make_payer(partner_id=partner.id)
        save_payer(session, payer)
    with reading(database, actor, purpose=PURPOSE) as session:
        assert get_practice(session) == practice
        assert find_location(session, "MAIN") == location
        assert find_provider_by_npi(session, OTHER_NPI) == provider
        assert get_partner(session, partner.id) == partner
        assert get_payers(session, [payer.id]) == {payer.id: payer}


def test_the_same_natural_key_updates_and_keeps_the_id(database: Database, actor: Actor) -> None:
    with writing(database, actor, purpose=PURPOSE) as session:
        first = save_location(session, make_location())
        assert save_location(session, make_location(name="Harbor office")) == first
    with reading(database, actor, purpose=PURPOSE) as session:
        found = find_location(session, "MAIN")
    assert found is not None
    assert found.name == "Harbor office"


def test_payer_is_found_by_code_or_any_of_its_names(database: Database, actor: Actor) -> None:
    with writing(database, actor, purpose=PURPOSE) as session:
        key = save_payer(session, make_payer(), also_known_as=["Seaside HP", "SHP of Maine"])
    with reading(database, actor, purpose=PURPOSE) as session:

        def found(payer_code: str = "", name: str = "") -> object:
            payer = find_payer(session, payer_code=payer_code, name=name)
            return payer.id if payer else None

        assert found("SEA01") == key
        assert found(name="seaside  health plan") == key
        assert found("UNKNOWN", "shp of maine") == key
        assert found("UNKNOWN") is None
        assert found(name="Seaside") is None
        assert found() is None


def test_payer_can_not_take_another_payers_name(database: Database, actor: Actor) -> None:
    with writing(database, actor, purpose=PURPOSE) as session:
        save_payer(session, make_payer())
    other = make_payer(payer_code="SEA02", name="Seaside Gold")
    with (
        pytest.raises(RefusedError) as refused,
        writing(database, actor, purpose=PURPOSE) as session,
    ):
        save_payer(session, other, also_known_as=["SEASIDE Health Plan"])
    assert [f.code for f in refused.value.findings] == ["payer-name-taken"]


def test_refused_payer_leaves_nothing(database: Database, actor: Actor) -> None:
    with (
        pytest.raises(RefusedError) as refused,
        writing(database, actor, purpose=PURPOSE) as session,
    ):
        save_payer(session, make_payer(claim_filing_code="XX", may_bill_patient="all"))
    codes = {f.code for f in refused.value.findings}
    assert codes == {"claim-filing-code-unknown", "may-bill-patient-unknown"}
    with reading(database, actor, purpose=PURPOSE) as session:
        assert find_payer(session, payer_code="SEA01") is None


def test_enrolment_spans_may_follow_but_not_overlap(database: Database, actor: Actor) -> None:
    with writing(database, actor, purpose=PURPOSE) as session:
        provider, payer = save_provider(session, make_provider()), save_payer(session, make_payer())
        first = Enrolment(
            provider, payer, dt.date(2025, 1, 1), dt.date(2025, 12, 31), is_participating=True
        )
        second = Enrolment(provider, payer, dt.date(2026, 1, 1), None, is_participating=True)
        save_enrolment(session, second)
        save_enrolment(session, first)
        assert list_enrolments(session, [provider], [payer]) == [first, second]
    third = Enrolment(provider, payer, dt.date(2025, 6, 1), None, is_participating=True)
    with (
        pytest.raises(RefusedError) as refused,
        writing(database, actor, purpose=PURPOSE) as session,
    ):
        save_enrolment(session, third)
    assert {f.code for f in refused.value.findings} == {"enrolment-overlap"}


def test_feed_of_another_practice_is_not_ours(
    database: Database, actor: Actor, other_actor: Actor
) -> None:
    feed = Feed(FeedId(uuid7()), FeedKind.MLLP, "EPICLIKE|HARBOR", "EHR", "America/New_York")
    with writing(database, actor, purpose=PURPOSE) as session:
        save_feed(session, feed)
    with reading(database, actor, purpose=PURPOSE) as session:
        assert find_feed(session, FeedKind.MLLP, "EPICLIKE|HARBOR") == feed
        assert find_feed(session, FeedKind.FOLDER, "EPICLIKE|HARBOR") is None
    with reading(database, other_actor, purpose=PURPOSE) as session:
        assert find_feed(session, FeedKind.MLLP, "EPICLIKE|HARBOR") is None


def test_another_practice_can_not_be_saved(
    database: Database, other_actor: Actor, practice_id: PracticeId
) -> None:
    with (
        pytest.raises(MissingError),
        writing(database, other_actor, purpose=PURPOSE) as session,
    ):
        save_practice(session, make_practice(practice_id))


def test_the_database_itself_refuses_a_payer_with_another_practices_partner(
    database: Database,
    database_urls: tuple[str, str],
    actor: Actor,
    other_practice_id: PracticeId,
) -> None:
    """As the owner, past the session's own checks: the composite key alone must refuse."""
    partner = make_partner()
    with writing(database, actor, purpose=PURPOSE) as session:
        save_partner(session, partner)
        save_payer(session, make_payer(partner_id=partner.id))
        record = session.get_one(PayerRecord, (actor.practice_id, find_payer_id(session)))
        columns = {c.name: getattr(record, c.name) for c in PAYERS.columns}
    foreign = {**columns, "id": uuid7(), "practice_id": other_practice_id}
    engine = make_engine(database_urls[1])
    with engine.begin() as connection:
        own = {**foreign, "partner_id": None}
        connection.execute(insert(PAYERS), [own])
    stolen = {**foreign, "id": uuid7(), "payer_code": "SEA09"}
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(PAYERS), [stolen])
    engine.dispose()


def find_payer_id(session: object) -> object:
    payer = find_payer(session, payer_code="SEA01")  # type: ignore[arg-type]  # any session
    assert payer is not None
    return payer.id
