"""The roof: the application, the `cleanclaim` command, and the one table of who may do what."""

from __future__ import annotations
