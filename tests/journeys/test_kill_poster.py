"""`remit post` is killed at any moment: run again, the books are those of a run that nobody killed.

Each kill round starts from a copy of one installation whose 835s wait, so that the books can be
held against each other entry by entry: only the keys of postings differ.
"""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from audit.service import reading
from claims.models import (
    ClaimRow,
    DenialRow,
    RemittanceAdjustmentRow,
    RemittanceClaimRow,
    RemittanceRow,
)
from claims.service.remittances import list_remittances
from config import failpoint
from ledger import service as ledger
from ledger.models import EntryRow, PostingRow
from simulator.service import scenario_contract
from simulator.values import Stage
from tests.factories.installation import Installation, make_installation, yield_copies
from tests.factories.kills import Command
from tests.factories.remittances import Billed, Desk
from tests.journeys.test_kill_listener import POINTS as LISTENER_POINTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from config.actor import Actor
    from config.tenancy import PracticeSession
    from tests.factories.installation import Copies

pytestmark = pytest.mark.journey
POINTS = (
    "remittance-started:0",
    "remittance-started:2",
    "remittance-receipt-posted:1",
    "remittance-claim-posted:0",
    "remittance-claim-posted:7",
    "remittance-claim-committed:7",
    "remittance-plb-posted:0",
    "remittance-plb-posted:5",
)
VISITS = [(Billed(),), (Billed("99214", 21_000), Billed("93000", 4_500, ("59",)))] * 2
OWN = {"id", "recorded_at", "posting_id", "reverses_id", "actor_id", "digest", "created_at"}


@dataclass(frozen=True)
class Case:
    """An installation whose 835s wait, and a copy of it on which they were posted in peace.

    Attributes:
        seconds: How long the command took there.
    """

    waiting: Installation
    unkilled: Installation
    seconds: float


@pytest.fixture(scope="module")
def cases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[dict[str, Case], Copies]]:
    """Keep one case an engine: making it takes longer than most rounds."""
    for copies in yield_copies(request, tmp_path_factory.mktemp("cases")):
        yield {}, copies


@pytest.fixture
def copies(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Copies]:
    yield from yield_copies(request, tmp_path)


@pytest.fixture
def case(
    cases: tuple[dict[str, Case], Copies],
    engine_name: str,
    database_urls: tuple[str, str],
    key_folder: Path,
    actor: Actor,
) -> Case:
    """Return the engine's case, made when first asked for."""
    known, keeper = cases
    if engine_name in known:
        return known[engine_name]
    folder = keeper.folder / f"{engine_name}-{len(list(keeper.folder.iterdir()))}"
    made = make_installation(folder, database_urls[0], keys=key_folder, actor=actor)
    with made.opened() as database:
        desk = Desk(database, actor, folder / "partner")
        for payer in ("99001", "99002", "99003", "99004"):
            desk.bill_all(VISITS, payer=payer)
        desk.simulate(Stage.ACKNOWLEDGE)
        desk.receive()
        desk.simulate(Stage.ADJUDICATE)
        desk.receive()
        desk.simulate(Stage.REVERSE, scenario_contract("corrected"))
        report = desk.receive()
        assert not [f for f in report.findings if f.level == "error"]
    waiting = keeper.make(made, f"{engine_name}_waiting")
    unkilled = keeper.make(waiting, f"{engine_name}_unkilled")
    assert Command(unkilled, ("ledger", "--help")).wait() == 0  # the forking server is up then
    began = time.monotonic()
    command = Command(unkilled, ("remit", "post"))
    assert command.wait() == 0, command.text
    assert "ties" in command.text
    known[engine_name] = Case(waiting, unkilled, time.monotonic() - began)
    return known[engine_name]


def _facts(session: PracticeSession, table: Any, *left_out: str) -> Counter[Any]:  # noqa: ANN401  # any table's class
    """Return a table's rows as values, without what each run makes anew."""
    names = [
        name
        for name in table.__mapper__.columns.keys()  # noqa: SIM118  # a collection, no dict
        if name not in OWN | {"payload", "row_version"} | set(left_out)
    ]
    return Counter(
        tuple(str(getattr(row, name)) for name in names) for row in session.scalars(select(table))
    )


def read_books(installation: Installation) -> dict[str, Any]:
    """Return all that posting wrote: ledger, remittances, claims, denials; and prove its sums."""
    with (
        installation.opened() as database,
        reading(database, installation.actor, purpose="payment") as session,
    ):
        _prove(session)
        keys = dict(session.execute(select(PostingRow.id, PostingRow.key)).all())
        reversed_by = session.execute(select(PostingRow.key, PostingRow.reverses_id)).all()
        entries = session.scalars(select(EntryRow)).all()
        names = [n for n in EntryRow.__mapper__.columns.keys() if n not in OWN]  # noqa: SIM118  # a collection, no dict
        return {
            "entries": Counter(
                (keys[e.posting_id], *(str(getattr(e, name)) for name in names)) for e in entries
            ),
            "postings": _facts(session, PostingRow),
            "reversals": Counter((key, other and keys[other]) for key, other in reversed_by),
            "remittances": _facts(session, RemittanceRow),
            "answers": _facts(session, RemittanceClaimRow),
            "adjustments": _facts(session, RemittanceAdjustmentRow, "remittance_claim_id"),
            "denials": _facts(session, DenialRow, "remittance_claim_id"),
            "claims": _facts(session, ClaimRow),
        }


def _prove(session: PracticeSession) -> None:
    balance = ledger.get_trial_balance(session)
    assert balance.debit == balance.credit
    clearing = {row.remittance_id: row for row in ledger.list_clearing(session)}
    for each in list_remittances(session):
        assert each.state == "posted"
        assert each.ties
        if row := clearing.get(each.id):
            assert (row.received, row.posted, row.plb) == (each.bpr02, each.posted, each.plb)
            assert row.left == each.quarantined


def post_again(installation: Installation) -> None:
    """Run the command once more, to its end; a second time changes nothing."""
    command = Command(installation, ("remit", "post"))
    assert command.wait() == 0, command.text


def compare(killed: Installation, unkilled: Installation) -> None:
    """Hold every row that posting wrote against those of the run that nobody killed."""
    expected, found = read_books(unkilled), read_books(killed)
    assert len(expected["entries"]) > 30
    for name, rows in expected.items():
        assert found[name] == rows, f"{name} differ"


def test_every_failpoint_has_its_kill() -> None:
    named = {point.partition(":")[0] for point in (*POINTS, *LISTENER_POINTS)}
    assert named == set(failpoint.NAMES)


@pytest.mark.parametrize("kills", [25, pytest.param(250, marks=pytest.mark.long)])
def test_killed_at_random_moments_posts_what_an_unkilled_run_posts(
    case: Case, copies: Copies, kills: int
) -> None:
    chance = random.Random(f"poster {kills}")  # noqa: S311  # moments, not secrets
    killed = rounds = 0
    while killed < kills:
        rounds += 1
        desk = copies.make(case.waiting, f"r{rounds}")
        assert rounds <= kills, "hardly a run lives long enough to be killed"
        for _ in range(12):
            command = Command(desk, ("remit", "post"))
            if command.wait(chance.uniform(0.05, 0.4) * case.seconds) is not None:
                break  # it was done before its moment came
            killed += command.kill()
        post_again(desk)
        post_again(desk)
        compare(desk, case.unkilled)


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_each_failpoint_posts_what_an_unkilled_run_posts(
    case: Case, copies: Copies, point: str
) -> None:
    desk = copies.make(case.waiting, "killed")
    command = Command(desk, ("remit", "post"), point)
    assert command.wait() == -signal.SIGKILL, command.text
    post_again(desk)
    compare(desk, case.unkilled)
