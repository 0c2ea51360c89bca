"""The keyholder: brings every package's tables, jobs, pages and commands together."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from config.db import Base
from web import policy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flask import Blueprint
    from sqlalchemy import MetaData

    from config.changes import Change
    from config.settings import Settings
    from config.tenancy import Database
    from office.demo.room import Errands

MODEL_ROOMS: Final = (
    "config.keyring",
    "config.blobs",
    "config.counters",
    "config.changes",
    "audit.models",
    "access.models",
    "access.models_people",
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


BLUEPRINTS: Final = (
    "access.api:blueprint",
    "access.views:blueprint",
    "encounters.api:blueprint",
    "encounters.views:blueprint",
    "patients.views:blueprint",
    "ledger.views:blueprint",
    "claims.views:blueprint",
    "office.views:blueprint",
)


def load_blueprints() -> list[Blueprint]:
    """Import every package's pages and interfaces."""
    return [_load(name) for name in BLUEPRINTS]


def load_handlers(
    database: Database, settings: Settings
) -> dict[str, Sequence[Callable[[Change], None]]]:
    """Return, for each kind of change, the jobs that later packages do about it.

    Raises:
        web.policy.PolicyError: A kind stands in no line of the policy table.
    """
    encounters = import_module("encounters.jobs")
    coding = import_module("coding.jobs")
    take_news = partial(coding.take_visit_news, database, settings)
    tell_claims = partial(import_module("claims.jobs.visit_news").note_visit_news, database)
    handlers: dict[str, Sequence[Callable[[Change], None]]] = {
        "message-kept": [partial(encounters.apply_kept, database, settings)],
        "visit-changed": [take_news, tell_claims],
        "visit-excused": [take_news, tell_claims],
        "visit-held": [tell_claims],
        "visit-line-held": [tell_claims],
        "visit-reopened": [tell_claims],
        "visit-signed": [tell_claims],
        "visit-voided": [take_news, tell_claims],
    }
    policy.check_jobs(handlers)
    return handlers


def load_errands() -> Errands:
    """Return the jobs that the demo's day does one after another."""
    from claims.jobs.posting import post_remittances  # noqa: PLC0415  # the demo alone needs them
    from claims.jobs.receiving import receive_files  # noqa: PLC0415  # as above
    from claims.jobs.sending import send_batches  # noqa: PLC0415  # as above
    from encounters.jobs.taking import make_handler  # noqa: PLC0415  # as above
    from office.demo.room import Errands  # noqa: PLC0415  # as above

    return Errands(
        make_hl7_handler=make_handler,
        send_batches=send_batches,
        receive_files=receive_files,
        post_remittances=post_remittances,
    )


def _load(name: str) -> Any:  # noqa: ANN401  # whatever the room holds under that name
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)
