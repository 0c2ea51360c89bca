"""Where the demo day is lived: settings, doors lent by the roof, and what came of it."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from flask import Flask

from config.actor import Actor
from config.settings import Settings
from config.tenancy import Database
from office.demo.coder import CoderReport
from office.demo.world import World
from simulator.service import demo_contract
from simulator.values import Contract

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY: Final = dt.date(2026, 9, 15)
FOLDERS: Final = ("837", "999", "277", "835", "statements")


@dataclass(slots=True)
class Outcome:
    """What the day came to, for the table and `summary.json`."""

    world: World
    coder: CoderReport = field(default_factory=CoderReport)
    key_hits: int = 0
    key_size: int = 0
    held_claims: int = 0
    resent: int = 0
    statements: int = 0
    refused_bundles: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Errands:
    """The jobs that the roof lends: it alone holds the keys to other packages' entry rooms."""

    make_hl7_handler: Callable[[Database, Actor, Settings], Callable[[bytes], bytes | None]]
    send_batches: Callable[..., list[str]]
    receive_files: Callable[..., Any]
    post_remittances: Callable[..., list[Any]]


@dataclass(frozen=True, slots=True)
class DayRoom:
    """What every step of the day works with.

    Attributes:
        contract: What the payers' side pays by; the practice's own contracts are the demo's.
    """

    settings: Settings
    database: Database
    actor: Actor
    seed: int
    say: Callable[[str], None]
    run_jobs: Callable[[Database, Settings], tuple[int, int]]
    make_app: Callable[[Settings, Database], Flask]
    errands: Errands
    contract: Contract = field(default_factory=demo_contract)

    @property
    def codes(self) -> Path:
        """Folder of the code releases."""
        return self.settings.home / "codes"

    @property
    def simulator(self) -> Path:
        """Folder of the simulated clearinghouse and payers."""
        return self.settings.home / "simulator"


def at_hour(hour: int, minute: int = 0) -> dt.datetime:
    """Return an instant of the demo's day."""
    return dt.datetime.combine(DAY, dt.time(hour, minute), dt.UTC)


@contextmanager
def step(stage: DayRoom, what: str) -> Iterator[list[str]]:
    """Say what is being done, and when it is done what came of it and how long it took."""
    began = time.monotonic()
    result: list[str] = []
    yield result
    seconds = time.monotonic() - began
    stage.say(f"{what:<46} {' '.join(result):<40} {seconds:5.1f} s")
