"""Running the demo: a clean folder, the day, the table, and, if wanted, the practice served."""

from __future__ import annotations

import shutil
from dataclasses import replace
from textwrap import indent
from typing import TYPE_CHECKING, Final

import click

from access import service as access
from audit import service as audit
from config import clock, log
from config.key_files import make_key_files
from config.settings import Settings
from office.demo import report
from office.demo.day import live_the_day, seal_log
from office.demo.ehr import KEY_FILE
from office.demo.room import DAY, FOLDERS, DayRoom, at_hour
from office.demo.seeding import DEMO_PRACTICE
from office.demo.sending import register_ehr
from office.demo.staffing import SHEET, staff_practice
from practice import service as practice

if TYPE_CHECKING:
    from pathlib import Path

    from config.cli import Context
    from config.tenancy import Database

_MARK: Final = ".cleanclaim-demo"


def run_demo(obj: Context, *, seed: int, port: int, is_serving: bool) -> int:
    """Live the day, and serve it where asked for; return the exit status."""
    settings = Settings.from_env(home="var/demo", keys="var/demo-keys")
    log.set_up("WARNING")
    is_done = (settings.home / "summary.json").exists()
    status = 0
    if not (is_serving and is_done):
        status = _live(obj, settings, seed)
    if is_serving and status == 0:
        _serve(obj, settings, port)
    return status


def _live(obj: Context, settings: Settings, seed: int) -> int:
    clear(settings)
    make_key_files(settings.keys)
    audit.make_signing_key(settings.keys)
    obj.roof.upgrade_database(settings)
    database = obj.roof.open_database(settings)
    try:
        with clock.frozen_at(at_hour(12)):
            actor = practice.open_practice(
                database, DEMO_PRACTICE, os_user=access.current_os_user()
            )
        room = DayRoom(
            settings=settings,
            database=database,
            actor=actor,
            seed=seed,
            say=click.echo,
            run_jobs=obj.roof.run_jobs,
            make_app=obj.roof.make_app,
            errands=obj.roof.lend_errands(),
        )
        outcome = live_the_day(room)
        seal_log(room)
        figures = report.read_figures(room)
        report.write_summary(room, outcome, figures)
        report.print_table(room, outcome, figures)
    finally:
        database.dispose()
    click.echo(f"\n  {outcome.seconds:.0f} seconds; the files lie in {settings.home}")
    for folder in FOLDERS:
        click.echo(f"    {folder:<12}{len(list((settings.home / folder).glob('*'))):>4} files")
    click.echo("  look further: make run; README.md says how to ask the command about it")
    return 1 if report.find_gaps(figures) else 0


def clear(settings: Settings) -> None:
    """Take away an earlier demo; anything else that lies there stays and stops the run.

    Both folders are looked at before either is touched: without its keys an installation's data
    can never be read again.

    Raises:
        click.ClickException: A folder holds something that no demo made, or patients are real.
    """
    if settings.mode != "practice":
        raise click.ClickException("the demo is only for CLEANCLAIM_MODE=practice")
    folders = {"CLEANCLAIM_HOME": settings.home, "CLEANCLAIM_KEYS": settings.keys}
    for name, folder in folders.items():
        if not _is_replaceable(folder):
            raise click.ClickException(
                f"{folder} holds something that is no demo's; name another {name}"
            )
    for folder in folders.values():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        (folder / _MARK).touch()


def _is_replaceable(folder: Path) -> bool:
    """Say whether a folder is new, empty, or an earlier demo's, by its mark or its EHR's key."""
    if not folder.exists() or not any(folder.iterdir()):
        return True
    return (folder / _MARK).exists() or (folder / KEY_FILE).exists()


def _serve(obj: Context, settings: Settings, port: int) -> None:
    url = f"http://localhost:{port}"
    settings = replace(settings, public_url=url, date=DAY)
    database: Database = obj.roof.open_database(settings)
    clock.start_on(DAY)
    actor = access.find_service_actor(database, access.current_os_user(), DEMO_PRACTICE.name)
    room = DayRoom(
        settings=settings,
        database=database,
        actor=actor,
        seed=1,
        say=click.echo,
        run_jobs=obj.roof.run_jobs,
        make_app=obj.roof.make_app,
        errands=obj.roof.lend_errands(),
    )
    ehr = register_ehr(room, url)
    staff = staff_practice(room)
    database.dispose()
    click.echo(
        f"""
  Cleanclaim serves the demo practice at {url}

    FHIR R4      {url}/fhir/R4   (metadata: {url}/fhir/R4/metadata)
    health       {url}/healthz
    API client   {ehr.client_id}
    its key      {settings.keys / KEY_FILE}   (ES384; sign a JWT with it)
    token        {url}/oauth/token   (client_credentials, private_key_jwt, scope system/*.cru)

  Sign in at {url}/sign-in (kept in {settings.keys / SHEET})

{indent(staff, "    ")}
  Stop with Ctrl-C."""
    )
    obj.roof.serve(settings, host="127.0.0.1", port=port)
