"""The `claims void` command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from claims.cli_telling import print_json

if TYPE_CHECKING:
    from config.cli import Context


@click.command()
@click.argument("number", metavar="CLAIM")
@click.option("--note", required=True, help="Why the claim is void; it stands on its timeline.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def void(context: Context, number: str, note: str, *, is_json: bool) -> None:
    """Void a claim that no payer has, and take its charges back; `claims build` builds it again.

    Exits 1 where the claim is under way, was decided, or money stands on it.
    """
    from audit.service import writing  # noqa: PLC0415  # keeps --help quick
    from claims import service  # noqa: PLC0415  # keeps --help quick
    from config import clock  # noqa: PLC0415  # keeps --help quick
    from config.finding import MissingError  # noqa: PLC0415  # keeps --help quick

    with writing(context.database, context.actor, purpose="payment") as session:
        claim = service.find_claim_by_number(session, number.strip().upper())
        if claim is None:
            raise MissingError(f"no claim has the number {number}")
        service.void_claim(session, context.actor, claim.id, note, at=clock.now())
    if is_json:
        print_json({"claim": claim.number, "state": "voided"})
        return
    click.echo(f"{claim.number} voided, its charges taken back. Next: cleanclaim claims build")
