"""Seeded chance without a generator: each draw depends on the seed and the names it is given.

Two claims never share a draw, and the order in which claims come changes nothing.
"""

from __future__ import annotations

import hashlib


def draw_number(seed: int, *names: str, below: int) -> int:
    """Return a number from 0 to below - 1 that follows from the seed and the names alone."""
    digest = hashlib.sha256("\x1f".join((str(seed), *names)).encode()).digest()
    return int.from_bytes(digest[:8], "big") % below


def is_drawn(seed: int, *names: str, permille: int) -> bool:
    """Return whether this draw falls inside the share."""
    return draw_number(seed, *names, below=1000) < permille


def take_share(cents: int, permille: int) -> int:
    """Return permille of the cents, half a cent rounded away from zero."""
    product = abs(cents) * permille + 500
    share = product // 1000
    return share if cents >= 0 else -share
