"""Failpoints: named places where a test lets the process die at once, as if the power were cut.

Armed by `CLEANCLAIM_FAILPOINT` (practice mode only); otherwise each is one comparison.
"""

from __future__ import annotations

import os
import signal
from typing import Final

NAMES: Final = (
    "message-stored",
    "message-committed",
    "message-applied",
    "remittance-started",
    "remittance-receipt-posted",
    "remittance-claim-posted",
    "remittance-claim-committed",
    "remittance-plb-posted",
    "job-done",
)


class _Armed:
    """The one failpoint that is armed in this process, and how many passes it lets by."""

    name: str | None = None
    passes_left = 0


def arm(text: str) -> None:
    """Arm a failpoint given as `name` or `name:passes`; an empty text disarms.

    Raises:
        ValueError: There is no failpoint of that name.
    """
    name, _, passes = text.partition(":")
    if name and name not in NAMES:
        raise ValueError(f"CLEANCLAIM_FAILPOINT must be one of {', '.join(NAMES)}")
    _Armed.name = name or None
    _Armed.passes_left = int(passes or 0)


def reach(name: str) -> None:
    """Die here by SIGKILL, if this failpoint is armed and has let its passes by."""
    if name != _Armed.name:
        return
    if _Armed.passes_left:
        _Armed.passes_left -= 1
        return
    os.kill(os.getpid(), signal.SIGKILL)
