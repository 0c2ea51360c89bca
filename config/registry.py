"""The registry: frozen numbers of tables and columns that are bound into every ciphertext.

A number never changes and is never given twice, so that a table can be renamed without losing
what is sealed in it: change the name, keep the number. New lines are only ever added; a test
compares with what was frozen.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

# Blocks: audit 1, access 100, practice 200, patients 300, encounters 400, coding 500,
# eligibility 600, ledger 700, claims 800, patient_billing 900, front_desk 1000,
# patient_portal 1100, office 1200, config 1300.
TABLES: Final[Mapping[str, int]] = MappingProxyType(
    {
        "audit_entry": 1,
        "person": 100,
        "patient": 300,
        "guarantor": 301,
        "coverage": 302,
        "message": 400,
        "appointment": 401,
        "visit": 402,
        "fhir_resource": 403,
        "patient_event": 404,
        "coded_visit": 500,
        "claim": 800,
        "claim_version": 801,
        "claim_event": 802,
        "received_file": 803,
        "remittance": 804,
        "remittance_claim": 805,
        "statement": 900,
        "wrapped_key": 1300,
        "blob_chunk": 1301,
    }
)

# Shared by all tables.
COLUMNS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "payload": 1,
        "sealed": 2,
        "ciphertext": 3,
        "kek": 4,
        "field": 5,
        "blob": 6,
        "audit": 7,
        "chunk": 8,
    }
)


class UnknownNameError(LookupError):
    """A table or column that is sealed has no number yet."""


def table_number(name: str) -> int:
    """Return a table's number.

    Raises:
        UnknownNameError: It has none; says where to add it.
    """
    try:
        return TABLES[name]
    except KeyError:
        raise UnknownNameError(
            f"table {name}: add a line to TABLES in config/registry.py"
        ) from None


def column_number(name: str) -> int:
    """Return a column's number.

    Raises:
        UnknownNameError: It has none; says where to add it.
    """
    try:
        return COLUMNS[name]
    except KeyError:
        raise UnknownNameError(
            f"column {name}: add a line to COLUMNS in config/registry.py"
        ) from None
