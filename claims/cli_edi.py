"""The `edi` commands: check and show X12 files, answer them. They need no installation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edi import CheckReport

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
    from edi.__main__ import tell_progress  # noqa: PLC0415  # keeps --help quick

    try:
        types = commands.parse_snip(snip)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--snip") from error
    outcome = commands.check_files(files, snip=types, as_json=is_json, on_progress=tell_progress)
    for line in outcome.lines:
        click.echo(line)
    problems = [*outcome.problems, *(_answer(outcome.report, ack) if ack is not None else ())]
    for problem in problems:
        click.echo(problem, err=True)
    code = commands.UNREADABLE if problems else outcome.exit_code
    if code:
        raise click.exceptions.Exit(code)


def _answer(report: CheckReport, folder: Path) -> list[str]:
    """Write what a receiver sends back; returns what kept it from being written."""
    from config import clock  # noqa: PLC0415  # keeps --help quick
    from edi import commands  # noqa: PLC0415  # keeps --help quick

    try:
        written = commands.answer_files(report, folder, at=clock.now())
    except OSError as error:
        return [f"{error.filename or folder}: {error.strerror or error}"]
    for path in written:
        click.echo(f"answer written to {path}", err=True)
    return []


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
