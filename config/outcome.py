"""What storing a thing came to: it was new, it differed, or it was there already."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What storing one thing came to; the same thing stored again is `unchanged`."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
