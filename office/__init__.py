"""What spans packages: the demo day, the built-in payer, and the daily reconciliation."""

from __future__ import annotations
