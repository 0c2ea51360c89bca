"""Checking an 837P of 1,000 claims with three lines each: ours against pyx12, on the same file.

pyx12 validates against its guide map and makes a 999 in the same pass (it can't do one without the
other); ours checks envelope, guide, balances and NPI check digits, which pyx12 doesn't.
"""

from __future__ import annotations

import io
import logging
import time
from typing import TYPE_CHECKING

import edi
from bench.edi_claims import write_claims
from bench.values import Measured

if TYPE_CHECKING:
    from collections.abc import Callable

CLAIMS = 1_000
ROUNDS = 3
BAR = 19.0


def measure() -> list[Measured]:
    """Return claims per second of the check, of both, best of three.

    Raises:
        RuntimeError: One of the two doesn't accept the file, so the figures mean nothing.
    """
    out = io.BytesIO()
    write_claims(out, claims=CLAIMS)
    data = out.getvalue()
    ours = CLAIMS / _best_of(ROUNDS, lambda: _check_ours(data))
    theirs = CLAIMS / _best_of(ROUNDS, lambda: _check_theirs(data))
    return [
        Measured(
            name="837P check",
            ours=ours,
            theirs=theirs,
            unit="claims/s",
            ratio=ours / theirs,
            bar=BAR,
            note=f"pyx12 4 x12n_document; {CLAIMS:,} claims of 3 lines, {len(data):,} bytes",
        )
    ]


def _check_ours(data: bytes) -> bool:
    return edi.check(io.BytesIO(data)).accepted


def _check_theirs(data: bytes) -> bool:
    # Imported here: loading pyx12 is no part of what is measured, nor needed to list benchmarks.
    from pyx12.params import params  # noqa: PLC0415
    from pyx12.x12n_document import x12n_document  # noqa: PLC0415

    logging.disable(logging.CRITICAL)
    try:
        accepted = x12n_document(params(), io.StringIO(data.decode("ascii")), io.StringIO(), None)
    finally:
        logging.disable(logging.NOTSET)
    return bool(accepted)


def _best_of(rounds: int, check: Callable[[], bool]) -> float:
    """Return the shortest time in seconds."""
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        if not check():
            raise RuntimeError("The benchmark's file was refused.")
        best = min(best, time.perf_counter() - start)
    return best
