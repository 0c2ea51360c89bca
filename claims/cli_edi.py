"""The `edi` commands: check and show X12 files, answer them. They need no installation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edi import CheckReport, FileReport

_file = click.Path(dir_okay=False, path_type=Path)


@click.group()
def edi() -> None:
    """X12 files: check them, show them, answer them; needs no installation."""


@edi.command()
@click.argument("files", nargs=-1, required=True, type=_file, metavar="FILE...")
@click.option("--json", "is_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--snip", default="1-3", show_default=True, help="SNIP types to report.")
@click.option(
    "--ack",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write the answers (TA1, 999, 277CA) that each file gets into this folder.",
)
def check(files: Sequence[Path], *, is_json: bool, snip: str, ack: Path | None) -> None:
    """Say what is wrong with X12 files: where, what was expected, what to do.

    Exits 1 if a file is refused, 2 if one can't be read.
    """
    from edi import commands  # noqa: PLC0415  # keeps --help quick

    try:
        types = commands.parse_snip(snip)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--snip") from error
    report, problems = _check(files, types, ack)
    if is_json:
        click.echo(json.dumps(report.to_json(), indent=2))
    else:
        for line in (line for file in report.files for line in commands.describe_file(file)):
            click.echo(line)
    for problem in problems:
        click.echo(problem, err=True)
    if problems or not report.accepted:
        raise click.exceptions.Exit(commands.UNREADABLE if problems else commands.REFUSED)


def _check(
    files: Sequence[Path], types: frozenset[int], ack: Path | None
) -> tuple[CheckReport, list[str]]:
    from edi import commands  # noqa: PLC0415  # keeps --help quick
    from edi.__main__ import tell_progress  # noqa: PLC0415  # keeps --help quick
    from edi.report import CheckReport  # noqa: PLC0415  # keeps --help quick

    report, problems = CheckReport([]), []
    for path in files:
        try:
            found = commands.check_path(path, snip=types, on_progress=tell_progress).files
            if ack is not None:
                _answer(path, found[0], ack)
        except OSError as error:
            problems.append(f"{error.filename or path}: {error.strerror or error}")
        else:
            report.files += found
    return report, problems


def _answer(path: Path, report: FileReport, folder: Path) -> None:
    """Write what a receiver sends back for a file; a name that is there is never overwritten."""
    from config import clock  # noqa: PLC0415  # keeps --help quick
    from edi import acknowledge  # noqa: PLC0415  # keeps --help quick

    folder.mkdir(parents=True, exist_ok=True)
    with path.open("rb") as stream:
        answers = acknowledge(report, stream, at=clock.now())
    for answer in answers:
        place = folder / f"{path.stem}-{answer.control:04d}.{answer.kind.lower()}"
        with place.open("xb") as out:
            out.write(answer.data)
        click.echo(f"{answer.kind} written to {place}", err=True)


@edi.command()
@click.argument("file", type=_file)
@click.option("--json", "is_json", is_flag=True, help="Print the tree as JSON.")
@click.option("--phi", "shows_phi", is_flag=True, help="Show patients' data too.")
def show(file: Path, *, is_json: bool, shows_phi: bool) -> None:
    """Show an X12 file as a tree of loops; patients' data is masked unless asked for.

    Exits 2 if it can't be read.
    """
    from edi import commands  # noqa: PLC0415  # keeps --help quick

    try:
        for line in commands.show_file(file, as_json=is_json, shows_phi=shows_phi):
            click.echo(line)
    except OSError as error:
        click.echo(f"{file}: can't be read: {error.strerror or error}", err=True)
        raise click.exceptions.Exit(commands.UNREADABLE) from error
