"""What the claims commands say, and how they end."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from config.finding import Finding

_AT_ONCE: Final = 20  # claims a transaction, so that others can write between


@contextmanager
def saying_what_partners_refuse() -> Iterator[None]:
    """Say in a sentence what kept a partner's folder from us."""
    from gateways.files import FileDropError  # noqa: PLC0415  # keeps --help quick

    try:
        yield
    except FileDropError as error:
        raise click.ClickException(f"{error} ({error.code})\n    to do: {error.fix}") from error


def chunk(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Cut a long list into pieces that fit a short transaction."""
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]


def count(things: Sequence[object], name: str) -> str:
    """Write how many there are: `1 claim`, `2 claims`."""
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"


def write_money(cents: int) -> str:
    """Write cents as dollars."""
    from config.money import Money  # noqa: PLC0415  # keeps --help quick

    return f"${Money(cents).text}"


def to_json(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """Turn findings into what programs read."""
    return [
        {"level": f.level, "code": f.code, "where": f.where, "message": f.message, "fix": f.fix}
        for f in findings
    ]


def print_json(document: dict[str, Any]) -> None:
    """Print a document for programs."""
    click.echo(json.dumps(document, indent=2))


def end(findings: Sequence[Finding], *, is_wrong: bool = False) -> None:
    """Print findings to standard error and exit 1 where something is wrong."""
    from config.cli import print_findings  # noqa: PLC0415  # keeps --help quick
    from config.finding import has_errors  # noqa: PLC0415  # keeps --help quick

    print_findings(findings)
    if is_wrong or has_errors(findings):
        raise click.exceptions.Exit(1)
