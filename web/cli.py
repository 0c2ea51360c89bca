"""The `cleanclaim` command: its groups load when they are called, so that `--help` is quick."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from config.cli import Context
from web import policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from config.actor import Actor
    from config.settings import Settings
    from config.tenancy import Database
    from office.demo.room import Errands

# Name of a command or group -> where it is, and what its line in `--help` says.
PLACES: Final = {
    "audit": ("audit.cli:audit", "Verify and export the record of every touch of data"),
    "claims": ("claims.cli:claims", "Build, check, batch, send and follow claims"),
    "clients": ("access.cli:clients", "Register API clients"),
    "codes": ("coding.cli:codes", "Load code sets, search them, suggest from a note"),
    "db": ("web.cli_installation:db", "Make or upgrade the database"),
    "demo": ("office.cli:demo", "A day at a practice, from EHR messages to statements"),
    "edi": ("claims.cli_edi:edi", "Check and show X12 files; needs no installation"),
    "import": ("web.cli_installation:import_", "Import the practice's and patients' data from CSV"),
    "intake": ("encounters.cli:intake", "Take messages in, list and replay them"),
    "keys": ("audit.cli:keys", "Make the installation's keys"),
    "ledger": ("ledger.cli:ledger", "Trial balance, aging, remittance clearing"),
    "mllp": ("encounters.cli:mllp", "Listen for HL7 v2 messages"),
    "people": ("access.cli_people:people", "Let people sign in, and take it away"),
    "remit": ("claims.cli_remit:remit", "Post remittances"),
    "serve": ("web.cli_installation:serve", "Serve pages and interfaces"),
    "simulate": ("office.cli:simulate", "Let the built-in payer answer"),
    "statements": ("patient_billing.cli:statements", "Make patient statements"),
    "worker": ("web.cli_installation:worker", "Do waiting jobs until stopped"),
}


class Commands(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Name the commands."""
        return sorted(PLACES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        """Import a command."""
        if cmd_name not in PLACES:
            return None
        module, _, attribute = PLACES[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click's signature
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, PLACES[name][1]) for name in sorted(PLACES)])


@click.group(cls=Commands)
@click.option("--practice", help="The practice to act in, where there are several.")
@click.pass_context
def cli(context: click.Context, practice: str | None) -> None:
    """Cleanclaim: from the visit to the last cent."""
    context.obj.practice = practice


def main() -> None:
    """Run the command line; say what is wrong in a sentence, and with the right exit status."""
    os.umask(0o077)  # what a command writes is its own account's: databases, files for partners
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit status.

    Returns:
        0 done, 1 refused or something did not hold, 2 usage or unreadable input, 70 a fault of
        ours.
    """
    try:
        obj = Context(WebRoof())
        with cli.make_context("cleanclaim", list(arguments), obj=obj) as context:
            try:
                _admit(context, arguments)
                cli.invoke(context)
            finally:
                _finish(obj)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except KeyboardInterrupt:
        return 0
    except Exception as error:  # noqa: BLE001  # told apart in the next function
        return _explain(error)
    return 0


def _explain(error: Exception) -> int:
    """Say what a known error means; of a bug its kind and place: its text may hold PHI."""
    from access.service import AccessError  # noqa: PLC0415  # keeps --help quick
    from config.cli import print_findings  # noqa: PLC0415  # keeps --help quick
    from config.finding import MissingError, RefusedError  # noqa: PLC0415  # keeps --help quick
    from config.key_files import KeyFileError  # noqa: PLC0415  # keeps --help quick
    from config.settings import SettingsError  # noqa: PLC0415  # keeps --help quick

    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if isinstance(error, RefusedError):
        print_findings(error.findings)
        return 1
    if isinstance(error, (MissingError, AccessError, click.Abort)):
        click.echo(str(error) or "stopped", err=True)
        return 1
    if isinstance(error, (SettingsError, KeyFileError)):
        click.echo(str(error), err=True)
        return 2
    if _lacks_schema(error):
        click.echo(
            "the database has no schema of this version; run: cleanclaim db upgrade", err=True
        )
        return 2
    if isinstance(error, policy.PolicyError):
        raise error
    _print_place(error)
    return 70


def _print_place(error: Exception) -> None:
    """Print a bug's kind and the lines it passed, without its own text."""
    click.echo(f"a fault of ours: {type(error).__name__}", err=True)
    for frame in traceback.extract_tb(error.__traceback__):
        click.echo(f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}", err=True)


def _lacks_schema(error: Exception) -> bool:
    """Say whether a table is missing, by the engines' own words for that."""
    from sqlalchemy.exc import OperationalError, ProgrammingError  # noqa: PLC0415  # keeps --help quick

    return isinstance(error, (OperationalError, ProgrammingError)) and any(
        words in str(error.orig) for words in ("no such table", "does not exist", "unable to open")
    )


def _admit(context: click.Context, arguments: list[str]) -> None:
    """Let a command run only by its line in the policy table."""
    given = list(arguments)
    if "--practice" in given:
        place = given.index("--practice")
        del given[place : place + 2]
    words = [word for word in given if not word.startswith("-")]
    if not words:
        return
    command: click.Command | None = cli.get_command(context, words[0])
    path = words[0]
    if isinstance(command, click.Group):
        if len(words) < 2 or command.get_command(context, words[1]) is None:
            return  # click says what is wrong
        path = f"{words[0]} {words[1]}"
    if command is not None:
        policy.rule_of_command(path)


def _rule_of_running() -> policy.Rule:
    """Return the rule of the command that click runs, by click's own word for it.

    The arguments as they were typed don't tell it for certain: an option's value may look like
    a command or like `--help`.

    Raises:
        PolicyError: No command of ours runs.
    """
    names: list[str] = []
    context = click.get_current_context(silent=True)
    while context is not None and context.parent is not None:
        names.insert(0, context.info_name or "")
        context = context.parent
    return policy.rule_of_command(" ".join(names))


class WebRoof:
    """What only the roof can do, for the commands below it."""

    def open_settings(self) -> Settings:
        """Read and check the settings."""
        from config import log  # noqa: PLC0415  # keeps --help quick
        from config.settings import Settings  # noqa: PLC0415  # keeps --help quick

        settings = Settings.from_env()
        log.set_up(settings.log_level)
        return settings

    def open_database(self, settings: Settings) -> Database:
        """Open the database with its keyring."""
        from config.keyring import Keyring  # noqa: PLC0415  # keeps --help quick
        from config.tenancy import Database  # noqa: PLC0415  # keeps --help quick
        from web.wiring import load_metadata  # noqa: PLC0415  # keeps --help quick

        load_metadata()
        keyring = Keyring.load(settings.keys, home=settings.home)
        return Database(settings.database, keyring=keyring, system_url=settings.database_system)

    def upgrade_database(self, settings: Settings) -> None:
        """Bring the schema to this version."""
        from web.upgrading import upgrade_database  # noqa: PLC0415  # keeps --help quick

        upgrade_database(settings)

    def find_actor(self, database: Database, practice: str | None) -> Actor:
        """Return the account of the operating system's user, if it may run the command."""
        from access import service  # noqa: PLC0415  # keeps --help quick

        actor = service.find_service_actor(database, service.current_os_user(), practice)
        permission = _rule_of_running().permission
        if permission is not None and not actor.may(permission):
            raise click.ClickException(f"the account {actor.name} may not do that")
        return actor

    def run_jobs(self, database: Database, settings: Settings) -> tuple[int, int]:
        """Do the waiting jobs now."""
        from config.changes import drain  # noqa: PLC0415  # keeps --help quick
        from web.wiring import load_handlers  # noqa: PLC0415  # keeps --help quick

        return drain(database, load_handlers(database, settings))

    @contextlib.contextmanager
    def background(self, database: Database, settings: Settings) -> Iterator[None]:
        """Do jobs and seal the audit log beside a command that stays."""
        from audit import service as audit  # noqa: PLC0415  # keeps --help quick
        from web.background import (  # noqa: PLC0415  # keeps --help quick
            JobThread,
            interrupted_by_sigterm,
        )

        integrator = audit.IntegratorThread(database, audit.load_signing_key(settings.keys))
        jobs = JobThread(database, settings)
        integrator.start()
        jobs.start()
        try:
            with interrupted_by_sigterm():
                yield
        finally:
            jobs.stop()
            integrator.stop()

    def make_app(self, settings: Settings, database: Database) -> Flask:
        """Put the web application together."""
        from web.app import create_app  # noqa: PLC0415  # keeps --help quick

        return create_app(settings, database=database)

    def lend_errands(self) -> Errands:
        """Lend the jobs of the packages below to a day that does them in order."""
        from web.wiring import load_errands  # noqa: PLC0415  # keeps --help quick

        return load_errands()

    def serve(self, settings: Settings, *, host: str, port: int) -> None:
        """Serve until the process is told to stop."""
        from web.serving import serve_application  # noqa: PLC0415  # keeps --help quick

        serve_application(settings, host=host, port=port)


def _finish(obj: Context) -> None:
    """Do the jobs that the command's own changes made, and seal the audit log."""
    if not obj.has_database:
        return
    from audit import service as audit  # noqa: PLC0415  # keeps --help quick

    obj.roof.run_jobs(obj.database, obj.settings)
    audit.integrate(obj.database, audit.load_signing_key(obj.settings.keys))
    obj.database.dispose()
