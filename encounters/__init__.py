"""What comes in from EHRs: messages kept raw, and the appointments and visits that they tell of."""

from __future__ import annotations
