"""Pure checks and sums of claims: states, scrubbing, splitting, matching."""

from __future__ import annotations
