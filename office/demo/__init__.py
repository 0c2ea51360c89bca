"""A day at a practice, made from a seed: every patient is invented."""

from __future__ import annotations
