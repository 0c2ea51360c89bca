"""835, 999 and 277CA with one planted fault each: what pyx12 refuses, we refuse too.

The other way round we are stricter, and know where: a required segment after a repeated loop, money
of more than ten digits. pyx12 alone checks external code lists (states, countries, remarks): those
are SNIP 5.
"""

from __future__ import annotations

import random
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

import edi
from simulator.service import demo_contract, run
from simulator.values import Stage
from tests.factories.oracles import find_pyx12_errors
from tests.factories.submissions import AT, Batch, Claim, Line, make_837p

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.oracle

# Codes of others (SNIP 5); a level that its map wrongly demands; names of a context, which have
# blanks in them and are no code list of ours.
EXPLAINED = (
    "State Code",
    "Country Code",
    "Remark Code",
    "Billing Provider Status Information",
    "Segment CTX",
)
VALUES = ("", "X", "1", "ZZ", "20260101", "-5", "1.005", "A" * 60, "QC", "a", "12.3.4", "20261399")
MUTATIONS = 24


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Answers of every kind to a batch of which one claim is broken."""
    folder = tmp_path_factory.mktemp("answers")
    inbox = folder / "inbox"
    inbox.mkdir()
    claims = [
        Claim(f"A{n}", payer=f"9900{n % 5 + 1}", lines=(Line(), Line("93000", "40")))
        for n in range(10)
    ]
    (inbox / "a.837").write_bytes(make_837p(Batch(claims)))
    broken = make_837p(Batch([Claim("B1")]), control=2).replace(b"CLM*B1*150*", b"CLM*B1*15O*")
    (inbox / "b.837").write_bytes(broken)
    out = folder / "out"
    for stage in (Stage.ACKNOWLEDGE, Stage.ADJUDICATE):
        run(
            inbox,
            out,
            demo_contract(),
            seed=5,
            today=AT.date(),
            stage=stage,
            memory=folder / "memory",
        )
    return out


def mutate(data: bytes, chance: random.Random) -> Iterator[bytes]:
    """Yield copies of a file in which one element or segment is wrong and SE01 is right."""
    segments = data.decode().split("~")[:-1]
    while True:
        place = chance.randrange(3, len(segments) - 4)
        changed = list(segments)
        how = chance.random()
        if how < 0.75:
            elements = changed[place].split("*")
            elements[chance.randrange(1, len(elements))] = chance.choice(VALUES)
            changed[place] = "*".join(elements).rstrip("*")
        elif how < 0.9:
            del changed[place]
        else:
            changed[place], changed[place + 1] = changed[place + 1], changed[place]
        yield _count(changed)


def _count(segments: list[str]) -> bytes:
    start = next(n for n, text in enumerate(segments) if text.startswith("ST*"))
    end = next(n for n, text in enumerate(segments) if text.startswith("SE*"))
    control = segments[end].split("*")[2]
    segments[end] = f"SE*{end - start + 1}*{control}"
    return ("~".join(segments) + "~").encode()


@pytest.mark.parametrize("suffix", [".835", ".277", ".999"])
def test_what_pyx12_refuses_we_refuse(answers: Path, suffix: str) -> None:
    files = sorted(answers.glob(f"*{suffix}"))
    chance = random.Random(suffix)  # noqa: S311  # a repeatable choice, no secret
    refused = 0
    for n in range(MUTATIONS):
        source = files[n % len(files)].read_bytes()
        data = next(mutate(source, chance))
        theirs = find_pyx12_errors(data)
        if not theirs or any(name in theirs[0] for name in EXPLAINED):
            continue
        refused += 1
        assert not edi.check(BytesIO(data)).accepted, data
    assert refused > MUTATIONS // 4
