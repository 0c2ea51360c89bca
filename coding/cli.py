"""The `codes` commands: load a code set, search it, suggest codes for a note."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from coding import code_sets, loading
from coding.values import Period
from config.cli import print_findings

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from coding.values import Release
    from config.cli import Context


DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def codes() -> None:
    """Code sets: load releases, search them, suggest codes for a note."""


def _folder(context: Context) -> Path:
    return context.settings.home / "codes"


def _day(value: dt.datetime | None) -> dt.date | None:
    return value.date() if value else None


@codes.command("load")
@click.argument("name", metavar="SET", type=click.Choice(loading.CODE_SETS))
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--from", "first", type=DAY, help="First day in force.")
@click.option("--to", "last", type=DAY, help="Last day in force.")
@click.option("--undo", is_flag=True, help="Take back the last load instead.")
@click.pass_obj
def load(  # one argument an option
    context: Context,
    name: str,
    file: Path | None,
    *,
    first: dt.datetime | None,
    last: dt.datetime | None,
    undo: bool,
) -> None:
    """Load icd-10-cm (Tabular XML) or procedures (CSV); without FILE the shipped one."""
    folder = _folder(context)
    if undo:
        _show_releases(loading.undo_load(folder))
        return
    if (first is None) != (last is None):
        raise click.UsageError("--from and --to go together")
    period = Period(first.date(), last.date()) if first and last else None
    if file is not None:
        try:
            answer = loading.load_code_set(folder, name, source=file, period=period)
        except OSError as error:
            raise click.UsageError(f"{file}: {error.strerror}") from error
    elif name == "icd-10-cm":
        answer = loading.load_shipped_icd10cm(folder)
    else:
        answer = loading.load_shipped_procedures(folder)
    print_findings(answer.findings)
    _show_releases(answer.releases)
    if answer.findings:
        raise SystemExit(1)


def _show_releases(releases: Iterable[Release]) -> None:
    for release in releases:
        click.echo(
            f"{release.system} {release.release}: {release.rows} codes, in force"
            f" {release.effective_from} to {release.effective_to}, from {release.source_file}"
        )


@codes.command("search")
@click.argument("words", nargs=-1, required=True)
@click.option("--on", type=DAY, help="Date of service; without it the newest release answers.")
@click.option("--lang", type=click.Choice(["en", "es"]), default="en", show_default=True)
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def search(  # one argument an option
    context: Context,
    words: tuple[str, ...],
    *,
    on: dt.datetime | None,
    lang: str,
    limit: int,
    as_json: bool,
) -> None:
    """Search codes by number or by words, best first."""
    answer = code_sets.search_codes(
        _folder(context), " ".join(words), on=_day(on), lang=lang, limit=limit
    )
    if as_json:
        click.echo(json.dumps(answer.as_json(), ensure_ascii=False, indent=1))
    else:
        for hit in answer.hits:
            mark = " " if hit.billable else "*"
            click.echo(f"{hit.code:9}{mark}{hit.system:10} {hit.description}")
        for release in answer.releases:
            click.echo(f"{release.system} {release.release}", err=True)
    print_findings(answer.findings)
    if answer.findings:
        raise SystemExit(1)


@codes.command("suggest")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--on", type=DAY, help="Date of service; without it the newest release answers.")
@click.option("--inpatient", is_flag=True, help="Code uncertain diagnoses as if they existed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def suggest(
    context: Context, file: Path, *, on: dt.datetime | None, inpatient: bool, as_json: bool
) -> None:
    """Suggest codes for FILE: a UTF-8 note or a FHIR bundle."""
    try:
        text = file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{file}: not UTF-8 at byte {error.start}") from error
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror}") from error
    answer = code_sets.suggest_for_file(_folder(context), text, on=_day(on), office=not inpatient)
    if as_json:
        click.echo(json.dumps(answer.as_json(), ensure_ascii=False, indent=1))
    else:
        for found in answer.suggestions:
            click.echo(f"{found.code:9} {found.description}  ← {found.start}-{found.end}")
    print_findings(answer.findings)
    if answer.findings:
        raise SystemExit(1)
