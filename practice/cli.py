"""Commands that import the practice's own facts: `cleanclaim import locations FILE` and so on."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from access.service import current_os_user
from audit.service import note, reading, writing
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
    from collections.abc import Iterator

    import click

    from config.cli import Context
    from config.csv_import import Importer
    from config.tenancy import PracticeSession


_PURPOSE: Final = "operations"
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


def _open_units(kind: str, context: Context) -> Units:
    """Return how an import opens its sessions: as the command's account, for operations."""

    @contextmanager
    def write() -> Iterator[PracticeSession]:
        with writing(context.database, context.actor, purpose=_PURPOSE) as session:
            note(session, f"{kind}.imported")
            yield session

    return Units(
        reading=partial(reading, context.database, context.actor, purpose=_PURPOSE),
        writing=write,
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
        importer.name: make_import_command(
            importer.name, partial(_make, importer), partial(_open_units, importer.name)
        )
        for importer in _IMPORTERS
    },
}
