"""`remit post`: what waits is posted, and each remittance is told with its sums."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from claims.cli_remit import remit
from config import clock
from tests.factories.cli import make_context
from tests.factories.remittances import AT, Check, Svc, write_835

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

    from tests.factories.remittances import Desk


@pytest.fixture(autouse=True)
def _frozen() -> Iterator[None]:
    with clock.frozen_at(AT):
        yield


def _run(desk: Desk, *arguments: str) -> Result:
    context = make_context(database=desk.database, actor=desk.actor)
    return CliRunner().invoke(remit, ["post", *arguments], obj=context)


def _drop_two(desk: Desk) -> None:
    good, bad = desk.bill(), desk.bill()
    claims = (
        good.clp(Svc("99213", 15_000, 9_200, "CO-45 5800")),
        bad.clp(Svc("99213", 15_000, 9_000, "CO-45 5000")),
    )
    desk.drop(write_835(Check(claims, plb=(("WO", "FCN1", 1_200),))))
    desk.receive()


def test_nothing_to_post_says_so(desk: Desk) -> None:
    answer = _run(desk)
    assert (answer.exit_code, answer.output) == (0, "no remittance waits\n")


def test_each_remittance_is_told_with_its_sums(desk: Desk) -> None:
    _drop_two(desk)
    answer = _run(desk)
    assert answer.exit_code == 0, answer.output
    lines = answer.output.splitlines()
    assert lines[0] == (
        "T0001  PRAIRIE MUTUAL: BPR02 170.00, posted 92.00, quarantined 90.00, PLB 12.00"
    )
    assert "1 quarantined: its amounts don't add up (claim-unbalanced)" in lines[1]
    assert lines[-1] == (
        "BPR02 170.00 = posted 92.00 + quarantined 90.00 - PLB 12.00;"
        " CLP04 182.00 = posted + quarantined: ties"
    )
    assert _run(desk).output == "no remittance waits\n"


def test_json_holds_the_same(desk: Desk) -> None:
    _drop_two(desk)
    (told,) = json.loads(_run(desk, "--json").output)["remittances"]
    assert (told["bpr02"], told["posted"], told["quarantined"], told["plb"]) == (
        17_000,
        9_200,
        9_000,
        1_200,
    )
    assert told["waiting"] == {"claim-unbalanced": 1}
    assert told["ties"] is True


def test_held_check_is_told_and_fails_the_command(desk: Desk) -> None:
    claim = desk.bill()
    desk.drop(write_835(Check((claim.clp(Svc("99213", 15_000, 9_200, "CO-45 5800")),), bpr02=1)))
    desk.receive()
    answer = _run(desk)
    assert answer.exit_code == 1
    assert "held, nothing posted (BPR02 0.01)" in answer.output
    assert "remittance-balance" in answer.output
