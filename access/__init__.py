"""Who may act: service accounts of commands, API clients and their tokens."""

from __future__ import annotations
