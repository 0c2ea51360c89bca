"""Three walls keep practices apart; each is tried with the others out of the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from config.blobs import Blob, BlobChunk
from config.counters import Counter, next_number
from config.ids import uuid7
from config.tenancy import CORE_REASON, TenancyError

if TYPE_CHECKING:
    from config.ids import PracticeId
    from config.tenancy import Database


def _count_twice(database: Database, practice: PracticeId, other: PracticeId) -> None:
    for owner, times in ((practice, 1), (other, 5)):
        with database.session(owner, is_writing=True) as session, session.begin():
            for _ in range(times):
                next_number(session, "claim")


def test_a_session_sees_its_own_practice_only(
    database: Database, practice_id: PracticeId, other_practice_id: PracticeId
) -> None:
    _count_twice(database, practice_id, other_practice_id)
    with database.session(practice_id) as session:
        rows = session.scalars(select(Counter)).all()
        assert [(row.practice_id, row.last) for row in rows] == [(practice_id, 1)]


def test_an_update_reaches_its_own_practice_only(
    database: Database, practice_id: PracticeId, other_practice_id: PracticeId
) -> None:
    _count_twice(database, practice_id, other_practice_id)
    with database.session(practice_id, is_writing=True) as session, session.begin():
        session.execute(update(Counter).values(last=70))
    with database.session(other_practice_id) as session:
        assert session.scalars(select(Counter.last)).all() == [5]


def test_another_practices_key_finds_nothing(
    database: Database, practice_id: PracticeId, other_practice_id: PracticeId
) -> None:
    _count_twice(database, practice_id, other_practice_id)
    with database.session(other_practice_id) as session:
        key = session.scalars(select(Counter.id)).one()
    with database.session(practice_id) as session:
        assert session.get(Counter, (other_practice_id, key)) is None


def test_a_session_without_a_practice_reads_no_practice_table(database: Database) -> None:
    with database.session(None) as session, pytest.raises(TenancyError):
        session.scalars(select(Counter)).all()


def test_core_over_a_practice_table_needs_its_reason(
    database: Database, practice_id: PracticeId
) -> None:
    table = Counter.__table__
    with database.session(practice_id) as session:
        with pytest.raises(TenancyError):
            session.execute(select(table))
        with pytest.raises(TenancyError):
            session.execute(text("SELECT * FROM counter"))
        counted = session.execute(
            select(table).where(table.c.practice_id == practice_id),
            execution_options={CORE_REASON: "a test of the option itself"},
        )
        assert counted.all() == []


def test_a_flush_with_another_practices_row_is_refused(
    database: Database, practice_id: PracticeId, other_practice_id: PracticeId
) -> None:
    with database.session(practice_id, is_writing=True) as session:
        session.add(Counter(practice_id=other_practice_id, name="claim", last=1))
        with pytest.raises(TenancyError):
            session.flush()


def test_a_bulk_insert_with_another_practices_row_is_refused(
    database: Database, practice_id: PracticeId, other_practice_id: PracticeId
) -> None:
    row = {"practice_id": other_practice_id, "id": uuid7(), "name": "claim", "last": 1}
    with database.session(practice_id, is_writing=True) as session, pytest.raises(TenancyError):
        session.execute(insert(Counter), [row])


def test_values_inside_a_statement_are_no_way_round(
    database: Database, practice_id: PracticeId, other_practice_id: PracticeId
) -> None:
    foreign = {"practice_id": other_practice_id, "id": uuid7(), "name": "claim", "last": 1}
    own = foreign | {"practice_id": practice_id, "id": uuid7()}
    with database.session(practice_id, is_writing=True) as session:
        for statement in (
            insert(Counter).values(**foreign),
            insert(Counter).values([own, foreign]),
            update(Counter).values(practice_id=other_practice_id),
        ):
            with pytest.raises(TenancyError):
                session.execute(statement)
        session.execute(insert(Counter).values(**own))
        session.execute(update(Counter).values(last=2))
        assert session.scalars(select(Counter.last)).all() == [2]


def test_the_database_itself_stores_no_reference_across_practices(
    database: Database, practice_id: PracticeId, other_practice_id: PracticeId
) -> None:
    blob_id = uuid7()
    with database.session(other_practice_id, is_writing=True) as session, session.begin():
        session.add(Blob(practice_id=other_practice_id, id=blob_id, kind="x12"))
    with database.session(practice_id, is_writing=True) as session:
        session.add(BlobChunk(practice_id=practice_id, blob_id=blob_id, number=0, chunk=b"x"))
        with pytest.raises(IntegrityError):
            session.flush()


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=False)
def test_row_level_security_holds_where_the_session_forgets(
    database: Database, practice_id: PracticeId, other_practice_id: PracticeId
) -> None:
    """The planted fault: raw SQL as the app role, with no practice in its WHERE."""
    _count_twice(database, practice_id, other_practice_id)
    forgetful = {CORE_REASON: "a planted fault: no WHERE at all"}
    with database.session(practice_id) as session:
        seen = session.execute(text("SELECT last FROM counter"), execution_options=forgetful)
        assert seen.scalars().all() == [1]
        assert session.execute(
            text("SELECT current_user"), execution_options=forgetful
        ).scalar() == ("cc_test_app")
    with database.session(None) as session:
        seen = session.execute(text("SELECT last FROM counter"), execution_options=forgetful)
        assert seen.scalars().all() == []
    with database.session(practice_id, is_writing=True) as session:
        changed = session.execute(text("UPDATE counter SET last = 99"), execution_options=forgetful)
        assert changed.rowcount == 1  # type: ignore[attr-defined]  # a CursorResult
        session.commit()
    with database.session(practice_id, is_writing=True) as session, pytest.raises(DBAPIError):
        session.execute(
            text("INSERT INTO counter (practice_id, id, name, last) VALUES (:p, :i, 'x', 1)"),
            {"p": str(other_practice_id), "i": str(uuid7())},
            execution_options=forgetful,
        )


def test_without_its_wall_the_other_practice_would_show(
    database_urls: tuple[str, str],
    database: Database,
    practice_id: PracticeId,
    other_practice_id: PracticeId,
) -> None:
    """Negative control: the same forgetful SQL as the schema's owner sees both practices."""
    from config.tenancy import Database as Opened  # noqa: PLC0415  # the owner's connection, here only

    _count_twice(database, practice_id, other_practice_id)
    owner = Opened(database_urls[1])
    try:
        with owner.session(practice_id) as session:
            seen = session.execute(
                text("SELECT last FROM counter ORDER BY last"),
                execution_options={CORE_REASON: "a planted fault: no WHERE at all"},
            )
            assert seen.scalars().all() == [1, 5]
    finally:
        owner.dispose()
