"""What a benchmark hands to the runner."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One figure of ours, the same figure of a peer if there is one, and the bar it has to reach.

    Attributes:
        ours: Our figure, in `unit`.
        theirs: The peer's figure, in the same unit; None without a peer.
        ratio: How many times better ours is; None without a peer.
        bar: The ratio (or, without a peer, the figure) that ours has to reach; None for no bar.
        note: Who the peer is, the size of the input, anything that a reader must know.
    """

    name: str
    ours: float
    theirs: float | None
    unit: str
    ratio: float | None
    bar: float | None
    higher_is_better: bool = True
    note: str = ""
