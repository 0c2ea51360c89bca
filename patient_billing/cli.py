"""Commands of patient billing: make the statements that are due."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audit.service import reading, writing
from config import clock
from config.money import Money
from gateways.pdf.values import PdfError
from patient_billing import service
from patients.service import get_guarantors

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from config.cli import Context
    from config.tenancy import PracticeSession
    from patient_billing.values.bills import StatementId, StatementRecord
    from patients.values import GuarantorId

_PURPOSE = "payment"


@click.group()
def statements() -> None:
    """Patient statements."""


@statements.command()
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The statements' day; today by default.",
)
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the PDFs of that day's statements into this folder.",
)
@click.pass_obj
def run(context: Context, on: dt.datetime | None, *, is_json: bool, out: Path | None) -> None:
    """Make a statement for everybody who owes and whose payers are all done.

    Running it again the same day makes no second statement.
    """
    context.actor  # noqa: B018  # opens settings and database, and in practice mode sets the clock
    day = on.date() if on is not None else clock.today()
    if day > clock.today():
        raise click.UsageError("--on is a day to come: a bill says what is owed today")
    with reading(context.database, context.actor, purpose=_PURPOSE) as session:
        keys = service.list_guarantors_to_bill(session, on=day)
        accounts = {
            key: guarantor.account_number
            for key, guarantor in get_guarantors(session, keys).items()
        }
    made: list[StatementRecord] = []
    left_out: dict[str, str] = {}
    for key in keys:
        outcome = _make_one(context, key, day)
        if isinstance(outcome, str):
            left_out[accounts[key]] = outcome
        else:
            made.append(outcome)
    files = _write_files(context, day, out) if out is not None else {}
    named = {record.id: accounts[record.guarantor_id] for record in made}
    if is_json:
        click.echo(json.dumps(_to_json(day, made, named, left_out=left_out, files=files), indent=2))
    else:
        _print(day, made, named, left_out=left_out, out=out)
    if any(reason in _FAILURES for reason in left_out.values()):
        raise click.exceptions.Exit(1)


_FAILURES = frozenset({"pdf-glyph", "pdf-template"})
_WORDS = {
    "nothing-owed": "owes nothing",
    "waiting": "waits for a payer",
    "held": "has a visit that two guarantors share, or a line below nil: a person must look",
    "below-minimum": "owes less than is billed",
    "recent": "had a statement in this cycle",
    "no-address": "has no address: add one",
    "pdf-glyph": "a name has a letter that the statement's font lacks",
    "pdf-template": "the statement's page could not be made",
}


def _make_one(context: Context, key: GuarantorId, day: dt.date) -> StatementRecord | str:
    """Make one guarantor's statement in a transaction of its own, or say why there is none."""
    try:
        with writing(context.database, context.actor, purpose=_PURPOSE) as session:
            outcome = service.make_statement(session, context.actor, key, on=day)
    except PdfError as error:
        return error.code
    return outcome.statement or str(outcome.skipped)


def _write_files(context: Context, day: dt.date, out: Path) -> dict[StatementId, str]:
    """Write the day's PDFs; each leaves only when the record of its reading is durable."""
    out.mkdir(parents=True, exist_ok=True)
    files: dict[StatementId, str] = {}
    with reading(context.database, context.actor, purpose=_PURPOSE) as session:
        records = list(_list_day(session, day))
    for record in records:
        with reading(context.database, context.actor, purpose=_PURPOSE) as session:
            pdf = service.read_statement_pdf(session, record.id)
        path = out / f"{record.number}.pdf"
        path.write_bytes(pdf)
        files[record.id] = str(path)
    return files


def _list_day(session: PracticeSession, day: dt.date) -> Iterator[StatementRecord]:
    after = None
    while page := service.list_statements(session, on=day, after=after):
        yield from page
        after = page[-1].id


def _to_json(
    day: dt.date,
    made: list[StatementRecord],
    named: dict[StatementId, str],
    *,
    left_out: dict[str, str],
    files: dict[StatementId, str],
) -> dict[str, object]:
    return {
        "on": day.isoformat(),
        "statements": [
            {
                "number": record.number,
                "account": named[record.id],
                "cents": record.amount.cents,
                "notice": record.notice,
                "due": record.due_on.isoformat(),
                "file": files.get(record.id),
            }
            for record in made
        ],
        "left_out": [
            {"account": account, "reason": reason} for account, reason in left_out.items()
        ],
    }


def _print(
    day: dt.date,
    made: list[StatementRecord],
    named: dict[StatementId, str],
    *,
    left_out: dict[str, str],
    out: Path | None,
) -> None:
    click.echo(f"Statements of {day}")
    for record in made:
        click.echo(
            f"{record.number}  account {named[record.id]}  {record.amount.text:>10}"
            f"  {record.notice}, due {record.due_on}"
        )
    total = Money.total(record.amount for record in made)
    click.echo(f"{len(made)} made, {total} in all" + (f", files in {out}" if out else ""))
    for account, reason in left_out.items():
        click.echo(f"no statement for account {account}: {_WORDS.get(reason, reason)}")
