"""Doors to the outside: each gateway is the only importer of its library, behind a port of ours."""

from __future__ import annotations
