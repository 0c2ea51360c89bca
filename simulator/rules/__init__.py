"""Pure rules of the simulated payers: seeded draws, prices, denials and sums."""

from __future__ import annotations
