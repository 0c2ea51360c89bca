"""Storing the practice's own facts by their natural keys: the same again changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from config.finding import Finding, MissingError, RefusedError, has_errors
from config.names_index import normalise
from config.outcome import Outcome
from practice import rules
from practice.adapters import (
    from_location,
    from_partner,
    from_payer,
    from_practice,
    from_provider,
)
from practice.models import (
    EnrolmentRecord,
    FeedRecord,
    LocationRecord,
    PartnerRecord,
    PayerNameRecord,
    PayerRecord,
    PracticeRecord,
    ProviderRecord,
)
from practice.values import FeedId, LocationId, PartnerId, PayerId, ProviderId

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from config.ids import PracticeId
    from config.tenancy import PracticeSession
    from practice.values import (
        Enrolment,
        Feed,
        Location,
        Partner,
        Payer,
        Practice,
        Provider,
    )


class Stored(NamedTuple):
    """The key of a stored row and what storing it came to."""

    id: UUID
    outcome: Outcome


def refuse_errors(findings: list[Finding]) -> None:
    """Raise if a finding stops the step.

    Raises:
        RefusedError: With all of the findings.
    """
    if has_errors(findings):
        raise RefusedError(findings)


def _store(
    session: PracticeSession,
    model: type[Any],
    key: dict[str, Any],
    columns: dict[str, Any],
    *,
    new_id: UUID | None = None,
) -> Stored:
    """Insert or update the row with a natural key; an equal row is left alone."""
    record = session.scalars(select(model).filter_by(**key)).one_or_none()
    if record is None:
        identity = {"id": new_id} if new_id else {}
        record = model(practice_id=session.own_practice_id, **identity, **key, **columns)
        session.add(record)
        session.flush()
        return Stored(record.id, Outcome.ADDED)
    changed = {name: v for name, v in columns.items() if getattr(record, name) != v}
    for name, value in changed.items():
        setattr(record, name, value)
    session.flush()
    return Stored(record.id, Outcome.CHANGED if changed else Outcome.UNCHANGED)


def store_practice(session: PracticeSession, practice: Practice) -> Stored:
    """Store the session's own practice, new or changed."""
    refuse_errors(rules.check_practice(practice))
    if practice.id != session.own_practice_id:
        raise MissingError("no such practice")
    columns = from_practice(practice)
    record = session.get(PracticeRecord, practice.id)
    if record is None:
        session.add(PracticeRecord(id=practice.id, **columns))
        outcome = Outcome.ADDED
    else:
        changed = {name: v for name, v in columns.items() if getattr(record, name) != v}
        outcome = Outcome.CHANGED if changed else Outcome.UNCHANGED
        for name, value in changed.items():
            setattr(record, name, value)
    try:
        session.flush()
    except IntegrityError:
        # A session doesn't see other practices' names; only the database can tell.
        raise RefusedError([_name_taken()]) from None
    return Stored(practice.id, outcome)


def _name_taken() -> Finding:
    return Finding(
        "practice-name-taken",
        "name",
        "another practice of this installation has this name",
        "give it a name that tells the two apart",
    )


def save_practice(session: PracticeSession, practice: Practice) -> PracticeId:
    """Save the session's own practice.

    Raises:
        RefusedError: Findings about its fields, or its name is taken.
        MissingError: It is another practice.
    """
    store_practice(session, practice)
    return practice.id


def store_location(session: PracticeSession, location: Location) -> Stored:
    """Store a location by its code."""
    refuse_errors(rules.check_location(location))
    key = {"code": location.code}
    return _store(session, LocationRecord, key, from_location(location), new_id=location.id)


def save_location(session: PracticeSession, location: Location) -> LocationId:
    """Save a location by its code and return its key.

    Raises:
        RefusedError: Findings about its fields.
    """
    return LocationId(store_location(session, location).id)


def store_provider(session: PracticeSession, provider: Provider) -> Stored:
    """Store a provider by NPI."""
    refuse_errors(rules.check_provider(provider))
    key = {"npi": provider.npi}
    return _store(session, ProviderRecord, key, from_provider(provider), new_id=provider.id)


def save_provider(session: PracticeSession, provider: Provider) -> ProviderId:
    """Save a provider by NPI and return the key.

    Raises:
        RefusedError: Findings about its fields.
    """
    return ProviderId(store_provider(session, provider).id)


def store_partner(session: PracticeSession, partner: Partner) -> Stored:
    """Store a trading partner by its code."""
    refuse_errors(rules.check_partner(partner))
    key = {"code": partner.code}
    return _store(session, PartnerRecord, key, from_partner(partner), new_id=partner.id)


def save_partner(session: PracticeSession, partner: Partner) -> PartnerId:
    """Save a trading partner by its code and return its key.

    Raises:
        RefusedError: Findings about its fields.
    """
    return PartnerId(store_partner(session, partner).id)


def store_payer(
    session: PracticeSession, payer: Payer, *, also_known_as: Iterable[str] = ()
) -> Stored:
    """Store a payer by its electronic code, with the names that it goes by."""
    names = [payer.name, *also_known_as]
    refuse_errors([*rules.check_payer(payer), *check_payer_names(session, payer.payer_code, names)])
    key = {"payer_code": payer.payer_code}
    stored = _store(session, PayerRecord, key, from_payer(payer), new_id=payer.id)
    are_names_changed = _name_payer(session, PayerId(stored.id), names)
    if are_names_changed and stored.outcome is Outcome.UNCHANGED:
        return Stored(stored.id, Outcome.CHANGED)
    return stored


def save_payer(
    session: PracticeSession, payer: Payer, *, also_known_as: Iterable[str] = ()
) -> PayerId:
    """Save a payer by its electronic code and return its key.

    Args:
        session: The practice's session.
        payer: The payer.
        also_known_as: Other names by which messages call it; they replace the earlier ones.

    Raises:
        RefusedError: Findings about its fields, or a name that is another payer's.
    """
    return PayerId(store_payer(session, payer, also_known_as=also_known_as).id)


def check_payer_names(
    session: PracticeSession, payer_code: str, names: Iterable[str]
) -> list[Finding]:
    """Return a finding if a payer's name is already another payer's."""
    wanted = {normalise(name) for name in names if name.strip()}
    taken = (
        select(PayerRecord.id)
        .join(
            PayerNameRecord,
            (PayerNameRecord.practice_id == PayerRecord.practice_id)
            & (PayerNameRecord.payer_id == PayerRecord.id),
        )
        .where(PayerNameRecord.name_key.in_(wanted), PayerRecord.payer_code != payer_code)
    )
    if session.scalars(taken).first() is None:
        return []
    return [
        Finding(
            "payer-name-taken",
            "name",
            "another payer of this practice goes by this name",
            "give each payer names that tell it apart",
        )
    ]


def _name_payer(session: PracticeSession, payer_id: PayerId, names: Iterable[str]) -> bool:
    wanted = {normalise(name) for name in names if name.strip()}
    rows = session.scalars(
        select(PayerNameRecord).where(PayerNameRecord.payer_id == payer_id)
    ).all()
    there = {row.name_key for row in rows}
    if there == wanted:
        return False
    session.execute(
        delete(PayerNameRecord).where(
            PayerNameRecord.payer_id == payer_id, PayerNameRecord.name_key.in_(there - wanted)
        )
    )
    session.add_all(
        PayerNameRecord(practice_id=session.own_practice_id, payer_id=payer_id, name_key=name)
        for name in sorted(wanted - there)
    )
    session.flush()
    return True


def store_enrolment(session: PracticeSession, enrolment: Enrolment) -> Stored:
    """Store an enrolment by provider, payer and first day."""
    refuse_errors(rules.check_enrolment(enrolment))
    key = {
        "provider_id": enrolment.provider_id,
        "payer_id": enrolment.payer_id,
        "from_date": enrolment.from_date,
    }
    columns = {"to_date": enrolment.to_date, "is_participating": enrolment.is_participating}
    others = select(EnrolmentRecord).where(
        EnrolmentRecord.provider_id == enrolment.provider_id,
        EnrolmentRecord.payer_id == enrolment.payer_id,
        EnrolmentRecord.from_date != enrolment.from_date,
    )
    span = (enrolment.from_date, enrolment.to_date)
    for other in session.scalars(others):
        refuse_errors(rules.check_overlap(span, (other.from_date, other.to_date), "enrolment"))
    return _store(session, EnrolmentRecord, key, columns)


def save_enrolment(session: PracticeSession, enrolment: Enrolment) -> None:
    """Save an enrolment by provider, payer and first day.

    Raises:
        RefusedError: Its span is backwards or overlaps another.
    """
    store_enrolment(session, enrolment)


def store_feed(session: PracticeSession, feed: Feed) -> Stored:
    """Store a feed by kind and sender."""
    refuse_errors(rules.check_feed(feed))
    key = {"kind": feed.kind.value, "sender": feed.sender}
    columns = {"name": feed.name, "time_zone": feed.time_zone}
    return _store(session, FeedRecord, key, columns, new_id=feed.id)


def save_feed(session: PracticeSession, feed: Feed) -> FeedId:
    """Save a feed by kind and sender and return its key.

    Raises:
        RefusedError: Findings about its fields.
    """
    return FeedId(store_feed(session, feed).id)
