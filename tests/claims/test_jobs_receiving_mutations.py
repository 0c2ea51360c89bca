"""No bent answer stops the run: it is applied, held or quarantined, and every sum still ties."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from simulator.service import scenario_contract
from simulator.values import Stage
from tests.factories.remittances import Billed, Check, Svc, write_835

if TYPE_CHECKING:
    from tests.factories.remittances import Desk

BENDS = 40
VALUES = (
    "",
    "0",
    "-1",
    "1E9",
    "99999999999999999",
    "9999999999",
    "-9999999999.99",
    "0.001",
    "20261399",
    "ABC",
    "22",
    "25",
    "4",
    "X" * 80,
    "É",
    "CO:45",
)


def _bend(content: bytes, chance: random.Random) -> bytes:
    """Change, drop, double or move one or two things, the envelope's counts mended."""
    segments = content.decode().split("~")[:-1]
    for _ in range(chance.randint(1, 2)):
        place = chance.randrange(3, len(segments) - 3)
        kind = chance.choice(("value", "value", "value", "drop", "double", "swap"))
        elements = segments[place].split("*")
        if kind == "value" and len(elements) > 1:
            elements[chance.randrange(1, len(elements))] = chance.choice(VALUES)
            segments[place] = "*".join(elements)
        elif kind == "drop":
            del segments[place]
        elif kind == "double":
            segments.insert(place, segments[place])
        else:
            other = chance.randrange(3, len(segments) - 3)
            segments[place], segments[other] = segments[other], segments[place]
    segments[-3] = f"SE*{len(segments) - 4}*{segments[-3].split('*')[2]}"
    return ("~".join(segments) + "~").encode()


@pytest.mark.parametrize("seed", range(3))
def test_no_bent_835_stops_the_run(desk: Desk, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  # a test's own dice
    claims = desk.bill_all([(Billed(), Billed("93000", 4_500, ("59",)))] * 4)
    clps = [
        claim.clp(
            Svc("99213", 15_000, 7_400, "CO-45 5800, PR-3 1800", claim.control(0)),
            Svc("93000", 4_500, 2_000, "CO-45 2500", claim.control(1), modifiers=("59",)),
            remarks=("MA01",),
        )
        for claim in claims
    ]
    for number in range(BENDS):
        answer = clps[number % len(clps)]
        other = claims[(number + 1) % len(claims)].reverse(clps[(number + 1) % len(clps)])
        check = Check((answer, other), trace=f"B{number}", plb=(("FB", "F", -9_400),))
        desk.drop(_bend(write_835(check, control=number + 1), chance))
    desk.receive()
    desk.post()
    desk.prove()
    for claim in claims:
        assert sum(claim.sums) == 19_500
    assert list((desk.home / "inbox").iterdir()) == []
    assert desk.post() == []


@pytest.mark.parametrize("seed", range(2))
def test_no_bent_acknowledgement_stops_the_run(desk: Desk, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  # a test's own dice
    claims = desk.bill_all([(Billed(),)] * 2)
    desk.simulate(Stage.ACKNOWLEDGE, scenario_contract("rejected-payer"))
    answers = [path.read_bytes() for path in sorted((desk.home / "inbox").iterdir())]
    for number in range(BENDS):
        content = answers[number % len(answers)]
        if len(content.split(b"~")) > 8:
            desk.drop(_bend(content, chance))
    desk.receive()
    assert list((desk.home / "inbox").iterdir()) == []
    assert all("sent" in claim.events for claim in claims)
