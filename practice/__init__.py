"""The practice itself: locations, providers, payers, trading partners, prices and contracts."""

from __future__ import annotations
