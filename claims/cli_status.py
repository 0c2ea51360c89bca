"""The `claims status` command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from claims.cli_telling import print_json, write_money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from claims.service import FilingAlarm, FilingAlarms, StateCount
    from config.cli import Context

_SHOWN = 20  # alarms told one by one; the count says how many there are


@click.command()
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def status(context: Context, *, is_json: bool) -> None:
    """Count claims by state, with who works them, what is overdue and what must be filed soon."""
    from audit.service import reading  # noqa: PLC0415  # keeps --help quick
    from claims import service  # noqa: PLC0415  # keeps --help quick
    from config import clock  # noqa: PLC0415  # keeps --help quick

    with reading(context.database, context.actor, purpose="payment") as session:
        today = clock.today()  # the settings that set the clock were read for the database
        counts = service.count_by_state(session, today=today)
        overdue = service.list_overdue(session, today=today)
        alarms = service.count_filing_alarms(session, today)
        alarmed = service.list_filing_alarms(session, today, limit=_SHOWN)
    if is_json:
        print_json(
            {
                "on": today.isoformat(),
                "states": [_to_json(each) for each in counts],
                "overdue": [claim.number for claim in overdue],
                "filing_alarm": _alarms_to_json(alarms, alarmed),
            }
        )
        return
    if not counts:
        click.echo("No claims yet. Next: cleanclaim claims build")
        return
    click.echo(f"{'state':<27}{'owner':<15}{'claims':>7}{'overdue':>9}{'charges':>14}")
    for each in counts:
        click.echo(
            f"{each.state:<27}{each.owner_role:<15}{each.count:>7}{each.overdue:>9}"
            f"{write_money(each.total_cents):>14}"
        )
    _tell_alarms(alarms, alarmed)
    for claim in overdue:
        click.echo(
            f"overdue: {claim.number} {claim.state}, {claim.owner_role}, since {claim.next_on}"
        )


def _to_json(counted: StateCount) -> dict[str, Any]:
    return {
        "state": counted.state,
        "owner": counted.owner_role,
        "claims": counted.count,
        "total_cents": counted.total_cents,
        "overdue": counted.overdue,
        "next_on": counted.oldest_on.isoformat() if counted.oldest_on else None,
    }


def _alarms_to_json(alarms: FilingAlarms, alarmed: Sequence[FilingAlarm]) -> dict[str, Any]:
    return {
        "claims": alarms.count,
        "earliest": alarms.earliest.isoformat() if alarms.earliest else None,
        "first": [
            {"claim": each.number, "state": each.state, "file_by": each.file_by.isoformat()}
            for each in alarmed
        ],
    }


def _tell_alarms(alarms: FilingAlarms, alarmed: Sequence[FilingAlarm]) -> None:
    if not alarms.count:
        return
    what = "1 claim" if alarms.count == 1 else f"{alarms.count} claims"
    click.echo(f"filing alarm: {what}, earliest {alarms.earliest}")
    for each in alarmed:
        click.echo(f"file by {each.file_by}: {each.number} {each.state}, {each.owner_role}")
