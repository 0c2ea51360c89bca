"""The `remit` commands: posting what payers paid."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from claims.service.remittances import RemittanceSummary
    from config.cli import Context


@click.group()
def remit() -> None:
    """Post what payers paid."""


@remit.command()
@click.option(
    "--again", "is_again", is_flag=True, help="Try the quarantined claims once more, too."
)
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def post(context: Context, *, is_again: bool, is_json: bool) -> None:
    """Post every remittance that waits, or whose posting was cut short.

    Exit status 1 if a check is held or what was posted doesn't tie.
    """
    from audit.service import reading  # noqa: PLC0415  # keeps --help quick
    from claims.jobs.posting import (  # noqa: PLC0415  # keeps --help quick
        post_remittances,
        retry_quarantined,
    )
    from claims.service.remittances import (  # noqa: PLC0415  # keeps --help quick
        list_held_ids,
        list_remittances,
    )
    from config import clock  # noqa: PLC0415  # keeps --help quick

    database, actor = context.database, context.actor
    reports = post_remittances(database, actor, at=clock.now())
    if is_again:
        reports += retry_quarantined(database, actor, at=clock.now())
    posted = {report.remittance_id for report in reports}
    with reading(database, actor, purpose="payment") as session:
        found = list_remittances(session, [*posted, *list_held_ids(session)])
    if is_json:
        click.echo(json.dumps({"remittances": [_to_json(each) for each in found]}, indent=2))
    else:
        for line in _describe(found):
            click.echo(line)
    if any(summary.state == "held" or not summary.ties for summary in found):
        raise click.exceptions.Exit(1)


def _describe(found: list[RemittanceSummary]) -> Iterator[str]:
    if not found:
        yield "no remittance waits"
        return
    for each in found:
        if each.state == "held":
            yield f"{each.trace}  {each.payer_name}: held, nothing posted (BPR02 {each.bpr02})"
            for finding in each.findings:
                yield f"    {finding.where}: {finding.message} ({finding.code})"
                yield f"    to do: {finding.fix}"
            continue
        yield (
            f"{each.trace}  {each.payer_name}: BPR02 {each.bpr02}, posted {each.posted},"
            f" quarantined {each.quarantined}, PLB {each.plb}"
        )
        for reason, count in sorted(each.waiting.items()):
            yield f"    {count} quarantined: {_explain(reason)}"
    yield _describe_totals([each for each in found if each.state == "posted"])


def _describe_totals(found: list[RemittanceSummary]) -> str:
    from config.money import Money  # noqa: PLC0415  # keeps --help quick

    bpr02, clp04, posted, waiting, plb = (
        Money.total(getattr(each, name) for each in found)
        for name in ("bpr02", "clp04", "posted", "quarantined", "plb")
    )
    verdict = "ties" if all(each.ties for each in found) else "DOES NOT TIE"
    return (
        f"BPR02 {bpr02} = posted {posted} + quarantined {waiting} - PLB {plb};"
        f" CLP04 {clp04} = posted + quarantined: {verdict}"
    )


def _explain(reason: str) -> str:
    from claims.service.posting import explain_hold  # noqa: PLC0415  # keeps --help quick

    finding = explain_hold(reason)
    return f"{finding.message} ({finding.code}). {finding.fix}"


def _to_json(each: RemittanceSummary) -> dict[str, object]:
    return {
        "trace": each.trace,
        "payer": each.payer_name,
        "state": each.state,
        "bpr02": each.bpr02.cents,
        "clp04": each.clp04.cents,
        "plb": each.plb.cents,
        "posted": each.posted.cents,
        "quarantined": each.quarantined.cents,
        "waiting": each.waiting,
        "ties": each.ties,
        "findings": [
            {"code": f.code, "where": f.where, "message": f.message, "fix": f.fix}
            for f in each.findings
        ],
    }
