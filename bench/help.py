"""How long `cleanclaim --help` takes, as a whole process."""

from __future__ import annotations

import subprocess
import sys
import time

from bench.values import Measured

RUNS = 5


def measure() -> list[Measured]:
    """Time `--help` beside an empty Python, the median of a few runs."""
    ours = _time("from web.cli import main; main()", "--help")
    empty = _time("pass")
    return [
        Measured(
            name="cleanclaim --help",
            ours=ours,
            theirs=empty,
            unit="s",
            ratio=None,
            bar=0.3,
            higher_is_better=False,
            note="peer: an empty Python",
        )
    ]


def _time(program: str, *arguments: str) -> float:
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        subprocess.run(  # noqa: S603  # our own command
            [sys.executable, "-c", program, *arguments], check=True, capture_output=True
        )
        times.append(time.perf_counter() - started)
    return sorted(times)[RUNS // 2]
