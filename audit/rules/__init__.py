"""The arithmetic of the log: the tree over its leaves, its signed checkpoints, its checks."""

from __future__ import annotations
