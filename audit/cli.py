"""The commands `audit` and `keys`: verify the log, hand out a practice's bundle, make the keys."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audit import verifier

if TYPE_CHECKING:
    from audit.values import Verdict
    from config.cli import Context

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def audit() -> None:
    """Verify and export the record of every touch of patients' data."""


@audit.command()
@click.argument("bundle", type=_FILE, required=False)
@click.option("--key", type=_FILE, help="File with the log's public key.")
@click.option("--checkpoint", type=_FILE, help="A checkpoint kept from before.")
@click.pass_obj
def verify(obj: Context, bundle: Path | None, key: Path | None, checkpoint: Path | None) -> None:
    """Verify BUNDLE, or without one the log in the database.

    A bundle needs nothing of this installation. The database is verified with the public key that
    lies with the keys, or the one given; no secret is used.
    """
    if bundle is not None:
        sys.exit(verifier.run(bundle, key, checkpoint))
    sys.exit(_verify_database(obj, key, checkpoint))


def _verify_database(obj: Context, key: Path | None, checkpoint: Path | None) -> int:
    from audit import service  # noqa: PLC0415  # a bundle is verified without a database
    from config.key_files import KeyFileError  # noqa: PLC0415  # as above
    from config.tenancy import Database  # noqa: PLC0415  # as above

    settings = obj.settings
    database = Database(settings.database)
    try:
        public = service.load_public_key(key or settings.keys / service.PUBLIC_FILE)
        kept = checkpoint.read_bytes() if checkpoint else None
        verdict = service.verify_store(database, public, checkpoint=kept)
    except OSError as error:
        click.echo(f"can't read {error.filename}: {error.strerror}", err=True)
        return 2
    except KeyFileError as error:
        click.echo(str(error), err=True)
        return 2
    except ValueError as error:
        click.echo(f"the checkpoint given: {error}", err=True)
        return 1
    finally:
        database.dispose()
    click.echo(f"log {public.name}")
    click.echo("\n".join(_describe(verdict)))
    return 0 if verdict.holds else 1


def _describe(verdict: Verdict) -> list[str]:
    lines = [f"{verdict.size} entries sealed by {verdict.checkpoints} checkpoints"]
    lines.extend(verdict.remarks)
    if verdict.unsealed:
        lines.append(f"not sealed yet: {len(verdict.unsealed)}")
        lines.extend(f"  {entry_id}" for entry_id in verdict.unsealed)
    if verdict.holds:
        return [*lines, "holds"]
    lines.append("DOES NOT HOLD")
    if verdict.first_bad is not None:
        first = verdict.first_bad
        lines.append(f"first bad entry {first}: {verdict.entries[first]}")
    if len(verdict.entries) > 1:
        lines.append(f"bad entries in all: {len(verdict.entries)}")
    return lines + verdict.others


@audit.command()
@click.argument("out", type=_FILE)
@click.pass_obj
def export(obj: Context, out: Path) -> None:
    """Write the practice's bundle to OUT, for an auditor to verify anywhere.

    It holds the headers of the whole log, under pseudonyms, and this practice's own entries, which
    stay encrypted.
    """
    from audit import service  # noqa: PLC0415  # keeps `--help` quick

    actor = obj.actor
    if actor.practice_id is None:
        raise click.UsageError("name the practice with --practice")
    key = service.load_signing_key(obj.settings.keys)
    with service.writing(obj.database, actor, purpose="audit") as session:
        service.note(session, "audit.exported", practice=actor.practice_id)
    service.integrate(obj.database, key)
    count = service.export(obj.database, actor.practice_id, out, key.public)
    click.echo(f"{out}: {count} entries of the log")
    click.echo(f"verify with: cleanclaim audit verify {out} --key PUBLIC-KEY-FILE")


@click.group()
def keys() -> None:
    """Make the secrets of an installation."""


@keys.command()
@click.pass_obj
def make(obj: Context) -> None:
    """Make root key, look-up key and the audit log's signing key in CLEANCLAIM_KEYS."""
    from audit import service  # noqa: PLC0415  # keeps `--help` quick
    from config.key_files import KeyFileError, make_key_files  # noqa: PLC0415  # as above

    folder = obj.settings.keys
    try:
        made = [*make_key_files(folder), *service.make_signing_key(folder)]
    except KeyFileError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    for path in made:
        click.echo(f"made {path}")
    click.echo(
        "Keep a copy of this folder apart from the data and from its backup: without it all that "
        "is sealed is lost, and with both a thief has everything."
    )
    click.echo(f"Give {service.PUBLIC_FILE} to whoever will verify the audit log; it is no secret.")
