"""Commands that import patients: `cleanclaim import patients|guarantors|coverages FILE`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from audit.service import reading, writing
from config import clock
from config.csv_command import make_import_command
from config.csv_import import Units
from patients.forms.imports import CoverageImporter, GuarantorImporter, PatientImporter

if TYPE_CHECKING:
    import click

    from config.cli import Context

_PURPOSE: Final = "payment"
_Kind = type[PatientImporter] | type[GuarantorImporter] | type[CoverageImporter]
_KINDS: Final[tuple[_Kind, ...]] = (PatientImporter, GuarantorImporter, CoverageImporter)


def _open_units(context: Context) -> Units:
    return Units(
        reading=partial(reading, context.database, context.actor, purpose=_PURPOSE),
        writing=partial(writing, context.database, context.actor, purpose=_PURPOSE),
    )


def _make(kind: _Kind, _context: Context) -> PatientImporter | GuarantorImporter | CoverageImporter:
    return kind(clock.today())


IMPORTS: Final[dict[str, click.Command]] = {
    kind.name: make_import_command(kind.name, partial(_make, kind), _open_units) for kind in _KINDS
}
