"""The commands about the installation itself: database, imports, server, worker."""

from __future__ import annotations

import threading
from importlib import import_module
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from config.cli import Context

_IMPORT_ROOMS: Final = ("practice.cli", "patients.cli")


@click.group()
def db() -> None:
    """Make or upgrade the database."""


@db.command()
@click.pass_obj
def upgrade(obj: Context) -> None:
    """Bring the database's schema to this version; make it where there is none."""
    from web.upgrading import upgrade_database  # noqa: PLC0415  # keeps --help quick

    before, after = upgrade_database(obj.settings)
    if before == after:
        click.echo(f"the schema is at {after}; nothing to do")
    else:
        click.echo(f"the schema went from {before or 'nothing'} to {after}")


class _Imports(click.Group):
    """The imports of all packages under one name."""

    def _load(self) -> dict[str, click.Command]:
        found: dict[str, click.Command] = {}
        for room in _IMPORT_ROOMS:
            found |= import_module(room).IMPORTS
        return found

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return sorted(self._load())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        return self._load().get(cmd_name)


@click.command(name="import", cls=_Imports)
def import_() -> None:
    """Import from CSV: what is wrong is said row by row, and then nothing is stored."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.pass_obj
def serve(obj: Context, host: str, port: int) -> None:
    """Serve pages and interfaces in one process, with the jobs beside them."""
    obj.roof.serve(obj.settings, host=host, port=port)


@click.command()
@click.option("--retry-failed", is_flag=True, help="Try the jobs that were given up once more.")
@click.pass_obj
def worker(obj: Context, *, retry_failed: bool) -> None:
    """Do waiting jobs until stopped."""
    from config import changes  # noqa: PLC0415  # keeps --help quick

    practice_id = obj.actor.practice_id
    if practice_id is not None:
        if retry_failed:
            count = changes.retry_failed(obj.database, practice_id)
            click.echo(f"{count} given-up jobs wait again")
        elif failed := changes.count_failed(obj.database, practice_id):
            click.echo(f"{failed} jobs were given up; see the log, then worker --retry-failed")
    with obj.background():
        click.echo("doing waiting jobs; stop with Ctrl-C")
        threading.Event().wait()
