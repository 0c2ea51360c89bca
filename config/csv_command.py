"""The command that imports one kind of CSV file, made alike for every kind."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from config.cli import print_findings
from config.csv_import import run_import

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.cli import Context
    from config.csv_import import Importer, Report, Units


def make_import_command(
    name: str,
    make: Callable[[Context], Importer[Any]],
    units: Callable[[Context], Units],
) -> click.Command:
    """Return the command `import NAME FILE`.

    Args:
        name: The kind of file.
        make: Makes its importer.
        units: Opens recorded units for a command's context.
    """

    @click.command(name, help=f"Import {name} from a CSV FILE; docs/imports.md has the columns.")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--skip-bad", is_flag=True, help="Store the good rows of a file with bad ones.")
    @click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
    @click.pass_obj
    def command(context: Context, file: Path, *, skip_bad: bool, as_json: bool) -> None:
        try:
            report = run_import(file, partial(make, context), units(context), skips_bad=skip_bad)
        except OSError as error:
            raise click.UsageError(f"the file can't be read: {error.strerror}") from error
        print_report(report, as_json=as_json)
        if not report.is_done:
            raise click.exceptions.Exit(1)

    return command


def print_report(report: Report, *, as_json: bool) -> None:
    """Print what an import came to: counts, then findings."""
    if as_json:
        body = {
            "kind": report.kind,
            "rows": report.rows,
            "is_done": report.is_done,
            **{outcome.value: count for outcome, count in report.counts.items()},
            "finding_count": report.finding_count,
            "findings": [
                {
                    "level": finding.level.value,
                    "code": finding.code,
                    "where": finding.where,
                    "message": finding.message,
                    "fix": finding.fix,
                }
                for finding in report.findings
            ],
        }
        click.echo(json.dumps(body, indent=2))
        return
    print_findings(report.findings)
    if more := report.finding_count - len(report.findings):
        click.echo(f"and {more} more findings", err=True)
    counts = ", ".join(f"{count} {outcome.value}" for outcome, count in report.counts.items())
    words = counts if report.is_done else f"refused: {counts}"
    click.echo(f"{report.kind}: {report.rows} rows read; {words}")
