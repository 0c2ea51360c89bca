"""The verbs of claims, and what other packages read of them."""

from __future__ import annotations

from claims.service.building import Built, build_claims

__all__ = [
    "Built",
    "build_claims",
]
