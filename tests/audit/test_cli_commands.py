from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from audit import cli
from audit.service import SIGNING_FILE, integrate, load_signing_key, note, writing
from config.key_files import INDEX_FILE, ROOT_FILE
from config.settings import Settings
from tests.factories.cli import make_context

if TYPE_CHECKING:
    from pathlib import Path

    import click
    from click.testing import Result

    from config.actor import Actor
    from config.cli import Context
    from config.tenancy import Database


@pytest.fixture
def context(
    database: Database, database_urls: tuple[str, str], actor: Actor, tmp_path: Path
) -> Context:
    url = database_urls[0]
    settings = Settings(tmp_path / "home", tmp_path / "keys", url, url, url)
    return make_context(settings, database, actor)


def run(context: Context | None, command: click.Command, *arguments: object) -> Result:
    return CliRunner().invoke(command, [str(a) for a in arguments], obj=context)


def test_keys_are_made_once_and_never_overwritten(context: Context) -> None:
    made = run(context, cli.keys, "make")
    assert made.exit_code == 0
    folder = context.settings.keys
    assert {p.name for p in folder.iterdir()} == {
        ROOT_FILE,
        INDEX_FILE,
        SIGNING_FILE,
        "audit-public.key",
    }
    assert "Keep a copy" in made.output
    assert load_signing_key(folder).to_text() not in made.output
    before = {p: p.read_bytes() for p in folder.iterdir()}
    again = run(context, cli.keys, "make")
    assert again.exit_code == 1
    assert "not overwritten" in again.output
    assert before == {p: p.read_bytes() for p in folder.iterdir()}


def test_a_bundle_is_exported_and_verified_with_nothing_but_the_file_and_the_key(
    context: Context, actor: Actor, tmp_path: Path
) -> None:
    run(context, cli.keys, "make")
    public = context.settings.keys / "audit-public.key"
    with writing(context.database, actor, purpose="payment") as session:
        note(session, "test.counted", number=1)
    out = tmp_path / "out.bundle"
    exported = run(context, cli.audit, "export", out)
    assert (exported.exit_code, "2 entries of the log" in exported.output) == (0, True)
    verified = run(None, cli.audit, "verify", out, "--key", public)
    assert verified.exit_code == 0, verified.output
    assert verified.output.endswith("holds\n")
    uncompared = run(None, cli.audit, "verify", out)
    assert uncompared.exit_code == 0
    assert "key not compared" in uncompared.output
    out.write_bytes(out.read_bytes()[:-1])
    assert run(None, cli.audit, "verify", out, "--key", public).exit_code == 1
    assert run(None, cli.audit, "verify", tmp_path / "missing").exit_code == 2


def test_the_store_is_verified_with_the_public_key_and_lists_what_is_not_sealed(
    context: Context, actor: Actor
) -> None:
    run(context, cli.keys, "make")
    folder = context.settings.keys
    for number in range(2):
        with writing(context.database, actor, purpose="payment") as session:
            note(session, "test.counted", number=number)
        if number == 0:
            integrate(context.database, load_signing_key(folder))
    for secret in (ROOT_FILE, INDEX_FILE, SIGNING_FILE):
        (folder / secret).unlink()
    verified = run(context, cli.audit, "verify")
    assert verified.exit_code == 0, verified.output
    assert "1 entries sealed by 1 checkpoints" in verified.output
    assert "not sealed yet: 1" in verified.output
    assert verified.output.endswith("holds\n")
    (folder / "audit-public.key").unlink()
    assert run(context, cli.audit, "verify").exit_code == 2
