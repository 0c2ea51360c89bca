"""Reads a contract file (TOML) into values; a wrong file is refused with the place and the remedy.

Amounts in the file are strings in dollars ("125.00"), shares are whole permille.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, TypeVar

from simulator.values import (
    Clearinghouse,
    Contract,
    Fault,
    PayerContract,
    ProviderLevel,
    Rule,
    RuleAt,
    When,
)

if TYPE_CHECKING:
    from pathlib import Path

_T = TypeVar("_T")
_Table = Mapping[str, Any]


class ContractError(ValueError):
    """A contract file can't be used; the message says where and what to write instead."""


def read_cents(text: object, where: str) -> int:
    """Return "12.34" as 1234.

    Args:
        text: Dollars with at most two decimals, a minus sign allowed.
        where: Place in the file, for the message.

    Raises:
        ContractError: The text is no such amount.
    """
    raw = str(text)
    whole, _, rest = raw.removeprefix("-").partition(".")
    if not isinstance(text, str) or not whole.isdigit() or len(rest) > 2:
        raise ContractError(f'{where}: write dollars as a string such as "125.00"')
    if rest and not rest.isdigit():
        raise ContractError(f'{where}: write dollars as a string such as "125.00"')
    cents = int(whole) * 100 + int((rest + "00")[:2])
    return -cents if raw.startswith("-") else cents


def _as_texts(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ContractError(f'{where}: write a list of strings, such as ["99213"]')
    return tuple(value)


def _as_permille(value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 1000:
        raise ContractError(f"{where}: write a whole number from 0 to 1000")
    return value


def _as_text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise ContractError(f"{where}: write a string")
    return value


def _as_flag(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise ContractError(f"{where}: write true or false")
    return value


def _as_place(value: object, where: str) -> RuleAt:
    if value not in {place.value for place in RuleAt}:
        names = ", ".join(place.value for place in RuleAt)
        raise ContractError(f"{where}: write one of {names}")
    return RuleAt(value)


def _as_frozenset(value: object, where: str) -> frozenset[str]:
    return frozenset(_as_texts(value, where))


def _as_fees(value: object, where: str) -> dict[str, int]:
    if not isinstance(value, dict):
        raise ContractError(f'{where}: write a table of code = "dollars"')
    return {code: read_cents(fee, f"{where}.{code}") for code, fee in value.items()}


def _as_when(value: object, where: str) -> When:
    return _build(When, value, where, _WHEN)


def _as_rules(value: object, where: str) -> tuple[Rule, ...]:
    return _as_tables(value, where, lambda item, place: _build(Rule, item, place, _RULE))


def _as_provider_level(value: object, where: str) -> tuple[ProviderLevel, ...]:
    return _as_tables(value, where, lambda item, place: _build(ProviderLevel, item, place, _PLB))


def _as_tables(value: object, where: str, build: Callable[[object, str], _T]) -> tuple[_T, ...]:
    if not isinstance(value, list):
        raise ContractError(f"{where}: write tables as [[{where}]]")
    return tuple(build(item, f"{where}[{place}]") for place, item in enumerate(value))


_Reader = Callable[[Any, str], Any]
_WHEN: dict[str, _Reader] = {
    "procedures": _as_frozenset,
    "modifiers": _as_frozenset,
    "places": _as_frozenset,
    "frequencies": _as_frozenset,
    "diagnosis": _as_text,
    "member": _as_text,
    "claim_number": _as_text,
}
_RULE: dict[str, _Reader] = {
    "name": _as_text,
    "at": _as_place,
    "when": _as_when,
    "permille": _as_permille,
    "is_once": _as_flag,
    "group": _as_text,
    "carc": _as_text,
    "remarks": _as_texts,
    "category": _as_text,
    "status": _as_text,
    "entity": _as_text,
    "claim_status": _as_text,
    "has_correction": _as_flag,
    "correction_permille": _as_permille,
}
_PLB: dict[str, _Reader] = {
    "reason": _as_text,
    "cents": read_cents,
    "reference": _as_text,
    "permille": _as_permille,
}
_PAYER: dict[str, _Reader] = {
    "payer_id": _as_text,
    "name": _as_text,
    "kind": _as_text,
    "filing": _as_text,
    "tax_id": _as_text,
    "street": _as_text,
    "city": _as_text,
    "state": _as_text,
    "postal": _as_text,
    "default_permille": _as_permille,
    "fees_cents": _as_fees,
    "deductible_cents": read_cents,
    "deductible_permille": _as_permille,
    "deductible_met_permille": _as_permille,
    "coinsurance_permille": _as_permille,
    "copay_cents": read_cents,
    "copay_procedures": _as_frozenset,
    "sequestration_permille": _as_permille,
    "qmb_members": _as_texts,
    "qmb_permille": _as_permille,
    "unknown_members": _as_texts,
    "unknown_permille": _as_permille,
    "rules": _as_rules,
    "provider_level": _as_provider_level,
}
_HOUSE: dict[str, _Reader] = {"name": _as_text, "id": _as_text, "rules": _as_rules}
# Names as they stand in the file, where they differ from the field's own.
_FILE_NAMES = {"fees": "fees_cents", "deductible": "deductible_cents", "copay": "copay_cents"}
_FILE_NAMES |= {"amount": "cents", "id": "payer_id", "once": "is_once"}


def _build(kind: type[_T], value: object, where: str, readers: Mapping[str, _Reader]) -> _T:
    if not isinstance(value, dict):
        raise ContractError(f"{where}: write a table")
    given: dict[str, Any] = {}
    table: dict[str, Any] = value
    for name, item in table.items():
        own = name if name in readers else _FILE_NAMES.get(name, name)
        if own not in readers:
            known = ", ".join(sorted(readers))
            raise ContractError(f"{where}.{name}: no such field; there are {known}")
        given[own] = readers[own](item, f"{where}.{name}")
    for member in fields(kind):  # type: ignore[arg-type]  # only called with our dataclasses
        is_needed = member.default is MISSING and member.default_factory is MISSING
        if is_needed and member.name not in given:
            raise ContractError(f"{where}: {member.name} is missing")
    return kind(**given)


def _as_faults(value: object, where: str) -> frozenset[Fault]:
    names = _as_texts(value, where)
    known = {fault.value for fault in Fault}
    for name in names:
        if name not in known:
            raise ContractError(f"{where}: {name} is none of {', '.join(sorted(known))}")
    return frozenset(Fault(name) for name in names)


_CONTRACT: dict[str, _Reader] = {
    "clearinghouse": lambda value, where: _build(Clearinghouse, value, where, _HOUSE),
    "payers": lambda value, where: _as_tables(
        value, where, lambda item, place: _build(PayerContract, item, place, _PAYER)
    ),
    "faults": _as_faults,
}


def read_contract(path: Path) -> Contract:
    """Return the contract that a TOML file holds.

    Raises:
        ContractError: The file can't be read, isn't TOML, or has a field that can't stand.
    """
    try:
        table: _Table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ContractError(f"{path}: can't be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ContractError(f"{path}: not TOML: {error}") from error
    contract = _build(Contract, table, path.name, _CONTRACT)
    ids = [payer.payer_id for payer in contract.payers]
    if len(set(ids)) != len(ids):
        raise ContractError(f"{path.name}: two payers share an id; give each its own")
    return contract
