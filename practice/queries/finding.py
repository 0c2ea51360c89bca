"""Reads of the practice's own facts, in bulk where other packages need many."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import or_, select

from config.finding import MissingError
from config.names_index import normalise
from practice.models import (
    ChargeRecord,
    ContractFeeRecord,
    EnrolmentRecord,
    FeedRecord,
    LocationRecord,
    PartnerRecord,
    PayerNameRecord,
    PayerRecord,
    PracticeRecord,
    ProviderRecord,
)
from practice.queries.reading import (
    to_allowed,
    to_charge,
    to_enrolment,
    to_feed,
    to_location,
    to_partner,
    to_payer,
    to_practice,
    to_provider,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Iterable
    from uuid import UUID

    from sqlalchemy import ColumnElement

    from config.tenancy import PracticeSession
    from practice.values import (
        Allowed,
        Charge,
        Enrolment,
        Feed,
        FeedKind,
        Location,
        LocationId,
        Partner,
        PartnerId,
        Payer,
        PayerId,
        Practice,
        Provider,
        ProviderId,
    )

_Record = TypeVar("_Record", LocationRecord, ProviderRecord, PayerRecord, PartnerRecord)
_Id = TypeVar("_Id", bound="UUID")
_Value = TypeVar("_Value")


def get_practice(session: PracticeSession) -> Practice:
    """Return the session's practice.

    Raises:
        MissingError: It isn't there.
    """
    record = session.get(PracticeRecord, session.own_practice_id)
    if record is None:
        raise MissingError("no such practice")
    return to_practice(record)


def _get(
    session: PracticeSession,
    ids: Iterable[_Id],
    model: type[_Record],
    read: Callable[[_Record], _Value],
) -> dict[_Id, _Value]:
    wanted = list(dict.fromkeys(ids))
    records = {row.id: row for row in session.scalars(select(model).where(model.id.in_(wanted)))}
    if missing := len(wanted) - len(records):
        raise MissingError(f"{missing} of {len(wanted)} {model.__tablename__} rows are not there")
    return {key: read(records[key]) for key in wanted}


def get_locations(
    session: PracticeSession, ids: Iterable[LocationId]
) -> dict[LocationId, Location]:
    """Return locations by key.

    Raises:
        MissingError: One isn't there.
    """
    return _get(session, ids, LocationRecord, to_location)


def find_location(session: PracticeSession, code: str) -> Location | None:
    """Return the location with a code, if any."""
    record = session.scalars(
        select(LocationRecord).where(LocationRecord.code == code)
    ).one_or_none()
    return to_location(record) if record else None


def list_locations(session: PracticeSession) -> list[Location]:
    """Return all locations by code."""
    return [
        to_location(r)
        for r in session.scalars(select(LocationRecord).order_by(LocationRecord.code))
    ]


def get_providers(
    session: PracticeSession, ids: Iterable[ProviderId]
) -> dict[ProviderId, Provider]:
    """Return providers by key.

    Raises:
        MissingError: One isn't there.
    """
    return _get(session, ids, ProviderRecord, to_provider)


def find_provider_by_npi(session: PracticeSession, npi: str) -> Provider | None:
    """Return the provider with an NPI, if any."""
    record = session.scalars(select(ProviderRecord).where(ProviderRecord.npi == npi)).one_or_none()
    return to_provider(record) if record else None


def list_providers(session: PracticeSession) -> list[Provider]:
    """Return all providers by name."""
    order = (ProviderRecord.family, ProviderRecord.given, ProviderRecord.npi)
    return [to_provider(r) for r in session.scalars(select(ProviderRecord).order_by(*order))]


def get_payers(session: PracticeSession, ids: Iterable[PayerId]) -> dict[PayerId, Payer]:
    """Return payers by key.

    Raises:
        MissingError: One isn't there.
    """
    return _get(session, ids, PayerRecord, to_payer)


def find_payer(session: PracticeSession, *, payer_code: str = "", name: str = "") -> Payer | None:
    """Return a payer by its electronic code, or else by a name that it goes by.

    Case and the number of blanks in a name don't matter.
    """
    if payer_code:
        by_code = select(PayerRecord).where(PayerRecord.payer_code == payer_code)
        if record := session.scalars(by_code).one_or_none():
            return to_payer(record)
    if not name:
        return None
    by_name = (
        select(PayerRecord)
        .join(
            PayerNameRecord,
            (PayerNameRecord.practice_id == PayerRecord.practice_id)
            & (PayerNameRecord.payer_id == PayerRecord.id),
        )
        .where(PayerNameRecord.name_key == normalise(name))
    )
    record = session.scalars(by_name).one_or_none()
    return to_payer(record) if record else None


def find_payers(session: PracticeSession, codes: Collection[str]) -> dict[str, Payer]:
    """Return the payers with these electronic codes, as far as there are any."""
    statement = select(PayerRecord).where(PayerRecord.payer_code.in_(codes))
    return {record.payer_code: to_payer(record) for record in session.scalars(statement)}


def list_payers(session: PracticeSession) -> list[Payer]:
    """Return all payers by name."""
    return [to_payer(r) for r in session.scalars(select(PayerRecord).order_by(PayerRecord.name))]


def get_partners(session: PracticeSession, ids: Iterable[PartnerId]) -> dict[PartnerId, Partner]:
    """Return trading partners by key.

    Raises:
        MissingError: One isn't there.
    """
    return _get(session, ids, PartnerRecord, to_partner)


def get_partner(session: PracticeSession, partner_id: PartnerId) -> Partner:
    """Return one trading partner.

    Raises:
        MissingError: It isn't there.
    """
    return get_partners(session, [partner_id])[partner_id]


def find_partner(session: PracticeSession, code: str) -> Partner | None:
    """Return the trading partner with a code, if any."""
    record = session.scalars(select(PartnerRecord).where(PartnerRecord.code == code)).one_or_none()
    return to_partner(record) if record else None


def list_partners(session: PracticeSession) -> list[Partner]:
    """Return all trading partners by code."""
    return [
        to_partner(r) for r in session.scalars(select(PartnerRecord).order_by(PartnerRecord.code))
    ]


def _in_force(
    model: type[ChargeRecord | ContractFeeRecord], on: dt.date
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return model.from_date <= on, or_(model.to_date.is_(None), model.to_date >= on)


def find_charges(
    session: PracticeSession, wanted: Iterable[tuple[str, tuple[str, ...]]], on: dt.date
) -> dict[tuple[str, tuple[str, ...]], Charge]:
    """Return the charge master's price of each wanted code and modifiers on a service date.

    Args:
        session: The practice's session.
        wanted: Procedure codes, each with the modifiers of its line in order.
        on: Date of service.

    Returns:
        The price of the first modifier that has one of its own, else the price without a
        modifier; no key where there is neither.

    Source:
        DESIGN 7.9.
    """
    asked = list(wanted)
    codes = {code for code, _ in asked}
    statement = select(ChargeRecord).where(
        ChargeRecord.code.in_(codes), *_in_force(ChargeRecord, on)
    )
    prices = {(r.code, r.modifier): to_charge(r) for r in session.scalars(statement)}
    found = {}
    for code, modifiers in asked:
        for modifier in (*modifiers, ""):
            if price := prices.get((code, modifier)):
                found[code, modifiers] = price
                break
    return found


def find_allowed(
    session: PracticeSession, payer_id: PayerId, codes: Iterable[str], on: dt.date
) -> dict[str, Allowed]:
    """Return what a payer's contract allows for one unit of each code on a service date."""
    statement = select(ContractFeeRecord).where(
        ContractFeeRecord.payer_id == payer_id,
        ContractFeeRecord.code.in_(set(codes)),
        *_in_force(ContractFeeRecord, on),
    )
    return {record.code: to_allowed(record) for record in session.scalars(statement)}


def list_enrolments(
    session: PracticeSession, provider_ids: Iterable[ProviderId], payer_ids: Iterable[PayerId]
) -> list[Enrolment]:
    """Return every span in which these providers are enrolled with these payers.

    Source:
        P38.
    """
    statement = (
        select(EnrolmentRecord)
        .where(
            EnrolmentRecord.provider_id.in_(set(provider_ids)),
            EnrolmentRecord.payer_id.in_(set(payer_ids)),
        )
        .order_by(EnrolmentRecord.from_date, EnrolmentRecord.id)
    )
    return [to_enrolment(record) for record in session.scalars(statement)]


def find_feed(session: PracticeSession, kind: FeedKind, sender: str) -> Feed | None:
    """Return the practice's feed with this sender, if any; a message without one is held."""
    statement = select(FeedRecord).where(FeedRecord.kind == kind.value, FeedRecord.sender == sender)
    record = session.scalars(statement).one_or_none()
    return to_feed(record) if record else None


def list_feeds(session: PracticeSession) -> list[Feed]:
    """Return all feeds by kind and sender."""
    order = (FeedRecord.kind, FeedRecord.sender)
    return [to_feed(record) for record in session.scalars(select(FeedRecord).order_by(*order))]
