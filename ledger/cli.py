"""Commands over the book: trial balance, aged receivables, remittance clearing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from audit.service import reading
from config import clock
from config.money import Money
from ledger import service
from ledger.values.accounts import CHART, Account
from ledger.values.balances import BUCKETS, AgingRow, AgingStart
from patients.service import get_guarantors
from patients.values import GuarantorId
from practice.service import list_payers
from practice.values import PayerId

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from config.cli import Context
    from config.tenancy import PracticeSession
    from ledger.values.balances import Aging, ClearingRow, TrialBalance

_PURPOSE = "payment"
_on = click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Count what was posted up to this day; today by default.",
)
_as_json = click.option("--json", "is_json", is_flag=True, help="Print JSON.")


@click.group()
def ledger() -> None:
    """Trial balance, aged receivables and remittance clearing."""


@ledger.command()
@_on
@_as_json
@click.pass_obj
def balance(context: Context, on: dt.datetime | None, *, is_json: bool) -> None:
    """Print the trial balance: debits and credits are equal."""
    day = _day(context, on)
    with reading(context.database, context.actor, purpose=_PURPOSE) as session:
        found = service.get_trial_balance(session, on=day)
        totals = service.get_totals(session, on=day)
    if is_json:
        _print_json(
            {
                "on": day.isoformat(),
                "accounts": [
                    {
                        "account": row.account.value,
                        "name": CHART[row.account].name,
                        "debit": row.debit.cents,
                        "credit": row.credit.cents,
                    }
                    for row in found.rows
                ],
                "debit": found.debit.cents,
                "credit": found.credit.cents,
                "totals": {
                    name: getattr(totals, name).cents
                    for name in ("billed", "paid", "adjusted", "patient", "open")
                },
            }
        )
        return
    click.echo(f"Trial balance on {day}")
    _print_table(("Account", "Debit", "Credit"), _balance_rows(found))
    click.echo(
        f"Billed {totals.billed} = paid {totals.paid} + adjusted {totals.adjusted}"
        f" + patients {totals.patient} + payers {totals.open}"
    )


@ledger.command()
@_on
@click.option(
    "--start",
    type=click.Choice([start.value for start in AgingStart]),
    default=AgingStart.POSTED.value,
    show_default=True,
    help="Age from the first posting (a patient's part: from the day it became theirs), or from "
    "the first of the service month.",
)
@click.option("--guarantors", "is_split", is_flag=True, help="List each guarantor's account.")
@_as_json
@click.pass_obj
def aging(
    context: Context, on: dt.datetime | None, start: str, *, is_split: bool, is_json: bool
) -> None:
    """Print what payers and patients owe by age in days; credits apart."""
    day = _day(context, on)
    with reading(context.database, context.actor, purpose=_PURPOSE) as session:
        found = service.list_aging(session, on=day, start=AgingStart(start))
        names: dict[UUID | None, str] = {payer.id: payer.name for payer in list_payers(session)}
        if is_split:
            names |= _account_numbers(session, found)
    if is_json:
        _print_json(_aging_json(found, names))
        return
    click.echo(f"Receivables on {day}, aged from {_STARTS[AgingStart(start)]}")
    rows = found.rows if is_split else _fold_guarantors(found)
    _print_table(("Who", *BUCKETS, "Open", "Credit"), _aging_rows(found, rows, names))


@ledger.command()
@_on
@_as_json
@click.pass_obj
def clearing(context: Context, on: dt.datetime | None, *, is_json: bool) -> None:
    """Print how each remittance's money was used: received + PLB - posted = left."""
    day = _day(context, on)
    with reading(context.database, context.actor, purpose=_PURPOSE) as session:
        found = service.list_clearing(session, on=day)
        takebacks = service.list_takebacks(session, on=day)
        names = {payer.id: payer.name for payer in list_payers(session)}
    if is_json:
        _print_json(
            {
                "on": day.isoformat(),
                "remittances": [
                    {"remittance_id": str(row.remittance_id)}
                    | {name: getattr(row, name).cents for name in _CLEARING}
                    for row in found
                ],
                "takebacks": [
                    {
                        "payer_id": str(row.payer_id),
                        "control_id": str(row.control_id),
                        "since": row.since.isoformat(),
                        "cents": row.amount.cents,
                    }
                    for row in takebacks
                ],
            }
        )
        return
    click.echo(f"Remittance clearing on {day}")
    _print_table(("Remittance", "Received", "Posted", "PLB", "Left"), _clearing_rows(found))
    for row in takebacks:
        payer = names.get(PayerId(row.payer_id), str(row.payer_id))
        click.echo(f"Open with {payer} since {row.since}: {row.amount}")


_CLEARING = ("received", "posted", "plb", "left")


def _day(context: Context, on: dt.datetime | None) -> dt.date:
    context.actor  # noqa: B018  # opens settings and database, and in practice mode sets the clock
    return on.date() if on is not None else clock.today()


def _balance_rows(found: TrialBalance) -> list[tuple[str, ...]]:
    rows = [(CHART[row.account].name, _blank(row.debit), _blank(row.credit)) for row in found.rows]
    return [*rows, ("Total", found.debit.text, found.credit.text)]


_PATIENTS = "Patients"
_STARTS = {
    AgingStart.POSTED: "the first posting, or the day it became the patient's",
    AgingStart.SERVICE: "the first of the service month",
}


def _account_numbers(session: PracticeSession, found: Aging) -> dict[UUID | None, str]:
    keys = [
        GuarantorId(row.party_id)
        for row in found.rows
        if row.account is Account.PATIENT_AR and row.party_id is not None
    ]
    return {
        key: f"Account {guarantor.account_number}"
        for key, guarantor in get_guarantors(session, keys).items()
    }


def _fold_guarantors(found: Aging) -> tuple[AgingRow, ...]:
    """Add all guarantors up to one row: a summary needs nobody's account."""
    payers = tuple(row for row in found.rows if row.account is Account.INSURANCE_AR)
    patients = [row for row in found.rows if row.account is Account.PATIENT_AR]
    if not patients:
        return payers
    columns = zip(*(row.buckets for row in patients), strict=True)
    together = AgingRow(
        Account.PATIENT_AR,
        None,
        tuple(Money.total(column) for column in columns),
        Money.total(row.open for row in patients),
        Money.total(row.credit for row in patients),
    )
    return (*payers, together)


def _aging_rows(
    found: Aging, shown: Sequence[AgingRow], names: Mapping[UUID | None, str]
) -> list[tuple[str, ...]]:
    rows = [
        (
            names.get(row.party_id, _PATIENTS if row.party_id is None else str(row.party_id)),
            *(_blank(bucket) for bucket in row.buckets),
            row.open.text,
            _blank(row.credit),
        )
        for row in shown
    ]
    total = ("Total", *(b.text for b in found.buckets), found.open.text, found.credit.text)
    return [*rows, total]


def _clearing_rows(found: Sequence[ClearingRow]) -> list[tuple[str, ...]]:
    rows = [
        (str(row.remittance_id), *(getattr(row, name).text for name in _CLEARING)) for row in found
    ]
    sums = (Money.total(getattr(row, name) for row in found).text for name in _CLEARING)
    return [*rows, ("Total", *sums)]


def _aging_json(found: Aging, names: Mapping[UUID | None, str]) -> dict[str, object]:
    return {
        "on": found.on.isoformat(),
        "start": found.start.value,
        "buckets": list(BUCKETS),
        "rows": [
            {
                "account": row.account.value,
                "party_id": str(row.party_id) if row.party_id else None,
                "name": names.get(row.party_id),
                "buckets": [bucket.cents for bucket in row.buckets],
                "open": row.open.cents,
                "credit": row.credit.cents,
            }
            for row in found.rows
        ],
        "open": found.open.cents,
        "credit": found.credit.cents,
    }


def _blank(amount: Money) -> str:
    return amount.text if amount else ""


def _print_json(answer: object) -> None:
    click.echo(json.dumps(answer, indent=2))


def _print_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table: the first column to the left, amounts to the right."""
    lines = [tuple(head), *(tuple(row) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(head))]
    for line in lines:
        cells = [line[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        click.echo("  ".join(cells).rstrip())
