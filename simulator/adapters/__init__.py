"""Foreign shapes to values and back: contract file, 837P, 277CA, 835, the simulator's memory."""

from __future__ import annotations
