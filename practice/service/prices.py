"""The charge master and the contracts: dated prices, of which two never hold on one day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import insert, select

from config.finding import Finding, RefusedError
from config.ids import uuid7
from config.outcome import Outcome
from practice import rules
from practice.adapters import from_allowed, from_charge
from practice.models import ChargeRecord, ContractFeeRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from config.tenancy import PracticeSession
    from practice.values import Allowed, Charge

_Price = TypeVar("_Price", "Charge", "Allowed")


class _Shelf:
    """The stored spans of some keys, to which new ones are fitted one after the other.

    Args:
        kind: Begins the codes of findings.
        model: The table.
        key: The columns that make spans compete.
    """

    def __init__(self, kind: str, model: type[Any], key: tuple[str, ...]) -> None:
        self.kind, self.model, self.key = kind, model, key
        self.spans: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
        self.records: dict[UUID, Any] = {}
        self.new: list[dict[str, Any]] = []

    def key_of(self, columns: dict[str, Any]) -> tuple[Any, ...]:
        """Return what the span competes for."""
        return tuple(columns[name] for name in self.key)

    def load(self, session: PracticeSession, codes: set[str]) -> None:
        """Take up what is stored for some procedure codes."""
        names = [column.name for column in self.model.__table__.columns]
        for record in session.scalars(select(self.model).where(self.model.code.in_(codes))):
            columns = {name: getattr(record, name) for name in names}
            self.records[record.id] = record
            self.spans.setdefault(self.key_of(columns), []).append(columns)

    def find_same(self, columns: dict[str, Any]) -> dict[str, Any] | None:
        """Return the span of the same key and first day, if any."""
        spans = self.spans.get(self.key_of(columns), [])
        return next((s for s in spans if s["from_date"] == columns["from_date"]), None)

    def check(self, columns: dict[str, Any]) -> list[Finding]:
        """Return why a price doesn't fit."""
        same = self.find_same(columns)
        for span in self.spans.get(self.key_of(columns), []):
            if span is same:
                continue
            days = (columns["from_date"], columns["to_date"])
            other = (span["from_date"], span["to_date"])
            if findings := rules.check_overlap(days, other, self.kind):
                return findings
        if same and (same["unit_cents"], same["currency"]) != (
            columns["unit_cents"],
            columns["currency"],
        ):
            return [
                Finding(
                    f"{self.kind}-changed",
                    "from_date",
                    "there is another price from the same first day",
                    "end that price with a last day and add the new one from the day after",
                )
            ]
        return []

    def take(self, columns: dict[str, Any]) -> Outcome:
        """Take up a price that fits."""
        same = self.find_same(columns)
        if same is None:
            self.spans.setdefault(self.key_of(columns), []).append(columns)
            self.new.append(columns)
            return Outcome.ADDED
        changed = {name: v for name, v in columns.items() if same[name] != v}
        if not changed:
            return Outcome.UNCHANGED
        same.update(changed)
        if "id" in same:  # stored before; what is new in this batch is stored as it is then
            for name, value in changed.items():
                setattr(self.records[same["id"]], name, value)
        return Outcome.CHANGED


def _check_fit(
    session: PracticeSession,
    shelf: _Shelf,
    prices: Sequence[_Price],
    check: Callable[[_Price], list[Finding]],
    to_columns: Callable[[_Price], dict[str, Any]],
) -> dict[int, list[Finding]]:
    shelf.load(session, {price.code for price in prices})
    found = {}
    for place, price in enumerate(prices):
        findings = check(price) or shelf.check(to_columns(price))
        if findings:
            found[place] = findings
    return found


def _store(
    session: PracticeSession,
    shelf: _Shelf,
    prices: Sequence[_Price],
    check: Callable[[_Price], list[Finding]],
    to_columns: Callable[[_Price], dict[str, Any]],
) -> list[Outcome]:
    shelf.load(session, {price.code for price in prices})
    outcomes, findings = [], []
    with session.no_autoflush:
        for price in prices:
            columns = to_columns(price)
            misfits = check(price) or shelf.check(columns)
            findings += misfits
            if not misfits:
                outcomes.append(shelf.take(columns))
    if findings:
        for record in shelf.records.values():
            session.expire(record)
        raise RefusedError(findings)
    session.flush()
    if shelf.new:
        keys = {"practice_id": session.own_practice_id}
        rows = [{**keys, "id": uuid7(), **columns} for columns in shelf.new]
        session.execute(insert(shelf.model), rows)
    return outcomes


def _charge_shelf() -> _Shelf:
    return _Shelf("charge", ChargeRecord, ("code", "modifier"))


def _contract_shelf() -> _Shelf:
    return _Shelf("contract", ContractFeeRecord, ("payer_id", "code"))


def check_charges_fit(
    session: PracticeSession, charges: Sequence[Charge]
) -> dict[int, list[Finding]]:
    """Return what is wrong with prices, by place, each as if the others weren't there."""
    return _check_fit(session, _charge_shelf(), charges, rules.check_charge, from_charge)


def check_allowed_fit(
    session: PracticeSession, fees: Sequence[Allowed]
) -> dict[int, list[Finding]]:
    """Return what is wrong with contract fees, by place, each as if the others weren't there."""
    return _check_fit(session, _contract_shelf(), fees, rules.check_allowed, from_allowed)


def store_charges(session: PracticeSession, charges: Sequence[Charge]) -> list[Outcome]:
    """Store prices of the charge master in order.

    Raises:
        RefusedError: One can't be stored; then none is.
    """
    return _store(session, _charge_shelf(), charges, rules.check_charge, from_charge)


def store_allowed(session: PracticeSession, fees: Sequence[Allowed]) -> list[Outcome]:
    """Store contract fees in order.

    Raises:
        RefusedError: One can't be stored; then none is.
    """
    return _store(session, _contract_shelf(), fees, rules.check_allowed, from_allowed)


def add_charge(session: PracticeSession, charge: Charge) -> bool:
    """Add one price to the charge master; the same span with a last day ends it.

    Returns:
        Whether anything changed.

    Raises:
        RefusedError: `charge-overlap`, `charge-changed` or findings about its fields.
    """
    return store_charges(session, [charge]) != [Outcome.UNCHANGED]


def add_allowed(session: PracticeSession, allowed: Allowed) -> bool:
    """Add one contract fee; the same span with a last day ends it.

    Returns:
        Whether anything changed.

    Raises:
        RefusedError: `contract-overlap`, `contract-changed` or findings about its fields.
    """
    return store_allowed(session, [allowed]) != [Outcome.UNCHANGED]
