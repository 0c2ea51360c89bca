"""A payer that pays less than its contract: the posting differs, and the comparison flags it.

The simulator reads the 837 alone and pays by a contract file of its own; the practice's contract
stays what it was. So nothing but the answer can tell the two days apart.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from access import service as access
from audit import service as audit
from audit.service import reading
from claims import service as claims
from claims.values import ClaimState
from config.finding import Finding
from config.key_files import make_key_files
from config.settings import Settings
from ledger import service as ledger
from ledger.values.balances import Totals
from office.demo.day import live_the_day
from office.demo.feeds import comes_by_fhir
from office.demo.room import DAY, DayRoom
from office.demo.seeding import DEMO_PRACTICE
from office.demo.world import make_world
from practice import service as practice
from simulator.service import demo_contract
from web.cli import WebRoof

if TYPE_CHECKING:
    from pathlib import Path

    from simulator.values import Contract

pytestmark = pytest.mark.journey
PAYER, CODE, SHORT_CENTS = "99001", "99213", 1_500


@dataclass(frozen=True)
class Lived:
    """What a day came to."""

    totals: Totals
    findings: tuple[Finding, ...]


def live(folder: Path, contract: Contract, codes: Path | None = None) -> Lived:
    """Live the day of a few patients of one payer, with the payers paying by a contract."""
    url = f"sqlite:///{folder}/home/cleanclaim.db"
    settings = Settings(folder / "home", folder / "keys", url, url, url)
    settings.home.mkdir(parents=True)
    make_key_files(settings.keys)
    audit.make_signing_key(settings.keys)
    if codes is not None:
        shutil.copytree(codes, settings.home / "codes")
    roof = WebRoof()
    roof.upgrade_database(settings)
    database = roof.open_database(settings)
    actor = practice.open_practice(database, DEMO_PRACTICE, os_user=access.current_os_user())
    room = DayRoom(
        settings=settings,
        database=database,
        actor=actor,
        seed=1,
        say=lambda _: None,
        run_jobs=roof.run_jobs,
        make_app=roof.make_app,
        errands=roof.lend_errands(),
        contract=contract,
    )
    world = make_world(1, DAY)
    few = [
        visit
        for visit in world.visits
        if visit.patient.coverages[0].plan.payer_code == PAYER and not comes_by_fhir(visit)
    ]
    live_the_day(room, replace(world, visits=tuple(few), no_shows=()))
    try:
        with reading(database, actor, purpose="payment") as session:
            found = claims.list_claim_ids(session, list(ClaimState))
            shown = [
                claims.show_claim(session, claim.number)
                for claim in claims.get_claims(session, found).values()
            ]
            totals = ledger.get_totals(session)
    finally:
        database.dispose()
    return Lived(
        totals,
        tuple(f for each in shown for f in each.claim.details.findings),
    )


def underpaid(findings: tuple[Finding, ...]) -> list[Finding]:
    return [finding for finding in findings if finding.code == "underpaid"]


def test_a_lower_fee_posts_less_and_is_flagged_against_the_contract(tmp_path: Path) -> None:
    as_agreed = demo_contract()
    payers = tuple(
        replace(payer, fees_cents=payer.fees_cents | {CODE: payer.fees_cents[CODE] - SHORT_CENTS})
        if payer.payer_id == PAYER
        else payer
        for payer in as_agreed.payers
    )
    first = live(tmp_path / "agreed", as_agreed)
    second = live(
        tmp_path / "lower",
        replace(as_agreed, payers=payers),
        tmp_path / "agreed" / "home" / "codes",
    )
    assert first.totals.billed == second.totals.billed
    assert first.totals.paid.cents > 0
    assert second.totals != first.totals
    assert second.totals.adjusted.cents > first.totals.adjusted.cents
    assert underpaid(first.findings) == []
    flagged = underpaid(second.findings)
    assert flagged
    assert all("15.00" in finding.message for finding in flagged)
