"""The `claims` commands: build, scrub, batch, send, receive, status, show and void.

Each does one step for everything that waits for it and says what comes next. Exit 1 means that
something was held, refused or is not right, and standard error says what and what to do about it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from claims.cli_status import status
from claims.cli_telling import (
    chunk,
    count,
    end,
    print_json,
    saying_what_partners_refuse,
    to_json,
    write_money,
)
from claims.cli_void import void

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from claims.service.scrubbing import ScrubResult
    from claims.values import ClaimId
    from config.cli import Context
    from config.finding import Finding
    from encounters.values import VisitId

_PURPOSE = "payment"
_as_json = click.option("--json", "is_json", is_flag=True, help="Print JSON.")


@click.group()
def claims() -> None:
    """Claims: build them from coded visits, check, batch and send them, and follow them."""


claims.add_command(status)
claims.add_command(void)


@claims.command()
@click.option("--visit", "visits", multiple=True, metavar="NUMBER", help="Only this visit.")
@_as_json
@click.pass_obj
def build(context: Context, visits: Sequence[str], *, is_json: bool) -> None:
    """Build the claims of signed visits from what no claim carries yet.

    Exits 1 where a named visit can't be built.
    """
    from audit.service import writing  # noqa: PLC0415  # keeps --help quick
    from claims import service  # noqa: PLC0415  # keeps --help quick
    from config import clock  # noqa: PLC0415  # keeps --help quick

    database, actor = context.database, context.actor
    made: list[ClaimId] = []
    self_pay = 0
    findings: list[Finding] = []
    for part in chunk(_find_visits(context, visits)):
        with writing(database, actor, purpose=_PURPOSE) as session:
            built = service.build_claims(session, actor, part, at=clock.now())
        made += built.claims
        self_pay += len(built.self_pay)
        findings += built.findings
    if is_json:
        print_json(
            {
                "claims": _numbers(context, made),
                "self_pay": self_pay,
                "findings": to_json(findings),
            }
        )
    else:
        click.echo(
            f"{count(made, 'claim')} built; {self_pay} visits charged to the guarantor."
            + (" Next: cleanclaim claims scrub" if made else "")
        )
    end(findings)


def _find_visits(context: Context, numbers: Sequence[str]) -> list[VisitId]:
    """Return the signed visits with something unclaimed, or those with these numbers."""
    from audit.service import reading  # noqa: PLC0415  # keeps --help quick
    from claims import service  # noqa: PLC0415  # keeps --help quick
    from coding import service as coding  # noqa: PLC0415  # keeps --help quick
    from encounters import service as encounters  # noqa: PLC0415  # keeps --help quick

    found: list[VisitId] = []
    after = None
    with reading(context.database, context.actor, purpose=_PURPOSE) as session:
        while part := coding.list_signed_visit_ids(session, after=after, limit=500):
            found += service.list_visits_to_build(session, part)
            after = part[-1]
        if numbers:
            named = encounters.get_visits(session, found)
            wanted = {number.upper() for number in numbers}
            found = [key for key in found if named[key].number in wanted]
            missing = wanted - {named[key].number for key in found}
            if missing:
                raise click.ClickException(
                    f"not signed, built before, or not there: {', '.join(sorted(missing))}"
                )
    return found


@claims.command()
@click.argument("numbers", nargs=-1, metavar="[CLAIM]...")
@click.option("--override", metavar="CODE", help="Let this warning pass; needs --note.")
@click.option("--note", default="", help="Why the claim is right as it stands.")
@_as_json
@click.pass_obj
def scrub(
    context: Context, numbers: Sequence[str], override: str | None, note: str, *, is_json: bool
) -> None:
    """Check claims before they may be sent; held ones are rebuilt from what is known now.

    With claim numbers, rejected ones go through it too. Exits 1 if any claim is held.
    """
    from audit.service import writing  # noqa: PLC0415  # keeps --help quick
    from claims import service  # noqa: PLC0415  # keeps --help quick
    from config import clock  # noqa: PLC0415  # keeps --help quick

    if override is not None and (len(numbers) != 1 or not note.strip()):
        raise click.UsageError("--override goes with one claim and a --note.")
    keys = _find_claims(context, numbers)
    if override is not None:
        with writing(context.database, context.actor, purpose=_PURPOSE) as session:
            service.override_finding(
                session, context.actor, keys[0], override, note, at=clock.now()
            )
    results, findings = _scrub(context, keys)
    held = [result for result in results if result.stops]
    if is_json:
        print_json(
            {
                "claims": [
                    {
                        "claim": result.number,
                        "state": result.state,
                        "findings": to_json(result.findings),
                    }
                    for result in results
                ],
                "findings": to_json(findings),
            }
        )
    else:
        _tell_scrubbed(results, held)
    end(findings, is_wrong=bool(held))


def _find_claims(context: Context, numbers: Sequence[str]) -> list[ClaimId]:
    """Return the claims of these numbers, or all that were not sent yet."""
    from audit.service import reading  # noqa: PLC0415  # keeps --help quick
    from claims import service  # noqa: PLC0415  # keeps --help quick
    from claims.values import ClaimState  # noqa: PLC0415  # keeps --help quick
    from config.finding import MissingError  # noqa: PLC0415  # keeps --help quick

    found: list[ClaimId] = []
    with reading(context.database, context.actor, purpose=_PURPOSE) as session:
        for number in numbers:
            claim = service.find_claim_by_number(session, number.upper())
            if claim is None:
                raise MissingError(f"no claim has the number {number}")
            found.append(claim.id)
        if numbers:
            return found
        states = (ClaimState.BUILT, ClaimState.HELD, ClaimState.READY)
        after = None
        while part := service.list_claim_ids(session, states, after=after):
            found += part
            after = part[-1]
    return found


def _scrub(context: Context, keys: Sequence[ClaimId]) -> tuple[list[ScrubResult], list[Finding]]:
    """Rebuild claims from what is known now and scrub them, a few in a transaction."""
    from audit.service import writing  # noqa: PLC0415  # keeps --help quick
    from claims import service  # noqa: PLC0415  # keeps --help quick
    from config import clock  # noqa: PLC0415  # keeps --help quick

    results: list[ScrubResult] = []
    findings: list[Finding] = []
    for part in chunk(keys):
        with writing(context.database, context.actor, purpose=_PURPOSE) as session:
            findings += service.rebuild_claims(
                session, context.actor, part, at=clock.now()
            ).findings
            results += service.scrub_claims(
                session, context.actor, part, folder=_codes(context), at=clock.now()
            )
    return results, findings


def _tell_scrubbed(results: Sequence[ScrubResult], held: Sequence[ScrubResult]) -> None:
    for result in results:
        for finding in result.findings:
            click.echo(
                f"{result.number} {finding.level} {finding.where}: {finding.message}"
                f" ({finding.code})\n    to do: {finding.fix}"
            )
    ready = len(results) - len(held)
    click.echo(f"{len(results)} claims checked: {ready} ready, {len(held)} held.")
    if ready:
        click.echo("Next: cleanclaim claims batch")
    if held:
        click.echo("Held claims: mend what they name, then scrub again.")


@claims.command()
@_as_json
@click.pass_obj
def batch(context: Context, *, is_json: bool) -> None:
    """Write ready claims into one 837P file a trading partner; what no longer passes is held.

    Exits 1 if a claim that was ready is held now.
    """
    from audit.service import reading, writing  # noqa: PLC0415  # keeps --help quick
    from claims import service  # noqa: PLC0415  # keeps --help quick
    from claims.values import ClaimState  # noqa: PLC0415  # keeps --help quick
    from config import clock  # noqa: PLC0415  # keeps --help quick
    from practice import service as practice  # noqa: PLC0415  # keeps --help quick

    with reading(context.database, context.actor, purpose=_PURPOSE) as session:
        partners = practice.list_partners(session)
        ready = service.list_claim_ids(session, [ClaimState.READY], limit=10_000)
    results, findings = _scrub(context, ready)
    held = [result for result in results if result.stops]
    made: list[dict[str, Any]] = []
    for partner in sorted(partners, key=lambda each: each.code):
        while True:
            with writing(context.database, context.actor, purpose=_PURPOSE) as session:
                key = service.batch_claims(session, context.actor, partner.id, at=clock.now())
                if key is None:
                    break
                found = service.get_batch(session, key)
            made.append({"file": found.file_name, "claims": found.claims,
                         "total_cents": found.total.cents, "partner": partner.code})  # fmt: skip
    if is_json:
        print_json({"batches": made, "held": [result.number for result in held]})
    else:
        for each in made:
            click.echo(
                f"{each['file']}: {each['claims']} claims, {write_money(each['total_cents'])}"
            )
        click.echo("Next: cleanclaim claims send" if made else "No claim is ready.")
    stops = [finding for result in held for finding in result.stops]
    end([*findings, *stops], is_wrong=bool(held))


@claims.command()
@_as_json
@click.pass_obj
def send(context: Context, *, is_json: bool) -> None:
    """Upload the files that were batched; a file that is there already isn't sent twice.

    Exits 1 if a partner can't be reached or holds another file under the name.
    """
    from claims.jobs.sending import send_batches  # noqa: PLC0415  # keeps --help quick
    from config import clock  # noqa: PLC0415  # keeps --help quick

    with saying_what_partners_refuse():
        sent = send_batches(
            context.database, context.actor, keys=context.settings.keys, at=clock.now()
        )
    if is_json:
        print_json({"sent": sent})
        return
    for name in sent:
        click.echo(f"sent {name}")
    click.echo("Next: cleanclaim claims receive" if sent else "Nothing waits to be sent.")


@claims.command()
@_as_json
@click.pass_obj
def receive(context: Context, *, is_json: bool) -> None:
    """Read the partners' answers: TA1, 999 and 277CA move claims, an 835 waits for `remit post`.

    Exits 1 if a file was held.
    """
    from claims.jobs.receiving import receive_files  # noqa: PLC0415  # keeps --help quick
    from config import clock  # noqa: PLC0415  # keeps --help quick
    from config.finding import has_errors  # noqa: PLC0415  # keeps --help quick

    with saying_what_partners_refuse():
        report = receive_files(
            context.database, context.actor, keys=context.settings.keys, at=clock.now()
        )
    if is_json:
        print_json(
            {
                "files": dict(sorted(report.kinds.items())),
                "repeats": report.repeats,
                "findings": to_json(report.findings),
            }
        )
    else:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(report.kinds.items()))
        click.echo(f"{kinds or 'no new files'}; {report.repeats} seen before.")
        if report.kinds.get("835"):
            click.echo("Next: cleanclaim remit post")
        elif report.kinds:
            click.echo("Next: cleanclaim claims status")
    end(report.findings, is_wrong=has_errors(report.findings))


@claims.command()
@click.argument("number", metavar="CLAIM")
@click.option("--provenance", is_flag=True, help="Name the source of each element of the 837.")
@_as_json
@click.pass_obj
def show(context: Context, number: str, *, provenance: bool, is_json: bool) -> None:
    """Show a claim: where it stands, its lines, what is wrong with it and what happened."""
    from audit.service import reading  # noqa: PLC0415  # keeps --help quick
    from claims import pages, service  # noqa: PLC0415  # keeps --help quick
    from config import clock  # noqa: PLC0415  # keeps --help quick

    with reading(context.database, context.actor, purpose=_PURPOSE) as session:
        shown = service.show_claim(session, number)
        traced = (
            service.trace_claim(session, shown.claim.id, at=clock.now()) if provenance else None
        )
    if is_json:
        print_json(pages.to_json(shown, traced))
        return
    for line in pages.to_lines(shown, traced):
        click.echo(line)


def _codes(context: Context) -> Path:
    return context.settings.home / "codes"


def _numbers(context: Context, keys: Sequence[ClaimId]) -> list[str]:
    from audit.service import reading  # noqa: PLC0415  # keeps --help quick
    from claims import service  # noqa: PLC0415  # keeps --help quick

    with reading(context.database, context.actor, purpose=_PURPOSE) as session:
        found = service.get_claims(session, keys)
    return [found[key].number for key in keys]
