"""The keyholder: brings every package's tables, jobs, pages and commands together."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from config.db import Base

if TYPE_CHECKING:
    from sqlalchemy import MetaData

MODEL_ROOMS: Final = (
    "config.keyring",
    "config.blobs",
    "config.counters",
    "config.changes",
    "audit.models",
    "access.models",
    "practice.models",
    "patients.models",
    "encounters.models",
    "ledger.models",
    "coding.models",
    "claims.models",
    "patient_billing.models",
    "office.models",
)


def load_metadata() -> MetaData:
    """Import every table and return the metadata that migrations must match."""
    for room in MODEL_ROOMS:
        package = room.split(".")[0]
        if find_spec(package) and find_spec(room):
            import_module(room)
    return Base.metadata
