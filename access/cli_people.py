"""Commands about people: `cleanclaim people add|list|reset|deactivate`."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import click
import segno

from access import service
from access.values import Role
from audit.service import reading, writing
from config import clock

if TYPE_CHECKING:
    from access.values import Enrolment
    from config.cli import Context

PURPOSE = "operations"


@click.group()
def people() -> None:
    """Let people sign in, say what they do in the practice, and take it away."""


@people.command("add")
@click.argument("email")
@click.option("--name", default="", help="The person's name, as an auditor reads it.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in Role]),
    help="What the person does; may be given several times. They have exactly these.",
)
@click.pass_obj
def add(context: Context, email: str, name: str, *, roles: tuple[str, ...]) -> None:
    """Let the person with the address EMAIL work in the practice.

    Asks for the first password of somebody new, and shows once what their authenticator app
    needs. Somebody who is known gets the roles; their password and codes stay as they are.
    """
    with reading(context.database, context.actor, purpose=PURPOSE) as session:
        is_known = service.may_sign_in(session, email)
    password = None if is_known else _ask_password()
    newcomer = service.Newcomer(email, name, frozenset(map(Role, roles)), password)
    with writing(context.database, context.actor, purpose=PURPOSE) as session:
        enrolment = service.add_person(session, newcomer, now=clock.true_now(), today=clock.today())
    if enrolment is None:
        click.echo("they keep the password and codes that they have")
        return
    _show(enrolment)


def _ask_password() -> str:
    password: str = click.prompt("First password", hide_input=True, confirmation_prompt=True)
    return password


def _show(enrolment: Enrolment) -> None:
    picture = io.StringIO()
    segno.make(enrolment.totp_uri, error="m").terminal(picture, compact=True)
    click.echo(picture.getvalue())
    click.echo("Scan this with an authenticator app, or type the secret into it:")
    click.echo(f"  {enrolment.totp_secret}")
    click.echo("Recovery codes, each good once; to be kept on paper:")
    for code in enrolment.recovery_codes:
        click.echo(f"  {code}")
    click.echo("None of this is shown again.")


@people.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print the people as JSON.")
@click.pass_obj
def list_(context: Context, *, as_json: bool) -> None:
    """List who works or worked in the practice."""
    with reading(context.database, context.actor, purpose=PURPOSE) as session:
        found = service.list_people(session, today=clock.today())
    if as_json:
        rows = [
            {
                "email": person.email,
                "name": person.name,
                "roles": sorted(person.roles),
                "is_active": person.is_active,
            }
            for person in found
        ]
        click.echo(json.dumps({"people": rows}, indent=2))
        return
    for person in found:
        roles = " ".join(sorted(person.roles)) or "no role"
        click.echo(f"{person.name}  {person.email}  {roles}")


@people.command("reset")
@click.argument("email")
@click.pass_obj
def reset(context: Context, email: str) -> None:
    """Give EMAIL a new password and new codes, where they lost theirs; ends their sessions."""
    password = _ask_password()
    with writing(context.database, context.actor, purpose=PURPOSE) as session:
        enrolment = service.reset_person(
            session, email, password, now=clock.true_now(), today=clock.today()
        )
    _show(enrolment)


@people.command("deactivate")
@click.argument("email")
@click.pass_obj
def deactivate(context: Context, email: str) -> None:
    """Take EMAIL's roles in the practice away and end their sessions, at once."""
    with writing(context.database, context.actor, purpose=PURPOSE) as session:
        gone = service.deactivate_person(session, email, now=clock.true_now(), today=clock.today())
    click.echo(f"{gone.name} no longer works here; their sessions have ended")
