"""The commands `demo` and `simulate`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from config.cli import Context


@click.command()
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same day.")
@click.option("--serve", is_flag=True, help="Serve the demo practice; live the day first if new.")
@click.option("--port", default=8000, show_default=True, help="Port to serve on.")
@click.pass_obj
def demo(obj: Context, seed: int, port: int, *, serve: bool) -> None:
    """Live a day at a practice: EHR messages, codes, claims, answers, ledger, statements.

    Everything lies under var/demo, its keys apart under var/demo-keys; a demo that is there
    already is replaced.
    """
    from office.demo import running  # noqa: PLC0415  # keeps --help quick

    sys.exit(running.run_demo(obj, seed=seed, port=port, is_serving=serve))


@click.command()
@click.argument("scenario", required=False)
@click.option(
    "--inbox",
    type=click.Path(file_okay=False, path_type=Path),
    required=False,
    help="Folder that 837 files are uploaded to.",
)
@click.option(
    "--outbox",
    type=click.Path(file_okay=False, path_type=Path),
    required=False,
    help="Folder that answers are put into.",
)
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same answers.")
def simulate(scenario: str | None, inbox: Path | None, outbox: Path | None, seed: int) -> None:
    """Let the built-in clearinghouse and payers answer by SCENARIO; without one, list them."""
    from config import clock  # noqa: PLC0415  # keeps --help quick
    from simulator.service import SCENARIOS, run, scenario_contract  # noqa: PLC0415  # as above
    from simulator.values import Stage  # noqa: PLC0415  # as above

    if scenario is None:
        for name, sentence in SCENARIOS.items():
            click.echo(f"{name:<24} {sentence}")
        return
    if scenario not in SCENARIOS:
        raise click.UsageError("there is no scenario of that name; see `cleanclaim simulate`")
    if inbox is None or outbox is None:
        raise click.UsageError("name the folders with --inbox and --outbox")
    for stage in Stage:
        result = run(
            inbox,
            outbox,
            scenario_contract(scenario),
            seed=seed,
            today=clock.today(),
            stage=stage,
            memory=outbox.parent / "simulator-memory",
        )
        click.echo(f"{stage}: {len(result.files_written)} files written to {outbox}")
