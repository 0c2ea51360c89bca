"""Rows of the practice's CSV files, and what importing them means."""

from __future__ import annotations
