"""Commands that import the practice's own facts: `cleanclaim import locations FILE` and so on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from access.service import current_os_user
from audit.service import reading, writing
from config.csv_command import make_import_command
from config.csv_import import Units
from practice.forms.dated_imports import ChargeImporter, ContractImporter, EnrolmentImporter
from practice.forms.imports import (
    FeedImporter,
    LocationImporter,
    PartnerImporter,
    PayerImporter,
    PracticeImporter,
    ProviderImporter,
)

if TYPE_CHECKING:
    import click

    from config.cli import Context
    from config.csv_import import Importer


_IMPORTERS: Final[tuple[type[Importer[Any]], ...]] = (
    LocationImporter,
    ProviderImporter,
    PartnerImporter,
    PayerImporter,
    ChargeImporter,
    ContractImporter,
    EnrolmentImporter,
    FeedImporter,
)


def open_units(context: Context) -> Units:
    """Return how an import opens its sessions: as the command's account, for operations."""
    return Units(
        reading=partial(reading, context.database, context.actor, purpose="operations"),
        writing=partial(writing, context.database, context.actor, purpose="operations"),
    )


def _open_nothing(context: Context) -> Units:
    """Return sessions of no practice: opening one brings its own."""
    return Units(
        reading=partial(context.database.session, None),
        writing=partial(context.database.session, None),
    )


def _make(importer: type[Importer[Any]], _context: Context) -> Importer[Any]:
    return importer()


def _practice_importer(context: Context) -> PracticeImporter:
    return PracticeImporter(context.database, current_os_user())


IMPORTS: Final[dict[str, click.Command]] = {
    "practice": make_import_command("practice", _practice_importer, _open_nothing),
    **{
        importer.name: make_import_command(importer.name, partial(_make, importer), open_units)
        for importer in _IMPORTERS
    },
}
