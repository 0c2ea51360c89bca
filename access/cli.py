"""Commands about API clients: `cleanclaim clients add|list|deactivate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from access import service
from access.values import TOKEN_PATH
from audit.service import reading, writing
from config import clock

if TYPE_CHECKING:
    from access.values import ApiClient
    from config.cli import Context

JWKS_BYTES_MAX = 64 * 1024
PURPOSE = "operations"


@click.group()
def clients() -> None:
    """Register programs that may call the API, and take their rights away."""


@clients.command("add")
@click.argument("name")
@click.option(
    "--jwks",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The client's public keys, a JSON Web Key Set.",
)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    help="What it may ask for, such as system/Patient.c; may be given several times.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the client as JSON.")
@click.pass_obj
def add(context: Context, name: str, jwks: Path, *, scopes: tuple[str, ...], as_json: bool) -> None:
    """Register the client NAME, who proves itself by the private half of its keys."""
    with jwks.open("rb") as file:
        keys = file.read(JWKS_BYTES_MAX + 1)
    if len(keys) > JWKS_BYTES_MAX:
        raise click.UsageError(f"the key set has more than {JWKS_BYTES_MAX} bytes")
    with writing(context.database, context.actor, purpose=PURPOSE) as session:
        client = service.add_client(
            session,
            name,
            jwks=keys,
            now=clock.now(),
            scopes=scopes or service.DEFAULT_SCOPES,
        )
    _print(context, client, as_json=as_json)


@clients.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print the clients as JSON.")
@click.pass_obj
def list_(context: Context, *, as_json: bool) -> None:
    """List the practice's clients."""
    with reading(context.database, context.actor, purpose=PURPOSE) as session:
        found = service.list_clients(session)
    if as_json:
        click.echo(json.dumps({"clients": [_as_json(client) for client in found]}, indent=2))
        return
    for client in found:
        state = "active" if client.is_active else "deactivated"
        click.echo(f"{client.name}  {client.client_id}  {state}  {' '.join(client.scopes)}")


@clients.command("deactivate")
@click.argument("client")
@click.pass_obj
def deactivate(context: Context, client: str) -> None:
    """Take all rights from CLIENT (its name or client_id), at once."""
    with writing(context.database, context.actor, purpose=PURPOSE) as session:
        gone = service.deactivate_client(session, client, now=clock.now())
    click.echo(f"{gone.name} is deactivated; its tokens no longer work")


def _as_json(client: ApiClient) -> dict[str, Any]:
    return {
        "name": client.name,
        "client_id": client.client_id,
        "scopes": list(client.scopes),
        "is_active": client.is_active,
    }


def _print(context: Context, client: ApiClient, *, as_json: bool) -> None:
    token_url = context.settings.public_url.rstrip("/") + TOKEN_PATH
    if as_json:
        click.echo(json.dumps({**_as_json(client), "token_url": token_url}, indent=2))
        return
    click.echo(f"client_id: {client.client_id}")
    click.echo(f"token_url: {token_url}")
    click.echo(f"scopes:    {' '.join(client.scopes)}")
