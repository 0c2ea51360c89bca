"""What the importers of this package say of a row that names what isn't there."""

from __future__ import annotations

from config.finding import Finding


def unknown(code: str, column: str, words: str, fix: str) -> Finding:
    """Return the finding that a row names something that the practice doesn't have."""
    return Finding(f"{code}-unknown", column, f"the practice has no such {words}", fix)


def unknown_payer() -> Finding:
    """Return the finding that a row names a payer that the practice doesn't have."""
    return unknown("payer", "payer_code", "payer", "import payers first, or correct the code")
