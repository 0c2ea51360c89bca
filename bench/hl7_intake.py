"""HL7 v2 intake: reading and checking a charge message, ours beside hl7apy on the same bytes."""

from __future__ import annotations

import time
import warnings
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from bench.values import Measured
from encounters.adapters_hl7 import to_intake
from gateways.hl7.checking import check_message
from gateways.hl7.reading import read_message
from tests.factories.hl7 import long_charge_message

if TYPE_CHECKING:
    from collections.abc import Callable

_SECONDS: Final = 1.5
_RATIO_MIN: Final = 100.0
_ZONE: Final = ZoneInfo("America/Chicago")


def measure() -> list[Measured]:
    """Return messages a second: read and checked by both, and by us up to the intake values."""
    raw = long_charge_message()
    ours = per_second(lambda: _read_and_check(raw))
    whole = per_second(lambda: _read_to_intake(raw))
    theirs = per_second(lambda: _parse_with_hl7apy(raw))
    note = f"DFT^P03, {raw.count(bytes([13]))} segments, {len(raw):,} bytes, one process"
    return [
        Measured(
            name="HL7 v2 read and check",
            ours=ours,
            theirs=theirs,
            unit="messages/s",
            ratio=ours / theirs,
            bar=_RATIO_MIN,
            note=f"{note}; hl7apy 1.3.5 parse and validate",
        ),
        Measured(
            name="HL7 v2 read, check and turn into intake values",
            ours=whole,
            theirs=None,
            unit="messages/s",
            ratio=None,
            bar=None,
            note=note,
        ),
    ]


def per_second(work: Callable[[], object]) -> float:
    """Return how often work is done in a second, warmed up, of at least one and a half."""
    work()
    count, began = 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < _SECONDS or count == 0:
        work()
        count += 1
    return count / spent


def _read_and_check(raw: bytes) -> None:
    message = read_message(raw).message
    if message is None or check_message(message):
        raise RuntimeError("the benchmark's message must be spotless")


def _read_to_intake(raw: bytes) -> None:
    message = read_message(raw).message
    if message is None or to_intake(message, time_zone=_ZONE).findings:
        raise RuntimeError("the benchmark's message must be spotless")


def _parse_with_hl7apy(raw: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from hl7apy.parser import parse_message  # noqa: PLC0415  # warns when imported

        if not parse_message(raw.decode(), find_groups=True).validate():
            raise RuntimeError("the benchmark's message must be spotless")
